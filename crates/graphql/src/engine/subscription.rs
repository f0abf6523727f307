//! Subscriptions: planned once, then asked what each change means to a subscriber.
//!
//! Whoever carries them (a web socket, server-sent events) and the feed of changes live elsewhere.

use std::sync::Arc;

use super::{Engine, Ready, Response, refused, refused_as};
use crate::catalog::Catalog;
use crate::context::Context;
use crate::database::StatementCount;
use crate::declare::Change;
use crate::execute::error_body;
use crate::plan::RootField;
use crate::request::{Outcome, Request};

/// A subscription that was validated and planned. Cheap to clone.
#[derive(Clone)]
pub struct Subscription(Arc<Inner>);

struct Inner {
    catalog: Arc<Catalog>,
    ready: Ready,
    entity: &'static str,
    key: String,
    request_id: Option<String>,
}

impl Subscription {
    /// Type name of the entity whose changes are told.
    pub fn entity(&self) -> &'static str {
        self.0.entity
    }

    /// The name of the operation, for logs.
    pub fn operation_name(&self) -> Option<&str> {
        self.0.ready.name.as_deref()
    }

    /// What one change costs.
    pub fn cost(&self) -> u64 {
        self.0.ready.cost.total()
    }

    /// Equal for subscriptions that ask the very same with the same variables: for the same caller they have the same
    /// answers.
    pub fn key(&self) -> &str {
        &self.0.key
    }

    /// Whether both ask the very same with the same variables.
    pub fn same_as(&self, other: &Self) -> bool {
        self.0.key == other.0.key && Arc::ptr_eq(&self.0.catalog, &other.0.catalog)
    }
}

impl Engine {
    /// Whether a request is for [`subscribe`](Self::subscribe). False also if its document is wrong:
    /// [`execute`](Self::execute) then says how.
    pub fn is_subscription(&self, request: &Request) -> bool {
        self.prepare(request, None).is_ok_and(|prepared| prepared.is_subscription())
    }

    /// Validates and plans a subscription, and checks its filter. What it costs is the cost of one change.
    ///
    /// # Errors
    /// The response to a request that is refused, as [`execute`](Self::execute) answers it.
    pub fn subscribe(&self, request: &Request, context: &Arc<dyn Context>) -> Result<Subscription, Response> {
        let ready = self.ready(request, context, true)?;
        let count = StatementCount::default();
        if let Err(error) = self.run(&self.catalog, &ready, context, &count).check_filter() {
            return Err(Response {
                allowance: context.allowance(),
                whose: None,
                ..refused(context, request, ready.name, &[error])
            });
        }
        let entity = match ready.plan.roots.first().map(|root| &root.value) {
            Some(RootField::Change(plan)) => self.catalog.entities[plan.load.entity].name(),
            _ => "",
        };
        let key = format!("{:?}\n{:?}\n{}", ready.name, ready.variables, request.query);
        let (catalog, request_id) = (Arc::clone(&self.catalog), request.id.clone());
        Ok(Subscription(Arc::new(Inner { catalog, ready, entity, key, request_id })))
    }

    /// What a subscriber is to be told of each change of the subscription's entity: a whole response, or `None` where the
    /// record is not visible for the caller or the filter does not hold. Records are looked at as they are now, deleted
    /// ones too; one that is gone from its table is not visible. For all changes together there is one statement, and
    /// one more for each relation and level that is selected.
    ///
    /// A caller who has lost a right since is told so in place of the first change, with [`Outcome::Refused`], and nothing
    /// else: the subscription is over.
    ///
    /// [`Response::statements`] and [`Response::spent`] of the first response are those of all.
    pub async fn changes(
        &self,
        subscription: &Subscription,
        context: &Arc<dyn Context>,
        changes: &[Change],
    ) -> Vec<Option<Response>> {
        let Inner { catalog, ready, request_id, .. } = &*subscription.0;
        if let Err(errors) = ready.plan.needs.check(catalog, context.rights(), &ready.variables) {
            let name = ready.name.clone();
            let mut over = Some(refused_as(context, request_id.as_deref(), name, &errors));
            return changes.iter().map(|_| over.take()).collect();
        }
        let count = StatementCount::default();
        let told = self.run(catalog, ready, context, &count).changes(changes).await;
        let (mut statements, mut spent) = (count.get(), count.cost());
        let mut response = |(data, errors): (Vec<u8>, Vec<_>)| Response {
            body: error_body(&**context, &errors, Some(&data), request_id.as_deref(), None),
            outcome: Outcome::Executed,
            operation_name: ready.name.clone(),
            statements: std::mem::take(&mut statements),
            errors: u32::try_from(errors.len()).unwrap_or(u32::MAX),
            cost: ready.cost.total(),
            spent: std::mem::take(&mut spent),
            allowance: None,
            whose: None,
        };
        told.into_iter().map(|told| told.map(&mut response)).collect()
    }
}
