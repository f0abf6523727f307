//! The catalogues of sets of modules.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use super::{ComposeError, compose, cut, part};
use crate::catalog::Catalog;
use crate::declare::Registry;
use crate::recent::Recent;

/// At most this many sets are remembered.
const MOST_SETS: usize = 64;

/// Names of modules. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct ModuleSet(Arc<BTreeSet<&'static str>>);

impl ModuleSet {
    /// True if the module is in the set.
    pub fn contains(&self, module: &str) -> bool {
        self.0.contains(module)
    }

    /// The names, in their order.
    pub fn iter(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().copied()
    }

    /// The same set without this module.
    #[must_use]
    pub fn without(&self, module: &str) -> Self {
        self.iter().filter(|known| *known != module).collect()
    }
}

impl FromIterator<&'static str> for ModuleSet {
    fn from_iter<I: IntoIterator<Item = &'static str>>(modules: I) -> Self {
        Self(Arc::new(modules.into_iter().collect()))
    }
}

/// Everything that is declared, and the catalogue of each set of modules. What a set does not have is silently absent
/// from its catalogue, with what hangs on it: extensions of absent entities, relations to them, their places in unions
/// and interfaces, unions that nobody is left in.
pub struct Compositions {
    registry: Registry,
    modules: ModuleSet,
    all: Arc<Catalog>,
    /// The catalogue of no module, which can be made for sure.
    none: Arc<Catalog>,
    sets: Recent<ModuleSet, Arc<Catalog>>,
}

impl Compositions {
    /// Composes everything, so that whatever does not fit is found, between any two modules.
    ///
    /// # Errors
    /// The first declaration that does not fit, with the modules on both sides.
    pub fn new(registry: Registry) -> Result<Self, ComposeError> {
        let modules: ModuleSet = registry.modules.iter().copied().collect();
        let none = Arc::new(part(cut::to_modules(&registry, &ModuleSet::default()))?);
        let all = Arc::new(compose(registry.clone())?);
        Ok(Self { registry, modules, all, none, sets: Recent::new(MOST_SETS) })
    }

    /// Every module that declares something.
    pub fn modules(&self) -> &ModuleSet {
        &self.modules
    }

    /// The catalogue of all modules.
    pub fn all(&self) -> Arc<Catalog> {
        Arc::clone(&self.all)
    }

    /// The catalogue of these modules and no others, made when it is first asked for. Names that no module has are
    /// passed over.
    pub fn catalog(&self, modules: &ModuleSet) -> Arc<Catalog> {
        let known: ModuleSet = modules.iter().filter(|module| self.modules.contains(module)).collect();
        if known == self.modules {
            return self.all();
        }
        self.sets.get(&known, |known| {
            part(cut::to_modules(&self.registry, known)).map_or_else(
                |error| {
                    // The whole fits, and a part has nothing that the whole has not. Should it happen all the same, these
                    // modules are as switched off, and the others go on.
                    tracing::error!(%error, modules = ?known, "a set of modules does not compose");
                    Arc::clone(&self.none)
                },
                Arc::new,
            )
        })
    }
}

impl fmt::Debug for Compositions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Compositions").field("modules", &self.modules).finish_non_exhaustive()
    }
}
