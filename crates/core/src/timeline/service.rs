//! Writes timelines.

use sea_orm::DbErr;
use serde_json::json;
use shoal_graphql::database::Sql;
use shoal_graphql::error::Error;
use uuid::Uuid;

use super::{Column, Entity, Model, Part, TimelineKind, Told, kind_of};
use crate::record::{Action, TenantEntity};
use crate::unit_of_work::UnitOfWork;

/// What is told of a source with the next flush: in which table it is, what it is (`None` if nothing), and whether timelines
/// may have told of it before.
pub(crate) struct Telling {
    table: String,
    told: Option<Told>,
    again: bool,
}

impl UnitOfWork {
    /// Stages what timelines tell of a new record of the module's own. The flush fails if no module has the kind in its
    /// `timeline()`, or if the declarations do not say that such records are told of and that the others have timelines.
    pub fn tell_timelines<S: TenantEntity>(&mut self, source: Uuid, told: Told) {
        let table = S::default().table_name().to_owned();
        self.timelines.insert(source, Telling { table, told: Some(told), again: false });
    }

    /// Stages what timelines tell of a record that they may have told of before: this, and nothing else. To be called as well
    /// when a record is restored, as timelines forget what is deleted.
    pub fn retell_timelines<S: TenantEntity>(&mut self, source: Uuid, told: Told) {
        let table = S::default().table_name().to_owned();
        self.timelines.insert(source, Telling { table, told: Some(told), again: true });
    }

    /// Stages the entries that are told so far: of each source what was told last.
    pub(crate) fn stage_timelines(&mut self) -> Result<(), DbErr> {
        for (source, Telling { table, told, again }) in std::mem::take(&mut self.timelines) {
            if again {
                self.delete_where::<Entity>(Column::SourceId, source);
            }
            let Some(told) = told else { continue };
            for entry in entries(self, (&table, source), told).map_err(DbErr::Custom)? {
                self.insert::<Entity>(entry);
            }
        }
        Ok(())
    }
}

/// An entry for each record that a source concerns, or what the declarations do not fit to.
fn entries(unit: &UnitOfWork, (table, source): (&str, Uuid), told: Told) -> Result<Vec<Model>, String> {
    let Told { kind: TimelineKind { name: kind }, at, actor, records } = told;
    let modules = &unit.context().kernel.modules;
    if modules.timeline_kind(kind).is_none() {
        return Err(format!("timelines tell {kind}, but no module has it in its timeline()"));
    }
    let declared = |table: &str, wanted: fn(&Part) -> bool| {
        let record = modules.record(table).filter(|record| wanted(&record.timeline));
        let missing = || format!("the declaration of {table} lacks timelines: see OnTimeline");
        record.map(|record| record.name).ok_or_else(missing)
    };
    let source_type = declared(table, |part| part.source)?;
    let entry = |(table, record_id): (String, Uuid)| {
        Ok(Model {
            tenant_id: unit.tenant(),
            id: unit.new_id(),
            record_type: declared(&table, |part| part.own)?.to_owned(),
            record_id,
            at,
            kind: kind.to_owned(),
            source_type: Some(source_type.to_owned()),
            source_id: Some(source),
            actor_id: actor,
            changed: None,
        })
    };
    records.into_iter().map(entry).collect()
}

/// Stages what the timelines have of a change of a record: an entry on its own, and the end of those about it. `changed` are
/// names of fields.
pub(crate) fn stage_change(
    unit: &mut UnitOfWork,
    part: Part,
    (record_type, id): (&str, Uuid),
    action: Action,
    changed: &[&String],
) {
    if part.source && matches!(action, Action::Deleted | Action::Removed) {
        unit.timelines.insert(id, Telling { table: String::new(), told: None, again: true });
    }
    if !part.own {
        return;
    }
    match kind_of(action) {
        // Such as a change of nothing but a sort key.
        Some(_) if action == Action::Updated && changed.is_empty() => {}
        Some(TimelineKind { name }) => {
            let entry = Model {
                tenant_id: unit.tenant(),
                id: unit.new_id(),
                record_type: record_type.to_owned(),
                record_id: id,
                at: unit.now(),
                kind: name.to_owned(),
                source_type: None,
                source_id: None,
                actor_id: unit.context().caller.actor.user(),
                changed: (action == Action::Updated).then(|| json!(changed)),
            };
            unit.insert::<Entity>(entry);
        }
        None => unit.delete_where::<Entity>(Column::RecordId, id),
    }
}

/// Entries that are deleted in one transaction.
const DELETED_AT_ONCE: usize = 1_000;

/// Deletes some entries of the timelines of the records of a module that is being purged, and about such records; how many.
///
/// # Errors
/// Faults of the database.
pub(crate) async fn forget(unit: &UnitOfWork, module: &str) -> Result<u64, Error> {
    let kinds =
        unit.context().kernel.modules.records().filter(|kind| kind.timeline.own || kind.timeline.source);
    let names: Vec<sea_orm::Value> =
        kinds.filter(|kind| kind.module == module).map(|kind| kind.name.into()).collect();
    if names.is_empty() {
        return Ok(0);
    }
    let mut sql = Sql::new(unit.dialect());
    sql.push("DELETE FROM core_timeline_entry WHERE tenant_id = ").bind(unit.tenant());
    sql.push(" AND id IN (SELECT id FROM core_timeline_entry WHERE tenant_id = ").bind(unit.tenant());
    sql.push(" AND (record_type").is_any_of(names.clone());
    sql.push(" OR source_type").is_any_of(names);
    sql.push(&format!(") LIMIT {DELETED_AT_ONCE})"));
    Ok(unit.execute(sql).await?)
}
