//! What must be true of modules, beyond that their declarations fit together.

use std::collections::{BTreeMap, BTreeSet};

use chrono::DateTime;
use chrono_tz::Tz;
use shoal_graphql::declare::{EntityDeclaration as Declared, RelationTarget};

use super::compose::{Composed, Composition, text_key};
use super::error::ModuleError;
use super::{Access, Language, Manifest, Route};
use crate::file::{ATTACHABLE, update_right};
use crate::job::rules::next_instant;
use crate::timeline::{SOURCE, TIMELINED};

/// Checks every module.
///
/// # Errors
/// The first thing that is wrong, or missing.
pub(super) fn check(composition: &Composition) -> Result<(), ModuleError> {
    composition.check()
}

impl Composition {
    fn check(&self) -> Result<(), ModuleError> {
        let events = self.events();
        self.check_relations()?;
        self.check_attachable()?;
        self.check_timelines()?;
        for module in self.modules() {
            self.check_names(module)?;
            Self::check_texts(module)?;
            Self::check_handlers(module, &events)?;
            Self::check_routes(module)?;
            Self::check_jobs(module)?;
            if let Some(field) = module.settings.with_nested_secret() {
                return Err(ModuleError::NestedSecret { module: module.manifest.id, field });
            }
            if let Some((field, message)) =
                module.settings.check(&module.settings.defaults).into_iter().next()
            {
                let message = message.to_string();
                return Err(ModuleError::Default { module: module.manifest.id, field, message });
            }
        }
        self.check_rights()
    }

    fn check_names(&self, module: &Composed) -> Result<(), ModuleError> {
        let id = module.manifest.id;
        let prefixed = |what, name: &str, separator| {
            if name.strip_prefix(id).is_some_and(|rest| rest.starts_with(separator)) {
                return Ok(());
            }
            Err(ModuleError::Prefix { module: id, what, name: name.to_owned(), separator })
        };
        module.rights.iter().try_for_each(|right| prefixed("a right", right.name, '.'))?;
        module.events.iter().try_for_each(|event| prefixed("an event", event.name, '.'))?;
        let all = self.schemas().all();
        let mut own = all.entities.iter().filter(|entity| entity.declaration.module == id).peekable();
        if own.peek().is_some() && module.module.migrations().is_empty() {
            return Err(ModuleError::NoMigrations(id));
        }
        own.try_for_each(|entity| prefixed("a table", entity.table(), '_'))?;
        if id != crate::MODULE {
            let translations = module.module.translations();
            let keys = Language::ALL.into_iter().flat_map(|language| translations.messages(language));
            keys.into_iter().try_for_each(|key| prefixed("a message", key, '-'))?;
        }
        unique(id, "handlers", module.handlers.iter().map(|handler| handler.name.to_owned()))?;
        module.jobs.iter().try_for_each(|kind| prefixed("a job", kind.name, '.'))?;
        unique(id, "kinds of jobs", module.jobs.iter().map(|kind| kind.name.to_owned()))?;
        module.timeline.iter().try_for_each(|kind| prefixed("a kind on timelines", kind.name, '.'))?;
        unique(id, "kinds on timelines", module.timeline.iter().map(|kind| kind.name.to_owned()))
    }

    fn check_texts(module: &Composed) -> Result<(), ModuleError> {
        let mut keys = vec!["module-title".to_owned(), "module-summary".to_owned()];
        keys.extend(module.rights.iter().map(|right| text_key("right", right.name)));
        keys.extend(module.events.iter().map(|event| text_key("event", event.name)));
        keys.extend(module.jobs.iter().map(|kind| text_key("job", kind.name)));
        keys.extend(module.timeline.iter().map(|kind| text_key("timeline", kind.name)));
        keys.extend(module.settings.names().map(|name| text_key("setting", name)));
        for language in Language::ALL {
            for key in &keys {
                if !module.has_text(language, key) {
                    return Err(ModuleError::MissingText {
                        module: module.manifest.id,
                        language: language.tag(),
                        key: key.clone(),
                    });
                }
            }
        }
        Ok(())
    }

    fn check_handlers(module: &Composed, events: &BTreeMap<String, &'static str>) -> Result<(), ModuleError> {
        let Manifest { id, .. } = module.manifest;
        for handler in &module.handlers {
            for event in handler.events {
                let Some(publisher) = events.get(*event).copied() else {
                    let distance = |known: &&String| strsim::damerau_levenshtein(known, event);
                    let nearest = events.keys().min_by_key(distance).cloned();
                    return Err(ModuleError::UnknownEvent {
                        module: id,
                        handler: handler.name,
                        event,
                        nearest,
                    });
                };
                if !module.names(publisher) {
                    return Err(ModuleError::UnnamedModule {
                        module: id,
                        handler: handler.name,
                        event,
                        publisher,
                    });
                }
            }
        }
        Ok(())
    }

    fn check_routes(module: &Composed) -> Result<(), ModuleError> {
        let id = module.manifest.id;
        for (position, route) in module.routes.iter().enumerate() {
            if let Some(mistake) = route.mistake() {
                return Err(ModuleError::Route { module: id, route: route.to_string(), mistake });
            }
            let public = |route: &Route| route.access == Access::Public;
            let (shape, place) = (route.shape(), public(route));
            // One path has its parameters by one name each, whatever the method.
            let collides = |other: &&Route| {
                (other.shape() == shape && public(other) == place)
                    && (other.method == route.method || other.path != route.path)
            };
            if let Some(other) = module.routes[..position].iter().find(collides) {
                let (route, other) = (route.to_string(), other.to_string());
                return Err(ModuleError::RoutesCollide { module: id, route, other });
            }
        }
        Ok(())
    }

