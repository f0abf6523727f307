//! Words for people, in the three languages of Shoal.

use std::collections::BTreeMap;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use shoal_graphql::message::{Inserted, Message};

use super::compose::{Composed, Composition, text_key};

shoal_graphql::choices! {
    /// A language that Shoal speaks.
    pub enum Language {
        /// English.
        English => "en",
        /// Simplified Chinese.
        Chinese => "zh-CN",
        /// Russian.
        Russian => "ru",
    }
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::English, Self::Chinese, Self::Russian];

    /// The language nearest to a tag such as `zh-Hans-SG`, or to one of a list as browsers send it; English otherwise.
    pub fn nearest(tags: &str) -> Self {
        let mut tags = tags.split(',').map(|tag| tag.split(';').next().unwrap_or_default().trim());
        tags.find_map(|tag| {
            let language = tag.split(['-', '_']).next().unwrap_or_default();
            match language.to_ascii_lowercase().as_str() {
                "en" => Some(Self::English),
                "zh" => Some(Self::Chinese),
                "ru" => Some(Self::Russian),
                _ => None,
            }
        })
        .unwrap_or(Self::English)
    }

    /// Its tag.
    pub fn tag(self) -> &'static str {
        use shoal_graphql::value::Choice as _;
        self.code()
    }
}

/// The texts of a module: a Fluent file for each language. The keys are
/// `module-title`, `module-summary`, `right-<name with - for .>`, `setting-<name>`, `event-<name with - for .>` and
/// `job-<name with - for .>`,
/// beside whatever the module itself asks for. `error-<key>` has the words of the [`Message`] with that key; its English
/// is in the code.
#[derive(Debug, Clone, Copy)]
pub struct Translations {
    /// English.
    pub en: &'static str,
    /// Simplified Chinese.
    pub zh_cn: &'static str,
    /// Russian.
    pub ru: &'static str,
}

impl Translations {
    fn source(&self, language: Language) -> &'static str {
        match language {
            Language::English => self.en,
            Language::Chinese => self.zh_cn,
            Language::Russian => self.ru,
        }
    }

    /// The keys of the messages for which there are words in this language.
    pub(super) fn messages(&self, language: Language) -> impl Iterator<Item = &'static str> {
        // In Fluent, keys stand at the beginning of a line, and nothing else does with an equals sign behind it.
        let entries = self.source(language).lines().filter_map(|line| line.split_once('='));
        entries.filter_map(|(key, _)| key.trim_end().strip_prefix("error-"))
    }
}

/// The texts of one module, read.
pub(crate) struct Texts(BTreeMap<&'static str, FluentBundle<FluentResource>>);

impl Texts {
    /// Reads the files.
    ///
    /// # Errors
    /// The language and the first mistake in its file.
    pub(crate) fn read(translations: &Translations) -> Result<Self, (Language, String)> {
        let mut bundles = BTreeMap::new();
        for language in Language::ALL {
            let source = translations.source(language).to_owned();
            let resource = FluentResource::try_new(source).map_err(|(_, errors)| {
                (language, errors.first().map(ToString::to_string).unwrap_or_default())
            })?;
            let tag = language.tag().parse().map_err(|error| (language, format!("{error}")))?;
            let mut bundle = FluentBundle::new_concurrent(vec![tag]);
            // Marks around inserted words are for texts of mixed direction; they would stand in e-mails and files.
            bundle.set_use_isolating(false);
            bundle
                .add_resource(resource)
                .map_err(|errors| (language, errors.first().map(ToString::to_string).unwrap_or_default()))?;
            bundles.insert(language.tag(), bundle);
        }
        Ok(Self(bundles))
    }

    /// The text of a key.
    pub(crate) fn get(
        &self,
        language: Language,
        key: &str,
        arguments: Option<&FluentArgs<'_>>,
    ) -> Option<String> {
        let bundle = self.0.get(language.tag())?;
        let pattern = bundle.get_message(key)?.value()?;
        let mut errors = Vec::new();
        let text = bundle.format_pattern(pattern, arguments, &mut errors);
        errors.is_empty().then(|| text.into_owned())
    }
}

impl Composed {
    /// The module's text for a key in this language; the key itself if there is none.
    pub fn text(&self, language: Language, key: &str) -> String {
        self.texts.get(language, key, None).unwrap_or_else(|| key.to_owned())
    }

    /// The module's text for a key in this language, with what is inserted: names and values; the key itself if there is
    /// no such text.
    pub fn text_with(&self, language: Language, key: &str, inserted: &[(&str, &str)]) -> String {
        let arguments: FluentArgs<'_> = inserted.iter().copied().collect();
        self.texts.get(language, key, Some(&arguments)).unwrap_or_else(|| key.to_owned())
    }
}

impl Composition {
    /// A message in this language, by the texts of all modules; `None` if it is told in English.
    pub fn words(&self, language: Language, message: &Message) -> Option<String> {
        if language == Language::English {
            return None;
        }
        let key = text_key("error", message.key()?);
        let inserted = message.inserted().iter().map(|(name, value)| (*name, self.inserted(language, value)));
        let arguments: FluentArgs<'_> = inserted.collect();
        self.modules().iter().find_map(|module| module.texts.get(language, &key, Some(&arguments)))
    }

    fn inserted<'v>(&self, language: Language, value: &'v Inserted) -> FluentValue<'v> {
        match value {
            Inserted::Number(number) => FluentValue::from(*number),
            Inserted::Text(text) => FluentValue::from(text.as_str()),
            Inserted::Message(message) => match self.words(language, message) {
                Some(words) => FluentValue::from(words),
                None => FluentValue::from(message.text()),
            },
        }
    }
}
