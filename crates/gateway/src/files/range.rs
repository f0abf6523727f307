//! `Range` and `ETag` (RFC 9110, 13 and 14): pure.

use std::ops::Range;

use axum::http::{HeaderMap, header};

/// What of a file somebody asks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// They have it already.
    Nothing,
    Whole,
    Part(Range<u64>),
    /// There is no such part.
    Beyond,
}

/// What a request asks for of a file of so many bytes with this tag. Several parts at once count as all of it.
pub(super) fn wanted(headers: &HeaderMap, tag: &str, size: u64) -> Wanted {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let knows = |tags: &str| {
        tags.split(',').map(str::trim).any(|known| known == "*" || known.trim_start_matches("W/") == tag)
    };
    if text(header::IF_NONE_MATCH).is_some_and(knows) {
        return Wanted::Nothing;
    }
    if text(header::IF_RANGE).is_some_and(|known| known != tag) {
        return Wanted::Whole;
    }
    text(header::RANGE).map_or(Wanted::Whole, |range| part(range, size))
}

fn part(range: &str, size: u64) -> Wanted {
    let Some((first, last)) = range.strip_prefix("bytes=").and_then(|range| range.split_once('-')) else {
        return Wanted::Whole;
    };
    let number = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        // What has more digits than fit lies behind the end of everything.
        digits.then(|| text.parse().unwrap_or(u64::MAX))
    };
    let (first, last) = (first.trim(), last.trim());
    let range = match (number(first), number(last)) {
        (None, Some(length)) if first.is_empty() => size.saturating_sub(length)..size,
        (Some(first), None) if last.is_empty() => first..size,
        (Some(first), Some(last)) if first <= last => first..size.min(last.saturating_add(1)),
        _ => return Wanted::Whole,
    };
    if range.is_empty() { Wanted::Beyond } else { Wanted::Part(range) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderName, HeaderValue};

    fn asked(said: &[(HeaderName, &'static str)]) -> Wanted {
        let headers = said.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value)));
        wanted(&headers.collect(), "\"tag\"", 10)
    }

    #[test]
    fn ranges() {
        for (range, expected) in [
            ("bytes=0-4", Wanted::Part(0..5)),
            ("bytes=5-", Wanted::Part(5..10)),
            ("bytes=-3", Wanted::Part(7..10)),
            ("bytes=-30", Wanted::Part(0..10)),
            ("bytes=9-100", Wanted::Part(9..10)),
            ("bytes=0-99999999999999999999999", Wanted::Part(0..10)),
            ("bytes=10-", Wanted::Beyond),
            ("bytes=99999999999999999999999-", Wanted::Beyond),
            ("bytes=-0", Wanted::Beyond),
            ("bytes=4-2", Wanted::Whole),
            ("bytes=0-1,3-4", Wanted::Whole),
            ("bytes=-", Wanted::Whole),
            ("bytes=+1-2", Wanted::Whole),
            ("lines=0-4", Wanted::Whole),
        ] {
            let said = HeaderMap::from_iter([(header::RANGE, HeaderValue::from_static(range))]);
            assert_eq!(wanted(&said, "\"tag\"", 10), expected, "{range}");
        }
        assert_eq!(part("bytes=0-", 0), Wanted::Beyond);
    }

    #[test]
    fn conditions() {
        use header::{IF_NONE_MATCH, IF_RANGE, RANGE};
        assert_eq!(asked(&[]), Wanted::Whole);
        assert_eq!(asked(&[(IF_NONE_MATCH, "\"tag\"")]), Wanted::Nothing);
        assert_eq!(asked(&[(IF_NONE_MATCH, "\"old\", W/\"tag\"")]), Wanted::Nothing);
        assert_eq!(asked(&[(IF_NONE_MATCH, "*")]), Wanted::Nothing);
        assert_eq!(asked(&[(IF_NONE_MATCH, "\"old\"")]), Wanted::Whole);
        assert_eq!(asked(&[(RANGE, "bytes=0-1"), (IF_RANGE, "\"tag\"")]), Wanted::Part(0..2));
        assert_eq!(asked(&[(RANGE, "bytes=0-1"), (IF_RANGE, "\"old\"")]), Wanted::Whole);
    }
}
