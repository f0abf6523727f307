//! With whose rights a job runs: those that whoever enqueued it has now.

use std::sync::Arc;

use sea_orm::EntityTrait as _;
use shoal_graphql::error::{Error, Refusal, code};
use shoal_graphql::message;

use super::entity::Model;
use super::kind::JobKind;
use crate::caller::{Actor, Caller};
use crate::context::RequestContext;
use crate::kernel::Kernel;
use crate::tenancy::{Tenant, key_caller, user_caller};
use crate::{api_key, user};

/// The surroundings of the next step.
///
/// # Errors
/// `FORBIDDEN` if whoever enqueued it is not active or may not do it any more; faults of the database.
pub(super) async fn context_of(
    kernel: &Arc<Kernel>,
    tenant: &Arc<Tenant>,
    kind: &JobKind,
    job: &Model,
) -> Result<RequestContext, Error> {
    let system = RequestContext::system(kernel, tenant);
    let caller = match (job.runs_as.as_str(), job.created_by) {
        (code, _) if code == Actor::System.code() => Some((*system.caller).clone()),
        (code, _) if code == Actor::Operator.code() => {
            Some(Caller { actor: Actor::Operator, ..(*system.caller).clone() })
        }
        (_, None) => None,
        (code, Some(id)) if code == Actor::ApiKey(id).code() => api_key_of(kernel, tenant, id).await?,
        (_, Some(id)) => user_of(kernel, tenant, id).await?,
    };
    let holds = |caller: &Caller| kind.right.is_none_or(|right| caller.scope(right).is_some());
    let caller = caller.filter(holds).ok_or_else(|| {
        let message = message!("job-forbidden", "whoever asked for it may not do it any more");
        Refusal::new(code::FORBIDDEN, message)
    })?;
    // What it changes is told apart in the audit and the log by the job.
    Ok(RequestContext { caller: Arc::new(caller), request_id: Some(job.id.to_string().into()), ..system })
}

async fn user_of(kernel: &Kernel, tenant: &Tenant, id: uuid::Uuid) -> Result<Option<Caller>, Error> {
    let found = user::Entity::find_by_id((tenant.id, id)).one(kernel.database.reader().connection()).await?;
    match found.filter(|user| user.active) {
        Some(user) => Ok(Some(user_caller(kernel, tenant, &user, None).await?)),
        None => Ok(None),
    }
}

async fn api_key_of(kernel: &Kernel, tenant: &Tenant, id: uuid::Uuid) -> Result<Option<Caller>, Error> {
    let connection = kernel.database.reader().connection();
    let found = api_key::Entity::find_by_id((tenant.id, id)).one(connection).await?;
    let now = kernel.clock.now();
    let works = |key: &api_key::Model| key.revoked_at.is_none() && key.expires_at.is_none_or(|end| end > now);
    match found.filter(works) {
        Some(key) => Ok(Some(key_caller(kernel, tenant, key.id).await?)),
        None => Ok(None),
    }
}
