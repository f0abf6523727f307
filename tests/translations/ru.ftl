module-title = Свидетель
module-summary = Что было сообщено о контактах.
right-witness-sighting-read = Видеть сообщения
right-witness-count-start = Считать
job-witness-count = Считать
job-witness-tick = Тикать
