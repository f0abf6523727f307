//! Rights that can be compared: pure.

use std::collections::HashMap;

use crate::module::Scope;

/// What somebody may do, or what a role allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Rights {
    /// Everything, also in modules to come.
    All,
    /// These, each with its scope. Rights of modules that are no longer part of the program count too: the module may
    /// come back.
    These(HashMap<String, Scope>),
}

impl Default for Rights {
    fn default() -> Self {
        Self::These(HashMap::new())
    }
}

impl<S: Into<String>> FromIterator<(S, Scope)> for Rights {
    fn from_iter<I: IntoIterator<Item = (S, Scope)>>(rights: I) -> Self {
        let mut all = HashMap::new();
        for (name, scope) in rights {
            all.entry(name.into()).and_modify(|known: &mut Scope| *known = known.or(scope)).or_insert(scope);
        }
        Self::These(all)
    }
}

impl Rights {
    /// Both together, each right with its wider scope.
    #[must_use]
    pub(crate) fn with(self, other: &Self) -> Self {
        match (self, other) {
            (Self::These(own), Self::These(others)) => {
                own.into_iter().chain(others.iter().map(|(name, scope)| (name.clone(), *scope))).collect()
            }
            _ => Self::All,
        }
    }

    /// Whether a right is among them, in whichever scope.
    pub(crate) fn holds(&self, right: &str) -> bool {
        match self {
            Self::All => true,
            Self::These(own) => own.contains_key(right),
        }
    }

    /// Whether there is a right in just this scope.
    pub(crate) fn has_scope(&self, scope: Scope) -> bool {
        match self {
            Self::All => false,
            Self::These(own) => own.values().any(|held| *held == scope),
        }
    }

    /// Whether a right is among them, in this scope or a wider one.
    pub(crate) fn covers_right(&self, right: &str, scope: Scope) -> bool {
        match self {
            Self::All => true,
            Self::These(own) => own.get(right).is_some_and(|held| held.width() >= scope.width()),
        }
    }

    /// Whether all of `others` are among them for all records, so that somebody's own are among those, too.
    pub(crate) fn cover_records(&self, others: &Self) -> bool {
        match (self, others) {
            (Self::All, _) => true,
            (Self::These(_), Self::All) => false,
            (Self::These(_), Self::These(others)) => {
                others.keys().all(|right| self.covers_right(right, Scope::All))
            }
        }
    }

    /// Whether all of `others` are among them, in these scopes or wider ones.
    pub(crate) fn cover(&self, others: &Self) -> bool {
        match (self, others) {
            (Self::All, _) => true,
            (Self::These(_), Self::All) => false,
            (Self::These(_), Self::These(others)) => {
                others.iter().all(|(right, scope)| self.covers_right(right, *scope))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rights(list: &[(&str, Scope)]) -> Rights {
        list.iter().copied().collect()
    }

    #[test]
    fn a_wider_scope_covers_a_narrower_one() {
        let widths = [Scope::Own, Scope::Team, Scope::TeamAndBelow, Scope::All];
        for (wide, one) in widths.into_iter().enumerate() {
            for (narrow, other) in widths.into_iter().enumerate() {
                assert_eq!(rights(&[("a", one)]).cover(&rights(&[("a", other)])), wide >= narrow);
            }
        }
    }

    #[test]
    fn every_right_has_to_be_there() {
        let own = rights(&[("a", Scope::All), ("b", Scope::Own)]);
        assert!(own.cover(&Rights::default()));
        assert!(own.cover(&own) && Rights::All.cover(&own) && Rights::All.cover(&Rights::All));
        assert!(!own.cover(&rights(&[("a", Scope::All), ("c", Scope::Own)])));
        assert!(!own.cover(&Rights::All), "rights of modules to come are more than all there are");
    }

    #[test]
    fn equals_have_records_of_their_own() {
        let one = rights(&[("a", Scope::All), ("b", Scope::Own)]);
        assert!(one.cover(&one) && !one.cover_records(&one));
        let all = rights(&[("a", Scope::All), ("b", Scope::All)]);
        assert!(all.cover_records(&one) && all.cover_records(&all) && !all.cover_records(&Rights::All));
        assert!(!all.cover_records(&rights(&[("c", Scope::Own)])));
        assert!(Rights::All.cover_records(&Rights::All));
    }

    #[test]
    fn together_the_wider_scope_counts() {
        let both = rights(&[("a", Scope::Own), ("b", Scope::All)])
            .with(&rights(&[("a", Scope::Team), ("b", Scope::Own)]));
        assert_eq!(both, rights(&[("a", Scope::Team), ("b", Scope::All)]));
        assert_eq!(both.with(&Rights::All), Rights::All);
    }
}
