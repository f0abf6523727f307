//! What must be so before an import goes on.

use sea_orm::{ColumnTrait as _, QueryFilter as _};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use shoal_graphql::error::{Error, FieldError, Refusal, code};
use shoal_graphql::message;
use shoal_graphql::message::Message;
use shoal_graphql::value::Choice as _;
use uuid::Uuid;

use super::entity::{Entity, ImportMode, ImportState, Model};
use super::field::ID;
use super::kind::{ImportKind, Key};
use super::mapping::{Mapped, Plan};
use crate::batch::load;
use crate::context::RequestContext;
use crate::job;
use crate::unit_of_work::UnitOfWork;

/// What is said of an import that is not there.
pub(super) const NOT_FOUND: Message = message!("import-not-found", "there is no such import");

/// An import, locked.
///
/// # Errors
/// `NOT_FOUND`; faults of the database.
pub(super) async fn import(unit: &UnitOfWork, id: Uuid) -> Result<Model, Error> {
    let mut found = load::<Entity>(unit, [id]).await?;
    found.remove(&id).ok_or_else(|| Refusal::not_found(NOT_FOUND, ["id"]).into())
}

/// The kind of records that an import makes.
///
/// # Errors
/// `VALIDATION` if there is none.
pub(super) fn kind_of<'u>(unit: &'u UnitOfWork, record_type: &str) -> Result<&'u ImportKind, Refusal> {
    unit.context().import_kind(record_type).ok_or_else(|| {
        let message =
            message!("import-no-type", "records of the type {name} cannot be imported", name = record_type);
        Refusal::field(["recordType"], "UNKNOWN_TYPE", message)
    })
}

/// The right that the caller lacks to write a field, as in the API.
pub(super) fn missing_right(
    context: &RequestContext,
    kind: &ImportKind,
    field: &str,
) -> Option<&'static str> {
    let catalog = context.kernel.modules.schemas().catalog(&context.caller.modules);
    let entity = &catalog.entities[catalog.entity(kind.record_type)?];
    let name = field.split('.').next()?;
    let column = entity.column(name).map(|column| [column.right, column.write_right]);
    let money = || entity.money(name).map(|money| [money.right, money.write_right]);
    let rights = column.or_else(money)?;
    rights.into_iter().flatten().find(|right| !context.caller.rights.holds(right))
}

fn forbidden(right: &'static str) -> Message {
    message!("import-forbidden", "this import needs the right {right}", right)
}

/// The mapping of an import, ready for rows.
///
/// # Errors
/// `VALIDATION`; `FORBIDDEN` if a field is mapped that the caller may not write, or records are named by what they may not read.
pub(super) fn plan_of(context: &RequestContext, kind: &ImportKind, import: &Model) -> Result<Plan, Refusal> {
    let columns: Vec<String> = read(import.columns.as_ref());
    let mapping: Vec<Mapped> = serde_json::from_value(import.mapping.clone()).unwrap_or_default();
    let lacks = |right: &&str| !context.caller.rights.holds(right);
    let of_key = |keys: &[Key], by: &str| ImportKind::key(keys, by)?.0.right.filter(lacks);
    let of_reference = |mapped: &Mapped| of_key(&kind.reference(&mapped.field)?.keys, mapped.by.as_deref()?);
    let missing = |(position, mapped): (usize, &Mapped)| {
        let field = missing_right(context, kind, &mapped.field).map(|right| ("field", right));
        let (name, right) = field.or_else(|| Some(("by", of_reference(mapped)?)))?;
        Some((vec!["columns".to_owned(), position.to_string(), name.to_owned()], right))
    };
    let of_match = || Some((vec!["matchBy".to_owned()], of_key(&kind.keys, import.match_by.as_deref()?)?));
    if let Some((path, right)) = mapping.iter().enumerate().find_map(missing).or_else(of_match) {
        let mut refusal = Refusal::new(code::FORBIDDEN, forbidden(right));
        refusal.fields.push(FieldError::new(path, code::FORBIDDEN, forbidden(right)));
        return Err(refusal);
    }
    let mut errors = Vec::new();
    let plan = Plan::new(kind, &columns, &mapping).map_err(|found| errors = found).ok();
    match import.match_by.as_deref() {
        Some(ID) | None => {}
        Some(by) if ImportKind::key(&kind.keys, by).is_some() => {}
        Some(by) => {
            let message = message!("import-no-key", "the cells cannot name it by {by}", by);
            errors.push(FieldError::new(["matchBy"], "UNKNOWN_KEY", message));
        }
    }
    plan.filter(|_| errors.is_empty()).ok_or_else(|| Refusal::validation(errors))
}

