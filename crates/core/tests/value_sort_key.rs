//! Sort keys: order across scripts, and which patterns a stored key contains.

use proptest::prelude::*;
use shoal_core::value::sort_key::{KEY_BYTES, KEY_CHARACTERS, folded_part};
use shoal_core::value::{fold, has_han, name_sort_key, sort_key};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

fn assert_order(names: &[&str], key: fn(&str) -> String) {
    let keys: Vec<_> = names.iter().map(|name| key(name)).collect();
    for (pair, names) in keys.windows(2).zip(names.windows(2)) {
        assert!(pair[0] < pair[1], "{names:?}: {pair:?}");
    }
}

#[test]
fn keys_have_the_documented_form() {
    let expected = [
        ("", ""),
        ("  Anna\u{a0}-  Lee! ", "anna lee"),
        ("Müller", "muller"),
        ("MU\u{308}LLER", "muller"),
        ("Straße", "strasse"),
        ("O\u{2019}Brien's", "obriens"),
        ("Jean-Luc", "jean luc"),
        ("Łódź Æsir Øre Þór Đặng", "lodz aesir ore thor dang"),
        ("İstanbul ISPARTA ılık", "istanbul isparta ilik"),
        ("ﬁne ＡＢＣ №5 ²", "fine abc no5 2"),
        ("Ёлкин Йод", "елкин йод"),
        ("ΣΊΣΥΦΟΣ ς ᾼ", "σισυφοσ σ α"),
        ("C++ & C#", "c++ c"),
        ("soft\u{ad}hyphen", "softhyphen"),
        ("a\0b\tc", "a b c"),
        ("दिल्ली", "दिल्ली"),
        ("قُرْآن", "قران"),
        ("🎉", "🎉"),
        ("张三", "zhang 张 san 三\u{1}张三"),
        ("Acme张三 Ltd", "acme zhang 张 san 三 ltd\u{1}acme张三 ltd"),
        ("吕", "lv 吕\u{1}吕"),
        ("〇", "ling 〇\u{1}〇"),
        ("豈", "qi 豈\u{1}豈"),
    ];
    for (text, key) in expected {
        assert_eq!(sort_key(text), key, "{text}");
        assert_eq!(folded_part(&sort_key(text)), fold(text), "{text}");
    }
}

#[test]
fn names_sort_sensibly_across_scripts() {
    let names = [
        "1&1",
        "3M",
        "Ágnes",
        "Anna",
        "Änna B",
        "Østby",
        "Zoë",
        "Ζωή",
        "Алексей",
        "Ёлкин",
        "Жанна",
        "Иван",
        "Йонас",
        "Ким",
        "Яна",
        "김",
        "かな",
    ];
    assert_order(&names, sort_key);
}

#[test]
fn chinese_names_sort_by_sound_among_latin() {
    let names = [
        "白", "Bob", "陈", "李", "Lisa", "王", "西安", "先", "Yang", "曾", "张二", "张三", "章一", "Zhao",
        "赵",
    ];
    assert_order(&names, name_sort_key);
    assert_order(&["曾", "王"], sort_key);
}

#[test]
fn surnames_are_spelt_as_surnames() {
    let expected = [
        ("曾国藩", "zeng 曾 guo 国 fan 藩\u{1}曾国藩"),
        ("单雄信", "shan 单 xiong 雄 xin 信\u{1}单雄信"),
        ("任正非", "ren 任 zheng 正 fei 非\u{1}任正非"),
        ("尉迟恭", "yu 尉 chi 迟 gong 恭\u{1}尉迟恭"),
        ("长孙无忌", "zhang 长 sun 孙 wu 无 ji 忌\u{1}长孙无忌"),
        ("万俟卨", "mo 万 qi 俟 xie 卨\u{1}万俟卨"),
        (" 万 ", "wan 万\u{1}万"),
        ("Zeng", "zeng"),
    ];
    for (name, key) in expected {
        assert_eq!(name_sort_key(name), key);
    }
    let singles = [
        ("解", "xie"),
        ("仇", "qiu"),
        ("查", "zha"),
        ("翟", "zhai"),
        ("区", "ou"),
        ("盖", "ge"),
        ("朴", "piao"),
    ];
    for (name, syllable) in singles {
        assert_eq!(name_sort_key(name), format!("{syllable} {name}\u{1}{name}"));
    }
}

#[test]
fn filters_find_names_with_special_readings() {
    for key in [sort_key("单雄信"), name_sort_key("单雄信")] {
        assert!(key.contains(&fold("单")) && key.contains(&fold("雄信")));
        assert!(key.contains(&format!("\u{1}{}", fold("单"))), "starts with");
        assert!(!key.contains(&format!("\u{1}{}", fold("雄"))));
    }
    assert!(has_han("a张") && has_han("𠮷") && !has_han("かな Aя"));
}

