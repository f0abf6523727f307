//! The list of modules of a program, and the checked whole that is made of it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use serde_json::Value as Json;
use shoal_graphql::compose::{Compositions, ModuleSet};
use shoal_graphql::declare::Registry;
use shoal_migrations::ModuleMigrations;

use super::error::ModuleError;
use super::translations::Texts;
use super::{
    EventDeclaration, EventHandler, Installed, Language, Manifest, Module, Right, Route, SettingsSchema,
};
use crate::import::ImportKind;
use crate::job::JobKind;
use crate::record::RecordType;
use crate::search::{self, Source};
use crate::timeline::TimelineKind;

/// The modules that a program is made of. The kernel is always one of them.
pub struct Modules(Vec<Arc<dyn Module>>);

impl Default for Modules {
    fn default() -> Self {
        Self::new()
    }
}

impl Modules {
    /// The kernel alone.
    pub fn new() -> Self {
        Self(vec![Arc::new(crate::Core)])
    }

    /// One more module.
    #[must_use]
    pub fn with(mut self, module: impl Module) -> Self {
        self.0.push(Arc::new(module));
        self
    }

    /// Checks that all of it fits together.
    ///
    /// # Errors
    /// The first thing that does not fit, or is missing.
    pub fn compose(self) -> Result<Composition, ModuleError> {
        let ordered = in_order(self.0)?;
        let mut registry = Registry::default();
        let mut modules = Vec::with_capacity(ordered.len());
        for module in ordered {
            let id = module.manifest().id;
            module.declare(&mut registry.module(id));
            modules.push(Composed::read(module)?);
        }
        let schemas = Arc::new(Compositions::new(registry)?);
        let composition = Composition::of(modules, schemas)?;
        super::check::check(&composition)?;
        Ok(composition)
    }
}

/// A module with what it declared, read once.
pub struct Composed {
    /// What it is called and what it builds on.
    pub manifest: Manifest,
    /// The module itself.
    pub module: Arc<dyn Module>,
    /// What a company may set in it.
    pub settings: SettingsSchema,
    /// Its rights.
    pub rights: Vec<Right>,
    /// The events it publishes beside those of its records.
    pub events: Vec<EventDeclaration>,
    /// What it does when something happens.
    pub handlers: Vec<EventHandler>,
    /// Its pages.
    pub routes: Vec<Route>,
    /// What it does later, or again and again.
    pub jobs: Vec<JobKind>,
    /// Its records that can be imported.
    pub imports: Vec<ImportKind>,
    /// What it tells on timelines.
    pub timeline: Vec<TimelineKind>,
    pub(super) texts: Texts,
}

impl Composed {
    fn read(module: Arc<dyn Module>) -> Result<Self, ModuleError> {
        let manifest = module.manifest();
        let texts = Texts::read(&module.translations()).map_err(|(language, message)| {
            ModuleError::Texts { module: manifest.id, language: language.tag(), message }
        })?;
        Ok(Self {
            manifest,
            settings: module.settings(),
            rights: module.rights(),
            events: module.events(),
            handlers: module.handlers(),
            routes: module.routes(),
            jobs: module.jobs(),
            imports: module.imports(),
            timeline: module.timeline(),
            texts,
            module,
        })
    }

    /// Whether the module has a text for a key in this language.
    pub(super) fn has_text(&self, language: Language, key: &str) -> bool {
        self.texts.get(language, key, None).is_some()
    }

    /// The module's title.
    pub fn title(&self, language: Language) -> String {
        self.text(language, "module-title")
    }
}

/// The key of a text about something with dots in its name.
pub(crate) fn text_key(kind: &str, name: &str) -> String {
    format!("{kind}-{}", name.replace('.', "-"))
}

/// All modules of a program, checked, in an order in which each stands behind those it requires.
pub struct Composition {
    modules: Vec<Composed>,
    positions: HashMap<&'static str, usize>,
    schemas: Arc<Compositions>,
    rights: BTreeMap<&'static str, (usize, Right)>,
    records: HashMap<String, RecordType>,
    search_sources: BTreeMap<String, Source>,
}

impl Composition {
    fn of(modules: Vec<Composed>, schemas: Arc<Compositions>) -> Result<Self, ModuleError> {
        let positions =
            modules.iter().enumerate().map(|(index, module)| (module.manifest.id, index)).collect();
        let mut rights = BTreeMap::new();
        for (index, module) in modules.iter().enumerate() {
            for right in &module.rights {
                if rights.insert(right.name, (index, *right)).is_some() {
                    return Err(ModuleError::RightTwice { module: module.manifest.id, right: right.name });
                }
            }
        }
        let all = schemas.all();
        let records = all
            .entities
            .iter()
            .filter_map(RecordType::of)
            .map(|record| (record.table.clone(), record))
            .collect();
        let search_sources = search::sources(&all);
        Ok(Self { modules, positions, schemas, rights, records, search_sources })
    }

    /// The modules, each behind those it requires; the kernel is the first.
    pub fn modules(&self) -> &[Composed] {
        &self.modules
    }

    /// A module by its name.
    pub fn module(&self, id: &str) -> Option<&Composed> {
        self.positions.get(id).and_then(|index| self.modules.get(*index))
    }

    /// The modules that can be switched on and off: all but the kernel.
    pub fn optional(&self) -> impl Iterator<Item = &Composed> {
        self.modules.iter().skip(1)
    }

