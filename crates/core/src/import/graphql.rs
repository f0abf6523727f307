//! Imports in the API.

use std::sync::Arc;

use shoal_graphql::context::Context;
use shoal_graphql::declare::{
    ModuleRegistry, MutationDeclaration, NoArguments, QueryDeclaration, column, to_many, to_one,
};
use shoal_graphql::error::Error;

use super::entity::{Column, Entity, ImportMode, ImportOutcome, ImportState, row};
use super::field::Leaf;
use super::kind::{ImportKind, Key};
use super::manage::{self, ImportChoice, ImportCreate, ImportUpdate};
use crate::context::RequestContext;
use crate::permission::{IMPORT_READ, IMPORT_RUN};
use crate::record::DeclareRecord as _;
use crate::{file, job, user};

shoal_graphql::output! {
    /// Records that can be imported.
    pub struct ImportTarget {
        /// Their type, such as Contact.
        pub record_type: String,
        /// Whether rows can change records that are there; if not, `mode` must be CREATE.
        pub can_update: bool,
        /// Whether imports can be taken back by `importRevert`.
        pub can_revert: bool,
        /// The fields that columns can be mapped to.
        pub fields: Vec<ImportField>,
        /// The keys by which rows can name records, for `matchBy`.
        pub keys: Vec<ImportKey>,
        /// The programs whose files are recognised by their columns.
        pub presets: Vec<String>,
    }

    /// A field that a column can be mapped to.
    pub struct ImportField {
        /// The field; `*` stands for a position from 0 to 19 in a list, as in `emails.*.address`.
        pub path: String,
        /// What it is.
        pub description: String,
        /// What its cells hold, as a type of the API: String, Date, … A list of texts in one cell is `[String!]`.
        pub kind: String,
        /// The values that it may have; null if any.
        pub choices: Option<Vec<String>>,
        /// Whether the item that it is part of cannot be without it.
        pub required: bool,
        /// The keys by which its cells can name another record; empty if it is no reference.
        pub keys: Vec<ImportKey>,
    }

    /// A way to name a record.
    pub struct ImportKey {
        /// Its name, such as email.
        pub name: String,
        /// What is written behind a colon, such as the system in `externalId:northwind`; null if nothing.
        pub parameter: Option<String>,
    }
}

pub(crate) fn declare(api: &mut ModuleRegistry<'_>) {
    declare_import(api);
    declare_row(api);
    declare_mutations(api);
    api.query(QueryDeclaration::new::<NoArguments, Vec<ImportTarget>, _, _>(
        "importTargets",
        "What can be imported, and which fields files may have columns for.",
        Some(IMPORT_READ),
        targets,
    ));
}

fn declare_import(api: &mut ModuleRegistry<'_>) {
    api.record::<Entity>(
        "Import",
        "A file, and how its rows become records. It is read (READING), mapped (READY), checked if you like (CHECKED), brought \
         in (DONE), and taken back if it was a mistake (REVERTED).",
        IMPORT_READ,
    )
    .owned_by(Column::CreatedBy, None)
    .changes()
    .without_audit()
    .column(column(Column::RecordType, "What its rows are, such as Contact.").filterable())
    .column(column(Column::FileName, "What the file is called.").personal())
    .column(column(Column::State, "How far it is.").choice::<ImportState>().filterable())
    .column(column(Column::Preset, "The program that wrote the file, if its columns are known."))
    .column(column(
        Column::Format,
        "How the file is read: `kind`, `encoding`, `delimiter`, `sheet` … as it was found. Null while it is being read.",
    ))
    .column(column(Column::Columns, "The names of the columns; null while the file is being read."))
    .column(column(Column::Samples, "The first rows, each a list of cells.").personal())
    .column(column(Column::Sha256, "SHA-256 of the file, in hexadecimal digits."))
    .column(column(Column::TotalRows, "The rows of the file; null while it is being read."))
    .column(column(Column::Mode, "What rows do.").choice::<ImportMode>())
    .column(column(Column::MatchBy, "The key by which rows name records."))
    .column(column(Column::DateOrder, "How dates such as 03/04/2026 are read; null if those are refused.").choice::<super::convert::ImportDateOrder>())
    .column(column(Column::DecimalComma, "Whether numbers are written 1.234,5 and not 1,234.5."))
    .column(column(
        Column::Mapping,
        "Which column is which field, as `importUpdate` takes it; at first what the names of the columns suggest.",
    ))
    .column(column(Column::CreatedRows, "Rows that have made a record, this time."))
    .column(column(Column::UpdatedRows, "Rows that have changed a record, this time."))
    .column(column(Column::UnchangedRows, "Rows whose record says the same already, or that have theirs from before."))
    .column(column(Column::RefusedRows, "Rows that are wrong; after a check those that would be."))
    .column(column(Column::KeptRows, "Rows that were not taken back, as their records have been changed since."))
    .column(column(Column::Error, "Why the file cannot be read, if it is FAILED."))
    .column(column(Column::CreatedAt, "When it was begun.").filterable())
    .column(column(Column::UpdatedAt, "When it last came further."))
    .column(column(Column::Version, "Counts changes, from 1."))
    .relation(to_one::<user::Entity>("createdBy", "The person who began it.", Column::CreatedBy))
    .relation(to_one::<file::Entity>("file", "The file, while it is kept.", Column::FileId))
    .relation(to_one::<file::Entity>(
        "errorFile",
        "The refused rows with what is wrong, to be mended and uploaded again. Kept for 30 days.",
        Column::ErrorFileId,
    ))
    .relation(to_one::<job::Entity>("job", "The job that works on it, or was the last to.", Column::JobId))
    .relation(to_one::<Entity>(
        "rowsOf",
        "The import that has the rows: itself, or an earlier one of the same columns of the same file.",
        Column::RowsOf,
    ))
    .relation(to_many::<row::Entity>("rows", "What became of each row, so far.", row::Column::ImportId));
}

