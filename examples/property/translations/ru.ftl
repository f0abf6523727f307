module-title = Управление недвижимостью
module-summary = Дома, помещения, собственники и пользователи, заявки на ремонт.
right-property-building-read = Видеть дома и помещения
right-property-residency-read = Видеть собственников и пользователей помещений
right-property-repair-read = Видеть заявки на ремонт
right-property-repair-report = Подавать заявки на ремонт
setting-residentsOnly = Заявки на ремонт только от жильцов
