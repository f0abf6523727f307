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

# 拒绝请求时的说明。英文原文在代码中。
error-required = 必填
error-input-invalid = 输入无效
error-field-invalid = { $field }：{ $mistake }
error-fields-invalid = { $field }：{ $mistake }（另有 { $more } 处）
error-variables-invalid = 变量：{ $mistake }
error-negative = 不能为负数
error-decimals-too-many = 小数点后最多 { $scale } 位，实际为 { $number }
error-number-too-large = 数值过大：{ $number }
error-sum-too-large = 合计超出 64 位整数
error-cursor = 游标不属于此列表及排序
error-page-too-large = 每次最多 { $most } 条；请用 `after` 翻页
error-level-too-large = { $name }：{ $parents } 条记录各取最多 { $size } 条，超过 { $most } 条；请减少一次请求的数量
error-records-too-many = { $count } 条记录超过上限 { $most } 条；请减少一次请求的数量
error-rows-too-many = 共 { $rows } 行，每次最多 { $most } 行
error-cost-too-high = 此操作的成本为 { $cost }，最多允许 { $limit }
error-cost-above-allowance = 此操作的成本为 { $cost }，一次最多可用 { $most }
error-rate-limited = 短时间内请求过多；请在 { $seconds } 秒后重试
error-database-timeout = 数据库响应超时；请减少一次请求的数量
error-internal = 内部错误
error-or-more = { $count } 或更多

error-right-missing = 需要权限 `{ $right }`
error-right-missing-of-several = 需要以下权限之一：`{ $rights }`
error-page-right-missing = 需要权限 { $right }
error-record-out-of-reach = 您的权限 { $right } 不包括此记录；请联系其负责人或所在团队的主管
error-session-out-of-reach = 您的权限 { $right } 不包括此登录会话
error-rights-beyond-own = 这超出了您自己的权限
error-role-beyond-own = 角色“{ $role }”的权限超出了您自己的权限
error-records-beyond-own = 该员工有自己的记录，超出您的权限范围；对方可以通过邮件自行设置新密码
error-right-not-held = 您自己没有此范围的权限 { $right }
error-right-not-scoped = 权限 { $right } 只能针对全部记录授予：这些记录没有负责人
error-right-twice = 权限 { $right } 重复
error-right-unknown = 没有权限 { $right }
error-right-unknown-but-near = 没有权限 { $right }；您是否指 { $nearest }？
error-record-changed = 记录已被修改：您的版本为 { $expected }，当前版本为 { $version }；请重新读取
error-field-changed = 与当前内容不同

error-module-disabled = 模块“{ $module }”未启用
error-module-not-enabled = 模块“{ $title }”未启用
error-module-suspended = 模块“{ $title }”已暂停：可以查看，不能修改
error-module-not-found = 未找到模块
error-module-built-on = { $name } 的 { $count } 条记录依赖于它；请先清除依赖它的模块
error-module-purging = 正在删除模块的记录；请等到状态变为 AVAILABLE
error-module-not-disabled = 只能清除已停用的模块；请先停用
error-module-state = 模块处于 { $state } 状态，无法执行此操作
error-pilot-teams-without-module = 只有启用模块时才能指定团队
error-plan-stale = 情况已有变化；请重新查看计划
error-confirmation-missing = 请输入 { $module } 以确认删除该模块的全部记录
error-settings-invalid = 须为按名称给出值的对象
error-setting-unknown = 该模块没有此设置
error-setting-invalid = 无法使用：{ $mistake }
error-setting-secret-invalid = 该值无法使用

error-text-empty = 不能为空
error-text-control-character = 文本包含控制字符 { $character }
error-text-too-long = 文本有 { $length } 个字符，最多允许 { $most } 个
error-email-invalid = 电子邮箱无效：{ $problem }
error-email-empty = 内容为空
error-email-without-at = 缺少 @
error-email-local-empty = @ 之前没有内容
error-email-local-character = @ 之前不能有字符 { $character }
error-email-local-too-long = @ 之前超过 64 字节
error-email-too-long = 超过 254 字节
error-email-domain = @ 之后{ $problem }
error-domain-invalid = 域名无效：{ $problem }
error-domain-empty = 域名为空
error-domain-without-dot = 域名中没有点
error-domain-numeric = 域名以数字结尾
error-domain-syntax = 不是有效的主机名
error-phone-invalid = 电话号码无效：{ $problem }
error-phone-empty = 没有数字
error-phone-character = 电话号码中不能有字符 { $character }
error-phone-too-short = 号码过短
error-phone-too-long = 号码过长
error-phone-calling-code = 没有国家使用此国际区号
error-phone-without-country = 未指定国家时，须以 + 和国际区号开头
error-country-unknown = 请使用 ISO 3166-1 的两位字母国家代码
error-language-invalid = 请使用语言代码，例如 `de` 或 `zh-Hans-CN`
error-time-zone-unknown = 请使用 IANA 时区，例如 Asia/Shanghai
error-currency-unknown = 请使用 ISO 4217 的三位字母货币代码
error-money-precision =
    { $decimals ->
        [0] 该货币没有小数
       *[other] 该货币最多 { $decimals } 位小数
    }
