//! Puts the layers together.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use config::builder::{ConfigBuilder, DefaultState};
use config::{File, FileFormat, Source, ValueKind};
use shoal_core::module::Composition;

use super::Config;
use super::error::{ConfigError, ConfigProblem};
use super::layers::{DEFAULTS, Keys, Kind, sections, wrong_type};
use super::modules::{self, ModuleKeys};

/// What variables of settings begin with.
const PREFIX: &str = "SHOAL__";
/// Where variables are said to come from.
const ENVIRONMENT: &str = "environment";

/// Where to look for the configuration.
#[derive(Debug, Clone)]
pub struct Loader {
    directory: PathBuf,
    environment: String,
    variables: BTreeMap<String, String>,
    modules: ModuleKeys,
}

/// A configuration and where it came from.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The effective values.
    pub config: Config,
    /// The name of the environment, such as `development`.
    pub environment: String,
    /// The layers that were found, weakest first.
    pub sources: Vec<String>,
}

impl Loader {
    /// Looks where this process says: `SHOAL_CONFIG_DIR`, `SHOAL_ENV` and its `SHOAL__…` variables.
    pub fn from_process() -> Self {
        // Variables that are not UTF-8 are none of ours.
        let variables = std::env::vars_os();
        Self::new(
            variables.filter_map(|(key, value)| Some((key.into_string().ok()?, value.into_string().ok()?))),
        )
    }

    /// Looks where `variables` say, instead of those of the process.
    pub fn new(variables: impl IntoIterator<Item = (String, String)>) -> Self {
        let variables: BTreeMap<_, _> =
            variables.into_iter().filter(|(key, _)| key.starts_with("SHOAL_")).collect();
        let get = |key: &str, default: &str| variables.get(key).map_or(default, String::as_str).to_owned();
        Self {
            directory: get("SHOAL_CONFIG_DIR", "config").into(),
            environment: get("SHOAL_ENV", "development"),
            variables,
            modules: ModuleKeys::default(),
        }
    }

    /// Knows the settings of these modules, too.
    #[must_use]
    pub fn with_modules(self, modules: &Composition) -> Self {
        Self { modules: ModuleKeys::of(modules), ..self }
    }

    /// Reads and checks all layers.
    ///
    /// # Errors
    /// Everything that is wrong with keys and types, or else everything that is wrong with values.
    pub fn load(&self) -> Result<Loaded, ConfigError> {
        let plain =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_');
        if self.environment.is_empty() || !self.environment.bytes().all(plain) {
            return Err(ConfigProblem::WrongEnvironment.into());
        }
        let mut layers = Layers::new(&self.modules).map_err(|error| unreadable("default.toml", &error))?;
        for name in [self.environment.as_str(), "local"] {
            let path = self.directory.join(format!("{name}.toml"));
            if path.exists() {
                layers.add_file(&path);
            }
        }
        for (variable, text) in self.variables.range(PREFIX.to_owned()..) {
            let Some(path) = variable.strip_prefix(PREFIX) else { break };
            layers.add_variable(variable, &path.to_ascii_lowercase().replace("__", "."), text);
        }
        let (config, sources) = layers.finish(&self.modules)?;
        Ok(Loaded { config, environment: self.environment.clone(), sources })
    }
}

/// The layers so far, and what is wrong with them.
struct Layers {
    keys: Keys,
    builder: ConfigBuilder<DefaultState>,
    sources: Vec<String>,
    /// The strongest layer that sets a key.
    places: BTreeMap<String, String>,
    problems: Vec<ConfigProblem>,
}

impl Layers {
    fn new(modules: &ModuleKeys) -> Result<Self, config::ConfigError> {
        Ok(Self {
            keys: Keys::new(modules)?,
            builder: config::Config::builder().add_source(File::from_str(DEFAULTS, FileFormat::Toml)),
            sources: vec!["defaults".to_owned()],
            places: BTreeMap::new(),
            problems: Vec::new(),
        })
    }

    fn add_file(&mut self, path: &Path) {
        let place = path.display().to_string();
        let file = File::from(path).format(FileFormat::Toml);
        let values = match file.collect() {
            Ok(values) => values,
            Err(error) => return self.problems.push(unreadable(&place, &error)),
        };
        self.problems.extend(self.keys.check(&place, &values));
        for (section, value) in sections(&values) {
            if let ValueKind::Table(entries) = &value.kind {
                self.places.extend(entries.keys().map(|key| (format!("{section}.{key}"), place.clone())));
            }
        }
        self.builder = std::mem::take(&mut self.builder).add_source(file);
        self.sources.push(place);
    }

