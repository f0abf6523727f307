//! Checks one layer against the keys and types of `config/default.toml`.

use std::collections::BTreeMap;

use config::{File, FileFormat, Source, Value, ValueKind};

use super::error::ConfigProblem;
use super::modules::{self, ModuleKeys};

/// The embedded defaults, which are also the list of all keys and their types.
pub(super) const DEFAULTS: &str = include_str!("../../../../config/default.toml");

/// Keys without a default. All are text.
pub(super) const OPTIONAL: &[&str] = &["database.direct_url", "mail.from", "mail.url", "server.public_url"];

/// How alike (0 to 1) two names must be for one to be suggested for the other.
const SIMILAR: f64 = 0.8;

/// The type of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Boolean,
    Integer,
    Fraction,
    Text,
    List,
    Table,
    /// One of several.
    Any,
}

impl Kind {
    pub(super) fn of(value: &Value) -> Self {
        match value.kind {
            ValueKind::Boolean(_) => Self::Boolean,
            ValueKind::I64(_) | ValueKind::I128(_) | ValueKind::U64(_) | ValueKind::U128(_) => Self::Integer,
            ValueKind::String(_) => Self::Text,
            ValueKind::Table(_) => Self::Table,
            ValueKind::Float(_) => Self::Fraction,
            ValueKind::Array(_) => Self::List,
            ValueKind::Nil => Self::Any,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Boolean => "true or false",
            Self::Integer => "an integer",
            Self::Text => "text",
            Self::Table => "a table",
            Self::Fraction => "a number",
            Self::List => "a list",
            Self::Any => "nothing",
        }
    }

    /// Whether a value of another type will do.
    fn takes(self, found: Self) -> bool {
        self == found || self == Self::Any || (self, found) == (Self::Fraction, Self::Integer)
    }
}

/// All keys, `section.key`, and their types.
pub(super) struct Keys(BTreeMap<String, Kind>);

impl Keys {
    /// The keys of the embedded defaults, and of the modules.
    pub(super) fn new(modules: &ModuleKeys) -> Result<Self, config::ConfigError> {
        let defaults = File::from_str(DEFAULTS, FileFormat::Toml).collect()?;
        let mut keys: BTreeMap<String, Kind> =
            OPTIONAL.iter().map(|key| ((*key).to_owned(), Kind::Text)).chain(modules.keys()).collect();
        for (section, value) in defaults {
            if let ValueKind::Table(entries) = value.kind {
                keys.extend(entries.iter().map(|(key, value)| (format!("{section}.{key}"), Kind::of(value))));
            }
        }
        Ok(Self(keys))
    }

    /// The type of a key, if there is such a key.
    pub(super) fn kind(&self, key: &str) -> Option<Kind> {
        self.0.get(key).copied()
    }

    /// The key that a wrong one was probably meant to be: a similar name in the same section, the same name in
    /// another section, or, where the section is wrong too, a similar key.
    pub(super) fn nearest(&self, wrong: &str) -> Option<&str> {
        let (wrong_section, wrong_name) = wrong.rsplit_once('.').unwrap_or(("", wrong));
        let known = self.has_section(wrong_section);
        let score = |key: &str| {
            let (section, name) = key.rsplit_once('.').unwrap_or(("", key));
            if section == wrong_section {
                strsim::jaro_winkler(wrong_name, name)
            } else if name == wrong_name {
                0.99
            } else if known {
                0.0
            } else {
                strsim::jaro_winkler(wrong, key)
            }
        };
        let best = self.0.keys().map(|key| (score(key), key)).max_by(|a, b| a.0.total_cmp(&b.0))?;
        (best.0 > SIMILAR).then_some(best.1.as_str())
    }

    fn has_section(&self, section: &str) -> bool {
        self.0.keys().any(|key| key.rsplit_once('.').is_some_and(|(known, _)| known == section))
    }

    fn nearest_section(&self, wrong: &str) -> Option<String> {
        let sections = self.0.keys().filter_map(|key| key.rsplit_once('.').map(|(section, _)| section));
        let best =
            sections.map(|key| (strsim::jaro_winkler(wrong, key), key)).max_by(|a, b| a.0.total_cmp(&b.0))?;
        (best.0 > SIMILAR).then(|| format!("[{}]", best.1))
    }

    /// What is wrong with the keys and types of a file.
    pub(super) fn check(&self, place: &str, file: &config::Map<String, Value>) -> Vec<ConfigProblem> {
        let mut problems = Vec::new();
        for (section, value) in &sections(file) {
            match &value.kind {
                kind if section == modules::SECTION && !matches!(kind, ValueKind::Table(_)) => {
                    problems.push(wrong_type(place, "[modules]", Kind::Table, Kind::of(value)));
                }
                _ if !self.has_section(section) => problems.push(self.unknown_section(place, section, value)),
                ValueKind::Table(entries) => self.check_section(place, section, entries, &mut problems),
                _ => problems.push(wrong_type(place, &format!("[{section}]"), Kind::Table, Kind::of(value))),
            }
        }
        problems
    }

    fn check_section(
        &self,
        place: &str,
        section: &str,
        entries: &config::Map<String, Value>,
        problems: &mut Vec<ConfigProblem>,
    ) {
        let mut entries: Vec<_> = entries.iter().collect();
        entries.sort_by_key(|(key, _)| *key);
        for (key, value) in entries {
            let key = format!("{section}.{key}");
            let found = Kind::of(value);
            match self.kind(&key) {
                None => problems.push(ConfigProblem::UnknownKey {
                    place: place.to_owned(),
                    nearest: self.nearest(&key).map(str::to_owned),
                    key,
                }),
                Some(expected) if !expected.takes(found) => {
                    problems.push(wrong_type(place, &key, expected, found));
                }
                Some(_) => {}
            }
        }
    }

    fn unknown_section(&self, place: &str, section: &str, value: &Value) -> ConfigProblem {
        let table = Kind::of(value) == Kind::Table;
        let nearest =
            if table { self.nearest_section(section) } else { self.nearest(section).map(str::to_owned) };
        let key = if table { format!("[{section}]") } else { section.to_owned() };
        ConfigProblem::UnknownKey { place: place.to_owned(), key, nearest }
    }
}

/// The sections of a file in order: its tables, and for `modules` the tables in it.
pub(super) fn sections(file: &config::Map<String, Value>) -> Vec<(String, &Value)> {
    let mut sections: Vec<(String, &Value)> = Vec::new();
    for (section, value) in file {
        match &value.kind {
            ValueKind::Table(tables) if section == modules::SECTION => {
                sections.extend(tables.iter().map(|(module, value)| (format!("{section}.{module}"), value)));
            }
            _ => sections.push((section.clone(), value)),
        }
    }
    sections.sort_by(|one, other| one.0.cmp(&other.0));
    sections
}

pub(super) fn wrong_type(place: &str, key: &str, expected: Kind, found: Kind) -> ConfigProblem {
    ConfigProblem::WrongType {
        place: place.to_owned(),
        key: key.to_owned(),
        expected: expected.name(),
        found: if found == Kind::Fraction { "a fraction" } else { found.name() },
    }
}
