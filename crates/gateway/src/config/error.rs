//! What can be wrong with a configuration. Text values are never repeated: they may be secrets.

use std::fmt;

/// Everything that is wrong, found in one go.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct ConfigError {
    /// What is wrong, in the order of the layers.
    pub problems: Vec<ConfigProblem>,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the configuration is not valid:")?;
        self.problems.iter().try_for_each(|problem| write!(f, "\n  {problem}"))
    }
}

impl From<ConfigProblem> for ConfigError {
    fn from(problem: ConfigProblem) -> Self {
        Self { problems: vec![problem] }
    }
}

/// One thing that is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigProblem {
    /// A key that does not exist.
    #[error("{place}: unknown key {key}{}", suggestion(nearest.as_deref()))]
    UnknownKey {
        /// The file or "environment".
        place: String,
        /// The key, or the variable.
        key: String,
        /// The existing key that looks most like it.
        nearest: Option<String>,
    },
    /// A value of the wrong type.
    #[error("{place}: {key} must be {expected}, not {found}")]
    WrongType {
        /// The file or "environment".
        place: String,
        /// The key, or the variable.
        key: String,
        /// The type that is wanted.
        expected: &'static str,
        /// The type that was found.
        found: &'static str,
    },
    /// A value of the right type that cannot be used.
    #[error("{place}: {key} {message}")]
    WrongValue {
        /// The file or "environment".
        place: String,
        /// The key, or the variable.
        key: String,
        /// What is wrong with it.
        message: String,
    },
    /// A file that cannot be read.
    #[error("{place}: {message}")]
    Unreadable {
        /// The file.
        place: String,
        /// Why.
        message: String,
    },
    /// `SHOAL_ENV` is not a name.
    #[error("SHOAL_ENV must be a name of lower-case letters, digits, - and _")]
    WrongEnvironment,
}

fn suggestion(nearest: Option<&str>) -> String {
    nearest.map(|nearest| format!("; did you mean {nearest}?")).unwrap_or_default()
}
