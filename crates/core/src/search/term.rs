//! The row of a search term.

use sea_orm::entity::prelude::*;

/// A place of a value from which on a record is found. All of it is the key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, DeriveEntityModel)]
#[sea_orm(table_name = "core_term")]
pub struct Model {
    /// The company.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    /// Of what kind of record, what kind of value it is, and whether it is from inside a word on:
    /// [`search_ranks`](shoal_graphql::catalog::search_ranks).
    #[sea_orm(primary_key, auto_increment = false)]
    pub rank: i32,
    /// The text.
    #[sea_orm(primary_key, auto_increment = false)]
    pub token: String,
    /// The record that is found.
    #[sea_orm(primary_key, auto_increment = false)]
    pub record_id: Uuid,
    /// The column: a hash of its name.
    #[sea_orm(primary_key, auto_increment = false)]
    pub field: i32,
    /// The part of the record that has the value: the last 63 bits of its id. 0 for the record itself.
    #[sea_orm(primary_key, auto_increment = false)]
    pub source: i64,
}

crate::tenant_entity!(RecordId);

/// The columns of the key.
pub(crate) const KEY: [&str; 6] = ["tenant_id", "rank", "token", "record_id", "field", "source"];
