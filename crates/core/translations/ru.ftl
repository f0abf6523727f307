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
right-core-job-read = Видеть задания
right-core-job-manage = Отменять и повторять задания
right-core-job-schedule = Управлять расписанием заданий
right-core-file-read = Видеть файлы
right-core-file-create = Загружать и прикреплять файлы
right-core-timeline-read = Видеть хронологию
timeline-core-created = Создано
timeline-core-updated = Изменено
timeline-core-deleted = Удалено
timeline-core-restored = Восстановлено
job-core-clean_up = Удаление ненужных данных
job-core-clean_up_files = Удаление ненужных файлов
job-core-purge_module = Удаление записей модуля
right-core-import-read = Видеть импорты
right-core-import-run = Импортировать файлы и отменять импорт
right-core-export-read = Просматривать выгрузки
right-core-export-run = Выгружать в файлы то, что разрешено видеть
job-core-import_read = Чтение файла
job-core-import_check = Проверка строк файла
job-core-import = Импорт файла
job-core-import_revert = Отмена импорта
job-core-export = Выгрузка в файл
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

# Отказы. Английский текст стоит в коде.
error-required = Обязательное поле
error-input-invalid = Данные заполнены неверно
error-field-invalid = { $field }: { $mistake }
error-fields-invalid = { $field }: { $mistake } (и ещё { $more })
error-variables-invalid = Переменные: { $mistake }
error-negative = Значение не может быть отрицательным
error-decimals-too-many =
    Допускается не более { $scale } { $scale ->
        [one] знака
       *[other] знаков
    } после запятой, указано { $number }
error-number-too-large = Слишком большое число: { $number }
error-sum-too-large = Сумма не помещается в 64 бита
error-search-too-long =
    Поисковый запрос может содержать не более { $most } { $most ->
        [one] символа
       *[other] символов
    }
error-search-too-many-words =
    Поисковый запрос может содержать не более { $most } { $most ->
        [one] слова
       *[other] слов
    }
error-search-first = От 0 до { $most }
error-search-type = По записям типа { $name } поиск невозможен
error-cursor = Курсор не относится к этому списку и порядку
error-page-too-large =
    Не более { $most } { $most ->
        [one] записи
       *[other] записей
    } за раз; следующие запрашивайте через `after`
error-level-too-large = { $name }: { $parents } записей, до { $size } у каждой, вместе больше допустимых { $most }; запросите меньше
error-records-too-many = Записей слишком много: { $count } при допустимых { $most }; запросите меньше
error-rows-too-many =
    { $rows } { $rows ->
        [one] строка
        [few] строки
       *[other] строк
    }; за раз можно не более { $most }
error-cost-too-high = Стоимость запроса — { $cost }, допускается не более { $limit }
error-cost-above-allowance = Стоимость запроса — { $cost }; больше { $most } за раз потратить нельзя
error-rate-limited = Слишком много запросов за короткое время; повторите через { $seconds } с
error-database-timeout = База данных отвечала слишком долго; запросите меньше
error-internal = Внутренняя ошибка
error-or-more = { $count } и более

error-right-missing = Нужно право `{ $right }`
error-right-missing-of-several = Нужно одно из прав `{ $rights }`
error-page-right-missing = Нужно право { $right }
error-record-out-of-reach = Ваше право { $right } не распространяется на эту запись; обратитесь к её ответственному или к руководителю его команды
error-session-out-of-reach = Ваше право { $right } не распространяется на этот сеанс
error-rights-beyond-own = Здесь нужны права, которых у вас нет
error-role-beyond-own = В роли «{ $role }» больше прав, чем у вас
error-records-beyond-own = У этого сотрудника есть свои записи, на которые ваших прав не хватает; новый пароль он может задать сам по письму
error-right-not-held = У вас нет права { $right } с такой областью действия
error-right-not-scoped = Право { $right } даётся на все записи или не даётся вовсе: у этих записей нет ответственного
error-right-twice = Право { $right } указано дважды
error-right-unknown = Нет права { $right }
error-right-unknown-but-near = Нет права { $right }; возможно, вы имели в виду { $nearest }
error-record-changed = Запись изменилась: у вас версия { $expected }, сейчас { $version }; загрузите её заново
error-field-changed = Отличается от текущего значения

