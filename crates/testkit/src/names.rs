//! Names that cannot collide: random ones for databases and folders, hashed ones for what processes share.

use std::fmt::Write;

use sha2::{Digest, Sha256};
use uuid::{NoContext, Timestamp, Uuid};

/// A fresh id whose text sorts by the time it was made.
#[expect(clippy::disallowed_methods, reason = "names of throw-away things; no test result depends on them")]
fn fresh() -> Uuid {
    Uuid::now_v7()
}

/// A name that no other process, test or run has.
pub(crate) fn unique() -> String {
    fresh().simple().to_string()
}

/// Random text that cannot be guessed from the time it was made.
pub(crate) fn secret() -> String {
    hex(&Sha256::digest([fresh().into_bytes(), fresh().into_bytes()].concat()))
}

/// Seconds since 1970, for telling how old a leftover is.
pub(crate) fn now_seconds() -> u64 {
    fresh().get_timestamp().map_or(0, |time| time.to_unix().0)
}

/// The smallest text that [`unique`] could have returned `seconds` ago: older names sort before it.
pub(crate) fn unique_since(seconds: u64) -> String {
    let time = Timestamp::from_unix(NoContext, now_seconds().saturating_sub(seconds), 0);
    Uuid::new_v7(time).simple().to_string()[..12].to_owned()
}

/// A short stable name for `parts`; no two lists of parts share one.
pub(crate) fn digest(parts: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part.len().to_be_bytes());
        hasher.update(part);
    }
    hex(&hasher.finalize()[..12])
}

/// Lower-case hexadecimal text.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::{digest, unique, unique_since};

    #[test]
    fn part_borders_count() {
        assert_ne!(digest(&["ab", "c"]), digest(&["a", "bc"]));
        assert_eq!(digest(&["ab", "c"]), digest(&["ab", "c"]));
    }

    #[test]
    fn names_sort_by_age() {
        assert!(unique() > unique_since(60));
        assert!(unique_since(60) > unique_since(3600));
    }
}
