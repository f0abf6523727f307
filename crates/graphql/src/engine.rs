//! The engine: text in, JSON out.

mod modules;

use std::sync::Arc;

use quick_cache::sync::Cache;
use quick_cache::{Equivalent, Weighter};

use crate::catalog::Catalog;
use crate::compose::{Compositions, ModuleSet};
use crate::context::{Context, RightSet};
use crate::database::StatementCount;
use crate::error::{ResponseError, code};
use crate::execute::{Run, error_body};
pub use crate::plan::limits::Limits;
use crate::plan::prepare::Prepared;
pub use crate::read::TextRules;
use crate::request::{Outcome, Request, Response};

/// Bytes that remembered documents may take, by a rough estimate.
const CACHE_BYTES: u64 = 16 * 1024 * 1024;
/// Documents of the usual size that fit.
const CACHE_ITEMS: usize = 2_000;

#[derive(Clone)]
struct ByLength;

impl Weighter<Key, Arc<Prepared>> for ByLength {
    fn weight(&self, key: &Key, _: &Arc<Prepared>) -> u64 {
        // Measured: the parsed document and a plan take about ten times the text.
        key.text.len() as u64 * 10 + 1_000
    }
}

/// What a document is remembered by. The derived hashes of both forms are the same.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    name: Option<String>,
    text: String,
}

#[derive(Hash)]
struct KeyRef<'r> {
    name: Option<&'r str>,
    text: &'r str,
}

impl Equivalent<Key> for KeyRef<'_> {
    fn equivalent(&self, key: &Key) -> bool {
        self.name == key.name.as_deref() && self.text == key.text
    }
}

/// Answers requests against one set of modules. Cheap to share, safe to use from many tasks.
pub struct Engine {
    catalog: Arc<Catalog>,
    /// Everything there is and the modules that are enabled, to tell what is wrong from what is switched off.
    enabled: Option<(Arc<Compositions>, ModuleSet)>,
    limits: Limits,
    text: TextRules,
    prepared: Cache<Key, Arc<Prepared>, ByLength>,
}

impl Engine {
    /// An engine for these modules. Documents that need others are answered `MODULE_DISABLED`.
    pub fn new(compositions: Arc<Compositions>, modules: ModuleSet, limits: Limits, text: TextRules) -> Self {
        let catalog = compositions.catalog(&modules);
        Self { enabled: Some((compositions, modules)), ..Self::with_catalog(catalog, limits, text) }
    }

    /// An engine for a catalogue that is all there is.
    pub fn with_catalog(catalog: Arc<Catalog>, limits: Limits, text: TextRules) -> Self {
        let prepared = Cache::with_weighter(CACHE_ITEMS, CACHE_BYTES, ByLength);
        Self { catalog, enabled: None, limits, text, prepared }
    }

    /// The catalogue.
    pub fn catalog(&self) -> &Arc<Catalog> {
        &self.catalog
    }

    /// Answers one request.
    pub async fn execute(&self, request: &Request, context: &Arc<dyn Context>) -> Response {
        let rights = context.rights();
        let told = self.limits.introspection.then_some(rights);
        let prepared = match self.prepare(request, told) {
            Ok(prepared) => prepared,
            Err(errors) => return refused(request, None, &self.disabled(request).unwrap_or(errors)),
        };
        let name = prepared.operation.name.as_ref().map(ToString::to_string);
        if prepared.is_mutation() && request.read_only {
            let error = ResponseError::request("METHOD_NOT_ALLOWED", "a mutation needs the POST method");
            return Response { outcome: Outcome::MutationRefused, ..refused(request, name, &[error]) };
        }
        if prepared.is_subscription() {
            let error = ResponseError::request(code::GRAPHQL, "subscriptions need another transport");
            return refused(request, name, &[error]);
        }
        let variables = match prepared.coerce(&self.catalog, request.variables.as_ref(), told) {
            Ok(variables) => variables,
            Err(error) => {
                let errors = self.disabled(request).unwrap_or_else(|| vec![error]);
                return refused(request, name, &errors);
            }
        };
        let plan = match prepared.plan(&self.catalog, &variables) {
            Ok(plan) => plan,
            Err(errors) => return refused(request, name, &errors),
        };
        if let Err(errors) = plan.needs.check(&self.catalog, rights, &variables) {
            return refused(request, name, &errors);
        }
        let count = StatementCount::default();
        let run = Run {
            catalog: &self.catalog,
            limits: &self.limits,
            text: &self.text,
            context,
            prepared: &prepared,
            plan: &plan,
            variables: &variables,
            count: &count,
        };
        let (data, errors) = run.data().await;
        Response {
            body: error_body(&errors, Some(&data), request.id.as_deref()),
            outcome: Outcome::Executed,
            operation_name: name,
            statements: count.get(),
            errors: u32::try_from(errors.len()).unwrap_or(u32::MAX),
        }
    }

    /// The document of a request, from memory if it was met before.
    fn prepare(
        &self,
        request: &Request,
        told: Option<&RightSet>,
    ) -> Result<Arc<Prepared>, Vec<ResponseError>> {
        let name = request.operation_name.as_deref();
        let looked_up = KeyRef { name, text: &request.query };
        if let Some(prepared) = self.prepared.get(&looked_up) {
            return Ok(prepared);
        }
        let prepared = Arc::new(Prepared::new(&self.catalog, &self.limits, &request.query, name, told)?);
        let key = Key { name: name.map(str::to_owned), text: request.query.clone() };
        self.prepared.insert(key, Arc::clone(&prepared));
        Ok(prepared)
    }
}

fn refused(request: &Request, operation_name: Option<String>, errors: &[ResponseError]) -> Response {
    Response {
        body: error_body(errors, None, request.id.as_deref()),
        outcome: Outcome::Refused,
        operation_name,
        statements: 0,
        errors: u32::try_from(errors.len()).unwrap_or(u32::MAX),
    }
}
