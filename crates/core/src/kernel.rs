//! What all requests of a process share.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::Value as Json;
use tokio::sync::OnceCell;

use crate::clock::{Clock, Ids, Randomness, System};
use crate::database::Database;
use crate::file::Files;
use crate::module::{Composition, Installed};
use crate::outbox::Signal;
use crate::sign_in::password::Passwords;
use crate::sign_in::secret::Secret;
use crate::tenancy::Tenants;

/// The modules over a database, with clock, ids and randomness. One for each process.
pub struct Kernel {
    /// The database.
    pub database: Database,
    /// The modules.
    pub modules: Arc<Composition>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where new ids come from.
    pub ids: Arc<dyn Ids>,
    /// Where secrets come from.
    pub randomness: Arc<dyn Randomness>,
    /// Where the bytes of files are.
    pub files: Files,
    /// What the installation sets in its modules.
    pub(crate) installed: Installed,
    /// What holds in each module where a company sets nothing.
    pub(crate) settings: Arc<HashMap<&'static str, Json>>,
    /// Companies and callers that were met lately.
    pub(crate) tenants: Tenants,
    /// Where passwords are worked on.
    pub(crate) passwords: Passwords,
    /// The installation's secret, once it was read.
    pub(crate) secret: OnceCell<Secret>,
    /// Woken when there are new events.
    pub(crate) signal: Signal,
    /// Woken when events have got their numbers.
    pub(crate) numbered: Signal,
    /// Woken when there are new jobs.
    pub(crate) jobs: Signal,
}

impl Kernel {
    /// A kernel with the machine's clock, ids and randomness.
    pub fn new(database: Database, modules: impl Into<Arc<Composition>>) -> Arc<Self> {
        Self::with_sources(database, modules, Sources::default())
    }

    /// A kernel with a clock, ids and randomness of one's own.
    pub fn with_sources(
        database: Database,
        modules: impl Into<Arc<Composition>>,
        sources: Sources,
    ) -> Arc<Self> {
        let modules = modules.into();
        let Sources { clock, ids, randomness, files, installed } = sources;
        let settings = Arc::new(modules.settings(&installed));
        Arc::new(Self {
            database,
            modules,
            clock,
            ids,
            randomness,
            files,
            installed,
            settings,
            tenants: Tenants::default(),
            passwords: Passwords::default(),
            secret: OnceCell::default(),
            signal: Signal::default(),
            numbered: Signal::default(),
            jobs: Signal::default(),
        })
    }

    /// Woken when events of this process have got their numbers. Those of other processes have to be looked for.
    pub fn numbered(&self) -> &Signal {
        &self.numbered
    }
}

impl std::fmt::Debug for Kernel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Kernel").field("database", &self.database).finish_non_exhaustive()
    }
}

/// What comes from outside: so that tests are exact, and as the installation has set it.
#[derive(Debug, Clone)]
pub struct Sources {
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where new ids come from.
    pub ids: Arc<dyn Ids>,
    /// Where secrets come from.
    pub randomness: Arc<dyn Randomness>,
    /// Where the bytes of files are; in memory if nothing is said.
    pub files: Files,
    /// What the installation sets in its modules.
    pub installed: Installed,
}

impl Default for Sources {
    fn default() -> Self {
        Self {
            clock: Arc::new(System),
            ids: Arc::new(System),
            randomness: Arc::new(System),
            files: Files::default(),
            installed: Installed::default(),
        }
    }
}
