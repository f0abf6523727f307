//! Imports and their rows as they are stored.

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

shoal_graphql::choices! {
    /// How far an import is.
    pub enum ImportState {
        /// The file is being read.
        Reading => "READING",
        /// The file has been read; what its columns are can be said.
        Ready => "READY",
        /// All rows are being checked; nothing is changed.
        Checking => "CHECKING",
        /// All rows have been checked.
        Checked => "CHECKED",
        /// Rows are being brought in.
        Running => "RUNNING",
        /// All rows have been gone through.
        Done => "DONE",
        /// What it has done is being taken back.
        Reverting => "REVERTING",
        /// What it has done has been taken back, as far as nobody has changed it since.
        Reverted => "REVERTED",
        /// The file cannot be read.
        Failed => "FAILED",
    }

    /// What rows do.
    pub enum ImportMode {
        /// Each row makes a record.
        Create => "CREATE",
        /// A row changes the record that it names, and makes one if there is none.
        Upsert => "UPSERT",
        /// A row changes the record that it names; without one it is refused.
        Update => "UPDATE",
    }

    /// What became of a row.
    pub enum ImportOutcome {
        /// It could be brought in.
        Checked => "CHECKED",
        /// It has made a record.
        Created => "CREATED",
        /// It has changed a record.
        Updated => "UPDATED",
        /// The record says the same already.
        Unchanged => "UNCHANGED",
        /// It is wrong: `errors` says why.
        Refused => "REFUSED",
        /// It was not taken back, as the record has been changed since.
        Kept => "KEPT",
    }
}

/// A file and what becomes of it.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "core_import")]
#[expect(missing_docs, reason = "the declaration describes each column")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub record_type: String,
    pub file_id: Option<Uuid>,
    pub file_name: String,
    pub state: String,
    /// The program that wrote the file, if its columns are known.
    pub preset: Option<String>,
    /// How the file is read, as [`shoal_tables::Format`]; what was asked for before it has been looked at.
    pub format: Option<Json>,
    /// Names of the columns.
    pub columns: Option<Json>,
    /// The first rows, each a list of cells.
    pub samples: Option<Json>,
    /// Bytes of the source in hexadecimal.
    pub sha256: Option<String>,
    /// The rows of the file in a form that can be read from any row on: a file of the kernel.
    pub spool_id: Option<Uuid>,
    pub total_rows: Option<i64>,
    pub mode: String,
    pub match_by: Option<String>,
    pub date_order: Option<String>,
    pub decimal_comma: bool,
    /// [`Mapped`](super::mapping::Mapped) fields.
    pub mapping: Json,
    /// What it does with which file, as one number. Those that are the same share their rows.
    pub identity: Option<Uuid>,
    /// The import whose rows these are: its own, or an earlier one that is the same.
    pub rows_of: Uuid,
    pub job_id: Option<Uuid>,
    pub created_rows: i64,
    pub updated_rows: i64,
    pub unchanged_rows: i64,
    pub refused_rows: i64,
    pub kept_rows: i64,
    pub error: Option<String>,
    pub error_file_id: Option<Uuid>,
    pub created_at: DateTime<Utc>,
    pub created_by: Option<Uuid>,
    pub updated_at: DateTime<Utc>,
    pub updated_by: Option<Uuid>,
    pub version: i32,
}

crate::tenant_entity!();
crate::tracked!();

/// Rows of imports.
pub mod row {
    use sea_orm::entity::prelude::*;

    crate::record! {
        /// What became of a row.
        "core_import_row" {
            import_id: Uuid,
            row: i64,
            line: i64,
            outcome: String,
            record_id: Option<Uuid>,
            record_version: Option<i32>,
            key: Option<String>,
            before: Option<Json>,
            errors: Option<Json>,
        }
    }
}
