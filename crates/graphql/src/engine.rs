//! The engine: text in, JSON out.

mod modules;
mod subscription;

use std::sync::Arc;

use quick_cache::sync::Cache;
use quick_cache::{Equivalent, Weighter};

pub use self::subscription::Subscription;
use crate::catalog::Catalog;
use crate::compose::{Compositions, ModuleSet};
use crate::context::{Context, RightSet};
use crate::database::StatementCount;
use crate::error::{Refusal, ResponseError, code};
use crate::execute::{Cost, Run, error_body};
use crate::message;
use crate::plan::Plan;
use crate::plan::arguments::Variables;
use crate::plan::cost::{Estimate, cost};
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

/// An operation that may run.
struct Ready {
    prepared: Arc<Prepared>,
    variables: Variables,
    plan: Arc<Plan>,
    name: Option<String>,
    cost: Estimate,
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
        let ready = match self.ready(request, context, false) {
            Ok(ready) => ready,
            Err(response) => return response,
        };
        let count = StatementCount::default();
        let (data, errors) = self.run(&self.catalog, &ready, context, &count).data().await;
        let (cost, spent) = (ready.cost.total(), ready.cost.settled(count.cost()));
        context.refund(cost - spent);
        let told = self.told(request, context, (cost, Some(spent)));
        Response {
            body: error_body(&**context, &errors, Some(&data), request.id.as_deref(), told),
            outcome: Outcome::Executed,
            operation_name: ready.name,
            statements: count.get(),
            errors: u32::try_from(errors.len()).unwrap_or(u32::MAX),
            cost,
            spent,
            allowance: context.allowance(),
            whose: None,
        }
    }

    /// Whether a query could run for this caller: it fits the schema, its variables fit, and no right is missing. Nothing is
    /// read, and nothing paid.
    ///
    /// # Errors
    /// What [`execute`](Self::execute) would answer instead of running it.
    pub fn check(&self, request: &Request, context: &Arc<dyn Context>) -> Result<(), Vec<ResponseError>> {
        let rights = context.rights();
        let told = self.limits.introspection.then_some(rights);
        let disabled = |errors| self.disabled(request).unwrap_or(errors);
        let prepared = self.prepare(request, told).map_err(disabled)?;
        let variables = prepared.coerce(&self.catalog, request.variables.as_ref(), told);
        let variables = variables.map_err(|error| disabled(vec![error]))?;
        let plan = prepared.plan(&self.catalog, &variables)?;
        plan.needs.check(&self.catalog, rights, &variables)
    }

    /// Validates and plans a request over a transport that streams answers or does not, and pays for it.
    fn ready(&self, request: &Request, context: &Arc<dyn Context>, streams: bool) -> Result<Ready, Response> {
        let ready = self.planned(request, context, streams);
        ready.map_err(|refused| Response { allowance: context.allowance(), ..refused })
    }

    fn planned(
        &self,
        request: &Request,
        context: &Arc<dyn Context>,
        streams: bool,
    ) -> Result<Ready, Response> {
        let rights = context.rights();
        let told = self.limits.introspection.then_some(rights);
        let prepared = self.prepare(request, told).map_err(|errors| {
            let errors = self.disabled(request).unwrap_or(errors);
            refused(context, request, None, &errors)
        })?;
        let name = prepared.operation.name.as_ref().map(ToString::to_string);
        if prepared.is_mutation() && request.read_only {
            let error = ResponseError::request("METHOD_NOT_ALLOWED", "a mutation needs the POST method");
            return Err(Response {
                outcome: Outcome::MutationRefused,
                ..refused(context, request, name, &[error])
            });
        }
        if prepared.is_subscription() != streams {
            let message = if streams {
                "only a subscription can be subscribed to; send queries and mutations by HTTP POST"
            } else {
                "a subscription needs a transport that streams: a web socket (graphql-transport-ws) or server-sent \
                 events (text/event-stream)"
            };
            return Err(refused(context, request, name, &[ResponseError::request(code::GRAPHQL, message)]));
        }
        let variables =
            prepared.coerce(&self.catalog, request.variables.as_ref(), told).map_err(|error| {
                let errors = self.disabled(request).unwrap_or_else(|| vec![error]);
                refused(context, request, name.clone(), &errors)
            })?;
        let refuse = |errors: Vec<ResponseError>| refused(context, request, name.clone(), &errors);
        let plan = prepared.plan(&self.catalog, &variables).map_err(refuse)?;
        plan.needs.check(&self.catalog, rights, &variables).map_err(refuse)?;
        let cost = cost(&plan, &self.catalog, &variables, &self.limits);
        if let Err(refusal) = self.spend(cost.total(), context) {
            let outcome = match refusal.code {
                code::RATE_LIMITED => Outcome::RateLimited { retry_after: refusal.retry_after },
                _ => Outcome::Refused,
            };
            let errors = [ResponseError::at(&refusal.into(), Vec::new(), Vec::new())];
            let told = self.told(request, context, (cost.total(), None));
            let body = error_body(&**context, &errors, None, request.id.as_deref(), told);
            return Err(Response {
                body,
                outcome,
                cost: cost.total(),
                ..refused(context, request, name, &errors)
            });
        }
        Ok(Ready { prepared, variables, plan, name, cost })
    }

    /// Lets an operation run that costs so much, or refuses it.
    fn spend(&self, cost: u64, context: &Arc<dyn Context>) -> Result<(), Refusal> {
        let limit = self.limits.cost;
        if cost > limit {
            let message = message!(
                "cost-too-high",
                "the operation has cost {cost}; at most {limit} are allowed",
                cost,
                limit,
            );
            return Err(Refusal::new(code::LIMIT_EXCEEDED, message));
        }
        context.spend(cost)
    }

    /// What it may cost and what it has cost, if the body is to tell it.
    fn told(
        &self,
        request: &Request,
        context: &Arc<dyn Context>,
        (requested, actual): (u64, Option<u64>),
    ) -> Option<Cost> {
        request.with_cost.then(|| {
            let remaining = context.allowance().map(|allowance| allowance.remaining);
            Cost { requested, limit: self.limits.cost, actual, remaining }
        })
    }

    fn run<'r>(
        &'r self,
        catalog: &'r Catalog,
        ready: &'r Ready,
        context: &'r Arc<dyn Context>,
        count: &'r StatementCount,
    ) -> Run<'r> {
        Run {
            catalog,
            limits: &self.limits,
            text: &self.text,
            context,
            prepared: &ready.prepared,
            plan: &ready.plan,
            variables: &ready.variables,
            count,
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

fn refused(
    context: &Arc<dyn Context>,
    request: &Request,
    operation_name: Option<String>,
    errors: &[ResponseError],
) -> Response {
    refused_as(context, request.id.as_deref(), operation_name, errors)
}

fn refused_as(
    context: &Arc<dyn Context>,
    id: Option<&str>,
    operation_name: Option<String>,
    errors: &[ResponseError],
) -> Response {
    Response {
        body: error_body(&**context, errors, None, id, None),
        outcome: Outcome::Refused,
        operation_name,
        statements: 0,
        errors: u32::try_from(errors.len()).unwrap_or(u32::MAX),
        cost: 0,
        spent: 0,
        allowance: None,
        whose: None,
    }
}
