//! Jobs that begin by themselves.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use sea_orm::QuerySelect as _;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::LockType;
use shoal_graphql::database::{Sql, StatementCount};
use shoal_graphql::error::Error;
use shoal_graphql::value::instant_value;

use super::claim::may_run;
use super::kind::JobKind;
use super::rules::next_instant;
use super::service::{self, Options};
use crate::context::RequestContext;
use crate::kernel::Kernel;
use crate::tenancy::tenants;
use crate::unit_of_work::UnitOfWork;

/// When jobs of a kind begin by themselves in a company.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "core_schedule")]
#[expect(missing_docs, reason = "the declaration describes each column")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub kind: String,
    pub pattern: Option<String>,
    pub active: bool,
    /// The zone in which `next_at` was worked out.
    pub time_zone: String,
    /// `None` if there is no such day.
    pub next_at: Option<DateTime<Utc>>,
    pub updated_at: DateTime<Utc>,
    pub updated_by: Option<Uuid>,
    pub version: i32,
}

crate::tenant_entity!();
crate::tracked!();

/// While a job that has begun by itself is not over, the next one is left out.
const UNIQUE: &str = "schedule";

/// Enqueues what is due by itself in every company, once on one node, and however long nobody was there.
///
/// # Errors
/// Faults of the database.
pub async fn enqueue_due(kernel: &Arc<Kernel>) -> Result<(), Error> {
    let scheduled: Vec<&JobKind> = kernel.modules.jobs().filter(|kind| kind.schedule.is_some()).collect();
    if scheduled.is_empty() {
        return Ok(());
    }
    let known = known(kernel).await?;
    for (id, _) in tenants(kernel).await? {
        for kind in &scheduled {
            // One that is not there is made.
            if known.get(&(id, kind.name.to_owned())).copied().unwrap_or(true) {
                let Some(tenant) = kernel.tenant(id).await? else { continue };
                tend(&RequestContext::system(kernel, &tenant), kind).await?;
            }
        }
    }
    Ok(())
}

/// Enqueues a job that begins by itself, now; its id, or that of the one that is not over yet.
///
/// # Errors
/// A fault if there is no such kind, or it never begins by itself; faults of the database.
pub async fn begin(context: &RequestContext, kind: &str) -> Result<Uuid, Error> {
    let found = context.kernel.modules.job(kind).filter(|kind| kind.schedule.is_some());
    let kind = found.ok_or_else(|| Error::fault(format!("no job {kind} begins by itself")))?;
    UnitOfWork::run(context, |unit| {
        let kind = kind.clone();
        Box::pin(async move { enqueue(unit, &kind).await })
    })
    .await
}

async fn enqueue(unit: &mut UnitOfWork, kind: &JobKind) -> Result<Uuid, Error> {
    let options = Options { unique_key: Some(UNIQUE.to_owned()), ..Options::default() };
    service::enqueue(unit, kind, kind.scheduled.clone(), options).await
}

/// The schedules of all companies, and whether something is to be done about them now.
async fn known(kernel: &Kernel) -> Result<HashMap<(Uuid, String), bool>, Error> {
    let dialect = kernel.database.dialect();
    let mut sql = Sql::new(dialect);
    sql.push("SELECT s.tenant_id, s.kind, s.active AND (coalesce(s.next_at <= ");
    sql.bind(instant_value(kernel.clock.now(), dialect));
    // Days begin elsewhere.
    sql.push(", FALSE) OR s.time_zone <> t.time_zone) FROM core_schedule AS s");
    sql.push(" JOIN core_tenant AS t ON t.tenant_id = s.tenant_id AND t.id = s.tenant_id");
    let rows = kernel.database.reader().rows(sql, &StatementCount::default()).await?;
    let read = |row: &sea_orm::QueryResult| {
        Ok(((row.try_get_by_index(0)?, row.try_get_by_index(1)?), row.try_get_by_index(2)?))
    };
    rows.iter().map(read).collect()
}

/// Enqueues a job if it is due, and says when the next one is.
async fn tend(context: &RequestContext, kind: &JobKind) -> Result<(), Error> {
    UnitOfWork::run(context, |unit| {
        let kind = kind.clone();
        Box::pin(async move {
            let (now, tenant) = (unit.now(), Arc::clone(&unit.context().tenant));
            let known = unit.find::<Entity>().filter(Column::Kind.eq(kind.name));
            // Whoever comes second finds it done.
            let known = known.lock(LockType::NoKeyUpdate).one(unit.transaction()).await?;
            let pattern = pattern(known.as_ref(), &kind);
            let next = next_instant(&pattern, tenant.time_zone, now).map_err(Error::fault)?;
            let Some(known) = known else { return insert(unit, &kind, next).await };
            let is_due = known.active && known.next_at.is_some_and(|at| at <= now);
            if is_due && may_run(&tenant, &kind) {
                enqueue(unit, &kind).await?;
            }
            advance(unit, known.id, next).await
        })
    })
    .await
}

/// What holds: the company's own, or the module's.
fn pattern(known: Option<&Model>, kind: &JobKind) -> String {
    let own = known.and_then(|known| known.pattern.clone());
    own.unwrap_or_else(|| kind.schedule.unwrap_or_default().to_owned())
}

/// Neither this nor the next is a change that anybody has made: there is no audit, and no event.
async fn insert(unit: &UnitOfWork, kind: &JobKind, next: Option<DateTime<Utc>>) -> Result<(), Error> {
    let (tenant, dialect) = (Arc::clone(&unit.context().tenant), unit.dialect());
    let mut sql = Sql::new(dialect);
    sql.push("INSERT INTO core_schedule (tenant_id, id, kind, active, time_zone, next_at, updated_at, version) VALUES (");
    sql.bind(tenant.id).push(", ").bind(unit.new_id()).push(", ").bind(kind.name).push(", ").bind(true);
    sql.push(", ").bind(tenant.time_zone.name()).push(", ").bind(optional(unit, next));
    sql.push(", ").bind(instant_value(unit.now(), dialect)).push(", 1)");
    unit.execute(sql).await?;
    Ok(())
}

async fn advance(unit: &UnitOfWork, id: Uuid, next: Option<DateTime<Utc>>) -> Result<(), Error> {
    let zone = unit.context().tenant.time_zone.name();
    let mut sql = Sql::new(unit.dialect());
    sql.push("UPDATE core_schedule SET next_at = ").bind(optional(unit, next));
    sql.push(", time_zone = ").bind(zone);
    sql.push(" WHERE tenant_id = ").bind(unit.tenant()).push(" AND id = ").bind(id);
    unit.execute(sql).await?;
    Ok(())
}

fn optional(unit: &UnitOfWork, at: Option<DateTime<Utc>>) -> sea_orm::Value {
    crate::statement::bound(at.into(), unit.dialect())
}
