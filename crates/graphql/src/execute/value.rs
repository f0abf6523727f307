//! Answers of queries, and the records that values refer to.

use std::collections::HashMap;

use futures::future::join_all;
use uuid::Uuid;

use super::Run;
use super::load::{Loader, Table};
use super::row;
use crate::declare::OutputValue;
use crate::error::{Error, Refusal, code};
use crate::message;
use crate::plan::{Load, RecordLoad, ValuePlan};
use crate::read::under;
use crate::value::InputMap;

/// Records by their ids.
#[derive(Default)]
pub(crate) struct Records {
    pub table: Table,
    pub positions: HashMap<Uuid, usize>,
}

/// A value, and for each place with references what was found.
pub(crate) struct Answered {
    pub value: OutputValue,
    pub records: Vec<Result<Records, Error>>,
}

impl Run<'_> {
    /// Calls the handler of a query and reads the records that it names.
    pub(super) async fn value(&self, plan: &ValuePlan) -> Result<Answered, Error> {
        let query = &self.catalog.queries[plan.query];
        let mut given = Vec::with_capacity(plan.arguments.len());
        for (name, template) in &plan.arguments {
            if let Some(input) = template.fill(self.variables).map_err(|refusal| under(refusal, name))? {
                given.push((name.clone(), input));
            }
        }
        let value = (query.handler)(std::sync::Arc::clone(self.context), InputMap(given)).await?;
        let records = self.loader().referred(&plan.records, &value).await;
        Ok(Answered { value, records })
    }
}

impl Loader<'_> {
    /// The records that a value refers to: one statement for each place that has any.
    pub(crate) async fn referred(
        &self,
        places: &[RecordLoad],
        value: &OutputValue,
    ) -> Vec<Result<Records, Error>> {
        join_all(places.iter().map(|place| async {
            let mut ids = Vec::new();
            let table = self.scope.entity(place.load.entity).table();
            collect(value, (&place.path, table), &mut ids);
            ids.sort_unstable();
            ids.dedup();
            let most = self.scope.limits.records;
            if ids.len() > most {
                let count = ids.len();
                let message = message!(
                    "records-too-many",
                    "{count} records are more than {most}; ask for less at once",
                    count,
                    most,
                );
                return Err(Refusal::new(code::LIMIT_EXCEEDED, message).into());
            }
            self.records(&place.load, &ids).await
        }))
        .await
    }

    /// Records by their ids, to be looked up.
    pub(crate) async fn records(&self, load: &Load, ids: &[Uuid]) -> Result<Records, Error> {
        if ids.is_empty() {
            return Ok(Records::default());
        }
        let table = self.by_ids(load, ids).await?;
        let slot = crate::read::list::width(&load.columns);
        let mut positions = HashMap::with_capacity(table.rows.len());
        for (position, found) in table.rows.iter().enumerate() {
            if let Some(id) = row::value::<Uuid>(found, slot)? {
                positions.insert(id, position);
            }
        }
        Ok(Records { table, positions })
    }
}

/// The ids of a table's records at a place of a value.
fn collect(value: &OutputValue, (path, table): (&[usize], &str), ids: &mut Vec<Uuid>) {
    match (value, path) {
        (OutputValue::Record(id), []) => ids.push(*id),
        (OutputValue::AnyRecord(of, id), []) if of == table => ids.push(*id),
        (OutputValue::List(items), _) => items.iter().for_each(|item| collect(item, (path, table), ids)),
        (OutputValue::Object(fields), [first, rest @ ..]) => {
            if let Some(field) = fields.get(*first) {
                collect(field, (rest, table), ids);
            }
        }
        _ => {}
    }
}
