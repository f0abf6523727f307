module-title = 联系人
module-summary = 客户、联系人及其相互关系。
right-contacts-account-read = 查看客户
right-contacts-account-create = 新建客户
right-contacts-account-update = 修改客户
right-contacts-account-assign = 分配客户
right-contacts-account-delete = 删除客户
right-contacts-contact-read = 查看联系人
right-contacts-contact-create = 新建联系人
right-contacts-contact-update = 修改联系人
right-contacts-contact-assign = 分配联系人
right-contacts-contact-delete = 删除联系人
right-contacts-detail-read = 查看邮箱、电话、地址和角色
right-contacts-tag-read = 查看标签
right-contacts-interaction-read = 查看互动记录
right-contacts-interaction-create = 新建互动记录
right-contacts-interaction-update = 修改互动记录
right-contacts-interaction-assign = 分配互动记录
right-contacts-interaction-delete = 删除互动记录
timeline-contacts-call = 通话
timeline-contacts-visit = 拜访
timeline-contacts-email = 邮件
timeline-contacts-sms = 短信
timeline-contacts-chat = 聊天
timeline-contacts-note = 备注
timeline-contacts-web_form = 网页表单

# 拒绝请求时的说明。英文原文在代码中。
error-contacts-account-not-found = 未找到客户
error-contacts-account-without-name = 请填写客户名称
error-contacts-account-cycle = 客户不能隶属于自身
error-contacts-contact-not-found = 未找到联系人
error-contacts-contact-without-name = 请填写联系人的名、姓或显示名称
error-contacts-role-not-found = 未找到联系人角色
error-contacts-role-without-account = 须同时提供 accountId，才能说明联系人在该客户的角色
error-contacts-role-ends-early = 不能早于 validFrom
error-contacts-primary-role-twice = 联系人在其中某些日期已有主要角色；请先结束该角色
error-contacts-record-hidden =
    { $what ->
        [account] 已有此客户，但您无权查看；请询问其负责人
       *[contact] 已有此联系人，但您无权查看；请询问其负责人
    }
error-contacts-owner-not-found = 未找到在职人员
error-contacts-row-before-refused =
    { $what ->
        [account] 第 { $row } 行涉及同一客户，已被拒绝
       *[contact] 第 { $row } 行涉及同一联系人，已被拒绝
    }
error-contacts-external-id-twice = { $system } { $id } 重复
error-contacts-external-id-taken =
    { $what ->
        [account] { $system } { $id } 属于另一客户
       *[contact] { $system } { $id } 属于另一联系人
    }
error-contacts-external-id-empty = 系统和键不能为空
error-contacts-list-too-long = 最多 { $most } 个
error-contacts-negative = 不能为负数
error-contacts-interaction-not-found = 未找到互动记录
error-contacts-degrees = 须在 -{ $most } 与 { $most } 度之间
error-contacts-half-a-place = 地图位置须同时提供 latitude 和 longitude
error-contacts-no-visit = 只有拜访才有地点
error-contacts-nobody = 请说明对象：联系人或客户
error-contacts-mail-unreadable = 这不是邮件：文件中没有发件人或日期。请在邮件程序中另存为 .eml
error-contacts-mail-too-large = 邮件超过 { $most } 字节
error-contacts-mail-nested = 邮件中层层嵌套的部分超过 { $most } 个
error-contacts-mail-attachments = 邮件附件超过 { $most } 个
error-contacts-mail-hidden = 此邮件已有记录，但您无权查看；请询问其负责人
error-contacts-mail-deleted = 此邮件曾有记录，已被删除；请恢复它
error-contacts-mail-strangers = 邮件中的地址不属于任何联系人或客户；请指明
