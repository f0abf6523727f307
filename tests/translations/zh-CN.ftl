module-title = 见证
module-summary = 关于联系人的通知。
right-witness-sighting-read = 查看通知
right-witness-count-start = 计数
job-witness-count = 计数
job-witness-tick = 滴答