fn declare_row(api: &mut ModuleRegistry<'_>) {
    use row::Column;
    api.record::<row::Entity>("ImportRow", "What became of a row of a file.", IMPORT_READ)
        .visible_with(&["import"])
        .not_at_root()
        .column(column(Column::Row, "The row's number, from 1 behind the header.").filterable().orderable())
        .column(column(Column::Line, "The line of the file on which it begins, as an editor counts."))
        .column(column(Column::Outcome, "What became of it.").choice::<ImportOutcome>().filterable())
        .column(column(Column::RecordId, "The record that it has made or changed, for `node`."))
        .column(
            column(
                Column::Errors,
                "What is wrong with it: a list of `{code, column, field, message}`, in the language of whoever imported it.",
            )
            .personal(),
        )
        .relation(to_one::<Entity>("import", "The import.", Column::ImportId));
}

fn declare_mutations(api: &mut ModuleRegistry<'_>) {
    api.mutation(MutationDeclaration::new::<Entity, ImportCreate, _, _>(
        "importCreate",
        "Begins an import: the file is read in a job, and nothing is changed yet.",
        IMPORT_RUN,
        manage::create,
    ))
    .mutation(MutationDeclaration::new::<Entity, ImportUpdate, _, _>(
        "importUpdate",
        "Says how the file is imported: which column is which field, and what rows do.",
        IMPORT_RUN,
        manage::update,
    ))
    .mutation(MutationDeclaration::new::<Entity, ImportChoice, _, _>(
        "importCheck",
        "Checks all rows as if they were brought in, in a job, and changes nothing.",
        IMPORT_RUN,
        manage::check,
    ))
    .mutation(MutationDeclaration::new::<Entity, ImportChoice, _, _>(
        "importStart",
        "Brings the rows in, in a job. Rows that have their record already, by this import or an earlier one of the same \
         columns of the same file, are left alone; so an import that was cancelled goes on, and one that is repeated does \
         nothing.",
        IMPORT_RUN,
        manage::start,
    ))
    .mutation(MutationDeclaration::new::<Entity, ImportChoice, _, _>(
        "importRevert",
        "Takes an import back, in a job: what it has made is deleted, what it has changed is as before. Records that were \
         changed since stay as they are; their rows are KEPT.",
        IMPORT_RUN,
        manage::revert,
    ));
}

async fn targets(context: Arc<dyn Context>, _: NoArguments) -> Result<Vec<ImportTarget>, Error> {
    let context = RequestContext::of(&context)?;
    let may = |kind: &&ImportKind| {
        let holds = |right| context.caller.scope(right).is_some();
        holds(kind.create) || kind.update.is_some_and(holds)
    };
    Ok(context.import_kinds().filter(may).map(|kind| target(&context, kind)).collect())
}

fn target(context: &RequestContext, kind: &ImportKind) -> ImportTarget {
    let keys = |keys: &[Key]| {
        let key =
            |key: &Key| ImportKey { name: key.name.to_owned(), parameter: key.parameter.map(str::to_owned) };
        keys.iter().map(key).collect::<Vec<_>>()
    };
    let may = |path: &str| super::checks::missing_right(context, kind, path).is_none();
    let fields = kind.fields.iter().filter(|(path, _)| may(path)).map(|(path, field)| ImportField {
        path: path.clone(),
        description: field.description.clone(),
        kind: type_of(field.leaf).to_owned(),
        choices: match field.leaf {
            Leaf::Choice(choices) => {
                Some(choices.values.iter().map(|(code, _)| (*code).to_owned()).collect())
            }
            _ => None,
        },
        required: field.required,
        keys: kind.reference(path).map(|reference| keys(&reference.keys)).unwrap_or_default(),
    });
    ImportTarget {
        record_type: kind.record_type.to_owned(),
        can_update: kind.update.is_some(),
        can_revert: kind.delete.is_some(),
        fields: fields.collect(),
        keys: keys(&kind.keys),
        presets: kind.presets.iter().map(|preset| preset.name.to_owned()).collect(),
    }
}

fn type_of(leaf: Leaf) -> &'static str {
    match leaf {
        Leaf::Text => "String",
        Leaf::Int => "Int",
        Leaf::Long => "Long",
        Leaf::Float => "Float",
        Leaf::Decimal => "Decimal",
        Leaf::Boolean => "Boolean",
        Leaf::Date => "Date",
        Leaf::DateTime => "DateTime",
        Leaf::Choice(choices) => choices.name,
        Leaf::Id => "ID",
        Leaf::Texts => "[String!]",
    }
}
