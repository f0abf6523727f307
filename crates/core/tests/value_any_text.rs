//! Whatever is typed: the rules answer, they never panic, and what they accept they accept again unchanged.

use proptest::prelude::*;
use shoal_core::value::{Currency, Email, country, domain, language, region, text};

proptest! {
    #[test]
    fn text_is_stable(input in any::<String>()) {
        let once = text::normalise(&input);
        prop_assert_eq!(&text::normalise(&once), &once);
        if let Ok(line) = text::line(&input, 1_000) {
            prop_assert!(!line.contains(char::is_control));
        }
        if let Ok(lines) = text::lines(&input, 1_000) {
            prop_assert_eq!(text::lines(&lines, 1_000), Ok(lines));
        }
    }

    #[test]
    fn emails_are_stable(local in "[^@]{0,20}", host in "\\PC{0,20}") {
        let _ = Email::parse(&local);
        if let Ok(email) = Email::parse(&format!("{local}@{host}.com")) {
            let again = Email::parse(&email.normalised).unwrap();
            prop_assert_eq!(again.normalised, email.normalised);
        }
    }

    #[test]
    fn domains_are_stable(input in any::<String>(), host in "[a-zäя例.-]{1,20}") {
        let _ = domain::normalise(&input);
        if let Ok(name) = domain::normalise(&format!("https://{host}.com/path")) {
            prop_assert!(name.is_ascii());
            prop_assert_eq!(domain::normalise(&format!("//{name}")).is_ok(), true);
        }
    }

    #[test]
    fn codes_are_stable(input in any::<String>(), tag in "[a-zA-Z0-9_-]{0,20}") {
        let _ = (country::parse(&input), region::of(&input), Currency::parse(&input), language::parse(&input));
        if let Ok(canonical) = language::parse(&tag) {
            prop_assert_eq!(language::parse(&canonical), Ok(canonical));
        }
    }
}
