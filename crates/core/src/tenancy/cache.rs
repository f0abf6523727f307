//! Companies and callers that were met lately.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use quick_cache::sync::Cache;
use shoal_graphql::error::Error;
use uuid::Uuid;

use super::load::{find_tenant, key_caller, user_caller};
use super::snapshot::Tenant;
use super::used::Use;
use crate::caller::Caller;
use crate::context::RequestContext;
use crate::kernel::Kernel;
use crate::sign_in::stored::{self, Stored};
use crate::sign_in::token::{Kind, Token};
use crate::user;

/// After so long one of the requests looks whether a caller is still the same; the others go on meanwhile.
const FRESH: Duration = Duration::from_millis(400);

/// After so long no request goes on without having looked.
const STALE: Duration = Duration::from_millis(900);

/// Callers that are remembered.
const CALLERS: usize = 20_000;

/// Companies that are remembered.
const TENANTS: usize = 2_000;

/// A caller with their company, as they were a moment ago.
#[derive(Debug)]
pub struct Known {
    /// The company.
    pub tenant: Arc<Tenant>,
    /// Who it is.
    pub caller: Arc<Caller>,
    pub(super) stored: Stored,
    looked_at: Mutex<Instant>,
    looking: AtomicBool,
    use_of: Use,
}

/// See the module.
pub(crate) struct Tenants {
    tenants: Cache<Uuid, Arc<Tenant>>,
    callers: Cache<(Uuid, Uuid), Arc<Known>>,
}

impl Default for Tenants {
    fn default() -> Self {
        Self { tenants: Cache::new(TENANTS), callers: Cache::new(CALLERS) }
    }
}

impl Known {
    /// The user, if it is a session of one.
    pub fn user(&self) -> Option<&user::Model> {
        self.stored.user.as_ref()
    }

    /// When the session or key ends by itself.
    pub fn expires_at(&self) -> Option<DateTime<Utc>> {
        self.stored.expires_at
    }

    /// The surroundings of what they do.
    pub fn context(&self, kernel: &Arc<Kernel>) -> RequestContext {
        RequestContext {
            kernel: Arc::clone(kernel),
            tenant: Arc::clone(&self.tenant),
            caller: Arc::clone(&self.caller),
            request_id: None,
            limiter: None,
            snapshot: None,
        }
    }

    fn age(&self) -> Duration {
        self.looked_at.lock().unwrap_or_else(PoisonError::into_inner).elapsed()
    }

    fn looked(&self) {
        self.looked_before(Duration::ZERO);
    }

    /// Says how long ago it was seen to be still the same.
    pub(super) fn looked_before(&self, age: Duration) {
        let now = Instant::now();
        let at = now.checked_sub(age).unwrap_or(now);
        *self.looked_at.lock().unwrap_or_else(PoisonError::into_inner) = at;
    }

    /// Says that it is not the same any more: the next request looks.
    pub(super) fn outdated(&self) {
        self.looked_before(STALE);
    }
}

impl Kernel {
    /// Who comes with this token; `None` if nobody: it is not one of ours, expired, revoked, or of somebody who is no
    /// longer active. The answer is at most a second old.
    ///
    /// # Errors
    /// Faults of the database.
    pub async fn caller(&self, token: &str) -> Result<Option<Arc<Known>>, Error> {
        let Some(token) = Token::read(token).filter(|token| token.kind != Kind::Link) else {
            return Ok(None);
        };
        let key = (token.tenant, token.id);
        let Some(known) = self.tenants.callers.get(&key) else { return self.look(&token, None).await };
        if !known.stored.opens(&token) {
            return Ok(None);
        }
        // It may have been prolonged meanwhile.
        if known.stored.is_over(self.clock.now()) {
            return self.look(&token, None).await;
        }
        let age = known.age();
        if age < FRESH {
            return Ok(Some(known));
        }
        if age < STALE && known.looking.swap(true, Ordering::AcqRel) {
            return Ok(Some(known));
        }
        let looked = self.look(&token, Some(&known)).await;
        known.looking.store(false, Ordering::Release);
        looked
    }

    /// Forgets what this process remembers of a company, so that a change here is seen here at once.
    pub fn forget(&self, tenant: Uuid) {
        self.tenants.tenants.remove(&tenant);
        self.tenants.callers.retain(|(of, _), _| *of != tenant);
    }

    /// Forgets a session, so that its end here is seen here at once.
    pub(crate) fn forget_session(&self, tenant: Uuid, session: Uuid) {
        self.tenants.callers.remove(&(tenant, session));
    }

    /// The company of this id, as it was at most a second ago; `None` if there is none.
    ///
    /// # Errors
    /// Faults of the database.
    pub async fn tenant(&self, id: Uuid) -> Result<Option<Arc<Tenant>>, Error> {
        let Some(known) = self.tenants.tenants.get(&id) else { return self.tenant_at(id, None).await };
        match stored::revision(self, id).await? {
            Some(revision) => self.tenant_at(id, Some(revision).filter(|now| *now == known.revision)).await,
            None => Ok(None),
        }
    }

    /// The company at a revision, from memory if it is there.
    async fn tenant_at(&self, id: Uuid, revision: Option<i64>) -> Result<Option<Arc<Tenant>>, Error> {
        let known = self.tenants.tenants.get(&id);
        if let Some(known) = known.filter(|known| revision == Some(known.revision)) {
            return Ok(Some(known));
        }
        let read = find_tenant(self, id).await?;
        if let Some(tenant) = &read {
            self.tenants.tenants.insert(id, Arc::clone(tenant));
        }
        Ok(read)
    }

    /// Looks in the database who comes with the token.
    async fn look(&self, token: &Token, before: Option<&Arc<Known>>) -> Result<Option<Arc<Known>>, Error> {
        let key = (token.tenant, token.id);
        let now = self.clock.now();
        let stored = stored::find(self, token).await?;
        let Some((stored, used_at)) =
            stored.filter(|(stored, _)| stored.opens(token) && !stored.is_over(now))
        else {
            self.tenants.callers.remove(&key);
            return Ok(None);
        };
        if let Some(known) = before.filter(|known| known.stored == stored) {
            known.looked();
            known.use_of.note(token, &self.database, now);
            return Ok(Some(Arc::clone(known)));
        }
        let looked_at = Instant::now();
        let Some(tenant) = self.tenant_at(token.tenant, Some(stored.revision)).await? else {
            return Ok(None);
        };
        let caller = match &stored.user {
            Some(user) => user_caller(self, &tenant, user, Some(token.id)).await?,
            None => key_caller(self, &tenant, token.id).await?,
        };
        let use_of = Use::since(used_at);
        use_of.note(token, &self.database, now);
        let known = Arc::new(Known {
            // What was read may be newer than the revision that was asked for; then it is read again next time.
            stored: stored.at(tenant.revision),
            tenant,
            caller: Arc::new(caller),
            looked_at: Mutex::new(looked_at),
            looking: AtomicBool::new(false),
            use_of,
        });
        self.tenants.callers.insert(key, Arc::clone(&known));
        Ok(Some(known))
    }
}
