//! E-mail addresses: as typed for sending, and normalised for comparing.
//!
//! The syntax is the one browsers check (HTML, "valid e-mail address"): the practical part of RFC 5321, without quoted
//! local parts, comments and address literals, and with the dots in odd places that some providers hand out. It is
//! widened by internationalised addresses (RFC 6531): letters, marks and digits of any script before the `@`, and
//! domain names in any script after it. It is narrowed in one way: the domain needs a dot.

use unicode_normalization::UnicodeNormalization;
use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};

use super::domain::to_a_labels;
use super::text::trim;
use super::{EmailProblem, ValueError};

/// An e-mail address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Email {
    /// As typed, without white space around it: what mail is sent to.
    pub original: String,
    /// What is compared: NFC, lower case on both sides of the `@`, the domain in A-labels.
    ///
    /// Lower case by character and not case folding, since ß and ss are different mailboxes. That letter case does not
    /// matter before the `@` is not in RFC 5321 but in the practice of every provider.
    pub normalised: String,
    /// The normalised part after the `@`.
    pub domain: String,
}

impl Email {
    /// Reads an address. Full-width characters, as an input method for Chinese leaves them (`＠`, `．`, `。`), count as
    /// the plain ones.
    ///
    /// # Errors
    ///
    /// [`ValueError::Email`] with the first [`EmailProblem`] found.
    pub fn parse(text: &str) -> Result<Self, ValueError> {
        let original = trim(text);
        let plain: String = original.nfc().map(narrow).collect();
        if plain.is_empty() {
            return Err(EmailProblem::Empty.into());
        }
        let (local, domain) = plain.rsplit_once('@').ok_or(EmailProblem::AtMissing)?;
        let local: String = local.chars().flat_map(char::to_lowercase).nfc().collect();
        check_local(&local)?;
        let domain = to_a_labels(domain).map_err(EmailProblem::Domain)?;
        let normalised = format!("{local}@{domain}");
        if normalised.len() > 254 {
            return Err(EmailProblem::TooLong.into());
        }
        Ok(Self { original: original.to_owned(), normalised, domain })
    }
}

fn check_local(local: &str) -> Result<(), EmailProblem> {
    if local.is_empty() {
        return Err(EmailProblem::LocalEmpty);
    }
    if let Some(wrong) = local.chars().find(|&c| !is_local(c)) {
        return Err(EmailProblem::LocalCharacter(wrong));
    }
    if local.len() > 64 { Err(EmailProblem::LocalTooLong) } else { Ok(()) }
}

/// `atext` of RFC 5322 and the dot; letters, marks and numbers of other scripts.
fn is_local(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphanumeric() || ".!#$%&'*+/=?^_`{|}~-".contains(c);
    }
    matches!(
        c.general_category_group(),
        GeneralCategoryGroup::Letter | GeneralCategoryGroup::Mark | GeneralCategoryGroup::Number
    )
}

/// The ASCII character of a full-width one (U+FF01 to U+FF5E).
fn narrow(c: char) -> char {
    match u32::from(c) {
        wide @ 0xFF01..=0xFF5E => char::from_u32(wide - 0xFEE0).unwrap_or(c),
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(text: &str) -> EmailProblem {
        match Email::parse(text) {
            Err(ValueError::Email(problem)) => problem,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn addresses_keep_what_was_typed_and_compare_normalised() {
        let expected = [
            ("  Anna.Lee+crm@Example.COM ", "anna.lee+crm@example.com"),
            ("o'brien@example.co.uk", "o'brien@example.co.uk"),
            ("a..b.@docomo.ne.jp", "a..b.@docomo.ne.jp"),
            ("Jörg@Bücher.example", "jörg@xn--bcher-kva.example"),
            ("JO\u{308}RG@x.de", "jörg@x.de"),
            ("иван@почта.рф", "иван@xn--80a1acny.xn--p1ai"),
            ("王小明＠例子。公司", "王小明@xn--fsqu00a.xn--55qx5d"),
            ("ＱＱ１２＠ｑｑ．com", "qq12@qq.com"),
            ("info@example.com.", "info@example.com"),
        ];
        for (text, normalised) in expected {
            let email = Email::parse(text).unwrap();
            assert_eq!(email.normalised, normalised);
            assert_eq!(email.original, text.trim());
            assert!(email.normalised.ends_with(&format!("@{}", email.domain)));
        }
        assert_ne!(
            Email::parse("groß@x.de").unwrap().normalised,
            Email::parse("gross@x.de").unwrap().normalised
        );
    }

    #[test]
    fn refusals_name_the_problem() {
        use crate::value::DomainProblem as D;
        assert_eq!(problem(" \u{3000} "), EmailProblem::Empty);
        assert_eq!(problem("anna.example.com"), EmailProblem::AtMissing);
        assert_eq!(problem("@example.com"), EmailProblem::LocalEmpty);
        assert_eq!(problem("anna lee@example.com"), EmailProblem::LocalCharacter(' '));
        assert_eq!(problem("anna@lee@example.com"), EmailProblem::LocalCharacter('@'));
        assert_eq!(problem("\"anna\"@example.com"), EmailProblem::LocalCharacter('"'));
        assert_eq!(problem("Anna <anna@example.com>"), EmailProblem::LocalCharacter(' '));
        assert_eq!(problem("a\0b@example.com"), EmailProblem::LocalCharacter('\0'));
        assert_eq!(problem("a\u{200B}b@example.com"), EmailProblem::LocalCharacter('\u{200B}'));
        assert_eq!(problem("anna@"), EmailProblem::Domain(D::Empty));
        assert_eq!(problem("anna@localhost"), EmailProblem::Domain(D::DotMissing));
        assert_eq!(problem("anna@127.0.0.1"), EmailProblem::Domain(D::Numeric));
        assert_eq!(problem("anna@exa_mple.com"), EmailProblem::Domain(D::Syntax));
        assert_eq!(problem("anna@example..com"), EmailProblem::Domain(D::Syntax));
        assert_eq!(problem(&format!("{}@example.com", "a".repeat(65))), EmailProblem::LocalTooLong);
        let long =
            format!("{}@{}.com", "a".repeat(64), ["b".repeat(60), "c".repeat(60), "d".repeat(63)].join("."));
        assert_eq!(Email::parse(&long).unwrap().normalised.len(), 254);
        assert_eq!(problem(&format!("{long}s")), EmailProblem::TooLong);
        assert_eq!(Email::parse("x").map_err(|e| e.code()), Err("EMAIL_INVALID"));
    }
}
