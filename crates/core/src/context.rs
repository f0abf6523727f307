//! Who asks, for which tenant, at what time.

use std::any::Any;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::Value;
use shoal_graphql::catalog::Entity;
use shoal_graphql::context::{Context, Predicate, RightSet};
use shoal_graphql::database::Reader;
use shoal_graphql::error::Error;
use uuid::Uuid;

use crate::clock::{Clock, Ids};
use crate::database::Database;

/// What the kernel needs to know of a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenant {
    /// Its id, the first part of every key.
    pub id: Uuid,
    /// ISO 3166 code of the country whose phone numbers need no prefix.
    pub phone_region: Option<String>,
}

impl Tenant {
    /// The tenant of an installation that has one company.
    pub fn first() -> Self {
        Self { id: Uuid::from_u128(0x0000_0000_0000_7000_8000_0000_0000_0001), phone_region: None }
    }
}

/// One request's surroundings.
#[derive(Debug, Clone)]
pub struct RequestContext {
    /// The database.
    pub database: Database,
    /// The tenant.
    pub tenant: Arc<Tenant>,
    /// The user who asks; `None` for the system itself.
    pub actor: Option<Uuid>,
    /// What the actor may do.
    pub rights: RightSet,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where new ids come from.
    pub ids: Arc<dyn Ids>,
}

impl RequestContext {
    /// The instant.
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// A new id.
    pub fn new_id(&self) -> Uuid {
        self.ids.next()
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
        self.database.reader()
    }

    fn partition(&self) -> Value {
        self.tenant.id.into()
    }

    fn rights(&self) -> &RightSet {
        &self.rights
    }

    fn predicate(&self, _entity: &Entity) -> Predicate {
        Predicate::All
    }

    fn today(&self) -> NaiveDate {
        self.now().date_naive()
    }
}
