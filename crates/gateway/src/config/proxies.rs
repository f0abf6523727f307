//! `server.trusted_proxies`: addresses and ranges of proxies.

use std::net::IpAddr;

use ipnet::IpNet;
use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Proxies that are believed what they say of clients. A list of addresses (`10.0.0.7`) and ranges (`10.0.0.0/8`); in a
/// variable they stand in one text, with commas between them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Proxies(Vec<IpNet>);

impl Proxies {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether one of them has this address. An IPv4 address is the same when it is written as an IPv6 one.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|range| range.contains(&address))
    }

    /// Reads addresses and ranges.
    ///
    /// # Errors
    /// A sentence that names the first text that is neither.
    pub fn read<'t>(texts: impl IntoIterator<Item = &'t str>) -> Result<Self, String> {
        let range = |text: &str| {
            let address = text.parse::<IpAddr>().map(|address| IpNet::from(address.to_canonical()));
            let range = address.or_else(|_| text.parse::<IpNet>());
            range.map_err(|_| format!("{text} is neither an address nor a range such as 10.0.0.0/8"))
        };
        let texts = texts.into_iter().map(str::trim).filter(|text| !text.is_empty());
        texts.map(range).collect::<Result<_, _>>().map(Self)
    }
}

impl Serialize for Proxies {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(ToString::to_string))
    }
}

impl<'de> Deserialize<'de> for Proxies {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct List;
        impl<'de> Visitor<'de> for List {
            type Value = Proxies;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a list of addresses and ranges")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Proxies, E> {
                Proxies::read(text.split(',')).map_err(E::custom)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Proxies, A::Error> {
                let mut texts: Vec<String> = Vec::new();
                while let Some(text) = list.next_element()? {
                    texts.push(text);
                }
                Proxies::read(texts.iter().map(String::as_str)).map_err(A::Error::custom)
            }
        }
        deserializer.deserialize_any(List)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_ranges() {
        let proxies = Proxies::read(["10.0.0.0/8", " 192.168.1.7", "", "2001:db8::/32", "::1"]).unwrap();
        for inside in ["10.200.3.4", "192.168.1.7", "::ffff:10.0.0.1", "2001:db8:1::5", "::1"] {
            assert!(proxies.contains(inside.parse().unwrap()), "{inside}");
        }
        for outside in ["11.0.0.1", "192.168.1.8", "2001:db9::1", "::2"] {
            assert!(!proxies.contains(outside.parse().unwrap()), "{outside}");
        }
        for wrong in ["localhost", "10.0.0.0/33", "10.0.0", "*"] {
            assert!(Proxies::read([wrong]).unwrap_err().contains(wrong));
        }
    }
}
