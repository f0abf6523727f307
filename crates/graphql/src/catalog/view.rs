//! The schema as callers see it, cut to their rights.

use std::sync::Arc;

use apollo_compiler::collections::HashMap as ApolloMap;
use apollo_compiler::schema::Implementers;
use apollo_compiler::validation::Valid;
use apollo_compiler::{Name, Schema};

use super::Catalog;
use crate::compose;
use crate::context::RightSet;
use crate::declare::Registry;
use crate::recent::Recent;

/// At most this many views are remembered.
const MOST_VIEWS: usize = 32;

pub(crate) type Implemented = ApolloMap<Name, Implementers>;

/// A schema in its forms.
#[derive(Clone)]
pub(crate) struct View {
    pub schema: Arc<Valid<Schema>>,
    pub implementers: Arc<Implemented>,
    pub sdl: Arc<str>,
}

/// The views that were asked for last.
pub(crate) struct Views {
    /// Every right that the catalogue names, once.
    rights: Vec<&'static str>,
    /// By which of the rights the caller holds: others make no difference.
    recent: Recent<Vec<bool>, View>,
}

impl Views {
    pub(crate) fn new(registry: &Registry) -> Self {
        let mut rights: Vec<_> = super::rights::uses(registry).into_iter().map(|used| used.right).collect();
        rights.sort_unstable();
        rights.dedup();
        Self { rights, recent: Recent::new(MOST_VIEWS) }
    }
}

impl Catalog {
    /// The schema as a caller with these rights may use it.
    pub(crate) fn view(&self, rights: &RightSet) -> View {
        let held: Vec<bool> = self.views.rights.iter().map(|right| rights.holds(right)).collect();
        if held.iter().all(|held| *held) {
            return View {
                schema: Arc::clone(&self.schema),
                implementers: Arc::clone(&self.implementers),
                sdl: self.sdl(),
            };
        }
        self.views.recent.get(&held, |_| {
            compose::view(&self.registry, rights).unwrap_or_else(|error| {
                // A part has nothing that the whole has not. Should it happen all the same, nothing is told.
                tracing::error!(%error, ?rights, "the schema cannot be cut to rights");
                View {
                    schema: Arc::new(Valid::assume_valid(Schema::new())),
                    implementers: Arc::default(),
                    sdl: Arc::from(""),
                }
            })
        })
    }
}
