//! Names of people in three scripts.

use super::Random;

const LATIN_GIVEN: [&str; 32] = [
    "Anna",
    "Björn",
    "Carla",
    "Dennis",
    "Eléonore",
    "Frank",
    "Greta",
    "Håkon",
    "Ines",
    "Jonas",
    "Käthe",
    "Lukas",
    "María",
    "Niall",
    "Olga",
    "Peter",
    "Quentin",
    "Renée",
    "Søren",
    "Tomás",
    "Ursula",
    "Víctor",
    "Wilma",
    "Xavier",
    "Yvonne",
    "Zoë",
    "Łukasz",
    "Çelik",
    "Émile",
    "Ólafur",
    "Şebnem",
    "Željko",
];
const LATIN_FAMILY: [&str; 40] = [
    "Abbott",
    "Åkesson",
    "Bauer",
    "Čapek",
    "Dubois",
    "Eriksen",
    "Fischer",
    "García",
    "Hoffmann",
    "Ibsen",
    "Jansen",
    "Kowalski",
    "Lefèvre",
    "Müller",
    "Nuñez",
    "O'Brien",
    "Pereira",
    "Quinn",
    "Rossi",
    "Schäfer",
    "Taylor",
    "Ullmann",
    "van der Berg",
    "Weiß",
    "Ximénez",
    "Young",
    "Zimmermann",
    "Østergaard",
    "Šimić",
    "Żak",
    "Brown",
    "Clark",
    "Davies",
    "Evans",
    "Green",
    "Hughes",
    "Jones",
    "King",
    "Lewis",
    "Smith",
];
const CHINESE_GIVEN: [&str; 24] = [
    "伟", "芳", "娜", "秀英", "敏", "静", "丽", "强", "磊", "军", "洋", "勇", "艳", "杰", "娟", "涛", "明",
    "超", "秀兰", "霞", "平", "刚", "桂英", "子涵",
];
const CHINESE_FAMILY: [&str; 24] = [
    "王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙", "胡", "朱", "高", "林", "何",
    "郭", "马", "罗", "曾", "单", "欧阳", "尉迟",
];
const CYRILLIC_GIVEN: [&str; 16] = [
    "Анна",
    "Борис",
    "Вера",
    "Григорий",
    "Дарья",
    "Елена",
    "Жанна",
    "Иван",
    "Ксения",
    "Леонид",
    "Мария",
    "Николай",
    "Ольга",
    "Пётр",
    "Сергей",
    "Юлия",
];
const CYRILLIC_FAMILY: [&str; 16] = [
    "Абрамов",
    "Белова",
    "Васильев",
    "Громова",
    "Дмитриев",
    "Ефимова",
    "Жуков",
    "Зайцева",
    "Иванов",
    "Козлова",
    "Лебедев",
    "Морозова",
    "Новиков",
    "Орлова",
    "Петров",
    "Соловьёва",
];

/// A person's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Given name.
    pub given: String,
    /// Family name.
    pub family: String,
}

impl Person {
    /// The whole name as it is spoken.
    pub fn display(&self) -> String {
        if shoal_core::value::sort_key::has_han(&self.family) {
            format!("{}{}", self.family, self.given)
        } else {
            format!("{} {}", self.given, self.family)
        }
    }
}

/// A name: 60 % in Latin, 25 % in Chinese and 15 % in Cyrillic letters. A third of the Latin ones have two family names.
pub fn person(random: &mut Random) -> Person {
    let (given, family) = match random.below(100) {
        0..60 => {
            let family = random.pick(&LATIN_FAMILY).to_owned();
            let doubled = random.below(3) == 0;
            let family = if doubled { format!("{family}-{}", random.pick(&LATIN_FAMILY)) } else { family };
            (random.pick(&LATIN_GIVEN), family)
        }
        60..85 => (random.pick(&CHINESE_GIVEN), random.pick(&CHINESE_FAMILY).to_owned()),
        _ => (random.pick(&CYRILLIC_GIVEN), random.pick(&CYRILLIC_FAMILY).to_owned()),
    };
    Person { given: given.to_owned(), family }
}
