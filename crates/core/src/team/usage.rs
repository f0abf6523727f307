//! What goes by a team: teams below it, records that are its, modules that are there for it alone.

use sea_orm::ConnectionTrait as _;
use shoal_graphql::catalog::Entity as CatalogEntity;
use shoal_graphql::database::Sql;
use shoal_graphql::error::{Error, FieldError, Refusal};
use shoal_graphql::message;
use shoal_graphql::message::{Inserted, Message};
use uuid::Uuid;

use crate::access::IN_USE;
use crate::unit_of_work::UnitOfWork;

/// Nobody needs to know it more exactly.
const COUNTED: i64 = 1_000;

/// What goes by a team.
enum Use<'c> {
    Teams,
    Modules,
    /// Records of this type.
    Records(&'c str),
}

impl Use<'_> {
    fn message(&self, count: i64) -> Message {
        let count = if count < COUNTED {
            Inserted::from(count)
        } else {
            message!("or-more", "{count} or more", count = COUNTED).into()
        };
        match self {
            Self::Teams => message!("team-of-teams", "there are {count} teams below it", count),
            Self::Modules => {
                message!("team-of-modules", "there are {count} modules that are there for it", count)
            }
            Self::Records(ty) => {
                message!("team-of-records", "there are {count} records of the type {kind}", count, kind = *ty)
            }
        }
    }
}

/// Refuses to delete a team that something goes by. Records of every module count, enabled or not, also deleted ones:
/// they may be restored.
///
/// # Errors
/// `IN_USE` with each kind and how many; faults of the database.
pub(super) async fn expect_none(unit: &UnitOfWork, team: Uuid) -> Result<(), Error> {
    let mut reasons = vec![
        (count(unit, "core_team", "parent_id", team).await?, Use::Teams),
        (count(unit, "core_module_team", "team_id", team).await?, Use::Modules),
    ];
    let all = unit.context().kernel.modules.schemas().all();
    let column =
        |entity: &CatalogEntity| entity.declaration.ownership.as_ref().and_then(|owned| owned.team.clone());
    for entity in &all.entities {
        if let Some(column) = column(entity) {
            let count = count(unit, entity.table(), &column, team).await?;
            reasons.push((count, Use::Records(entity.name())));
        }
    }
    let reasons = reasons.into_iter().filter(|(count, _)| *count > 0);
    let fields: Vec<FieldError> =
        reasons.map(|(count, by)| FieldError::new(["id"], IN_USE, by.message(count))).collect();
    match fields.first() {
        None => Ok(()),
        Some(first) => {
            Err(Refusal { fields: fields.clone(), ..Refusal::new(IN_USE, first.message.clone()) }.into())
        }
    }
}

/// How many rows of a table have the team in this column, as far as anybody counts.
async fn count(unit: &UnitOfWork, table: &str, column: &str, team: Uuid) -> Result<i64, Error> {
    let mut sql = Sql::new(unit.dialect());
    sql.push("SELECT count(*) FROM (SELECT 1 FROM ")
        .name(table)
        .push(" WHERE tenant_id = ")
        .bind(unit.tenant());
    sql.push(" AND ").name(column).push(" = ").bind(team).push(&format!(" LIMIT {COUNTED}) AS known"));
    let row = unit.transaction().query_one_raw(sql.into_statement()).await?;
    Ok(row.map_or(Ok(0), |row| row.try_get_by_index(0))?)
}
