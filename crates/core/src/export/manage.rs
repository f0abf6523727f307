//! What people do with exports.

use std::collections::HashSet;
use std::sync::Arc;

use serde_json::Value as Json;
use shoal_graphql::catalog::Entity as Described;
use shoal_graphql::context::Context;
use shoal_graphql::declare::{Done, Handled};
use shoal_graphql::error::{Error, FieldError, Refusal, code};
use shoal_graphql::message;
use shoal_graphql::value::Choice as _;

use super::column::{Column, Columns};
use super::entity::{Entity, ExportFormat, Model};
use super::job::Write;
use super::query::{self, Query, Wanted};
use crate::batch::one_by_one;
use crate::context::RequestContext;
use crate::import::field::Leaf;
use crate::job;
use crate::unit_of_work::UnitOfWork;

shoal_graphql::input! {
    /// A column of an export.
    pub struct ExportColumnInput {
        /// What the API answers there: `displayName`, `account.name`, `annualBudget.amount`, `emails.0.address`. `emails.*.address`
        /// is a column for each position up to the longest list; a list alone, such as `tags`, is the names in it, in one cell.
        pub path: String,
        /// What the column is called; as its path if absent. With `*` in the path, `*` in the name is the position from 0, and
        /// `#` the number from 1.
        pub name: Option<String>,
    }

    /// A list of records, to be written into a file.
    pub struct ExportCreate {
        /// The records' type, such as Contact: one that has a list.
        pub record_type: String,
        /// What kind of file it is to be.
        pub format: ExportFormat,
        /// The list's argument `filter`; all that you may see if absent. Deleted records are left out.
        pub filter: Option<Json>,
        /// The list's argument `orderBy`.
        pub order_by: Option<Json>,
        /// The columns in their order. If absent: those that an import of such records understands, under the same names; of
        /// other records all fields of their own; in both cases as far as you may read them. Cards have columns of their own.
        pub columns: Option<Vec<ExportColumnInput>>,
    }
}

/// Begins exports: their files are written in jobs.
///
/// # Errors
/// Faults of the database; refusals are per row.
pub async fn create(context: Arc<dyn Context>, inputs: Vec<ExportCreate>) -> Result<Handled, Error> {
    one_by_one(&context, inputs, |unit, input| Box::pin(create_one(unit, input))).await
}

async fn create_one(unit: &mut UnitOfWork, input: &ExportCreate) -> Result<Done, Error> {
    let columns = columns(unit.context(), input)?;
    let wanted = Wanted {
        record_type: &input.record_type,
        columns: &columns,
        filter: input.filter.as_ref(),
        order_by: input.order_by.as_ref(),
    };
    let query = Query::new(unit.context(), &wanted)?;
    expect_rights(unit.context(), &query.columns)?;
    query.check(unit.context())?;
    let (now, actor, id) = (unit.now(), unit.actor(), unit.new_id());
    let job_id = unit.enqueue(&Write { export: id }, job::Options::default()).await?;
    unit.insert::<Entity>(Model {
        tenant_id: unit.tenant(),
        id,
        record_type: input.record_type.clone(),
        format: input.format.code().to_owned(),
        columns: serde_json::to_value(&columns).map_err(Error::fault)?,
        filter: input.filter.clone(),
        order_by: input.order_by.clone(),
        job_id,
        row_count: None,
        bytes: None,
        sha256: None,
        file_id: None,
        manifest_id: None,
        created_at: now,
        created_by: actor,
        updated_at: now,
        updated_by: actor,
        version: 1,
    });
    Ok(id.into())
}

