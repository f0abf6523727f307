module-title = 物业管理
module-summary = 楼栋、房屋、业主与使用人，以及报修。
right-property-building-read = 查看楼栋和房屋
right-property-residency-read = 查看业主和使用人
right-property-repair-read = 查看报修单
right-property-repair-report = 提交报修
setting-residentsOnly = 仅业主与使用人可报修