    /// Modules that cannot be enabled without this one, directly or through others, in order.
    pub fn dependents(&self, id: &str) -> Vec<&'static str> {
        let mut found: Vec<&'static str> = Vec::new();
        for module in &self.modules {
            let needs = |required: &&str| *required == id || found.contains(required);
            if module.manifest.requires.iter().any(needs) {
                found.push(module.manifest.id);
            }
        }
        found
    }

    /// Modules without which this one cannot be enabled, directly or through others, in order.
    pub fn requirements(&self, id: &str) -> Vec<&'static str> {
        let others = self.modules.iter().map(|module| module.manifest.id);
        others.filter(|other| self.dependents(other).contains(&id)).collect()
    }

    /// The schemas of sets of modules.
    pub fn schemas(&self) -> &Arc<Compositions> {
        &self.schemas
    }

    /// The set of these modules, with the kernel.
    pub fn set(&self, enabled: impl Fn(&str) -> bool) -> ModuleSet {
        let kernel = crate::MODULE;
        self.modules
            .iter()
            .map(|module| module.manifest.id)
            .filter(|id| *id == kernel || enabled(id))
            .collect()
    }

    /// A right by its name, and the module that declares it.
    pub fn right(&self, name: &str) -> Option<(&Composed, Right)> {
        self.rights.get(name).map(|(module, right)| (&self.modules[*module], *right))
    }

    /// Every right, by name.
    pub fn rights(&self) -> impl Iterator<Item = (&Composed, Right)> {
        self.rights.values().map(|(module, right)| (&self.modules[*module], *right))
    }

    /// A kind of jobs by its name.
    pub fn job(&self, name: &str) -> Option<&JobKind> {
        self.module(name.split_once('.')?.0)?.jobs.iter().find(|kind| kind.name == name)
    }

    /// The module that tells this kind on timelines.
    pub fn timeline_kind(&self, name: &str) -> Option<&Composed> {
        let module = self.module(name.split_once('.')?.0)?;
        module.timeline.iter().any(|kind| kind.name == name).then_some(module)
    }

    /// Every kind of jobs.
    pub fn jobs(&self) -> impl Iterator<Item = &JobKind> {
        self.modules.iter().flat_map(|module| &module.jobs)
    }

    /// Every kind of records that can be imported, with its module.
    pub fn imports(&self) -> impl Iterator<Item = (&'static str, &ImportKind)> {
        let of = |module: &'_ Composed| module.manifest.id;
        self.modules.iter().flat_map(move |module| module.imports.iter().map(move |kind| (of(module), kind)))
    }

    /// What is known of the records of a table; `None` if the table has none that are followed.
    pub fn record(&self, table: &str) -> Option<&RecordType> {
        self.records.get(table)
    }

    /// The tables whose rows make search terms, by their names.
    pub fn search_sources(&self) -> &BTreeMap<String, Source> {
        &self.search_sources
    }

    /// Every kind of record that is followed by audit and events.
    pub fn records(&self) -> impl Iterator<Item = &RecordType> {
        self.records.values()
    }

    /// What holds in each module where a company sets nothing.
    pub fn settings(&self, installed: &Installed) -> HashMap<&'static str, Json> {
        let settings = self.modules.iter().map(|module| {
            let mut values = module.settings.defaults.clone();
            if let (Some(values), Some(set)) = (values.as_object_mut(), installed.of(module.manifest.id)) {
                values.extend(set.clone());
            }
            (module.manifest.id, values)
        });
        settings.collect()
    }

    /// The migrations of all modules.
    pub fn migrations(&self) -> Vec<ModuleMigrations> {
        let list = |module: &Composed| {
            let source = Arc::clone(&module.module);
            ModuleMigrations { module: module.manifest.id, list: Arc::new(move || source.migrations()) }
        };
        self.modules.iter().map(list).collect()
    }

    /// Every event that any module publishes, with the module.
    pub fn events(&self) -> BTreeMap<String, &'static str> {
        let records =
            self.records.values().flat_map(|record| record.events().map(|name| (name, record.module)));
        let declared = self
            .modules
            .iter()
            .flat_map(|module| module.events.iter().map(|event| (event.name.to_owned(), module.manifest.id)));
        records.chain(declared).collect()
    }
}

/// Each module behind those it requires; otherwise in the order of the list.
fn in_order(modules: Vec<Arc<dyn Module>>) -> Result<Vec<Arc<dyn Module>>, ModuleError> {
    let manifests: Vec<Manifest> = modules.iter().map(|module| module.manifest()).collect();
    let mut known = BTreeSet::new();
    for manifest in &manifests {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        let begins = manifest.id.starts_with(|first: char| first.is_ascii_lowercase());
        if !begins || !manifest.id.bytes().all(plain) {
            return Err(ModuleError::Name(manifest.id));
        }
        if !known.insert(manifest.id) {
            return Err(ModuleError::Twice(manifest.id));
        }
    }
    for Manifest { id: module, .. } in &manifests {
        let begins = |other: &str| module.strip_prefix(other).is_some_and(|rest| rest.starts_with('_'));
        if let Some(Manifest { id: other, .. }) = manifests.iter().find(|other| begins(other.id)) {
            return Err(ModuleError::Within { module, other });
        }
    }
    for manifest in &manifests {
        if let Some(missing) = manifest.requires.iter().find(|required| !known.contains(*required)) {
            return Err(ModuleError::Missing { module: manifest.id, missing });
        }
    }
    let mut waiting: Vec<Arc<dyn Module>> = modules;
    let (mut ordered, mut done) = (Vec::with_capacity(waiting.len()), BTreeSet::new());
    while !waiting.is_empty() {
        let ready = |module: &Arc<dyn Module>| module.manifest().requires.iter().all(|id| done.contains(id));
        let Some(next) = waiting.iter().position(ready) else {
            return Err(ModuleError::Circle(waiting.iter().map(|module| module.manifest().id).collect()));
        };
        let module = waiting.remove(next);
        done.insert(module.manifest().id);
        ordered.push(module);
    }
    Ok(ordered)
}
