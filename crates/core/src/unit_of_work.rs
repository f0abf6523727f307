//! The one kind of transaction. A use case loads, decides and *stages*; the flush writes what was staged set-wise: one
//! statement per table and kind of change, or fewer, whatever the number of records.

mod lock;
mod run;
mod terms;

use chrono::{DateTime, NaiveDate, Utc};
use indexmap::IndexMap;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{
    ColumnTrait, ConnectionTrait as _, DatabaseTransaction, DbErr, EntityTrait as _, IdenStatic,
    Iterable as _, ModelTrait as _, PrimaryKeyToColumn, QueryFilter as _, QueryResult, Select, SqlErr, Value,
};
use serde_json::Value as Json;
use shoal_graphql::context::Context as _;
use shoal_graphql::database::{Dialect, Sql};
use shoal_graphql::error::Error;
use uuid::Uuid;

use crate::context::RequestContext;
use crate::history::History;
use crate::module::{EventDeclaration, Scope};
use crate::record::TenantEntity;
use crate::statement::{self, Change, Table};
use crate::unit_of_work::terms::Terms;
use crate::{tenant, timeline};

/// A transaction with its tenant, actor, clock and ids.
#[expect(clippy::struct_excessive_bools, reason = "each is something of its own that has happened")]
pub struct UnitOfWork {
    context: RequestContext,
    transaction: DatabaseTransaction,
    now: DateTime<Utc>,
    staged: Vec<Table>,
    terms: Terms,
    /// What timelines tell of each source.
    pub(crate) timelines: IndexMap<Uuid, timeline::Telling>,
    history: History,
    /// Modules, teams, roles or rights of the company are different.
    access_changed: bool,
    /// There is something to be told.
    has_events: bool,
    /// There is something to be done.
    has_jobs: bool,
    /// A record could not be written because one that it refers to is not there.
    dangling: bool,
}

impl UnitOfWork {
    /// Begins a transaction. Whoever begins one commits it, too; [`run`](Self::run) does both.
    pub(crate) async fn begin(context: &RequestContext) -> Result<Self, Error> {
        let transaction = context.database().begin().await.map_err(not_begun)?;
        Ok(Self {
            context: context.clone(),
            transaction,
            now: context.now(),
            staged: Vec::new(),
            terms: Terms::default(),
            timelines: IndexMap::new(),
            history: History::default(),
            access_changed: false,
            has_events: false,
            has_jobs: false,
            dangling: false,
        })
    }

    /// Writes what is staged with its audit and events, and ends the transaction.
    pub(crate) async fn commit(mut self) -> Result<(), DbErr> {
        match self.write_all().await {
            Ok(()) => self.end().await,
            Err(error) => {
                self.rollback().await;
                Err(error)
            }
        }
    }

    /// Writes what is staged with its audit and events.
    async fn write_all(&mut self) -> Result<(), DbErr> {
        let history = std::mem::take(&mut self.history);
        self.has_events |= history.stage(self);
        self.flush().await?;
        if self.access_changed {
            self.count_revision().await?;
        }
        Ok(())
    }

    /// Ends the transaction in which all is written.
    async fn end(self) -> Result<(), DbErr> {
        let Self { context, transaction, access_changed, has_events, has_jobs, .. } = self;
        transaction.commit().await?;
        if access_changed {
            context.kernel.forget(context.tenant.id);
        }
        if has_events {
            context.kernel.signal.wake();
        }
        if has_jobs {
            context.kernel.jobs.wake();
        }
        Ok(())
    }

    /// Ends the transaction without a trace. One that is only dropped ends as well, but keeps its locks until its
    /// connection is looked at again.
    pub(crate) async fn rollback(self) {
        if let Err(error) = self.transaction.rollback().await {
            tracing::warn!(%error, "a transaction could not be rolled back; it ends with its connection");
        }
    }

    /// Last of all, as everybody who changes the company's access waits here.
    async fn count_revision(&self) -> Result<(), DbErr> {
        let counted = tenant::Column::AccessRevision;
        tenant::Entity::update_many()
            .col_expr(counted, Expr::col(counted).add(1))
            .filter(tenant::Column::TenantId.eq(self.tenant()))
            .exec(&self.transaction)
            .await?;
        Ok(())
    }

    /// Writes what is staged so far, for use cases that must read it back.
    ///
    /// # Errors
    /// Faults of the database.
    pub async fn flush(&mut self) -> Result<(), DbErr> {
        self.stage_timelines()?;
        self.stage_terms();
        let mut staged = std::mem::take(&mut self.staged);
        for change in [Change::Delete, Change::Insert, Change::Update] {
            for statement in statement::write(&mut staged, change, self.dialect())? {
                let written = self.transaction.execute_raw(statement).await;
                let dangles =
                    |error: &DbErr| matches!(error.sql_err(), Some(SqlErr::ForeignKeyConstraintViolation(_)));
                // What cannot be removed is referred to by somebody who was faster.
                self.dangling = change != Change::Delete && written.as_ref().is_err_and(dangles);
                written?;
            }
        }
        Ok(())
    }

