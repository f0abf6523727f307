//! One request's surroundings: who asks, for which company, at what time.

use std::any::Any;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::Value;
use shoal_graphql::catalog::Entity;
use shoal_graphql::context::{Allowance, Context, Predicate, RightSet};
use shoal_graphql::database::Reader;
use shoal_graphql::error::{Error, Refusal, code};
use shoal_graphql::message;
use shoal_graphql::message::Message;
use uuid::Uuid;

use crate::caller::{Actor, Caller};
use crate::database::Database;
use crate::kernel::Kernel;
use crate::module::{Language, Scope, Settings};
use crate::rate_limit::{Principal, RateLimiter};
use crate::tenancy::{ModuleState, Tenant};

/// One request's surroundings.
#[derive(Debug, Clone)]
pub struct RequestContext {
    /// What all requests share.
    pub kernel: Arc<Kernel>,
    /// The company.
    pub tenant: Arc<Tenant>,
    /// Who asks.
    pub caller: Arc<Caller>,
    /// What the log calls the request.
    pub request_id: Option<Arc<str>>,
    /// What the caller's operations are paid from; `None` if they cost nothing.
    pub limiter: Option<Arc<RateLimiter>>,
    /// What is read of the API, if that is not what is there at each moment.
    pub snapshot: Option<Snapshot>,
}

/// The database at one moment.
#[derive(Debug, Clone)]
pub struct Snapshot {
    reader: Reader,
    /// The moment.
    pub at: DateTime<Utc>,
}

impl RequestContext {
    /// Shoal itself at work for a company.
    pub fn system(kernel: &Arc<Kernel>, tenant: &Arc<Tenant>) -> Self {
        Self::unlimited(kernel, tenant, Actor::System)
    }

    /// The operator at work for a company.
    pub fn operator(kernel: &Arc<Kernel>, tenant: &Arc<Tenant>) -> Self {
        Self::unlimited(kernel, tenant, Actor::Operator)
    }

    fn unlimited(kernel: &Arc<Kernel>, tenant: &Arc<Tenant>, actor: Actor) -> Self {
        let modules = kernel.modules.set(|module| tenant.state(module).is_readable());
        Self {
            kernel: Arc::clone(kernel),
            tenant: Arc::clone(tenant),
            caller: Arc::new(Caller::unlimited(actor, modules)),
            request_id: None,
            limiter: None,
            snapshot: None,
        }
    }

    /// The same, but the API reads what is there now, until this context and its clones are dropped.
    ///
    /// # Errors
    /// Faults of the database.
    pub async fn at_this_moment(&self) -> Result<Self, Error> {
        let snapshot = Snapshot { reader: self.database().snapshot().await?, at: self.now() };
        Ok(Self { snapshot: Some(snapshot), ..self.clone() })
    }

    /// The database.
    pub fn database(&self) -> &Database {
        &self.kernel.database
    }

    /// The instant.
    pub fn now(&self) -> DateTime<Utc> {
        self.kernel.clock.now()
    }

    /// A new id.
    pub fn new_id(&self) -> Uuid {
        self.kernel.ids.next()
    }

    /// The language of the caller.
    pub fn language(&self) -> Language {
        self.caller.language
    }

    /// What the company has set in a module.
    pub fn settings<S: Settings>(&self) -> S {
        self.tenant.settings::<S>()
    }

    /// Whose bucket the caller's operations are paid from.
    pub fn principal(&self) -> Principal {
        (self.tenant.id, self.caller.actor)
    }

    /// The kernel's context behind the engine's.
    ///
    /// # Errors
    /// A fault if the engine was given another kind of context.
    pub fn of(context: &Arc<dyn Context>) -> Result<Self, Error> {
        (&**context as &dyn Any)
            .downcast_ref::<Self>()
            .cloned()
            .ok_or_else(|| Error::fault("the context of the request is not the kernel's"))
    }
}

impl Context for RequestContext {
    fn reader(&self) -> &Reader {
        self.snapshot.as_ref().map_or(self.kernel.database.reader(), |snapshot| &snapshot.reader)
    }

    fn partition(&self) -> Value {
        self.tenant.id.into()
    }

    fn rights(&self) -> &RightSet {
        &self.caller.rights
    }

    fn predicate(&self, entity: &Entity) -> Predicate {
        let declaration = &entity.declaration;
        let (Some(ownership), Some(right)) = (&declaration.ownership, declaration.right) else {
            return Predicate::All;
        };
        let own = || {
            let user = self.caller.actor.user().map(Value::from);
            Predicate::AnyOf(ownership.owner.clone(), user.into_iter().collect())
        };
        let teams = |teams: &[Uuid]| {
            let teams: Vec<Value> = teams.iter().map(|team| (*team).into()).collect();
            match &ownership.team {
                Some(column) if !teams.is_empty() => {
                    Predicate::Or(vec![own(), Predicate::AnyOf(column.clone(), teams)])
                }
                _ => own(),
            }
        };
        match self.caller.scope(right) {
            None => Predicate::Nothing,
            Some(Scope::All) => Predicate::All,
            Some(Scope::Own) => own(),
            Some(Scope::Team) => teams(&self.caller.teams),
            Some(Scope::TeamAndBelow) => teams(&self.caller.teams_below),
        }
    }

    fn may_change(&self, module: &'static str) -> Result<(), Refusal> {
        if module == crate::MODULE || self.tenant.state(module) != ModuleState::Suspended {
            return Ok(());
        }
        let title = self.kernel.modules.module(module).map(|found| found.title(self.language()));
        let title = title.unwrap_or_else(|| module.to_owned());
        let message =
            message!("module-suspended", "{title} is suspended: it can be read, but not changed", title);
        Err(Refusal { module: Some(module), ..Refusal::new(code::MODULE_SUSPENDED, message) })
    }

    fn spend(&self, cost: u64) -> Result<(), Refusal> {
        let Some(limiter) = &self.limiter else { return Ok(()) };
        let most = limiter.limit().burst;
        if cost > most {
            let message = message!(
                "cost-above-allowance",
                "the operation has cost {cost}; more than {most} can never be spent at once",
                cost,
                most,
            );
            return Err(Refusal::new(code::LIMIT_EXCEEDED, message));
        }
        limiter.spend(self.principal(), cost).map_err(Refusal::rate_limited)
    }

    fn refund(&self, points: u64) {
        if let Some(limiter) = &self.limiter {
            limiter.refund(self.principal(), points);
        }
    }

    fn allowance(&self) -> Option<Allowance> {
        self.limiter.as_ref().map(|limiter| limiter.allowance(self.principal()))
    }

    fn words(&self, message: &Message) -> Option<String> {
        self.kernel.modules.words(self.language(), message)
    }

    fn today(&self) -> NaiveDate {
        let now = self.snapshot.as_ref().map_or_else(|| self.now(), |snapshot| snapshot.at);
        now.with_timezone(&self.tenant.time_zone).date_naive()
    }
}
