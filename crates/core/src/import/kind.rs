//! What a module says about records that come out of files.

use std::collections::HashMap;
use std::future::Future;

use futures::future::BoxFuture;
use sea_orm::{EntityTrait, QueryFilter as _};
use serde_json::Value as Json;
use shoal_graphql::declare::{Handled, InputObject, InputType as _};
use shoal_graphql::error::{Error, Refusal};
use shoal_graphql::value::{Input, InputMap};
use uuid::Uuid;

use super::convert::Synonyms;
use super::field::{Fields, fields_of};
use super::words::RECORD_MISSING;
use crate::batch::{RecordVersion, Tracked, set_deleted};
use crate::record::TenantEntity;
use crate::unit_of_work::UnitOfWork;

/// Records that can be imported: what a row may say is an input of the API, and what is done with a row is the use case
/// behind the API's mutations.
pub trait Importable: Send + Sync + 'static {
    /// The records.
    type Entity: TenantEntity;
    /// What a row may say. Each leaf is a field that a column can be mapped to; the input is given what the row has.
    type Details: InputObject + Sync;
    /// The right to make one.
    const CREATE: &'static str;
    /// The right to change one; `None` if rows only make new ones.
    const UPDATE: Option<&'static str> = None;
    /// The right to delete one, for records that can be restored; `None` if an import cannot be taken back.
    const DELETE: Option<&'static str> = None;

    /// How a row can name a record that is there, to change it.
    fn keys() -> Vec<Key> {
        Vec::new()
    }

    /// Fields that are ids of other records, with the keys by which a row can name those.
    fn references() -> Vec<Reference> {
        Vec::new()
    }

    /// What programs call the columns in the files that they write.
    fn presets() -> &'static [Preset] {
        &[]
    }

    /// Other names of fields, in any language: `("givenName", &["first name", "名"])`.
    fn names() -> &'static [(&'static str, &'static [&'static str])] {
        &[]
    }

    /// Words for choices beside their codes.
    fn words() -> Synonyms {
        &[]
    }

    /// What an export writes for fields that the API answers otherwise, so that an import understands it: `("accountId",
    /// "account.name")`. Ids of other records that are not here are left out, as another company has others.
    fn outputs() -> &'static [(&'static str, &'static str)] {
        &[]
    }

    /// What the records are as cards; `None` if they are none.
    fn card() -> Option<&'static Card> {
        None
    }

    /// Creates and changes records, set-wise, in the transaction at hand. One answer for each row, in order; what is refused
    /// stages nothing.
    fn save(
        unit: &mut UnitOfWork,
        rows: Vec<SavedRow<Self::Details>>,
    ) -> impl Future<Output = Result<Handled, Error>> + Send;

    /// What rows would have to say so that records became what they are now, as JSON of [`Details`](Self::Details): an import
    /// that has changed records is taken back by it. What has none stays as it is.
    fn images(
        _unit: &UnitOfWork,
        _ids: Vec<Uuid>,
    ) -> impl Future<Output = Result<HashMap<Uuid, Json>, Error>> + Send {
        async { Ok(HashMap::new()) }
    }
}

/// A row on its way to its record.
#[derive(Debug, Clone)]
pub struct SavedRow<D> {
    /// The record and its version, if there is one.
    pub existing: Option<(Uuid, i32)>,
    /// What the row says.
    pub details: D,
}

/// A record that a key has found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// The record.
    pub id: Uuid,
    /// Its version.
    pub version: i32,
    /// Whether the caller may see it.
    pub visible: bool,
}

/// What was looked for and what was found: the text as it was given, and all records that it names.
pub type Finds = HashMap<String, Vec<Found>>;

/// Looks for records by texts: `(the transaction, what stands behind the colon of the key, the texts)`.
pub type Find =
    for<'u> fn(&'u UnitOfWork, Option<&'u str>, Vec<String>) -> BoxFuture<'u, Result<Finds, Error>>;

