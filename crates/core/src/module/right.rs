//! Rights: what somebody may do, and with how many of the records.

shoal_graphql::choices! {
    /// With which records something may be done.
    pub enum Scope {
        /// Those one owns.
        Own => "OWN",
        /// Those of one's teams too.
        Team => "TEAM",
        /// Those of one's teams and of the teams below them too.
        TeamAndBelow => "TEAM_AND_BELOW",
        /// All of them.
        All => "ALL",
    }
}

impl Scope {
    /// How wide it is; a wider one has everything that a narrower one has.
    pub fn width(self) -> u8 {
        match self {
            Self::Own => 0,
            Self::Team => 1,
            Self::TeamAndBelow => 2,
            Self::All => 3,
        }
    }

    /// The wider of two.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        if self.width() >= other.width() { self } else { other }
    }
}

/// Something that one may or may not do. Declare them with [`rights!`](crate::rights).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Right {
    /// `<module>.<object>.<action>`
    pub name: &'static str,
    /// The scope in which every employee has it, as long as nobody decides otherwise; `None` if only administrators do.
    pub employee: Option<Scope>,
    /// True if it is about records with an owner, so that it can be held for some of them only.
    pub scoped: bool,
}

/// Declares the rights of a module: a constant for each, and `all()`.
///
/// ```
/// shoal_core::rights! {
///     /// Read buildings.
///     BUILDING_READ = "property.building.read", employees: All;
///     /// Change repair requests.
///     REPAIR_UPDATE = "property.repair.update" scoped, employees: Team;
///     /// Say which buildings there are.
///     BUILDING_MANAGE = "property.building.manage";
/// }
/// assert_eq!(all().len(), 3);
/// ```
#[macro_export]
macro_rules! rights {
    ($( $(#[$attribute:meta])* $constant:ident = $name:literal $($scoped:ident)? $(, employees: $scope:ident)? ; )*) => {
        $( $(#[$attribute])* pub const $constant: &str = $name; )*

        /// Every right of the module.
        pub fn all() -> Vec<$crate::module::Right> {
            vec![$( {
                let right = $crate::module::Right { name: $name, employee: None, scoped: false };
                $( let right = $crate::module::Right { employee: Some($crate::module::Scope::$scope), ..right }; )?
                $( $crate::rights!(@ $scoped); let right = $crate::module::Right { scoped: true, ..right }; )?
                right
            } ),*]
        }
    };
    (@ scoped) => {};
}
