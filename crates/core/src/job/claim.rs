//! Which job comes next, and whose it is meanwhile.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::sea_query::LockType;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, FromQueryResult as _, QueryFilter as _, QuerySelect as _,
};
use shoal_graphql::database::{Dialect, Sql, StatementCount};
use shoal_graphql::error::Error;
use shoal_graphql::value::instant_value;
use uuid::Uuid;

use super::entity::{Column, Entity, JobState, Model};
use super::kind::JobKind;
use super::rules::next_attempt;
use crate::context::RequestContext;
use crate::kernel::Kernel;
use crate::tenancy::{ModuleState, Tenant};
use crate::unit_of_work::UnitOfWork;

/// Another worker takes over a job whose worker has said nothing for so long.
const LEASE: TimeDelta = TimeDelta::seconds(10);

/// How often a worker says that it is still at a step.
const BEAT: Duration = Duration::from_secs(3);

/// Jobs of one company, priority and kind of which one is due.
struct Queue {
    tenant: Uuid,
    priority: i32,
    kind: String,
    due_at: DateTime<Utc>,
}

/// A job that is ours until its lease ends.
#[derive(Clone)]
pub(super) struct Claimed {
    pub tenant: Arc<Tenant>,
    pub kind: JobKind,
    pub job: Model,
}

/// When the lease ends that begins or is renewed now.
pub(super) fn lease(kernel: &Kernel) -> DateTime<Utc> {
    kernel.clock.now() + LEASE
}

/// Claims the job that comes next: of the companies in turn, the first behind `after`; of its jobs the one with the lowest
/// priority that waits longest.
///
/// # Errors
/// Faults of the database.
pub(super) async fn next(kernel: &Arc<Kernel>, after: Uuid) -> Result<Option<Claimed>, Error> {
    let mut queues = queues(kernel).await?;
    queues.sort_by_key(|queue| (queue.tenant <= after, queue.tenant, queue.priority, queue.due_at));
    for queue in queues {
        let Some(kind) = kernel.modules.job(&queue.kind) else { continue };
        let Some(tenant) = kernel.tenant(queue.tenant).await? else { continue };
        if !may_run(&tenant, kind) {
            continue;
        }
        let context = RequestContext::system(kernel, &tenant);
        if let Some(job) = claim(&context, &queue).await? {
            return Ok(Some(Claimed { tenant, kind: kind.clone(), job }));
        }
    }
    Ok(None)
}

/// Whether a company lets jobs of the kind run: while the module is not enabled they wait.
pub(super) fn may_run(tenant: &Tenant, kind: &JobKind) -> bool {
    // Background work asks the company, not who asked for it: pilots are not told apart.
    kind.module() == crate::MODULE || tenant.state(kind.module()) == ModuleState::Enabled
}

/// The queues in which something is due.
async fn queues(kernel: &Kernel) -> Result<Vec<Queue>, Error> {
    let mut sql = Sql::new(kernel.database.dialect());
    write_queues(&mut sql);
    let now = kernel.clock.now();
    let mut queues = Vec::new();
    for row in kernel.database.reader().rows(sql, &StatementCount::default()).await? {
        let due_at: Option<DateTime<Utc>> = row.try_get_by_index(3)?;
        let Some(due_at) = due_at.filter(|due_at| *due_at <= now) else { continue };
        let (tenant, priority, kind) =
            (row.try_get_by_index(0)?, row.try_get_by_index(1)?, row.try_get_by_index(2)?);
        queues.push(Queue { tenant, priority, kind, due_at });
    }
    Ok(queues)
}

/// Steps from queue to queue by the index, however many jobs each has, and looks at the first of each.
fn write_queues(sql: &mut Sql) {
    let columns = "tenant_id, priority, kind";
    let order = "ORDER BY j.tenant_id, j.priority, j.kind, j.due_at, j.id LIMIT 1";
    let next = format!(
        "FROM core_job AS j WHERE j.finished_at IS NULL
         AND (j.tenant_id, j.priority, j.kind) > (q.tenant_id, q.priority, q.kind) {order}"
    );
    let step = match sql.dialect() {
        Dialect::Postgres => {
            format!("CROSS JOIN LATERAL (SELECT j.tenant_id, j.priority, j.kind {next}) AS n")
        }
        Dialect::Sqlite => format!("JOIN core_job AS n ON n.rowid = (SELECT j.rowid {next})"),
    };
    let by_index = by_index(sql.dialect());
    sql.push(&format!(
        "WITH RECURSIVE queue ({columns}) AS (
            SELECT * FROM (SELECT {columns} FROM core_job AS j WHERE j.finished_at IS NULL {order}) AS first
            UNION ALL SELECT n.tenant_id, n.priority, n.kind FROM queue AS q {step}
        ) SELECT {columns}, (
            SELECT j.due_at FROM core_job AS j{by_index} WHERE j.tenant_id = q.tenant_id AND j.priority = q.priority
            AND j.kind = q.kind AND j.finished_at IS NULL ORDER BY j.due_at, j.id LIMIT 1
        ) FROM queue AS q"
    ));
}