    fn check_jobs(module: &Composed) -> Result<(), ModuleError> {
        let now = DateTime::UNIX_EPOCH;
        for kind in &module.jobs {
            let Some(pattern) = kind.schedule else { continue };
            let mistake = match next_instant(pattern, Tz::UTC, now) {
                Ok(Some(_)) => continue,
                Ok(None) => "there is no such day".to_owned(),
                Err(mistake) => mistake,
            };
            return Err(ModuleError::Schedule {
                module: module.manifest.id,
                job: kind.name,
                pattern,
                mistake,
            });
        }
        Ok(())
    }

    fn check_relations(&self) -> Result<(), ModuleError> {
        let entities = &self.schemas().all().entities;
        for entity in entities {
            for relation in &entity.relations {
                let Some(module) = self.module(relation.module) else { continue };
                // What is in an interface or a union is its own business.
                let target = match relation.declaration.target {
                    RelationTarget::Table(_) => {
                        relation.targets.first().and_then(|index| entities.get(*index))
                    }
                    RelationTarget::Abstract(_) => None,
                };
                let mut sides =
                    [Some(entity), target].into_iter().flatten().map(|side| side.declaration.module);
                if let Some(other) = sides.find(|other| !module.names(other)) {
                    let field = format!("{}.{}", entity.name(), relation.declaration.name);
                    return Err(ModuleError::UnnamedRelation { module: relation.module, field, other });
                }
            }
        }
        Ok(())
    }

    /// Who may attach files to records follows from the rights to them.
    fn check_attachable(&self) -> Result<(), ModuleError> {
        for entity in &self.schemas().all().entities {
            let declared = &entity.declaration;
            let update = || update_right(self, declared.right?);
            let well = || self.record(entity.table()).is_some() && update().is_some();
            if declared.interfaces.contains(&ATTACHABLE) && !well() {
                return Err(ModuleError::Attachable { module: declared.module, entity: declared.name });
            }
        }
        Ok(())
    }

    /// What is not followed has nothing to be told.
    fn check_timelines(&self) -> Result<(), ModuleError> {
        for entity in &self.schemas().all().entities {
            let Declared { module, name, interfaces, .. } = &*entity.declaration;
            let on = |interface: &str| interfaces.contains(&interface);
            if (on(TIMELINED) || on(SOURCE)) && self.record(entity.table()).is_none() {
                return Err(ModuleError::Timeline { module, entity: name });
            }
        }
        Ok(())
    }

    fn check_rights(&self) -> Result<(), ModuleError> {
        let all = self.schemas().all();
        for used in all.rights() {
            if self.right(used.right).is_none() {
                let (module, right, place) = (used.module, used.right.to_owned(), used.place.to_string());
                return Err(ModuleError::UndeclaredRight { module, right, place });
            }
        }
        for kind in self.jobs() {
            if let Some(right) = kind.right.filter(|right| self.right(right).is_none()) {
                let (module, right, place) = (kind.module(), right.to_owned(), format!("job {}", kind.name));
                return Err(ModuleError::UndeclaredRight { module, right, place });
            }
        }
        for module in self.modules() {
            for route in &module.routes {
                if let Access::Right(right) = route.access
                    && self.right(right).is_none()
                {
                    let (module, right) = (module.manifest.id, right.to_owned());
                    let place = format!("route {route}");
                    return Err(ModuleError::UndeclaredRight { module, right, place });
                }
            }
        }
        let owned = |entity: &&shoal_graphql::catalog::Entity| entity.declaration.ownership.is_some();
        let reads: BTreeSet<&str> =
            all.entities.iter().filter(owned).filter_map(|entity| entity.declaration.right).collect();
        for right in reads {
            if let Some((module, _)) = self.right(right).filter(|(_, declared)| !declared.scoped) {
                let module = module.manifest.id;
                return Err(ModuleError::Scopes { module, right: right.to_owned() });
            }
        }
        for entity in &all.entities {
            let declared = &entity.declaration;
            let whose = declared.ownership.is_some() || !declared.visible_with.is_empty();
            let right = declared.right.and_then(|right| self.right(right)).map(|(_, declared)| declared);
            if let Some(right) = right.filter(|right| right.scoped && !whose) {
                let (module, entity, right) = (declared.module, entity.name().to_owned(), right.name);
                return Err(ModuleError::Ownerless { module, entity, right });
            }
        }
        Ok(())
    }
}

impl Composed {
    /// Whether it may use what this module declares: it is its own or the kernel's, or the manifest names it.
    fn names(&self, other: &str) -> bool {
        let Manifest { id, requires, integrates, .. } = self.manifest;
        other == id || other == crate::MODULE || requires.contains(&other) || integrates.contains(&other)
    }
}

fn unique(
    module: &'static str,
    what: &'static str,
    names: impl Iterator<Item = String>,
) -> Result<(), ModuleError> {
    let mut seen = BTreeSet::new();
    for name in names {
        if !seen.insert(name.clone()) {
            return Err(ModuleError::NameTwice { module, what, name });
        }
    }
    Ok(())
}