/// Makes records out of texts, one answer for each.
pub type Make = for<'u> fn(&'u mut UnitOfWork, Vec<String>) -> BoxFuture<'u, Result<Handled, Error>>;

/// A way to name a record, such as by its e-mail address. One that needs to know more is written `externalId:northwind`.
#[derive(Clone, Copy)]
pub struct Key {
    /// Its name.
    pub name: &'static str,
    /// What stands behind the colon, in words; `None` if nothing does.
    pub parameter: Option<&'static str>,
    /// What whoever uses it must be allowed, as it tells whose such a text is; `None` if nothing.
    pub right: Option<&'static str>,
    /// The text in a row's own details; `None` if the row has none.
    pub of_row: fn(&InputMap, Option<&str>) -> Option<String>,
    /// The records that are not deleted, by texts.
    pub find: Find,
}

/// A field that is the id of another record.
#[derive(Clone)]
pub struct Reference {
    /// The field: `accountId`.
    pub path: &'static str,
    /// The type of the other record in the API.
    pub record_type: &'static str,
    /// How a row can name it, beside its id.
    pub keys: Vec<Key>,
    /// Makes records out of what the first key names them by, where none is found; `None` if that is not possible.
    pub make: Option<Make>,
}

/// The columns of a program's files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Preset {
    /// What the program is called.
    pub name: &'static str,
    /// `(column, field)`. `#` stands for a number from 1 in the column, and from 0 in the field.
    pub columns: &'static [(&'static str, &'static str)],
    /// Columns by which such a file is known: all of them are there.
    pub signature: &'static [&'static str],
    /// `(field, text)` of all rows, where another field of the same item has a column.
    pub values: &'static [(&'static str, &'static str)],
    /// `(field, key)` by which cells name other records, where that is not the first one.
    pub keys: &'static [(&'static str, &'static str)],
}

/// Records as vCards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Card {
    /// `(column of cards, what the API answers)`; the README of `shoal_tables` has the columns. `#` stands for a number from 1
    /// in the column, and `*` from 0 in the field.
    pub columns: &'static [(&'static str, &'static str)],
    /// What cards call choices: `(code, word)`. Others have their codes, in small letters.
    pub words: &'static [(&'static str, &'static str)],
}

type ByIdsFn = for<'u> fn(&'u UnitOfWork, Vec<Uuid>) -> BoxFuture<'u, Result<Vec<Found>, Error>>;
type SaveFn =
    for<'u> fn(&'u mut UnitOfWork, Vec<SavedRow<InputMap>>) -> BoxFuture<'u, Result<Handled, Error>>;
type ImagesFn = for<'u> fn(&'u UnitOfWork, Vec<Uuid>) -> BoxFuture<'u, Result<HashMap<Uuid, Json>, Error>>;
type DeleteFn =
    for<'u> fn(&'u mut UnitOfWork, &'static str, Vec<RecordVersion>) -> BoxFuture<'u, Result<Handled, Error>>;

/// Records of a module that can be imported.
#[derive(Clone)]
pub struct ImportKind {
    /// The type of the records in the API.
    pub record_type: &'static str,
    /// The right to make one.
    pub create: &'static str,
    /// The right to change one; `None` if rows only make new ones.
    pub update: Option<&'static str>,
    /// The fields that columns can be mapped to.
    pub fields: Fields,
    /// How a row can name a record that is there.
    pub keys: Vec<Key>,
    /// Fields that are ids of other records.
    pub references: Vec<Reference>,
    /// Columns of other programs' files.
    pub presets: &'static [Preset],
    /// Other names of fields.
    pub names: &'static [(&'static str, &'static [&'static str])],
    /// Words for choices.
    pub words: Synonyms,
    /// What exports write for fields that the API answers otherwise.
    pub outputs: &'static [(&'static str, &'static str)],
    /// What the records are as cards.
    pub card: Option<&'static Card>,
    pub(super) by_ids: ByIdsFn,
    pub(super) save: SaveFn,
    pub(super) images: ImagesFn,
    /// The right that it needs, and how records are deleted.
    pub(super) delete: Option<(&'static str, DeleteFn)>,
}