    fn add_variable(&mut self, variable: &str, key: &str, text: &str) {
        let value = match typed(&self.keys, variable, key, text) {
            Ok(value) => value,
            Err(problem) => return self.problems.push(problem),
        };
        match std::mem::take(&mut self.builder).set_override(key, value) {
            Ok(builder) => self.builder = builder,
            Err(error) => self.problems.push(unreadable(variable, &error)),
        }
        self.places.insert(key.to_owned(), ENVIRONMENT.to_owned());
        self.sources.push(variable.to_owned());
    }

    /// Builds the configuration. Only what the types of TOML cannot say is still to be found.
    fn finish(mut self, modules: &ModuleKeys) -> Result<(Config, Vec<String>), ConfigError> {
        if !self.problems.is_empty() {
            return Err(ConfigError { problems: self.problems });
        }
        let built =
            std::mem::take(&mut self.builder).build().and_then(config::Config::try_deserialize::<Config>);
        let mut config = built.map_err(|error| {
            let (key, message) = describe(&error);
            self.wrong_value(&key, format!("cannot be used: {message}"))
        })?;
        let findings = config.findings().into_iter().map(|(key, message)| (key.to_owned(), message));
        let findings: Vec<_> = findings.chain(modules.take(&mut config.modules)).collect();
        let problems: Vec<_> =
            findings.into_iter().map(|(key, message)| self.wrong_value(&key, message)).collect();
        if problems.is_empty() { Ok((config, self.sources)) } else { Err(ConfigError { problems }) }
    }

    fn wrong_value(&self, key: &str, message: String) -> ConfigProblem {
        let place = self.places.get(key).map_or("defaults", String::as_str).to_owned();
        let key = if place == ENVIRONMENT { variable_of(key) } else { key.to_owned() };
        ConfigProblem::WrongValue { place, key, message }
    }
}

/// The text of a variable as a value of the key's type.
fn typed(keys: &Keys, variable: &str, key: &str, text: &str) -> Result<ValueKind, ConfigProblem> {
    let Some(kind) = keys.kind(key) else {
        return Err(ConfigProblem::UnknownKey {
            place: ENVIRONMENT.to_owned(),
            key: variable.to_owned(),
            nearest: keys.nearest(key).map(variable_of),
        });
    };
    let value = match kind {
        Kind::Boolean => text.parse::<bool>().ok().map(Into::into),
        Kind::Integer => text.replace('_', "").parse::<i64>().ok().map(Into::into),
        Kind::Fraction => text.parse::<f64>().ok().filter(|number| number.is_finite()).map(Into::into),
        // Lists of the gateway itself are written with commas.
        Kind::List | Kind::Table if modules::is_key(key) => {
            let value = serde_json::from_str::<config::Value>(text).ok();
            value.filter(|value| Kind::of(value) == kind).map(|value| value.kind)
        }
        _ => Some(text.into()),
    };
    value.ok_or_else(|| wrong_type(ENVIRONMENT, variable, kind, Kind::Text))
}

fn variable_of(key: &str) -> String {
    format!("{PREFIX}{}", key.to_ascii_uppercase().replace('.', "__"))
}

/// The key and the text of an error of the last step: a number out of range, an address that is none.
fn describe(error: &config::ConfigError) -> (String, String) {
    match error {
        config::ConfigError::At { error, key, .. } => {
            let (inner, message) = describe(error);
            (key.clone().unwrap_or(inner), message)
        }
        config::ConfigError::Type { unexpected, expected, key, .. } => {
            (key.clone().unwrap_or_default(), format!("{unexpected} is not {expected}"))
        }
        other => (String::new(), other.to_string()),
    }
}

/// The parser shows the line that it stumbles over. That line may hold a password, so that it is left out.
fn unreadable(place: &str, error: &config::ConfigError) -> ConfigProblem {
    let text = match error {
        config::ConfigError::FileParse { cause, .. } => cause.to_string(),
        other => other.to_string(),
    };
    let shown =
        |line: &&str| !line.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ').starts_with('|');
    let message = text.lines().filter(shown).collect::<Vec<_>>().join("; ");
    ConfigProblem::Unreadable { place: place.to_owned(), message }
}