pub(super) fn read<T: serde::de::DeserializeOwned + Default>(json: Option<&serde_json::Value>) -> T {
    json.and_then(|json| T::deserialize(json).ok()).unwrap_or_default()
}

/// What rows do.
pub(super) fn mode_of(import: &Model) -> ImportMode {
    ImportMode::from_code(&import.mode).unwrap_or(ImportMode::Create)
}

/// Whether it can begin: the columns are mapped, no job of it is under way, and whoever asks may do what it does.
pub(super) async fn expect_startable(
    unit: &UnitOfWork,
    import: &Model,
    states: &[ImportState],
) -> Result<(), Error> {
    expect_state(import, states)?;
    if let Some(id) = import.job_id {
        let job = unit.find::<job::Entity>().filter(job::Column::Id.eq(id)).one(unit.transaction()).await?;
        if job.is_some_and(|job| job.finished_at.is_none()) {
            let message =
                message!("import-under-way", "a job of this import is under way; wait for it, or cancel it");
            return Err(Refusal::new(code::CONFLICT, message).into());
        }
    }
    let kind = kind_of(unit, &import.record_type)?;
    plan_of(unit.context(), kind, import)?;
    let mode = mode_of(import);
    expect_rights(unit.context(), kind, mode)?;
    let mapping: Vec<Mapped> = serde_json::from_value(import.mapping.clone()).unwrap_or_default();
    if mapping.is_empty() {
        let message = message!("import-no-columns", "say first which column is which field");
        return Err(Refusal::field(["columns"], "REQUIRED", message).into());
    }
    if mode != ImportMode::Create && import.match_by.is_none() {
        let message = message!("import-no-match", "say first by which key rows name records");
        return Err(Refusal::field(["matchBy"], "REQUIRED", message).into());
    }
    Ok(())
}

pub(super) fn expect_state(import: &Model, states: &[ImportState]) -> Result<(), Refusal> {
    if states.iter().any(|state| state.code() == import.state) {
        return Ok(());
    }
    let message = message!("import-state", "the import is {state}", state = import.state.as_str());
    Err(Refusal::new(code::CONFLICT, message))
}

/// Whoever imports must be allowed to do the same by hand.
pub(super) fn expect_rights(
    context: &RequestContext,
    kind: &ImportKind,
    mode: ImportMode,
) -> Result<(), Refusal> {
    let missing = |right: &'static str| context.caller.scope(right).is_none().then_some(right);
    let missing = match mode {
        ImportMode::Create => missing(kind.create),
        ImportMode::Update => kind.update.and_then(missing),
        ImportMode::Upsert => missing(kind.create).or_else(|| kind.update.and_then(missing)),
    };
    if mode != ImportMode::Create && kind.update.is_none() {
        let message = message!("import-no-update", "imports only make new records of this type");
        return Err(Refusal::field(["mode"], "UNSUPPORTED", message));
    }
    let Some(right) = missing else { return Ok(()) };
    Err(Refusal::new(code::FORBIDDEN, forbidden(right)))
}

/// What an import does with which file: two that do the same are one.
pub(super) fn identity(import: &Model) -> Uuid {
    let Model { record_type, sha256, format, mode, match_by, mapping, date_order, decimal_comma, .. } =
        import;
    let said = json!([record_type, sha256, format, mode, match_by, mapping, date_order, decimal_comma]);
    let digest = Sha256::digest(said.to_string());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    Uuid::from_bytes(bytes)
}