error-module-disabled = Модуль «{ $module }» не включён
error-module-not-enabled = Модуль «{ $title }» не включён
error-module-suspended = Модуль «{ $title }» приостановлен: данные можно читать, но не изменять
error-module-not-found = Модуль не найден
error-module-built-on = На нём основаны записи модуля «{ $name }» ({ $count }); сначала очистите зависимые модули
error-module-purging = Записи модуля удаляются; дождитесь состояния AVAILABLE
error-module-not-disabled = Очистить можно только отключённый модуль; сначала отключите его
error-module-state = Модуль в состоянии { $state }: это действие невозможно
error-pilot-teams-without-module = Команды можно указать только при включении модуля
error-plan-stale = За это время что-то изменилось; просмотрите план ещё раз
error-confirmation-missing = Введите { $module }, чтобы подтвердить удаление всех записей модуля
error-settings-invalid = Нужен объект со значениями по именам
error-setting-unknown = Такой настройки в модуле нет
error-setting-invalid = Недопустимое значение: { $mistake }
error-setting-secret-invalid = Это значение не подходит

error-text-empty = Не может быть пустым
error-text-control-character = В тексте есть управляющий символ { $character }
error-text-too-long =
    В тексте { $length } { $length ->
        [one] символ
        [few] символа
       *[other] символов
    }, допускается не более { $most }
error-email-invalid = Неверный адрес электронной почты: { $problem }
error-email-empty = он пуст
error-email-without-at = нет знака @
error-email-local-empty = перед @ ничего нет
error-email-local-character = перед @ не может стоять символ { $character }
error-email-local-too-long = перед @ больше 64 байт
error-email-too-long = длиннее 254 байт
error-email-domain = после @ { $problem }
error-domain-invalid = Неверное доменное имя: { $problem }
error-domain-empty = имя пусто
error-domain-without-dot = имя без точки
error-domain-numeric = имя заканчивается числом
error-domain-syntax = недопустимое имя узла
error-phone-invalid = Неверный номер телефона: { $problem }
error-phone-empty = в нём нет цифр
error-phone-character = символа { $character } в номере телефона не бывает
error-phone-too-short = он слишком короткий
error-phone-too-long = он слишком длинный
error-phone-calling-code = страны с таким кодом нет
error-phone-without-country = если страна не указана, он должен начинаться со знака + и кода страны
error-country-unknown = Укажите страну двухбуквенным кодом ISO 3166-1
error-language-invalid = Укажите язык кодом, например `ru` или `zh-Hans-CN`
error-time-zone-unknown = Укажите часовой пояс из базы IANA, например Europe/Moscow
error-currency-unknown = Укажите валюту трёхбуквенным кодом ISO 4217
error-money-precision =
    { $decimals ->
        [0] У этой валюты нет дробной части
       *[other] У этой валюты не более { $decimals } { $decimals ->
            [one] знака
           *[other] знаков
        } после запятой
    }
error-money-range = Сумма вне допустимых пределов
error-date-past = Дата должна быть в будущем
error-month-invalid = Укажите месяц числом от 1 до 12
error-slug-invalid = От 2 до 40 строчных латинских букв, цифр и дефисов; первой должна быть буква

error-company-not-found = Компания не найдена
error-user-not-found = Сотрудник не найден
error-reference-not-found = Запись, на которую есть ссылка, не существует
error-user-twice = Об этом сотруднике есть ещё одна строка
error-user-inactive = Вход для этого сотрудника закрыт; сначала откройте его снова
error-not-a-person = Сведения о себе могут менять только люди
error-last-administrator = Это последний действующий администратор; сначала назначьте другого
error-address-taken = Этот адрес уже есть у одного из сотрудников
error-address-of-former-user = Этот адрес принадлежит бывшему сотруднику; откройте ему вход снова
error-team-not-found = Команда не найдена
error-team-name-taken = Рядом уже есть команда с таким названием
error-team-cycle = Команда не может подчиняться самой себе
error-team-too-deep =
    Допускается не более { $deepest } { $deepest ->
        [one] уровня
       *[other] уровней
    } команд
