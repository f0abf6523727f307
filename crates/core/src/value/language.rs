//! Language tags of BCP 47 (RFC 5646): the shape is checked and the letter case made canonical, the registry is not
//! consulted.

use super::ValueError;
use super::text::trim;

/// A language tag in canonical letter case: `zh_hans_cn` is `zh-Hans-CN`.
///
/// # Errors
///
/// [`ValueError::LanguageInvalid`].
pub fn parse(text: &str) -> Result<String, ValueError> {
    canonical(trim(text)).ok_or(ValueError::LanguageInvalid)
}

/// Longest tag accepted; RFC 5646, 4.4.1 asks for at least 35.
const MAX_LENGTH: usize = 35;

fn canonical(tag: &str) -> Option<String> {
    if tag.len() > MAX_LENGTH || !tag.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_') {
        return None;
    }
    let lower = tag.to_ascii_lowercase().replace('_', "-");
    let mut parts = lower.split('-').peekable();
    let mut out = parts.next().filter(|p| matches!(p.len(), 2 | 3) && is_alphabetic(p))?.to_owned();
    if let Some(script) = parts.next_if(|p| p.len() == 4 && is_alphabetic(p)) {
        let (first, rest) = script.split_at(1);
        out.push('-');
        out.push_str(&first.to_ascii_uppercase());
        out.push_str(rest);
    }
    if let Some(region) =
        parts.next_if(|p| (p.len() == 2 && is_alphabetic(p)) || (p.len() == 3 && is_numeric(p)))
    {
        out.push('-');
        out.push_str(&region.to_ascii_uppercase());
    }
    while let Some(variant) = parts.next_if(|p| is_variant(p)) {
        out.push('-');
        out.push_str(variant);
    }
    extensions(parts, &mut out)?;
    Some(out)
}

/// Singletons with their subtags: `u-co-pinyin`, `x-private`.
fn extensions<'a>(parts: impl Iterator<Item = &'a str>, out: &mut String) -> Option<()> {
    let mut private = false;
    let mut open = None;
    for part in parts {
        match part.len() {
            1 if !private => {
                if open == Some(0) {
                    return None;
                }
                private = part == "x";
                open = Some(0);
            }
            1..=8 => open = Some(open? + 1),
            _ => return None,
        }
        out.push('-');
        out.push_str(part);
    }
    if open == Some(0) { None } else { Some(()) }
}

fn is_variant(part: &str) -> bool {
    matches!(part.len(), 5..=8) || (part.len() == 4 && part.as_bytes()[0].is_ascii_digit())
}

fn is_alphabetic(part: &str) -> bool {
    part.bytes().all(|b| b.is_ascii_alphabetic())
}

fn is_numeric(part: &str) -> bool {
    part.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_get_their_canonical_case() {
        let expected = [
            (" DE ", "de"),
            ("en-us", "en-US"),
            ("zh_hans_cn", "zh-Hans-CN"),
            ("es-419", "es-419"),
            ("de-CH-1996", "de-CH-1996"),
            ("sl-Rozaj-Biske", "sl-rozaj-biske"),
            ("zh-u-co-pinyin", "zh-u-co-pinyin"),
            ("en-x-a-b", "en-x-a-b"),
        ];
        for (text, tag) in expected {
            assert_eq!(parse(text), Ok(tag.to_owned()), "{text}");
        }
    }

    #[test]
    fn other_texts_are_refused() {
        for text in [
            "",
            "d",
            "german",
            "de-",
            "-de",
            "de--CH",
            "de-u",
            "de-u-x",
            "de-a-b-c",
            "de CH",
            "dé",
            "x-private",
        ] {
            assert_eq!(parse(text), Err(ValueError::LanguageInvalid), "{text}");
        }
    }
}