/// SQLite would rather read the table, and sort.
fn by_index(dialect: Dialect) -> &'static str {
    if dialect == Dialect::Sqlite { " INDEXED BY core_job_next" } else { "" }
}

/// Claims the job of a queue that waits longest; `None` if others were faster.
async fn claim(context: &RequestContext, queue: &Queue) -> Result<Option<Model>, Error> {
    UnitOfWork::run(context, |unit| Box::pin(claim_in(unit, queue.priority, queue.kind.clone()))).await
}

async fn claim_in(unit: &mut UnitOfWork, priority: i32, kind: String) -> Result<Option<Model>, Error> {
    let mut sql = Sql::new(unit.dialect());
    sql.push("SELECT j.* FROM core_job AS j");
    sql.push(by_index(unit.dialect())).push(" WHERE j.tenant_id = ").bind(unit.tenant());
    sql.push(" AND j.priority = ").bind(priority).push(" AND j.kind = ").bind(kind);
    sql.push(" AND j.finished_at IS NULL AND j.due_at <= ").bind(instant_value(unit.now(), unit.dialect()));
    sql.push(" ORDER BY j.due_at, j.id LIMIT 1");
    if unit.dialect() == Dialect::Postgres {
        sql.push(" FOR NO KEY UPDATE SKIP LOCKED");
    }
    let rows = unit.rows(sql).await?;
    let Some(before) = rows.first().map(|row| Model::from_query_result(row, "")).transpose()? else {
        return Ok(None);
    };
    // Whoever has it has not given it back: a job may be what ends its workers, and counts.
    let attempts = before.attempts + i32::from(before.claimed_by.is_some());
    if before.claimed_by.is_some() && next_attempt(attempts, unit.now()).is_none() {
        tracing::error!(job = %before.id, kind = before.kind, "a job has ended its worker too often");
        let error = Some("the program ended each time".to_owned());
        let after = Model { attempts, error, ..before.over(JobState::Failed, unit.now()) };
        unit.update::<Entity>(&before, after);
        return Ok(None);
    }
    let after = Model {
        claimed_by: Some(unit.new_id()),
        attempts,
        due_at: lease(&unit.context().kernel),
        started_at: before.started_at.or(Some(unit.now())),
        ..before.next(JobState::Running)
    };
    unit.update::<Entity>(&before, after.clone());
    Ok(Some(after))
}

/// The job as it is now, locked, if it still is ours; `None` if it was cancelled, or another worker has it.
pub(super) async fn held(unit: &UnitOfWork, job: &Model) -> Result<Option<Model>, Error> {
    let held = unit
        .find::<Entity>()
        .filter(Column::Id.eq(job.id))
        .filter(Column::ClaimedBy.eq(job.claimed_by))
        .filter(Column::FinishedAt.is_null())
        .lock(LockType::NoKeyUpdate);
    Ok(held.one(unit.transaction()).await?)
}

/// Renews the lease of a job again and again while a step takes long; ends when the job is ours no more. On SQLite it waits
/// while the step has the one writer; nobody else can take or cancel the job meanwhile.
pub(super) async fn beat(kernel: &Kernel, job: &Model) {
    loop {
        tokio::time::sleep(BEAT).await;
        match renew(kernel, job).await {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => tracing::warn!(job = %job.id, %error, "the lease of a job could not be renewed"),
        }
    }
}

async fn renew(kernel: &Kernel, job: &Model) -> Result<bool, Error> {
    let due_at = instant_value(lease(kernel), kernel.database.dialect());
    write_if_ours(kernel, job, |sql| sql.push("due_at = ").bind(due_at)).await
}

/// Writes columns of a job if it still is ours, and says whether it is.
async fn write_if_ours(
    kernel: &Kernel,
    job: &Model,
    columns: impl FnOnce(&mut Sql) -> &mut Sql + Send,
) -> Result<bool, Error> {
    let mut sql = Sql::new(kernel.database.dialect());
    sql.push("UPDATE core_job SET ");
    columns(&mut sql);
    sql.push(" WHERE tenant_id = ").bind(job.tenant_id).push(" AND id = ").bind(job.id);
    sql.push(" AND claimed_by = ").bind(job.claimed_by).push(" AND finished_at IS NULL");
    let statement = sql.into_statement();
    tracing::trace!(sql = %statement.sql, "write");
    Ok(kernel.database.writer().execute_raw(statement).await?.rows_affected() == 1)
}

/// Notes how far a step is, if the job still is ours: whether it is.
///
/// # Errors
/// Faults of the database.
pub(super) async fn report(
    kernel: &Kernel,
    job: &Model,
    done: i64,
    total: Option<i64>,
) -> Result<bool, Error> {
    write_if_ours(kernel, job, |sql| sql.push("done = ").bind(done).push(", total = ").bind(total)).await
}

/// Gives a job back, so that any worker goes on with it: at once, or when its module is enabled again.
///
/// # Errors
/// Faults of the database.
pub(super) async fn give_back(context: &RequestContext, job: &Model) -> Result<(), Error> {
    let due_at = instant_value(context.now(), context.database().dialect());
    write_if_ours(&context.kernel, job, |sql| sql.push("claimed_by = NULL, due_at = ").bind(due_at)).await?;
    Ok(())
}