error-team-widens-reach = Вам стали бы доступны записи других команд; попросите того, чьи права распространяются на все записи
error-team-of-teams = Подчинённых команд: { $count }
error-team-of-modules = Модулей, включённых для этой команды: { $count }
error-team-of-records = Записей типа { $kind }: { $count }
error-role-not-found = Роль не найдена
error-role-name-taken = Роль с таким названием уже есть
error-role-built-in = Встроенную роль изменить нельзя; создайте свою
error-role-replaces-itself = Это та самая роль, которую вы удаляете
error-role-of-users =
    Эта роль есть у { $users } { $users ->
        [one] сотрудника
       *[other] сотрудников
    }
error-role-of-api-keys =
    Эта роль есть у { $keys } { $keys ->
        [one] ключа
       *[other] ключей
    } API
error-role-in-use = { $reason }; укажите роль на замену
error-role-in-use-by-both = { $one }. { $other }; укажите роль на замену
error-api-key-not-found = Ключ API не найден
error-api-key-without-role = Ключу нужна роль
error-api-key-revoked = Ключ отозван навсегда; создайте новый
error-api-key-end-too-late = Не позже чем через десять лет
error-api-key-without-password = У ключа API нет пароля.
error-session-not-found = Сеанс не найден
error-delivery-not-found = Недоставленное событие не найдено
error-delivery-blocked = Сначала обработайте более раннее событие той же записи: повторите доставку или откажитесь от него

error-unauthenticated = Войдите в систему или передайте токен сеанса либо ключ API в заголовке `Authorization: Bearer …`.
error-credentials-invalid = Неверный адрес электронной почты или пароль.
error-sign-in-locked =
    Слишком много неверных паролей; повторите через { $seconds } { $seconds ->
        [one] секунду
        [few] секунды
       *[other] секунд
    }.
error-company-needed = Этот адрес известен в нескольких компаниях: укажите одну.
error-sign-in-busy = Сейчас входит слишком много людей; повторите через секунду
error-sign-in-full = Сейчас входит слишком много людей.
error-resets-full = Слишком много людей запрашивает новый пароль.
error-link-void = Ссылка уже использована или устарела; запросите новую
error-password-missing = Придумайте пароль
error-password-short =
    Пароль должен содержать не менее { $least } { $least ->
        [one] символа
       *[other] символов
    }
error-password-long =
    Пароль должен занимать не более { $most } { $most ->
        [one] байта
       *[other] байт
    }
error-password-personal = Пароль не должен совпадать с адресом электронной почты или именем
error-password-uniform = В пароле должно быть не менее четырёх разных символов
error-password-wrong = Это не текущий пароль
error-foreign-page = Запрос отправлен не со страницы этого сервера. Отправьте его с того же адреса; программа передаёт токен в заголовке `Authorization: Bearer …` или вместе с cookie — заголовок `Origin` с адресом этого сервера.
error-session-ended = Сеанс завершён; войдите снова
error-caller-unread = Не удалось проверить, кто вы; подпишитесь снова
error-events-unread = Не удалось прочитать события; подпишитесь снова
error-subscription-failed = На сервере произошла ошибка; подпишитесь снова
error-events-too-old = События после `Last-Event-ID` больше не хранятся. Загрузите данные заново и подпишитесь без него.
error-subscriptions-full = Достигнуто предельное число подписок; повторите позже.
error-page-not-found = Здесь ничего нет.
error-body-slow = Тело запроса не пришло вовремя.
error-body-too-large =
    Тело запроса больше { $limit } { $limit ->
        [one] байта
       *[other] байт
    }.
error-server-error = На сервере произошла ошибка.
error-server-full = Сервер сейчас перегружен.
error-shutting-down = Сервер завершает работу.
error-request-timeout = Запрос выполнялся слишком долго и был остановлен.
error-job-forbidden = У того, кто запросил задание, больше нет на него права
error-export-no-type = Списка записей типа { $name } нет
error-export-no-column = У { $record } нет поля { $path }, которое может быть столбцом
error-export-column-name = Столбцу нужно название; если в пути есть `*`, в нём должно быть `*` или `#`
error-export-list-too-long = В одной из записей есть список длиннее { $most } элементов
error-export-card-columns = У визиток свои столбцы
error-export-no-cards = Записи этого типа не могут быть визитками
error-export-name-twice = Так уже называется другой столбец
error-export-format = Не удалось записать файл: { $text }
error-export-not-found = Такой выгрузки нет
error-file-not-found = Файл не найден
error-file-attached = Файл прикреплён к другой записи
error-attachable-not-found = Такой записи, к которой можно прикрепить файл, нет
error-file-too-large =
    Файл больше { $limit } { $limit ->
        [one] байта
       *[other] байт
    }.