/// The columns that are asked for, or the usual ones.
fn columns(context: &RequestContext, input: &ExportCreate) -> Result<Vec<Column>, Refusal> {
    let kind = context.import_kind(&input.record_type);
    let card = kind.and_then(|kind| kind.card);
    let is_card = input.format == ExportFormat::Vcard;
    let unsupported = |field: &str, message| Refusal::field([field], "UNSUPPORTED", message);
    let usual = match (&input.columns, card) {
        (Some(_), _) if is_card => {
            let message = message!("export-card-columns", "cards have columns of their own");
            return Err(unsupported("columns", message));
        }
        (_, None) if is_card => {
            let message = message!("export-no-cards", "records of this type are no cards");
            return Err(unsupported("format", message));
        }
        (Some(given), _) => return asked(given),
        (None, Some(card)) if is_card => card.columns.to_vec(),
        (None, _) => Vec::new(),
    };
    query::entity(context, &input.record_type, |catalog, entity| {
        let column = |(name, path): (&str, &str)| Column { path: path.to_owned(), name: name.to_owned() };
        let columns: Vec<Column> = match kind {
            _ if is_card => usual.into_iter().map(column).collect(),
            Some(kind) => {
                let output =
                    |path: &str| kind.outputs.iter().find(|(known, _)| *known == path).map(|known| known.1);
                let fields = kind.fields.iter().filter_map(|(path, field)| match output(path) {
                    Some(output) => Some(column((path, output))),
                    // Another company has other people and teams.
                    None if field.leaf == Leaf::Id => None,
                    None => Some(column((path, path))),
                });
                fields.collect()
            }
            None => own(entity),
        };
        let may = |column: &Column| match Columns::find(catalog, entity, std::slice::from_ref(column)) {
            Ok(found) => {
                found.iter().flat_map(|found| &found.rights).all(|right| context.caller.rights.holds(right))
            }
            Err(_) => false,
        };
        columns.into_iter().filter(may).collect()
    })
}

/// All fields of a record's own.
fn own(entity: &Described) -> Vec<Column> {
    let declaration = &entity.declaration;
    let columns =
        declaration.columns.iter().filter(|column| Some(&column.column) != declaration.deleted.as_ref());
    let money = declaration
        .money
        .iter()
        .flat_map(|money| ["amount", "currency"].map(|part| format!("{}.{part}", money.name)));
    let paths = columns.map(|column| column.name.clone()).chain(money);
    paths.map(|path| Column { name: path.clone(), path }).collect()
}

fn asked(given: &[ExportColumnInput]) -> Result<Vec<Column>, Refusal> {
    let (mut columns, mut errors, mut names) = (Vec::with_capacity(given.len()), Vec::new(), HashSet::new());
    for (position, ExportColumnInput { path, name }) in given.iter().enumerate() {
        let name = name.as_ref().unwrap_or(path).clone();
        if !names.insert(name.clone()) {
            let message = message!("export-name-twice", "another column is called so already");
            errors.push(FieldError::new(["columns", &position.to_string(), "name"], "NAME_TWICE", message));
        }
        columns.push(Column { path: path.clone(), name });
    }
    if columns.is_empty() {
        errors.push(FieldError::new(["columns"], "REQUIRED", shoal_graphql::error::REQUIRED));
    }
    if errors.is_empty() { Ok(columns) } else { Err(Refusal::validation(errors)) }
}

/// Refuses columns that the caller may not read, each by its place.
fn expect_rights(context: &RequestContext, columns: &Columns) -> Result<(), Refusal> {
    let missing = |position: usize, right: &str| {
        let message = message!("right-missing", "this needs the right `{right}`", right);
        FieldError::new(["columns", &position.to_string(), "path"], code::FORBIDDEN, message)
    };
    let lacks = |right: &&&str| !context.caller.rights.holds(right);
    let fields = columns.iter().enumerate().filter_map(|(position, column)| {
        column.rights.iter().find(lacks).map(|right| missing(position, right))
    });
    let fields: Vec<FieldError> = fields.collect();
    match fields.first().map(|field| field.message.clone()) {
        None => Ok(()),
        Some(message) => Err(Refusal { fields, ..Refusal::new(code::FORBIDDEN, message) }),
    }
}
