//! Keeps other sites from using a browser's cookie (cross-site request forgery).
//!
//! By fetch metadata, as OWASP describes it and Go's `CrossOriginProtection` does it: browsers say in `Sec-Fetch-Site`
//! where a request comes from, which no page can change. Where they do not (over plain HTTP, and old ones), the page's
//! `Origin` has to be ours.

use axum::http::{HeaderMap, HeaderName, header};

use super::Door;
use crate::client::Client;
use crate::problem::Problem;

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// What it means if a request says nothing of where it comes from, which only programs do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Silence {
    /// It carries a cookie: refused all the same.
    Refused,
    /// There is nothing in it but what its sender knows.
    Allowed,
}

/// Refuses a request that a page of another site makes a browser send.
///
/// # Errors
/// `CSRF`
pub(crate) fn check(
    door: &Door,
    (headers, client): (&HeaderMap, &Client),
    silence: Silence,
) -> Result<(), Problem> {
    let ours = match (headers.get(FETCH_SITE), headers.get(header::ORIGIN)) {
        (Some(site), _) => site == "same-origin" || site == "none",
        (None, Some(origin)) => origin.to_str().is_ok_and(|origin| is_ours(origin, client, door.site())),
        (None, None) => silence == Silence::Allowed,
    };
    if ours { Ok(()) } else { Err(Problem::foreign()) }
}

/// Whether an origin is the public address, or the host that was asked.
fn is_ours(origin: &str, client: &Client, site: Option<(&str, &str)>) -> bool {
    let Some((scheme, host)) = origin.split_once("://") else { return false };
    let same = |other: &str| without_port(scheme, host).eq_ignore_ascii_case(without_port(scheme, other));
    if let Some((known, public)) = site
        && same(public)
    {
        return scheme == known;
    }
    // Without a proxy that we trust nobody says by which scheme we are reached.
    client.host.as_deref().is_some_and(same) && client.scheme.as_deref().is_none_or(|known| known == scheme)
}

/// The host without the port that its scheme has anyway.
fn without_port<'h>(scheme: &str, host: &'h str) -> &'h str {
    let usual = if scheme == "https" { ":443" } else { ":80" };
    host.strip_suffix(usual).unwrap_or(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins() {
        let client = |scheme: Option<&str>, host: &str| Client {
            address: [127, 0, 0, 1].into(),
            scheme: scheme.map(str::to_owned),
            host: Some(host.to_owned()),
        };
        let direct = client(None, "10.0.0.5:8080");
        let proxied = client(Some("https"), "crm.example");
        let public = Some(("https", "crm.example"));
        for (origin, client, site, ours) in [
            ("http://10.0.0.5:8080", &direct, None, true),
            ("https://10.0.0.5:8080", &direct, None, true),
            ("http://10.0.0.5", &direct, None, false),
            ("http://10.0.0.5:9090", &direct, None, false),
            ("null", &direct, None, false),
            ("", &direct, None, false),
            ("https://crm.example", &direct, public, true),
            ("https://CRM.example:443", &direct, public, true),
            ("http://crm.example", &direct, public, false),
            ("https://crm.example.evil", &direct, public, false),
            ("https://evil.example", &direct, public, false),
            ("https://crm.example", &proxied, None, true),
            ("http://crm.example", &proxied, None, false),
            ("http://crm.example", &proxied, public, false),
        ] {
            assert_eq!(is_ours(origin, client, site), ours, "{origin} {client:?} {site:?}");
        }
    }
}
