//! Who is at the other end of a connection: a client, or a proxy that speaks for one.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::http::{HeaderMap, HeaderName, Version, header};

use crate::config::Proxies;
use crate::problem::Problem;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

/// What is known of the client of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Client {
    /// Its address.
    pub(crate) address: IpAddr,
    /// `http` or `https`, if a trusted proxy says by which it was asked.
    pub(crate) scheme: Option<String>,
    /// The host, with its port, that the client asked.
    pub(crate) host: Option<String>,
}

impl Client {
    /// Reads who asks. Whatever a peer says that is not trusted is its own invention.
    pub(crate) fn of(peer: SocketAddr, headers: &HeaderMap, trusted: &Proxies) -> Self {
        let address = peer.ip().to_canonical();
        let asked = last(headers, &header::HOST);
        if !trusted.contains(address) {
            return Self { address, scheme: None, host: asked };
        }
        Self {
            address: behind(address, headers, trusted),
            scheme: last(headers, &FORWARDED_PROTO).map(|scheme| scheme.to_ascii_lowercase()),
            host: last(headers, &FORWARDED_HOST).or(asked),
        }
    }
}

/// Refuses a request that does not say exactly once which host it asks (RFC 9112, 3.2). Where a proxy takes one of two and
/// we the other, each checks and caches what is not the other's.
///
/// # Errors
/// 400 `BAD_REQUEST`
pub(crate) fn expect_host(version: Version, headers: &HeaderMap) -> Result<(), Problem> {
    let mut said = headers.get_all(header::HOST).iter();
    match (said.next(), said.next()) {
        // Only HTTP/1.0 may leave it out.
        (None, _) if version < Version::HTTP_11 => Ok(()),
        (None, _) => Err(Problem::bad_host("The header Host is missing.")),
        (Some(host), None) if host.to_str().is_ok_and(is_host) => Ok(()),
        (Some(_), None) => Err(Problem::bad_host("The header Host is not a host.")),
        (Some(_), Some(_)) => Err(Problem::bad_host("There is more than one header Host.")),
    }
}

/// Whether this is a name or an address, with a port or without.
fn is_host(text: &str) -> bool {
    let is_port = |rest: &str| {
        rest.is_empty() || rest.strip_prefix(':').is_some_and(|port| port.bytes().all(|b| b.is_ascii_digit()))
    };
    if let Some((address, rest)) = text.strip_prefix('[').and_then(|text| text.split_once(']')) {
        return address.parse::<Ipv6Addr>().is_ok() && is_port(rest);
    }
    let (name, port) = text.split_at(text.find(':').unwrap_or(text.len()));
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    !name.is_empty() && name.bytes().all(fits) && is_port(port)
}

/// The nearest address that is not of a trusted proxy: what stands left of it was not said by anybody we trust.
fn behind(proxy: IpAddr, headers: &HeaderMap, trusted: &Proxies) -> IpAddr {
    let mut nearest = proxy;
    for text in values(headers, &FORWARDED_FOR).collect::<Vec<_>>().into_iter().rev() {
        let Some(address) = address(text) else { break };
        nearest = address;
        if !trusted.contains(address) {
            break;
        }
    }
    nearest
}

/// An address; some proxies add a port.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let address = bare.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip()));
    address.map(|address| address.to_canonical())
}

/// The last value: the one that the nearest proxy has added.
fn last(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    values(headers, name).last().map(str::to_owned)
}

fn values<'h>(headers: &'h HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'h str> {
    let texts = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    texts.flat_map(|text| text.split(',')).map(str::trim).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn client(peer: &str, said: &[(HeaderName, &'static str)]) -> (String, Option<String>, Option<String>) {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_static("inside:8080"));
        for (name, value) in said {
            headers.append(name, HeaderValue::from_static(value));
        }
        let trusted = Proxies::read(["10.0.0.0/8", "::1"]).unwrap();
        let client = Client::of(peer.parse().unwrap(), &headers, &trusted);
        (client.address.to_string(), client.scheme, client.host)
    }

    #[test]
    fn hosts() {
        for host in
            ["localhost", "crm.example:8080", "10.0.0.5:", "a_b-c.example.", "[::1]", "[2001:db8::7]:443"]
        {
            assert!(is_host(host), "{host}");
        }
        for other in [
            "", ":80", "a b", "a,b", "a@b", "a/b", "http://a", "a:b", "a:1:2", "::1", "[::1", "[a]",
            "[::1]x", "a?b",
        ] {
            assert!(!is_host(other), "{other}");
        }
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        let said =
            [(FORWARDED_FOR, "203.0.113.9"), (FORWARDED_PROTO, "https"), (FORWARDED_HOST, "crm.example")];
        let (inside, https) = (Some("inside:8080".to_owned()), Some("https".to_owned()));
        assert_eq!(client("192.0.2.1:5", &said), ("192.0.2.1".to_owned(), None, inside.clone()));
        let believed = ("203.0.113.9".to_owned(), https, Some("crm.example".to_owned()));
        assert_eq!(client("10.1.2.3:5", &said), believed);
        assert_eq!(client("[::ffff:10.1.2.3]:5", &said), believed);
        assert_eq!(client("10.1.2.3:5", &[]), ("10.1.2.3".to_owned(), None, inside));
    }

    #[test]
    fn the_rightmost_untrusted_address_counts() {
        let address = |values: &[&'static str]| {
            let said: Vec<_> = values.iter().map(|value| (FORWARDED_FOR, *value)).collect();
            client("10.0.0.1:5", &said).0
        };
        assert_eq!(address(&["1.1.1.1, 203.0.113.9, 10.0.0.2"]), "203.0.113.9", "the left one is forged");
        assert_eq!(address(&["1.1.1.1", "203.0.113.9,10.0.0.2"]), "203.0.113.9", "many headers are one list");
        assert_eq!(address(&["10.0.0.3, 10.0.0.2"]), "10.0.0.3", "all are ours");
        assert_eq!(address(&["203.0.113.9:4711"]), "203.0.113.9");
        assert_eq!(address(&["[2001:db8::7]:4711"]), "2001:db8::7");
        assert_eq!(address(&["2001:db8::7, ::1"]), "2001:db8::7");
        assert_eq!(
            address(&["203.0.113.9, unknown, 10.0.0.2"]),
            "10.0.0.2",
            "nobody said what stands left of it"
        );
        assert_eq!(address(&["<script>"]), "10.0.0.1");
    }
}
