//! Exports in the API.

use shoal_graphql::declare::{ModuleRegistry, MutationDeclaration, column, to_one};

use super::entity::{Column, Entity, ExportFormat};
use super::manage::{self, ExportCreate};
use crate::permission::{EXPORT_READ, EXPORT_RUN};
use crate::record::DeclareRecord as _;
use crate::{file, job, user};

pub(crate) fn declare(api: &mut ModuleRegistry<'_>) {
    api.record::<Entity>(
        "Export",
        "A list of records, and the file that it becomes in a job: as it was at one moment, whole or not at all.",
        EXPORT_READ,
    )
    .owned_by(Column::CreatedBy, None)
    .changes()
    .column(column(Column::RecordType, "What its rows are, such as Contact.").filterable())
    .column(column(Column::Format, "What kind of file it is.").choice::<ExportFormat>().filterable())
    .column(column(
        Column::Columns,
        "The columns, `{path, name}` each, as `exportCreate` takes them; those with `*` stand for one for each position.",
    ))
    .column(column(Column::Filter, "The list's argument `filter`; null for all records.").personal())
    .column(column(Column::OrderBy, "The list's argument `orderBy`."))
    .column(column(Column::RowCount, "The records in the file; null until it is there."))
    .column(column(Column::Bytes, "The size of the file; null until it is there."))
    .column(column(Column::Sha256, "SHA-256 of the file, in hexadecimal digits; null until it is there."))
    .column(column(Column::CreatedAt, "When it was asked for.").filterable())
    .column(column(Column::UpdatedAt, "When it last came further."))
    .column(column(Column::Version, "Counts changes, from 1."))
    .relation(to_one::<user::Entity>("createdBy", "The person who asked for it.", Column::CreatedBy))
    .relation(to_one::<file::Entity>(
        "file",
        "The file, once the job is SUCCEEDED; kept for 7 days.",
        Column::FileId,
    ))
    .relation(to_one::<file::Entity>(
        "manifest",
        "A file of JSON that says what the file is: type, filter, columns, number of records, SHA-256, when and by whom. Kept as \
         long.",
        Column::ManifestId,
    ))
    .relation(to_one::<job::Entity>(
        "job",
        "The job that writes it: how far it is, and why it failed if it did. Kept for 30 days.",
        Column::JobId,
    ));
    api.mutation(MutationDeclaration::new::<Entity, ExportCreate, _, _>(
        "exportCreate",
        "Begins an export: what you may see of a list is written into a file, in a job.",
        EXPORT_RUN,
        manage::create,
    ));
}