#[test]
fn keys_are_bounded() {
    assert_eq!(sort_key(&"a".repeat(10_000)).len(), KEY_CHARACTERS);
    assert!(sort_key(&"ﷺ".repeat(1_000)).len() <= KEY_BYTES);
    assert!(sort_key(&"각".repeat(1_000)).len() <= KEY_BYTES);
    let han = "庄".repeat(1_000);
    assert!(sort_key(&han).len() <= KEY_BYTES);
    assert!(
        sort_key(&han).ends_with(&fold(&"庄".repeat(KEY_CHARACTERS))),
        "all of the key's characters are found"
    );
    assert_eq!(
        sort_key(&"é".repeat(300)),
        sort_key(&"e\u{301}".repeat(300)),
        "whatever the normalisation form"
    );
}

/// Ends of user-perceived characters, near enough: before anything but a combining mark.
fn boundaries(text: &str) -> Vec<usize> {
    let inner = text.char_indices().filter(|(_, c)| !is_combining_mark(*c)).map(|(at, _)| at);
    inner.chain([text.len()]).collect()
}

/// A text with a part of it, cut at boundaries.
fn text_and_part(pattern: &'static str) -> impl Strategy<Value = (String, String)> {
    (pattern, any::<prop::sample::Index>(), any::<prop::sample::Index>()).prop_map(|(text, a, b)| {
        let cuts = boundaries(&text);
        let (a, b) = (*a.get(&cuts), *b.get(&cuts));
        let part = text[a.min(b)..a.max(b)].to_owned();
        (text, part)
    })
}

/// Letters, marks, digits and what stands between words.
const ALPHABETIC: &str = "[\\p{Latin}\\p{Cyrillic}\\p{Greek}\\p{Mn}0-9 '’.,&+-]{0,60}";
const WITH_HAN: &str =
    "[\\p{Han}\\p{Hiragana}\\p{Hangul}\\p{Thai}\\p{Devanagari}\\p{Arabic}a-zA-Zäéß 0-9.-]{0,40}";

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_part_is_found_in_the_key((text, part) in text_and_part(ALPHABETIC)) {
        prop_assert!(sort_key(&text).contains(&fold(&part)), "{:?} in {:?}", fold(&part), sort_key(&text));
    }

    #[test]
    fn a_part_with_han_is_found_in_both_keys((text, part) in text_and_part(WITH_HAN)) {
        let part = fold(&part);
        prop_assert!(sort_key(&text).contains(&part), "{part:?} in {:?}", sort_key(&text));
        prop_assert!(name_sort_key(&text).contains(&part));
        prop_assert!(folded_part(&sort_key(&text)).contains(&part));
    }

    #[test]
    fn a_start_is_found_at_the_start((text, _) in text_and_part(WITH_HAN), end: prop::sample::Index) {
        let start = fold(&text[..*end.get(&boundaries(&text))]);
        let key = sort_key(&text);
        if has_han(&start) {
            let found = key.contains(&format!("\u{1}{start}"));
            prop_assert!(found, "{start:?} in {key:?}");
        } else {
            prop_assert!(key.starts_with(&start), "{start:?} in {key:?}");
        }
    }

    #[test]
    fn any_text_has_a_clean_bounded_key(text in any::<String>()) {
        for key in [sort_key(&text), name_sort_key(&text)] {
            prop_assert!(key.len() <= KEY_BYTES);
            let controls = key.chars().filter(|c| c.is_control()).count();
            prop_assert_eq!(controls, usize::from(has_han(&key)), "only the tail's separator, in {:?}", key);
            prop_assert!(!key.starts_with(' ') && !key.ends_with(' ') && !key.contains("  "));
        }
        let folded = fold(&text);
        prop_assert_eq!(&fold(&folded), &folded, "folding twice changes nothing");
    }

    #[test]
    fn case_and_form_do_not_matter(text in ALPHABETIC) {
        prop_assert_eq!(sort_key(&text.nfc().collect::<String>()), sort_key(&text.nfd().collect::<String>()));
        prop_assert_eq!(fold(&text.nfkd().collect::<String>()), fold(&text));
    }

    #[test]
    fn ascii_takes_no_short_cut(text in "[ -~]{0,40}") {
        // A character outside ASCII sends the same text the long way.
        let short = format!("{} e", fold(&text));
        prop_assert_eq!(fold(&format!("{text} é")), short.trim_start());
    }
}
