//! The statements of a request with their values: what pgbench is to run.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::NaiveDate;
use sea_orm::{Statement, Value};
use serde_json::Value as Json;
use shoal_core::clock::{Clock as _, System};
use shoal_core::database::Database;
use shoal_graphql::catalog::{Catalog, Entity};
use shoal_graphql::context::{Context, Predicate, RightSet};
use shoal_graphql::database::Reader;
use shoal_graphql::engine::{Engine, Limits};
use shoal_graphql::request::Request;

use crate::data::TENANT;

/// An engine over a database whose statements are noted.
pub struct Capture {
    engine: Engine,
    context: Arc<dyn Context>,
    noted: Arc<Mutex<Vec<Statement>>>,
}

/// A request of the first tenant, as the kernel would have it.
struct Surroundings {
    reader: Reader,
    rights: RightSet,
}

impl Context for Surroundings {
    fn reader(&self) -> &Reader {
        &self.reader
    }

    fn partition(&self) -> Value {
        TENANT.into()
    }

    fn rights(&self) -> &RightSet {
        &self.rights
    }

    fn predicate(&self, _: &Entity) -> Predicate {
        Predicate::All
    }

    fn today(&self) -> NaiveDate {
        System.now().date_naive()
    }
}

impl Capture {
    /// Over a database.
    pub fn new(catalog: Arc<Catalog>, database: &Database) -> Self {
        let noted = Arc::new(Mutex::new(Vec::new()));
        let mut connection = database.reader().connection().clone();
        let in_callback = Arc::clone(&noted);
        connection.set_metric_callback(move |info| {
            in_callback.lock().unwrap_or_else(PoisonError::into_inner).push(info.statement.clone());
        });
        let context = Arc::new(Surroundings { reader: Reader::new(connection), rights: RightSet::all() });
        Self {
            engine: Engine::with_catalog(catalog, Limits::default(), shoal_core::text_rules()),
            context,
            noted,
        }
    }

    /// The statements of one query.
    pub async fn statements(&self, document: &str, variables: &Json) -> Vec<Statement> {
        let variables = variables.as_object().cloned();
        let request = Request { query: document.to_owned(), variables, ..Request::default() };
        self.engine.execute(&request, &self.context).await;
        std::mem::take(&mut *self.noted.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
