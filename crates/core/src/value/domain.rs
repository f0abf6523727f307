//! Domain names: the form that is compared, and whether a domain says anything about its user's company.

use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};

use super::free_mail::{FREE_MAIL, FREE_MAIL_BRANDS};
use super::text::trim;
use super::{DomainProblem, ValueError};

/// The domain of a company's site: what is left of a web address without scheme, user, `www.`, port and path, in lower
/// case and A-labels (`https://www.Bücher.example/shop` is `xn--bcher-kva.example`).
///
/// # Errors
///
/// [`ValueError::Domain`] with the [`DomainProblem`].
pub fn normalise(text: &str) -> Result<String, ValueError> {
    let text = trim(text);
    let (rest, has_scheme) = match text.split_once("//") {
        Some((scheme, rest)) if scheme.is_empty() || scheme.ends_with(':') => (rest, true),
        _ => (text, false),
    };
    let authority = rest.split(['/', '\\', '?', '#']).next().unwrap_or_default();
    // Without a scheme an `@` is an e-mail address in the wrong field: refused, not half understood.
    let host = if has_scheme { authority.rsplit('@').next().unwrap_or_default() } else { authority };
    let host = host.split_once(':').map_or(host, |(name, _port)| name);
    let ascii = to_a_labels(host)?;
    // `www.com` is a name of its own.
    match ascii.strip_prefix("www.") {
        Some(bare) if bare.contains('.') => Ok(bare.to_owned()),
        _ => Ok(ascii),
    }
}

/// A host name in lower case and A-labels, by UTS #46 with the rules for host names (letters, digits, hyphens).
pub(super) fn to_a_labels(name: &str) -> Result<String, DomainProblem> {
    let name = name.strip_suffix(['.', '。']).unwrap_or(name);
    if name.is_empty() {
        return Err(DomainProblem::Empty);
    }
    let ascii = Uts46::new()
        // `CheckFirstLast`: names such as `r3---sn.example` exist.
        .to_ascii(name.as_bytes(), AsciiDenyList::STD3, Hyphens::CheckFirstLast, DnsLength::Verify)
        .map_err(|_| DomainProblem::Syntax)?;
    let (_, top) = ascii.rsplit_once('.').ok_or(DomainProblem::DotMissing)?;
    if top.bytes().all(|b| b.is_ascii_digit()) {
        return Err(DomainProblem::Numeric);
    }
    Ok(ascii.into_owned())
}

/// Whether anybody can have an address at this (normalised) domain, so that it names no company.
///
/// A compact list of large providers; a tenant adds its own.
pub fn is_free_mail(domain: &str) -> bool {
    if FREE_MAIL.binary_search(&domain).is_ok() {
        return true;
    }
    let Some((brand, rest)) = domain.split_once('.') else { return false };
    let country = rest.strip_prefix("com.").or_else(|| rest.strip_prefix("co.")).unwrap_or(rest);
    FREE_MAIL_BRANDS.contains(&brand) && country.len() == 2 && country.bytes().all(|b| b.is_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_become_domains() {
        let expected = [
            ("Example.COM", "example.com"),
            (" https://www.Example.com:8443/shop?q=1#top ", "example.com"),
            ("//www.example.com", "example.com"),
            ("http://user:secret@example.com/a@b", "example.com"),
            ("example.com/path//x", "example.com"),
            ("www.example.co.uk.", "example.co.uk"),
            ("www.com", "www.com"),
            ("https://Bücher.example", "xn--bcher-kva.example"),
            ("xn--bcher-kva.example", "xn--bcher-kva.example"),
            ("www.例子。公司", "xn--fsqu00a.xn--55qx5d"),
            ("r3---sn.example.com", "r3---sn.example.com"),
        ];
        for (text, domain) in expected {
            assert_eq!(normalise(text), Ok(domain.to_owned()), "{text}");
        }
    }

    #[test]
    fn what_is_no_domain_is_refused() {
        let expected = [
            ("", DomainProblem::Empty),
            ("https://", DomainProblem::Empty),
            ("localhost", DomainProblem::DotMissing),
            ("192.168.0.1", DomainProblem::Numeric),
            ("anna@example.com", DomainProblem::Syntax),
            ("exa mple.com", DomainProblem::Syntax),
            ("-example.com", DomainProblem::Syntax),
            ("a\0.com", DomainProblem::Syntax),
        ];
        for (text, problem) in expected {
            assert_eq!(normalise(text), Err(ValueError::Domain(problem)), "{text}");
        }
    }

    #[test]
    fn free_mail_names_no_company() {
        for domain in [
            "gmail.com",
            "qq.com",
            "163.com",
            "mail.ru",
            "yandex.ru",
            "outlook.de",
            "yahoo.co.jp",
            "yahoo.com.br",
        ] {
            assert!(is_free_mail(domain), "{domain}");
        }
        for domain in ["example.com", "yahoo-inc.com", "mail.example.com", "outlook.company", "", "gmail"] {
            assert!(!is_free_mail(domain), "{domain}");
        }
        assert!(FREE_MAIL.is_sorted(), "binary search");
    }
}