error-money-range = 金额超出范围
error-date-past = 须为将来的时间
error-month-invalid = 请填写 1 到 12 的月份
error-slug-invalid = 须为 2 到 40 个小写字母、数字或连字符，并以字母开头

error-company-not-found = 未找到公司
error-user-not-found = 未找到人员
error-reference-not-found = 所引用的记录不存在
error-user-twice = 另一行涉及同一人员
error-user-inactive = 该人员不能登录；请先重新启用
error-not-a-person = 只有人员才能修改自己的信息
error-last-administrator = 这是最后一位有效的管理员；请先指定其他人
error-address-taken = 已有人员使用此邮箱
error-address-of-former-user = 此邮箱属于已停用的人员；请重新启用该人员
error-team-not-found = 未找到团队
error-team-name-taken = 同级已有同名团队
error-team-cycle = 团队不能隶属于自身
error-team-too-deep = 团队最多 { $deepest } 级
error-team-widens-reach = 这会让您自己的权限涉及更多团队的记录；请由权限涵盖全部记录的人操作
error-team-of-teams = 有 { $count } 个下级团队
error-team-of-modules = 有 { $count } 个模块仅为其启用
error-team-of-records = 有 { $count } 条 { $kind } 类型的记录
error-role-not-found = 未找到角色
error-role-name-taken = 已有同名角色
error-role-built-in = 内置角色不能修改；请新建自己的角色
error-role-replaces-itself = 这正是要删除的角色
error-role-of-users = { $users } 位人员拥有此角色
error-role-of-api-keys = { $keys } 个 API 密钥拥有此角色
error-role-in-use = { $reason }；请指定替代角色
error-role-in-use-by-both = { $one }，{ $other }；请指定替代角色
error-api-key-not-found = 未找到 API 密钥
error-api-key-without-role = 密钥需要一个角色
error-api-key-revoked = 密钥已永久撤销；请新建一个
error-api-key-end-too-late = 最迟为十年之后
error-api-key-without-password = API 密钥没有密码。
error-session-not-found = 未找到登录会话
error-delivery-not-found = 未找到未送达的事件
error-delivery-blocked = 同一记录有更早的事件；请先重试或放弃该事件

error-unauthenticated = 请登录，或在 `Authorization: Bearer …` 中提供会话令牌或 API 密钥。
error-credentials-invalid = 邮箱或密码不正确。
error-sign-in-locked = 密码错误次数过多；请在 { $seconds } 秒后重试。
error-company-needed = 此邮箱属于多家公司：请选择其中一家。
error-sign-in-busy = 当前登录人数过多；请稍后重试
error-sign-in-full = 当前登录人数过多。
error-resets-full = 当前申请新密码的人数过多。
error-link-void = 此链接已被使用或已过期；请重新申请
error-password-missing = 请设置密码
error-password-short = 密码至少需要 { $least } 个字符
error-password-long = 密码最多 { $most } 字节
error-password-personal = 密码不能与邮箱或姓名相同
error-password-uniform = 密码至少需要四个不同的字符
error-password-wrong = 当前密码不正确
error-foreign-page = 此请求并非来自本服务器的页面。请从同一来源发送；程序应以 `Authorization: Bearer …` 发送令牌，或随 Cookie 发送 `Origin` 标头并填写本服务器的地址。
error-session-ended = 登录会话已结束；请重新登录
error-caller-unread = 无法确认您的身份；请重新订阅
error-events-unread = 无法读取事件；请重新订阅
error-subscription-failed = 服务器出现错误；请重新订阅
error-events-too-old = `Last-Event-ID` 之后的事件已不再保留。请重新读取数据，并在不带该标头的情况下订阅。
error-subscriptions-full = 订阅数量已达上限；请稍后重试。
error-page-not-found = 此处没有内容。
error-body-slow = 请求内容未能及时送达。
error-body-too-large = 请求内容超过 { $limit } 字节。
error-server-error = 服务器出现错误。
error-server-full = 服务器当前过于繁忙。
error-shutting-down = 服务器正在关闭。
error-request-timeout = 请求耗时过长，已被中止。
