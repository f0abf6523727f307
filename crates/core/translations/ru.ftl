module-title = Основа
module-summary = Сотрудники, команды, роли, модули и журнал изменений.
right-core-user-read = Видеть сотрудников
right-core-user-manage = Приглашать сотрудников и управлять ими
right-core-team-read = Видеть команды
right-core-team-manage = Управлять командами
right-core-role-read = Видеть роли
right-core-role-manage = Управлять ролями и назначать их
right-core-session-read = Видеть сеансы
right-core-session-revoke = Завершать сеансы
right-core-api_key-read = Видеть ключи API
right-core-api_key-manage = Управлять ключами API
right-core-module-read = Видеть модули
right-core-module-manage = Управлять модулями
right-core-tenant-read = Видеть сведения о компании
right-core-tenant-update = Изменять сведения о компании
right-core-audit-read = Видеть журнал изменений
right-core-event-manage = Управлять недоставленными событиями
role-administrator = Администратор
role-employee = Сотрудник

# Страница ссылки и письмо с ней.
link-title-start = Вход в Shoal
link-title-invitation = Добро пожаловать в Shoal
link-title-reset = Новый пароль
link-for = { $name } ({ $email }), { $company }
link-email = Адрес электронной почты
link-password = Новый пароль
link-password-hint = Не менее { $count } символов. Несколько слов, которые легко запомнить, лучше набора символов, который трудно ввести.
link-submit-start = Войти
link-submit-invitation = Сохранить пароль и войти
link-submit-reset = Сохранить пароль и войти
link-once = Ссылка действует один раз.
link-void-title = Ссылка больше не действует
link-void-text = Она уже использована или устарела. Попросите у администратора новое приглашение или запросите новую ссылку для смены пароля.
link-foreign-title = Форма отправлена с другого сайта
link-foreign-text = Откройте ссылку из сообщения ещё раз и отправьте форму с этой страницы.
link-busy-title = Попробуйте чуть позже
link-busy-text = Произошла ошибка, или сейчас входит слишком много людей. Вернитесь назад и попробуйте ещё раз.
password-required = Придумайте пароль.
password-too-short = Пароль должен содержать не менее { $count } символов.
password-too-long = Пароль слишком длинный.
password-weak = Такой пароль слишком легко угадать.
reset-subject = Новый пароль для { $company }
reset-text =
    Здравствуйте, { $name }!

    Кто-то, надеемся, что вы, запросил новый пароль для { $email } в { $company }. Задать его можно здесь:

    { $link }

    Ссылка действует один раз в течение { $hours } ч. Если это были не вы, ничего не делайте: пароль останется прежним.
