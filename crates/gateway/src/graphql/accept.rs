//! Which media type the client gets: the `Accept` header, with q-values.

use axum::http::{HeaderMap, header};

use super::content_type::{parameters, split};

/// A media type that answers come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Media {
    /// `application/graphql-response+json`: the status code tells how the request went.
    GraphqlResponse,
    /// `application/json`: every well-formed request is answered with 200.
    Json,
}

impl Media {
    /// The value of `Content-Type`.
    pub(crate) const fn content_type(self) -> &'static str {
        match self {
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::GraphqlResponse => "application/graphql-response+json",
            Self::Json => "application/json",
        }
    }
}

/// How one media type does against the header. Ordered: a later field decides only when the earlier ones are equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    /// The q-value in thousandths.
    quality: u16,
    /// Named rather than matched by a wildcard.
    named: bool,
    /// Earlier in the list is better.
    earliness: usize,
}

/// Picks the media type; `None` when the client takes neither.
///
/// Without the header, the draft asks for `application/graphql-response+json` (since 2025). A bare wildcard says that
/// the client does not know that type: it is what browsers and older clients send by themselves, so that they get
/// `application/json`, whose errors they can read.
pub(super) fn negotiate(headers: &HeaderMap) -> Option<Media> {
    let mut values = headers.get_all(header::ACCEPT).iter().peekable();
    if values.peek().is_none() {
        return Some(Media::GraphqlResponse);
    }
    let mut best = [None; 2];
    let mut position = 0;
    let mut empty = true;
    for range in values.filter_map(|value| value.to_str().ok()).flat_map(|value| split(value, ',')) {
        empty = false;
        position += 1;
        for (slot, media) in best.iter_mut().zip([Media::GraphqlResponse, Media::Json]) {
            consider(slot, media, range, position);
        }
    }
    if empty {
        return Some(Media::GraphqlResponse);
    }
    let rank = |(specificity, rank): (u8, Rank)| {
        (rank.quality > 0).then_some(Rank { named: specificity == 2, ..rank })
    };
    match (best[0].and_then(rank), best[1].and_then(rank)) {
        (None, None) => None,
        (Some(modern), Some(legacy)) if modern > legacy => Some(Media::GraphqlResponse),
        (Some(_), None) => Some(Media::GraphqlResponse),
        _ => Some(Media::Json),
    }
}

/// Takes `range` as what counts for `media`, if it matches and is more specific than what was seen before
/// (RFC 9110, 12.5.1).
fn consider(slot: &mut Option<(u8, Rank)>, media: Media, range: &str, position: usize) {
    let mut parts = split(range, ';');
    let name = parts.next().unwrap_or_default();
    let specificity = match name {
        "*/*" => 0,
        _ if name.eq_ignore_ascii_case("application/*") => 1,
        _ if name.eq_ignore_ascii_case(media.name()) => 2,
        _ => return,
    };
    let mut quality = 1000;
    for (key, value) in parameters(parts) {
        if key.eq_ignore_ascii_case("charset") && !value.eq_ignore_ascii_case("utf-8") {
            return;
        }
        if key.eq_ignore_ascii_case("q") {
            let Some(parsed) = thousandths(value) else { return };
            quality = parsed;
        }
    }
    if slot.is_none_or(|(seen, _)| specificity > seen) {
        *slot = Some((specificity, Rank { quality, named: false, earliness: usize::MAX - position }));
    }
}

/// A q-value: `0`, `0.5`, `1.000`.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if !matches!(whole, "0" | "1")
        || fraction.len() > 3
        || !fraction.bytes().all(|byte| byte.is_ascii_digit())
    {
        return None;
    }
    let value: u16 = format!("{whole}{fraction:0<3}").parse().ok()?;
    (value <= 1000).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn pick(values: &[&'static str]) -> Option<Media> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::ACCEPT, HeaderValue::from_static(value));
        }
        negotiate(&headers)
    }

    #[test]
    fn negotiates() {
        const MODERN: Option<Media> = Some(Media::GraphqlResponse);
        const LEGACY: Option<Media> = Some(Media::Json);
        let cases: &[(&[&'static str], Option<Media>)] = &[
            (&[], MODERN),
            (&[""], MODERN),
            (&["*/*"], LEGACY),
            (&["application/*"], LEGACY),
            (&["text/html, */*;q=0.1"], LEGACY),
            (&["application/json"], LEGACY),
            (&["APPLICATION/JSON; Charset=\"UTF-8\""], LEGACY),
            (&["application/graphql-response+json"], MODERN),
            (&["application/graphql-response+json; charset=utf-8, application/json; charset=utf-8"], MODERN),
            (&["application/json, application/graphql-response+json"], LEGACY),
            (&["application/json;q=0.9, application/graphql-response+json"], MODERN),
            (&["application/json;q=0.9", "application/graphql-response+json;q=0.95"], MODERN),
            (&["application/graphql-response+json;q=0.1, */*"], LEGACY),
            (&["application/graphql-response+json, */*"], MODERN),
            (&["*/*, application/graphql-response+json"], MODERN),
            (&["application/json;q=0, */*"], MODERN),
            (&["application/json;q=0, application/graphql-response+json;q=0, */*"], None),
            (&["text/html"], None),
            (&["application/json; charset=iso-8859-1"], None),
            (&["application/json; charset=iso-8859-1, application/json;q=0.2"], LEGACY),
            (&["application/json;q=2"], None),
            (&["*/*;q=0"], None),
            (&["text/x;p=\"a, application/json\""], None),
        ];
        for (values, expected) in cases {
            assert_eq!(pick(values), *expected, "{values:?}");
        }
    }
}
