//! How Han characters are read: one syllable of pinyin each, chosen by the word where the usual reading is wrong.

use pinyin::{Pinyin, ToPinyin};

use super::sort_key::is_han;

/// A character and its syllable: `None` for what is not Han or has no known reading. ü is `v`, as on keyboards.
pub type Reading = (char, Option<&'static str>);

/// Words and single characters that names of companies and places have and whose first reading in the crate `pinyin`
/// is not the one meant there. Place names as their governments write them, the rest as in any dictionary of
/// Mandarin; a longer word stands before its parts.
const WORDS: &[(&str, &[&str])] = &[
    ("重庆", &["chong", "qing"]),
    ("重慶", &["chong", "qing"]),
    ("厦门", &["xia", "men"]),
    ("廈門", &["xia", "men"]),
    ("银行", &["yin", "hang"]),
    ("銀行", &["yin", "hang"]),
    ("分行", &["fen", "hang"]),
    ("支行", &["zhi", "hang"]),
    ("商行", &["shang", "hang"]),
    ("行业", &["hang", "ye"]),
    ("行業", &["hang", "ye"]),
    ("乐清", &["yue", "qing"]),
    ("音乐", &["yin", "yue"]),
    ("音樂", &["yin", "yue"]),
    ("会计", &["kuai", "ji"]),
    ("會計", &["kuai", "ji"]),
    ("西藏", &["xi", "zang"]),
    ("蚌埠", &["beng", "bu"]),
    ("番禺", &["pan", "yu"]),
    ("单县", &["shan", "xian"]),
    ("长", &["chang"]),
    ("長", &["chang"]),
    ("都", &["du"]),
];

/// Family names that are read differently from the same characters in other words, compound ones first.
///
/// Source: the surname lists of overtrue/pinyin (`sources/surnames.txt`, MIT) and zh-lx/pinyin-pro
/// (`lib/data/surname.ts`, MIT), reduced to those where the readings above differ, with the traditional forms added,
/// and a few surnames neither lists (召 员 句 祭 炅 角 吾丘). Where the lists disagree (盖) the reading of overtrue/pinyin
/// is taken.
const SURNAMES: &[(&str, &[&str])] = &[
    ("万俟", &["mo", "qi"]),
    ("萬俟", &["mo", "qi"]),
    ("尉迟", &["yu", "chi"]),
    ("尉遲", &["yu", "chi"]),
    ("长孙", &["zhang", "sun"]),
    ("長孫", &["zhang", "sun"]),
    ("单于", &["chan", "yu"]),
    ("單于", &["chan", "yu"]),
    ("澹台", &["tan", "tai"]),
    ("澹臺", &["tan", "tai"]),
    ("子车", &["zi", "ju"]),
    ("子車", &["zi", "ju"]),
    ("乐正", &["yue", "zheng"]),
    ("樂正", &["yue", "zheng"]),
    ("吾丘", &["yu", "qiu"]),
    ("曾", &["zeng"]),
    ("单", &["shan"]),
    ("單", &["shan"]),
    ("解", &["xie"]),
    ("仇", &["qiu"]),
    ("查", &["zha"]),
    ("翟", &["zhai"]),
    ("区", &["ou"]),
    ("區", &["ou"]),
    ("盖", &["ge"]),
    ("蓋", &["ge"]),
    ("朴", &["piao"]),
    ("缪", &["miao"]),
    ("繆", &["miao"]),
    ("覃", &["qin"]),
    ("种", &["chong"]),
    ("重", &["chong"]),
    ("秘", &["bi"]),
    ("折", &["she"]),
    ("乐", &["yue"]),
    ("樂", &["yue"]),
    ("员", &["yun"]),
    ("員", &["yun"]),
    ("贠", &["yun"]),
    ("召", &["shao"]),
    ("繁", &["po"]),
    ("句", &["gou"]),
    ("祭", &["zhai"]),
    ("能", &["nai"]),
    ("乜", &["nie"]),
    ("卜", &["bu"]),
    ("薄", &["bo"]),
    ("藏", &["zang"]),
    ("粘", &["nian"]),
    ("佴", &["nai"]),
    ("阚", &["kan"]),
    ("角", &["jue"]),
    ("炅", &["gui"]),
];

/// The characters of a text with their readings.
pub fn readings(text: &str) -> Vec<Reading> {
    let mut out = Vec::with_capacity(text.len());
    read_words(text, &mut out);
    out
}

/// As [`readings`], for a text that begins with a family name, which is read as family names are.
pub fn name_readings(name: &str) -> Vec<Reading> {
    let mut out = Vec::with_capacity(name.len());
    let word = SURNAMES.iter().find(|(surname, _)| name.starts_with(surname));
    let rest = word.map_or(name, |word| take_word(name, *word, &mut out));
    read_words(rest, &mut out);
    out
}

fn read_words(text: &str, out: &mut Vec<Reading>) {
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let word = WORDS.iter().find(|(word, _)| is_han(c) && rest.starts_with(word));
        if let Some(word) = word {
            rest = take_word(rest, *word, out);
            continue;
        }
        let usual = if is_han(c) { c.to_pinyin().map(Pinyin::plain) } else { None };
        out.push((c, usual.map(on_keyboard)));
        rest = &rest[c.len_utf8()..];
    }
}

fn take_word<'a>(
    text: &'a str,
    (word, syllables): (&str, &[&'static str]),
    out: &mut Vec<Reading>,
) -> &'a str {
    out.extend(word.chars().zip(syllables.iter().copied().map(Some)));
    &text[word.len()..]
}

/// The four syllables of Mandarin with ü.
fn on_keyboard(syllable: &'static str) -> &'static str {
    match syllable {
        "lü" => "lv",
        "lüe" => "lve",
        "nü" => "nv",
        "nüe" => "nve",
        plain => plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spelt(readings: Vec<Reading>) -> String {
        readings.into_iter().filter_map(|(_, syllable)| syllable).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn words_decide_the_reading() {
        assert_eq!(spelt(readings("重庆银行长沙分行")), "chong qing yin hang chang sha fen hang");
        assert_eq!(spelt(readings("成都重力厦门大厦")), "cheng du zhong li xia men da sha");
        assert_eq!(readings("A吕か"), [('A', None), ('吕', Some("lv")), ('か', None)]);
    }

    #[test]
    fn surnames_decide_at_the_start_only() {
        assert_eq!(spelt(name_readings("单单")), "shan dan");
        assert_eq!(spelt(name_readings("尉迟迟")), "yu chi chi");
        assert_eq!(spelt(name_readings("长孙长")), "zhang sun chang");
        assert_eq!(spelt(name_readings("王曾")), "wang ceng");
    }

    #[test]
    fn the_tables_list_exceptions_only() {
        for (at, (word, syllables)) in SURNAMES.iter().enumerate() {
            assert_eq!(word.chars().count(), syllables.len(), "{word}");
            assert_ne!(spelt(readings(word)), syllables.join(" "), "{word}");
            let hidden = SURNAMES[..at].iter().any(|(earlier, _)| word.starts_with(earlier));
            assert!(!hidden, "{word} is never reached");
        }
        for (word, syllables) in WORDS {
            assert_eq!(word.chars().count(), syllables.len(), "{word}");
            let usual: Vec<_> = word.chars().filter_map(|c| c.to_pinyin()).map(Pinyin::plain).collect();
            assert_ne!(usual, *syllables, "{word}");
        }
    }
}
