//! Tells changes of records to a subscriber: those that may be seen, in the shape that was asked for.

use std::collections::HashMap;

use uuid::Uuid;

use super::Run;
use super::load::Table;
use super::row;
use super::write::{Path, Writer, Written};
use crate::catalog::Entity;
use crate::declare::{Change, ChangeKind};
use crate::error::{Error, ResponseError};
use crate::plan::arguments::Variables;
use crate::plan::{ChangeField, ChangePlan, Keyed, RootField};
use crate::read::under;
use crate::value::{Choice as _, Input, InputMap};

/// Changed records as they are now.
struct Found {
    /// Those that are not deleted.
    table: Table,
    /// For each record that may be told of its row; `None` if it is deleted.
    rows: HashMap<Uuid, Option<usize>>,
}

/// Data and errors of one change.
pub(crate) type Told = (Vec<u8>, Vec<ResponseError>);

impl Run<'_> {
    /// The field of the operation.
    fn change(&self) -> Option<(&Keyed<RootField>, &ChangePlan)> {
        let root = self.plan.roots.first()?;
        match &root.value {
            RootField::Change(plan) => Some((root, plan)),
            _ => None,
        }
    }

    /// Whether the filter is one that can be asked for.
    ///
    /// # Errors
    /// What is wrong with it, at the field's path.
    pub(crate) fn check_filter(&self) -> Result<(), ResponseError> {
        let Some((root, plan)) = self.change() else { return Ok(()) };
        let scope = self.loader().scope;
        let checked = filter(plan, self.variables).and_then(|filter| {
            let entity = scope.entity(plan.load.entity);
            scope.changed(entity, &plan.load.columns, filter.as_ref(), &[]).map_err(Error::from)
        });
        checked.map(drop).map_err(|error| {
            let path = Path::Key(&Path::Root, &root.key).segments();
            ResponseError::at(&error, path, root.location.into_iter().collect())
        })
    }

    /// What to tell of each change; `None` where there is nothing for this caller. If the records cannot be read, each
    /// change is told as an error, as a subscriber must know that something was missed.
    pub(crate) async fn changes(&self, changes: &[Change]) -> Vec<Option<Told>> {
        let Some((root, plan)) = self.change() else { return changes.iter().map(|_| None).collect() };
        let found = self.find(plan, changes).await;
        let told = changes.iter().map(|change| {
            let mut writer = self.writer(512);
            match &found {
                Ok(found) => {
                    let row = *found.rows.get(&change.id)?;
                    let fields = self.told_fields(plan, change);
                    // Each change is its own response.
                    writer.nullable(|writer| {
                        writer.object(std::slice::from_ref(root), &Path::Root, |writer, _, path| {
                            writer.change(plan, (change, &fields), (&found.table, row), path)
                        })
                    });
                }
                Err(error) => {
                    writer.failed(error, &Path::Key(&Path::Root, &root.key), root.location);
                    writer.null();
                }
            }
            Some((writer.out, writer.errors))
        });
        told.collect()
    }

    fn entity(&self, plan: &ChangePlan) -> &Entity {
        &self.catalog.entities[plan.load.entity]
    }

    /// The changed fields, but for those that the API does not have or that the caller may not read.
    fn told_fields<'c>(&self, plan: &ChangePlan, change: &'c Change) -> Vec<&'c str> {
        let rights = self.context.rights();
        let told = |name: &&str| self.catalog.may_read(self.entity(plan), name, rights);
        change.fields.iter().map(String::as_str).filter(told).collect()
    }

    async fn find(&self, plan: &ChangePlan, changes: &[Change]) -> Result<Found, Error> {
        let mut ids: Vec<Uuid> = changes.iter().map(|change| change.id).collect();
        ids.sort_unstable();
        ids.dedup();
        if ids.is_empty() {
            return Ok(Found { table: Table::default(), rows: HashMap::new() });
        }
        let loader = self.loader();
        let filter = filter(plan, self.variables)?;
        let sql = loader.scope.changed(self.entity(plan), &plan.load.columns, filter.as_ref(), &ids)?;
        let slot = crate::read::list::width(&plan.load.columns);
        let (mut rows, mut live) = (HashMap::with_capacity(ids.len()), Vec::with_capacity(ids.len()));
        for found in loader.rows(sql).await? {
            let Some(id) = row::value::<Uuid>(&found, slot)? else { continue };
            if row::value::<i64>(&found, slot + 1)? == Some(1) {
                rows.insert(id, None);
            } else {
                rows.insert(id, Some(live.len()));
                live.push(found);
            }
        }
        Ok(Found { table: loader.table(&plan.load, live).await, rows })
    }
}

fn filter(plan: &ChangePlan, variables: &Variables) -> Result<Option<InputMap>, Error> {
    let Some(template) = &plan.filter else { return Ok(None) };
    Ok(match template.fill(variables).map_err(|refusal| under(refusal, "filter"))? {
        Some(Input::Object(filter)) => Some(filter),
        _ => None,
    })
}

impl Writer<'_> {
    fn change(
        &mut self,
        plan: &ChangePlan,
        (change, fields): (&Change, &[&str]),
        (table, row): (&Table, Option<usize>),
        path: &Path<'_>,
    ) -> Written {
        self.object(&plan.fields, path, |writer, field, path| {
            match &field.value {
                ChangeField::Typename(name) => writer.string(name),
                ChangeField::Kind => writer.string(change.kind.code()),
                ChangeField::Id => row::write_id(&mut writer.out, change.id),
                ChangeField::ChangedFields => {
                    return writer.list(fields.len(), path, |writer, position, _| {
                        writer.string(fields[position]);
                        Ok(())
                    });
                }
                ChangeField::Record(shape) => match row {
                    Some(row) if change.kind != ChangeKind::Deleted => {
                        writer.nullable(|writer| writer.row(shape, table, row, path));
                    }
                    _ => writer.null(),
                },
            }
            Ok(())
        })
    }
}
