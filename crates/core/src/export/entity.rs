//! Exports as they are stored.

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

shoal_graphql::choices! {
    /// What kind of file is written.
    pub enum ExportFormat {
        /// Comma-separated values in UTF-8, which spreadsheets open as they are.
        Csv => "CSV",
        /// An Excel workbook.
        Xlsx => "XLSX",
        /// A card for each person, as address books take them.
        Vcard => "VCARD",
        /// A line of JSON for each record.
        Jsonl => "JSONL",
    }
}

impl ExportFormat {
    /// What names of such files end with.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
            Self::Vcard => "vcf",
            Self::Jsonl => "jsonl",
        }
    }
}

/// A list of records, and the file that it becomes.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "core_export")]
#[expect(missing_docs, reason = "the declaration describes each column")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub record_type: String,
    pub format: String,
    /// [`Column`](super::Column)s, before those with `*` are repeated.
    pub columns: Json,
    /// The list's argument `filter`.
    pub filter: Option<Json>,
    /// The list's argument `orderBy`.
    pub order_by: Option<Json>,
    pub job_id: Uuid,
    pub row_count: Option<i64>,
    pub bytes: Option<i64>,
    /// Of the file, in hexadecimal digits.
    pub sha256: Option<String>,
    pub file_id: Option<Uuid>,
    pub manifest_id: Option<Uuid>,
    pub created_at: DateTime<Utc>,
    pub created_by: Option<Uuid>,
    pub updated_at: DateTime<Utc>,
    pub updated_by: Option<Uuid>,
    pub version: i32,
}

crate::tenant_entity!();
crate::tracked!();
