module-title = 基础
module-summary = 人员、团队、角色、模块与操作记录。
right-core-user-read = 查看人员
right-core-user-manage = 邀请和管理人员
right-core-team-read = 查看团队
right-core-team-manage = 管理团队
right-core-role-read = 查看角色
right-core-role-manage = 管理和分配角色
right-core-session-read = 查看登录会话
right-core-session-revoke = 结束登录会话
right-core-api_key-read = 查看 API 密钥
right-core-api_key-manage = 管理 API 密钥
right-core-module-read = 查看模块
right-core-module-manage = 管理模块
right-core-tenant-read = 查看公司信息
right-core-tenant-update = 修改公司信息
right-core-audit-read = 查看审计日志
right-core-event-manage = 管理未送达的事件
role-administrator = 管理员
role-employee = 员工

# 链接页面与含链接的邮件。
link-title-start = 登录 Shoal
link-title-invitation = 欢迎使用 Shoal
link-title-reset = 设置新密码
link-for = { $name }（{ $email }），{ $company }
link-email = 电子邮箱
link-password = 新密码
link-password-hint = 至少 { $count } 个字符。几个容易记住的词好过难以输入的字符。
link-submit-start = 登录
link-submit-invitation = 保存密码并登录
link-submit-reset = 保存密码并登录
link-once = 此链接只能使用一次。
link-void-title = 此链接已失效
link-void-text = 链接已被使用或已过期。请联系管理员重新邀请，或重新申请密码重置链接。
link-foreign-title = 此表单来自其他网站
link-foreign-text = 请重新打开消息中的链接，并在该页面提交表单。
link-busy-title = 请稍后再试
link-busy-text = 出现错误，或当前登录人数过多。请返回后重试。
password-required = 请设置密码。
password-too-short = 密码至少需要 { $count } 个字符。
password-too-long = 密码过长。
password-weak = 密码过于简单，容易被猜到。
reset-subject = 为 { $company } 设置新密码
reset-text =
    { $name }，您好！

    有人（希望是您本人）为 { $company } 的账号 { $email } 申请了新密码。请在此设置：

    { $link }

    此链接只能使用一次，{ $hours } 小时内有效。如果不是您本人操作，请忽略此邮件，密码保持不变。