    /// The request's context.
    pub fn context(&self) -> &RequestContext {
        &self.context
    }

    /// The tenant's id.
    pub fn tenant(&self) -> Uuid {
        self.context.tenant.id
    }

    /// The user or API key that changes things; `None` for the system itself.
    pub fn actor(&self) -> Option<Uuid> {
        self.context.caller.actor.id()
    }

    /// The instant of the transaction: the same for all it writes.
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// The business day of the transaction.
    pub fn today(&self) -> NaiveDate {
        self.context.today()
    }

    /// A new id.
    pub fn new_id(&self) -> Uuid {
        self.context.new_id()
    }

    /// The dialect of the database.
    pub fn dialect(&self) -> Dialect {
        self.context.database().dialect()
    }

    /// The transaction, to run queries made by [`find`](Self::find).
    pub fn transaction(&self) -> &DatabaseTransaction {
        &self.transaction
    }

    /// The rows of a statement that [`find`](Self::find) cannot write. It must name the tenant itself.
    ///
    /// # Errors
    /// Faults of the database.
    pub async fn rows(&self, sql: Sql) -> Result<Vec<QueryResult>, DbErr> {
        let statement = sql.into_statement();
        tracing::trace!(sql = %statement.sql, "read");
        self.transaction.query_all_raw(statement).await
    }

    /// Runs a statement that changes rows without loading them, and without audit and events. It must name the tenant
    /// itself. How many rows there were.
    ///
    /// # Errors
    /// Faults of the database.
    pub async fn execute(&self, sql: Sql) -> Result<u64, DbErr> {
        let statement = sql.into_statement();
        tracing::trace!(sql = %statement.sql, "write");
        Ok(self.transaction.execute_raw(statement).await?.rows_affected())
    }

    /// A query over the tenant's records.
    pub fn find<E: TenantEntity>(&self) -> Select<E> {
        E::find().filter(E::tenant_column().eq(self.tenant()))
    }

    /// Whether the caller may read a record. Of one without an owner, ask it of the record that it is visible with.
    pub fn sees<E: TenantEntity>(&self, model: &E::Model) -> bool {
        let Some(record) = self.context.kernel.modules.record(E::default().table_name()) else { return true };
        let holds = |right| self.context.caller.scope(right).is_some();
        let owned = record.ownership.is_some();
        record.right.is_none_or(|right| if owned { self.reaches::<E>(right, model) } else { holds(right) })
    }

    /// Whether the caller may do what the right names with a record; one without an owner needs the scope of all.
    pub fn reaches<E: TenantEntity>(&self, right: &str, model: &E::Model) -> bool {
        let record = self.context.kernel.modules.record(E::default().table_name());
        let Some(ownership) = record.and_then(|record| record.ownership.as_ref()) else {
            return self.context.caller.scope(right) == Some(Scope::All);
        };
        let id_in = |column: &str| {
            let value =
                E::Column::iter().find(|known| known.as_str() == column).map(|known| model.get(known));
            if let Some(Value::Uuid(id)) = value { id } else { None }
        };
        let team = ownership.team.as_deref().and_then(id_in);
        self.context.caller.reaches(right, id_in(&ownership.owner), team)
    }

    /// A condition for [`find`](Self::find): the column is one of these values, however many there are.
    pub fn any_of<C: ColumnTrait, V: Into<Value>>(
        &self,
        column: C,
        values: impl IntoIterator<Item = V>,
    ) -> Expr {
        self.dialect().any_of(column.into_expr(), values.into_iter().map(Into::into).collect())
    }

    /// Stages a new record.
    pub fn insert<E: TenantEntity>(&mut self, model: E::Model) {
        self.history.created::<E>(&self.context.kernel.modules, &model);
        self.change_terms::<E>(None, Some(&model));
        let values = self.values::<E>(model);
        self.table::<E>(Change::Insert).rows.push(values);
    }

    /// Stages a record with all its values, and what it was before; it must have been loaded in this transaction, and
    /// locked.
    pub fn update<E: TenantEntity>(&mut self, before: &E::Model, after: E::Model) {
        self.history.updated::<E>(&self.context.kernel.modules, before, &after);
        self.change_terms::<E>(Some(before), Some(&after));
        let values = self.values::<E>(after);
        self.table::<E>(Change::Update).rows.push(values);
    }

