module-title = Контакты
module-summary = Компании, контактные лица и связи между ними.
right-contacts-account-read = Видеть компании
right-contacts-account-create = Создавать компании
right-contacts-account-update = Изменять компании
right-contacts-account-assign = Назначать ответственных за компании
right-contacts-account-delete = Удалять компании
right-contacts-contact-read = Видеть контакты
right-contacts-contact-create = Создавать контакты
right-contacts-contact-update = Изменять контакты
right-contacts-contact-assign = Назначать ответственных за контакты
right-contacts-contact-delete = Удалять контакты
right-contacts-detail-read = Видеть адреса почты, телефоны, адреса и роли
right-contacts-tag-read = Видеть метки
right-contacts-interaction-read = Видеть взаимодействия
right-contacts-interaction-create = Записывать взаимодействия
right-contacts-interaction-update = Изменять взаимодействия
right-contacts-interaction-assign = Назначать ответственных за взаимодействия
right-contacts-interaction-delete = Удалять взаимодействия
timeline-contacts-call = Звонок
timeline-contacts-visit = Визит
timeline-contacts-email = Письмо
timeline-contacts-sms = SMS
timeline-contacts-chat = Чат
timeline-contacts-note = Заметка
timeline-contacts-web_form = Форма на сайте

# Отказы. Английский текст стоит в коде.
error-contacts-account-not-found = Компания не найдена
error-contacts-account-without-name = Укажите название компании
error-contacts-account-cycle = Компания не может подчиняться самой себе
error-contacts-contact-not-found = Контакт не найден
error-contacts-contact-without-name = Укажите имя, фамилию или отображаемое имя контакта
error-contacts-role-not-found = Роль контакта не найдена
error-contacts-role-without-account = Роль в компании можно указать только вместе с accountId
error-contacts-role-ends-early = Не может быть раньше даты validFrom
error-contacts-primary-role-twice = В часть этих дней у контакта уже есть основная роль; сначала завершите её
error-contacts-record-hidden =
    { $what ->
        [account] Такая компания уже есть, но она вам не видна; узнайте, кто за неё отвечает
       *[contact] Такой контакт уже есть, но он вам не виден; узнайте, кто за него отвечает
    }
error-contacts-owner-not-found = Действующий сотрудник не найден
error-contacts-row-before-refused =
    { $what ->
        [account] Строка { $row } — о той же компании, и она отклонена
       *[contact] Строка { $row } — о том же контакте, и она отклонена
    }
error-contacts-external-id-twice = { $system } { $id } указан дважды
error-contacts-external-id-taken =
    { $what ->
        [account] { $system } { $id } принадлежит другой компании
       *[contact] { $system } { $id } принадлежит другому контакту
    }
error-contacts-external-id-empty = Система и ключ не могут быть пустыми
error-contacts-list-too-long = Не более { $most }
error-contacts-negative = Значение не может быть отрицательным
error-contacts-interaction-not-found = Взаимодействие не найдено
error-contacts-degrees = Должно быть от -{ $most } до { $most } градусов
error-contacts-half-a-place = Для места на карте нужны и latitude, и longitude
error-contacts-no-visit = Место есть только у визита
error-contacts-nobody = Укажите, с кем: контакты или компанию
error-contacts-mail-unreadable = Это не письмо: в файле нет отправителя или даты. Сохраните письмо в почтовой программе как .eml
error-contacts-mail-too-large = Письмо больше { $most } байт
error-contacts-mail-nested = В письме больше { $most } частей, вложенных одна в другую
error-contacts-mail-attachments = В письме больше { $most } вложений
error-contacts-mail-hidden = Это письмо уже записано, но оно вам не видно; узнайте, кто за него отвечает
error-contacts-mail-deleted = Это письмо уже было записано и удалено; восстановите его
error-contacts-mail-strangers = Ни один адрес из письма не принадлежит контакту или компании; укажите их
