//! What a process does beside answering requests: it delivers events, does the modules' background work, and throws away
//! what nobody needs any more.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use futures::FutureExt as _;
use sea_orm::{ColumnTrait as _, ConnectionTrait as _, QueryFilter as _};
use shoal_graphql::database::Sql;
use shoal_graphql::error::Error;
use shoal_graphql::value::instant_value;

use super::{background, dispatcher};
use crate::context::RequestContext;
use crate::kernel::Kernel;
use crate::module::Background;
use crate::tenancy::{ModuleState, tenants};
use crate::unit_of_work::UnitOfWork;

/// So long after an event of another process, or the end of a wait, it is found.
const LOOK: Duration = Duration::from_millis(250);

/// The time between two looks for background work that is due.
const BACKGROUND: Duration = Duration::from_secs(5);

/// Another node takes over work whose node has said nothing for so long.
const LEASE: TimeDelta = TimeDelta::minutes(10);

/// Events are kept for so long after they were delivered, for those who resume.
pub(super) const KEPT: TimeDelta = TimeDelta::days(7);

/// Works until `end`. What is under way then is finished; a kill at any moment loses nothing.
pub async fn run(kernel: Arc<Kernel>, end: impl Future<Output = ()>) {
    let mut heard = kernel.signal.listen();
    let mut next_background = tokio::time::Instant::now();
    tokio::pin!(end);
    loop {
        if let Err(error) = dispatcher::drain(&kernel).await {
            tracing::error!(%error, "events could not be delivered");
        }
        if tokio::time::Instant::now() >= next_background {
            if let Err(error) = background(&kernel).await {
                tracing::error!(%error, "background work could not be done");
            }
            next_background = tokio::time::Instant::now() + BACKGROUND;
        }
        tokio::select! {
            () = &mut end => return,
            () = heard.wait(LOOK) => {}
        }
    }
}

/// Does the background work that is due, for each company that has the module enabled.
///
/// # Errors
/// Faults of the database. What fails in the work itself is logged, and tried again when it is due the next time.
pub async fn background(kernel: &Arc<Kernel>) -> Result<(), Error> {
    for (id, _) in tenants(kernel).await? {
        let Some(tenant) = kernel.tenant(id).await? else { continue };
        let context = RequestContext::system(kernel, &tenant);
        for module in kernel.modules.modules() {
            let id = module.manifest.id;
            if id != crate::MODULE && tenant.state(id) != ModuleState::Enabled {
                continue;
            }
            for work in &module.background {
                let name = format!("{id}.{}", work.name);
                if lease(&context, &name).await? {
                    perform(&context, &name, work).await;
                    settle(&context, &name, work.every).await?;
                }
            }
        }
    }
    Ok(())
}

/// Takes work that is due, so that no other node does.
async fn lease(context: &RequestContext, name: &str) -> Result<bool, Error> {
    UnitOfWork::run(context, |unit| {
        let name = name.to_owned();
        Box::pin(async move {
            let known = unit.find::<background::Entity>().filter(background::Column::Name.eq(&name));
            let now = unit.now();
            match known.one(unit.transaction()).await? {
                Some(before) if before.due_at > now => Ok(false),
                Some(before) => {
                    // Whoever is faster has changed the row by then.
                    let mut taken = Sql::new(unit.dialect());
                    taken
                        .push("UPDATE core_background SET due_at = ")
                        .bind(instant_value(now + LEASE, unit.dialect()));
                    taken
                        .push(" WHERE tenant_id = ")
                        .bind(unit.tenant())
                        .push(" AND name = ")
                        .bind(name.as_str());
                    taken.push(" AND due_at = ").bind(instant_value(before.due_at, unit.dialect()));
                    let changed = unit.transaction().execute_raw(taken.into_statement()).await?;
                    Ok(changed.rows_affected() == 1)
                }
                None => {
                    let tenant_id = unit.tenant();
                    unit.insert::<background::Entity>(background::Model {
                        tenant_id,
                        name,
                        due_at: now + LEASE,
                    });
                    Ok(true)
                }
            }
        })
    })
    .await
}

async fn perform(context: &RequestContext, name: &str, work: &Background) {
    match AssertUnwindSafe((work.run)(context.clone())).catch_unwind().await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::error!(work = name, %error, "background work failed"),
        Err(_) => tracing::error!(work = name, "background work panicked"),
    }
}

/// Says when the work is due again.
async fn settle(context: &RequestContext, name: &str, every: Duration) -> Result<(), Error> {
    let every = TimeDelta::from_std(every).map_err(Error::fault)?;
    UnitOfWork::run(context, |unit| {
        let name = name.to_owned();
        Box::pin(async move {
            let known = unit.find::<background::Entity>().filter(background::Column::Name.eq(&name));
            if let Some(before) = known.one(unit.transaction()).await? {
                let after = background::Model { due_at: unit.now() + every, ..before.clone() };
                unit.update::<background::Entity>(&before, after);
            }
            Ok(())
        })
    })
    .await
}

/// The kernel's own background work: events that everybody has seen go, and sessions and links that are long over.
pub(crate) fn clean_up(context: RequestContext) -> futures::future::BoxFuture<'static, Result<(), Error>> {
    Box::pin(async move {
        UnitOfWork::run(&context, |unit| {
            Box::pin(async move {
                let (tenant, dialect) = (unit.tenant(), unit.dialect());
                let before = instant_value(unit.now() - KEPT, dialect);
                // The last number stays, as the next one is counted from it.
                let events = "DELETE FROM core_event WHERE number < (SELECT max(number) FROM core_event)
                    AND NOT EXISTS (SELECT 1 FROM core_delivery AS d WHERE d.tenant_id = core_event.tenant_id AND d.event_id = core_event.id)
                    AND tenant_id = ";
                let sessions = "DELETE FROM core_session WHERE tenant_id = ";
                let links = "DELETE FROM core_link WHERE tenant_id = ";
                for (text, column) in [(events, "at"), (sessions, "expires_at"), (links, "expires_at")] {
                    let mut sql = Sql::new(dialect);
                    sql.push(text).bind(tenant).push(&format!(" AND {column} < ")).bind(before.clone());
                    unit.transaction().execute_raw(sql.into_statement()).await?;
                }
                Ok(())
            })
        })
        .await
    })
}
