//! What a unit of work changes, for people (audit) and for programs (events).

use indexmap::IndexMap;
use sea_orm::{IdenStatic as _, Iterable as _, ModelTrait as _, Value};
use serde_json::{Map, Value as Json, json};
use shoal_graphql::error::Error;
use uuid::Uuid;

use crate::module::{Composition, EventDeclaration};
use crate::outbox::Telling;
use crate::record::{Action, RecordType, TenantEntity};
use crate::unit_of_work::UnitOfWork;
use crate::{audit, outbox, timeline};

/// Changes by record, in the order in which the records were first changed.
#[derive(Default)]
pub(crate) struct History {
    records: IndexMap<(&'static str, Uuid), Entry>,
    published: Vec<Telling>,
}

/// What happens to one record.
struct Entry {
    event: String,
    audited: bool,
    timeline: timeline::Part,
    action: Action,
    version: Option<i32>,
    /// Field → what it was and what it is.
    changes: Map<String, Json>,
}

fn value_of<E: TenantEntity>(model: &E::Model, name: &str) -> Option<Value> {
    E::Column::iter().find(|column| column.as_str() == name).map(|column| model.get(column))
}

fn id_of<E: TenantEntity>(model: &E::Model) -> Uuid {
    match model.get(E::id_column()) {
        Value::Uuid(Some(id)) => id,
        _ => Uuid::nil(),
    }
}

fn version_of<E: TenantEntity>(model: &E::Model) -> Option<i32> {
    match value_of::<E>(model, "version") {
        Some(Value::Int(version)) => version,
        _ => None,
    }
}

fn is_deleted<E: TenantEntity>(model: &E::Model) -> bool {
    matches!(value_of::<E>(model, "deleted_at"), Some(Value::ChronoDateTimeUtc(Some(_))))
}

impl History {
    fn entry(&mut self, record: &RecordType, id: Uuid, action: Action) -> &mut Entry {
        let RecordType { event, audited, timeline, .. } = record;
        let fresh = || Entry {
            event: event.clone(),
            audited: *audited,
            timeline: *timeline,
            action,
            version: None,
            changes: Map::new(),
        };
        self.records.entry((record.name, id)).or_insert_with(fresh)
    }

    /// A new record. Its values are in the record itself.
    pub(crate) fn created<E: TenantEntity>(&mut self, modules: &Composition, model: &E::Model) {
        let Some(record) = modules.record(E::default().table_name()) else { return };
        let entry = self.entry(record, id_of::<E>(model), Action::Created);
        entry.version = version_of::<E>(model);
    }

    /// Other values of a record.
    pub(crate) fn updated<E: TenantEntity>(
        &mut self,
        modules: &Composition,
        before: &E::Model,
        after: &E::Model,
    ) {
        let Some(record) = modules.record(E::default().table_name()) else { return };
        let action = match (is_deleted::<E>(before), is_deleted::<E>(after)) {
            (false, true) => Action::Deleted,
            (true, false) => Action::Restored,
            _ => Action::Updated,
        };
        let entry = self.entry(record, id_of::<E>(after), action);
        if entry.action == Action::Updated {
            entry.action = action;
        }
        entry.version = version_of::<E>(after);
        if entry.action == Action::Created {
            return;
        }
        for column in E::Column::iter() {
            let (old, new) = (before.get(column), after.get(column));
            if old == new {
                continue;
            }
            let field = record.fields.iter().find(|(known, _)| known == column.as_str());
            if let Some((_, field)) = field {
                change(&mut entry.changes, field, json_of(&old), json_of(&new));
            }
        }
    }

    /// The end of a record.
    pub(crate) fn removed<E: TenantEntity>(&mut self, modules: &Composition, model: &E::Model) {
        let Some(record) = modules.record(E::default().table_name()) else { return };
        let values = record.fields.iter().filter_map(|(column, field)| {
            let value = json_of(&value_of::<E>(model, column)?);
            (!value.is_null()).then(|| (field.clone(), value))
        });
        let values: Vec<_> = values.collect();
        let entry = self.entry(record, id_of::<E>(model), Action::Removed);
        entry.action = Action::Removed;
        entry.version = version_of::<E>(model);
        for (field, value) in values {
            change(&mut entry.changes, &field, value, Json::Null);
        }
    }

    /// Something that belongs to a record is different.
    pub(crate) fn noted<E: TenantEntity>(
        &mut self,
        modules: &Composition,
        id: Uuid,
        field: &str,
        before: Json,
        after: Json,
    ) {
        let Some(record) = modules.record(E::default().table_name()) else { return };
        let entry = self.entry(record, id, Action::Updated);
        if entry.action != Action::Created {
            change(&mut entry.changes, field, before, after);
        }
    }

    /// An event of the module's own.
    pub(crate) fn published<E: TenantEntity>(
        &mut self,
        modules: &Composition,
        event: &EventDeclaration,
        record: Uuid,
        payload: Json,
    ) -> Result<(), Error> {
        let mut declared = modules.modules().iter().flat_map(|module| &module.events);
        if !declared.any(|declared| (declared.name, declared.version) == (event.name, event.version)) {
            let EventDeclaration { name, version, .. } = event;
            let text = format!(
                "the event {name} in version {version} is published, but no module has it in its events()"
            );
            return Err(Error::fault(text));
        }
        let record_type = modules.record(E::default().table_name()).map_or("", |record| record.name);
        let (name, version) = (event.name.to_owned(), event.version);
        self.published.push(Telling { name, version, record_type, record, payload });
        Ok(())
    }

    /// Stages the rows of audit and outbox; whether there are events.
    pub(crate) fn stage(self, unit: &mut UnitOfWork) -> bool {
        let mut tellings = Vec::with_capacity(self.records.len() + self.published.len());
        for ((record_type, id), entry) in self.records {
            let fields: Vec<&String> = entry.changes.keys().collect();
            let payload = json!({ "version": entry.version, "changed": fields });
            let name = format!("{}_{}", entry.event, entry.action.event());
            tellings.push(Telling { name, version: 1, record_type, record: id, payload });
            timeline::stage_change(unit, entry.timeline, (record_type, id), entry.action, &fields);
            if entry.audited {
                let changes = (!entry.changes.is_empty()).then_some(Json::Object(entry.changes));
                audit::stage(unit, record_type, id, entry.action, changes);
            }
        }
        tellings.extend(self.published);
        let has_events = !tellings.is_empty();
        outbox::stage(unit, tellings);
        has_events
    }
}

/// Notes a change of a field: what it was at first, and what it is in the end.
fn change(changes: &mut Map<String, Json>, field: &str, before: Json, after: Json) {
    match changes.get_mut(field).and_then(|known| known.get_mut(1)) {
        Some(last) => *last = after,
        None => drop(changes.insert(field.to_owned(), Json::Array(vec![before, after]))),
    }
}

/// A stored value as audits keep it.
fn json_of(value: &Value) -> Json {
    match value {
        Value::Bool(Some(value)) => (*value).into(),
        Value::Int(Some(value)) => (*value).into(),
        Value::BigInt(Some(value)) => (*value).into(),
        Value::Double(Some(value)) => (*value).into(),
        Value::String(Some(value)) => value.as_str().into(),
        Value::Uuid(Some(value)) => value.to_string().into(),
        Value::ChronoDate(Some(value)) => value.to_string().into(),
        Value::ChronoDateTimeUtc(Some(value)) => {
            value.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true).into()
        }
        Value::Json(Some(value)) => (**value).clone(),
        _ => Json::Null,
    }
}