    /// Stages the end of a record; it must have been loaded in this transaction, and locked.
    pub fn remove<E: TenantEntity>(&mut self, model: &E::Model) {
        self.delete::<E>(&[E::tenant_column(), E::id_column()], model);
        self.change_terms::<E>(Some(model), None);
        self.history.removed::<E>(&self.context.kernel.modules, model);
    }

    /// Stages the end of a row that is nothing but a pair of ids, such as a user's role: by its whole primary key.
    pub fn unlink<E: TenantEntity>(&mut self, model: &E::Model) {
        let key: Vec<E::Column> = E::PrimaryKey::iter().map(PrimaryKeyToColumn::into_column).collect();
        self.delete::<E>(&key, model);
    }

    /// Stages the end of the row that has the model's values in these columns, the tenant's first.
    fn delete<E: TenantEntity>(&mut self, keys: &[E::Column], model: &E::Model) {
        let (tenant, dialect) = (self.tenant(), self.dialect());
        let others = keys.iter().skip(1).map(|column| model.get(*column));
        let row =
            [tenant.into()].into_iter().chain(others).map(|value| statement::bound(value, dialect)).collect();
        self.deletions::<E>(keys.iter().map(IdenStatic::as_str).collect()).rows.push(row);
    }

    /// Says for the audit that something that belongs to a record, such as its tags, is different.
    pub fn note<E: TenantEntity>(&mut self, record: Uuid, field: &str, before: Json, after: Json) {
        self.history.noted::<E>(&self.context.kernel.modules, record, field, before, after);
    }

    /// Tells that something happened to a record: an event that the module has declared. `payload` is what it says.
    ///
    /// # Errors
    /// A fault if no module has the event in its `events()`: nobody could wait for it.
    pub fn publish<E: TenantEntity>(
        &mut self,
        event: &EventDeclaration,
        record: Uuid,
        payload: Json,
    ) -> Result<(), Error> {
        self.history.published::<E>(&self.context.kernel.modules, event, record, payload)
    }

    /// Says that modules, teams, roles or rights of the company are different: every node looks at them again.
    pub fn access_changed(&mut self) {
        self.access_changed = true;
    }

    /// Says that a job has come that workers may begin.
    pub(crate) fn job_came(&mut self) {
        self.has_jobs = true;
    }

    /// Stages the removal of the rows whose `column` has this value. Search terms go with them if the column says whose
    /// parts they are.
    pub fn delete_where<E: TenantEntity>(&mut self, column: E::Column, value: Uuid) {
        let (tenant, dialect) = (self.tenant(), self.dialect());
        let row = [tenant, value].map(|id| statement::bound(id.into(), dialect));
        self.deletions::<E>(vec!["tenant_id", column.as_str()]).rows.push(row.into());
        self.terms_of_parts::<E>(column.as_str(), value);
    }

    /// The staged deletions of a table that go by these columns.
    fn deletions<E: TenantEntity>(&mut self, keys: Vec<&'static str>) -> &mut Table {
        let name = E::default().table_name().to_owned();
        let same = |table: &Table| table.change == Change::Delete && table.name == name && table.keys == keys;
        let position = self.staged.iter().position(same);
        let position = position.unwrap_or_else(|| {
            let mut table = Table::of::<E>(Change::Delete);
            table.keys = keys;
            self.staged.push(table);
            self.staged.len() - 1
        });
        &mut self.staged[position]
    }

    /// The values of a model as the dialect binds them, in the order of the columns. The tenant is always our own.
    fn values<E: TenantEntity>(&self, model: E::Model) -> Vec<Value> {
        let (tenant, dialect) = (self.tenant(), self.dialect());
        let tenant_column = E::tenant_column();
        E::Column::iter()
            .zip(E::values(model))
            .map(|(column, value)| {
                let own = column.as_str() == tenant_column.as_str();
                statement::bound(if own { tenant.into() } else { value }, dialect)
            })
            .collect()
    }

    fn table<E: TenantEntity>(&mut self, change: Change) -> &mut Table {
        self.staged_table::<E>(change, false)
    }

    /// `repeats`: rows that are there already are passed over.
    fn staged_table<E: TenantEntity>(&mut self, change: Change, repeats: bool) -> &mut Table {
        let name = E::default().table_name().to_owned();
        let same = |table: &Table| (table.change, table.repeats) == (change, repeats) && table.name == name;
        let known = self.staged.iter().position(same);
        let position = known.unwrap_or_else(|| {
            self.staged.push(Table::of::<E>(change).repeating(repeats));
            self.staged.len() - 1
        });
        &mut self.staged[position]
    }
}

/// A transaction cannot begin: mostly because others keep all connections, or SQLite's write lock, for too long.
fn not_begun(error: DbErr) -> Error {
    let text = error.to_string();
    if text.contains("timed out") || text.contains("database is locked") {
        Error::Timeout
    } else {
        error.into()
    }
}