impl std::fmt::Debug for ImportKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ImportKind").field("record_type", &self.record_type).finish_non_exhaustive()
    }
}

impl ImportKind {
    /// The records of `I`, which the API calls `record_type`.
    pub fn of<I: Importable>(record_type: &'static str) -> Self
    where
        <I::Entity as EntityTrait>::Model: Tracked + Sync,
    {
        Self {
            record_type,
            create: I::CREATE,
            update: I::UPDATE,
            fields: fields_of::<I::Details>(),
            keys: I::keys(),
            references: I::references(),
            presets: I::presets(),
            names: I::names(),
            words: I::words(),
            outputs: I::outputs(),
            card: I::card(),
            by_ids: |unit, ids| Box::pin(by_ids::<I::Entity>(unit, ids)),
            save: save::<I>,
            images: |unit, ids| Box::pin(I::images(unit, ids)),
            delete: I::DELETE.map(|right| (right, delete::<I> as DeleteFn)),
        }
    }

    /// A key by how it is written, and what stands behind its colon.
    pub fn key<'t>(keys: &[Key], written: &'t str) -> Option<(Key, Option<&'t str>)> {
        let (name, parameter) = match written.split_once(':') {
            Some((name, parameter)) => (name, Some(parameter)),
            None => (written, None),
        };
        let key = keys.iter().find(|key| key.name == name)?;
        (key.parameter.is_some() == parameter.is_some_and(|text| !text.is_empty()))
            .then_some((*key, parameter))
    }

    /// The reference that a field is.
    pub fn reference(&self, path: &str) -> Option<&Reference> {
        self.references.iter().find(|reference| reference.path == path)
    }
}

async fn by_ids<E>(unit: &UnitOfWork, ids: Vec<Uuid>) -> Result<Vec<Found>, Error>
where
    E: TenantEntity,
    E::Model: Tracked,
{
    let found = unit.find::<E>().filter(unit.any_of(E::id_column(), ids)).all(unit.transaction()).await?;
    Ok(found
        .iter()
        .filter(|model| model.deleted_at().is_none())
        .map(|model| Found::of::<E>(unit, model))
        .collect())
}

impl Found {
    /// What a key says of a record that it has found.
    pub fn of<E: TenantEntity>(unit: &UnitOfWork, model: &E::Model) -> Self
    where
        E::Model: Tracked,
    {
        Self { id: model.id(), version: model.version(), visible: unit.sees::<E>(model) }
    }
}

/// Deletes records that an import has made, as far as they are as it has left them.
fn delete<'u, I: Importable>(
    unit: &'u mut UnitOfWork,
    right: &'static str,
    records: Vec<RecordVersion>,
) -> BoxFuture<'u, Result<Handled, Error>>
where
    <I::Entity as EntityTrait>::Model: Tracked + Sync,
{
    Box::pin(async move { set_deleted::<I::Entity>(unit, RECORD_MISSING, right, &records, true).await })
}

fn save<I: Importable>(
    unit: &mut UnitOfWork,
    rows: Vec<SavedRow<InputMap>>,
) -> BoxFuture<'_, Result<Handled, Error>> {
    Box::pin(async move {
        let mut good = Vec::with_capacity(rows.len());
        let converted: Vec<Result<(), Refusal>> = rows
            .into_iter()
            .map(|row| {
                let details = I::Details::from_input(Some(Input::Object(row.details)));
                let details = details.map_err(Refusal::validation)?;
                good.push(SavedRow { existing: row.existing, details });
                Ok(())
            })
            .collect();
        let mut saved = I::save(unit, good).await?.into_iter();
        let missing = || Error::fault("an import has answered fewer rows than it was given");
        converted
            .into_iter()
            .map(|row| match row {
                Ok(()) => saved.next().ok_or_else(missing),
                Err(refusal) => Ok(Err(refusal)),
            })
            .collect()
    })
}
