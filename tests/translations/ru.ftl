module-title = Свидетель
module-summary = Что было сообщено о контактах.
right-witness-sighting-read = Видеть сообщения