error-file-storage-full =
    Все файлы компании могут занимать не более { $limit } { $limit ->
        [one] байта
       *[other] байт
    }.
error-job-over = Задание завершено, отменять нечего
error-job-not-failed = Продолжить можно только задание, которое не удалось или было отменено
error-job-not-found = Задание не найдено
error-job-taken = Его место заняло другое задание
error-job-schedule-not-found = Расписание не найдено
error-schedule-never = Такого дня не бывает
error-schedule-invalid = Это не расписание: { $mistake }

# Imports
error-import-boolean = ожидалось «да» или «нет», например да, true, yes, 1 или x
error-import-choice = ожидалось одно из значений: { $known }
error-import-date = ожидалась дата, например 2026-12-31
error-import-date-ambiguous = эту дату можно прочитать двояко; укажите в `dates`, что стоит первым: день или месяц
error-import-field-twice = этому полю уже соответствует другой столбец
error-import-forbidden = для этого импорта нужно право { $right }
error-import-format = такого формата нет: { $error }
error-import-id = ожидался идентификатор, например 0198c2a4-5b1e-7c3d-9a00-3f1d2b4c5e6f
error-import-instant = ожидался момент времени, например 2026-12-31T09:30:00Z
error-import-no-column = в файле нет столбца { $column }
error-import-no-columns = сначала укажите, какой столбец какому полю соответствует
error-import-no-field = у { $record } нет поля { $field }, которое можно импортировать
error-import-no-key = искать записи по { $by } нельзя
error-import-no-key-value = в строке нет значения { $by }, по которому определяется запись
error-import-no-make = из содержимого этого столбца нельзя создать записи
error-import-no-match = сначала укажите, по какому ключу искать записи
error-import-no-source = нужно указать столбец или постоянное значение
error-import-no-type = записи типа { $name } импортировать нельзя
error-import-no-update = записи этого типа при импорте можно только создавать
error-import-rows-of-another = эти строки внесены другим импортом того же файла: отмените его
error-import-no-revert = импорт записей этого типа нельзя отменить
error-import-not-found = Такого импорта нет
error-import-number = ожидалось число
error-import-record-ambiguous = подходит несколько записей
error-import-record-hidden = такая запись есть, но вам она недоступна; обратитесь к ответственному
error-import-record-missing = такой записи нет
error-import-reference-ambiguous = несколько записей называются { $text }
error-import-reference-missing = записи { $text } нет
error-import-row-twice = строка { $row } относится к той же записи
error-import-state = состояние импорта: { $state }
error-import-too-old = строки этого импорта больше не хранятся; загрузите файл ещё раз
error-import-under-way = задание этого импорта выполняется; дождитесь его или отмените
error-import-whole-number = ожидалось целое число
error-import-file-empty = файл пуст
error-import-file-unsupported = это не файл CSV, XLSX, vCard или JSON Lines; сохраните его в одном из этих форматов
error-import-file-protected = файл защищён паролем; сохраните его без пароля
error-import-file-broken = файл повреждён; сохраните его ещё раз или сохраните как CSV
error-import-file-no-card = в файле нет ни одной целой карточки; не удаётся прочитать то, что начинается в строке { $line }: { $mistake }
error-import-file-header = не удаётся прочитать названия столбцов в строке { $line }: { $mistake }
error-import-file-columns = в файле больше { $most } столбцов; уберите лишние
error-import-file-large = часть файла больше { $most } байт; сохраните его как CSV, при необходимости по частям
error-import-file-sheet = в книге нет листа { $sheet }
error-import-row-quote = кавычка не закрыта, или за закрывающей стоит текст
error-import-row-bytes = есть байты, которых нет в кодировке файла
error-import-row-nul = в ячейке есть символ U+0000
error-import-row-cells = в строке больше ячеек, чем столбцов
error-import-row-cell-long = содержимое ячейки слишком длинное
error-import-row-long = строка слишком длинная
error-import-row-formula = в ячейке формула с ошибкой
error-import-row-json = строка не является JSON
error-import-row-object = строка не является объектом JSON
error-import-row-name = имя в объекте слишком длинное
error-import-row-card = карточка не закончена, или строка стоит вне карточек
