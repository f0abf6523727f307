//! Records to which files can be attached.

use shoal_graphql::database::{Dialect, Sql};
use shoal_graphql::error::Error;
use uuid::Uuid;

use super::Model;
use crate::caller::Caller;
use crate::module::{Composition, Scope};
use crate::record::RecordType;
use crate::unit_of_work::UnitOfWork;

/// A record, and whose it is.
pub(super) struct Found<'c> {
    pub kind: &'c RecordType,
    update: &'static str,
    owner: Option<Uuid>,
    team: Option<Uuid>,
}

/// The right to change records of a type: the right to read them, with `update` for `read`.
pub(crate) fn update_right(modules: &Composition, read: &str) -> Option<&'static str> {
    let update = format!("{}update", read.strip_suffix("read")?);
    modules.right(&update).map(|(_, right)| right.name)
}

impl Found<'_> {
    /// Whether the caller may read it.
    pub fn is_seen(&self, caller: &Caller) -> bool {
        let reaches = |right: &str| match self.kind.ownership {
            Some(_) => caller.reaches(right, self.owner, self.team),
            None => caller.scope(right).is_some(),
        };
        caller.modules.contains(self.kind.module) && self.kind.right.is_none_or(reaches)
    }

    /// The right to change it, if the caller lacks it or it does not reach this record.
    pub fn unreached(&self, caller: &Caller) -> Option<&'static str> {
        let reaches = match self.kind.ownership {
            Some(_) => caller.reaches(self.update, self.owner, self.team),
            None => caller.scope(self.update) == Some(Scope::All),
        };
        (!reaches).then_some(self.update)
    }
}

/// The record of this id to which files can be attached, if there is one that is not deleted, whoever may see it.
pub(super) async fn by_id(unit: &UnitOfWork, id: Uuid) -> Result<Option<Found<'_>>, Error> {
    find(unit, id, |_| true, false).await
}

/// The record to which a file is attached, if it is still there, deleted or not.
pub(super) async fn of<'u>(unit: &'u UnitOfWork, file: &Model) -> Result<Option<Found<'u>>, Error> {
    let (Some(name), Some(id)) = (&file.record_type, file.record_id) else { return Ok(None) };
    find(unit, id, |kind| kind.name == name, true).await
}

async fn find(
    unit: &UnitOfWork,
    id: Uuid,
    wanted: impl Fn(&RecordType) -> bool,
    deleted: bool,
) -> Result<Option<Found<'_>>, Error> {
    let modules = &unit.context().kernel.modules;
    let attachable = modules.records().filter(|kind| kind.attachable && wanted(kind));
    let kinds: Vec<(&RecordType, &'static str)> =
        attachable.filter_map(|kind| Some((kind, update_right(modules, kind.right?)?))).collect();
    if kinds.is_empty() {
        return Ok(None);
    }
    let nothing = if unit.dialect() == Dialect::Postgres { "NULL::uuid" } else { "NULL" };
    let mut sql = Sql::new(unit.dialect());
    for (number, (kind, _)) in kinds.iter().enumerate() {
        sql.push(if number > 0 { " UNION ALL " } else { "" });
        sql.push(&format!("SELECT {number}"));
        let owner = kind.ownership.as_ref().map(|ownership| &ownership.owner);
        let team = kind.ownership.as_ref().and_then(|ownership| ownership.team.as_ref());
        for column in [owner, team] {
            sql.push(", ");
            match column {
                Some(column) => sql.name(column),
                None => sql.push(nothing),
            };
        }
        sql.push(" FROM ").name(&kind.table).push(" WHERE tenant_id = ").bind(unit.tenant());
        sql.push(" AND id = ").bind(id);
        if let Some(column) = kind.deleted.as_ref().filter(|_| !deleted) {
            sql.push(" AND ").name(column).push(" IS NULL");
        }
    }
    let Some(row) = unit.rows(sql).await?.into_iter().next() else { return Ok(None) };
    let number = usize::try_from(row.try_get_by_index::<i32>(0)?).unwrap_or_default();
    let (owner, team) = (row.try_get_by_index(1)?, row.try_get_by_index(2)?);
    Ok(kinds.get(number).map(|&(kind, update)| Found { kind, update, owner, team }))
}
