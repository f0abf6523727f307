//! Files in the API.

use shoal_graphql::declare::{
    EntityBuilder, ModuleRegistry, MutationDeclaration, any_record, column, computed, to_many_of_any, to_one,
};
use uuid::Uuid;

use super::{Column, Entity, service};
use crate::permission::{FILE_CREATE, FILE_READ};
use crate::record::{DeclareRecord as _, TenantEntity};
use crate::user;

shoal_graphql::input! {
    /// A file for a record.
    pub struct FileAttach {
        /// The file, which you have uploaded. It may be attached already, but to no other record.
        pub file_id: Uuid,
        /// The record, which you may change: an `Attachable`, such as a contact.
        pub record_id: Uuid,
    }

    /// A file to take off its record.
    pub struct FileDetach {
        /// The file, at a record that you may change.
        pub file_id: Uuid,
    }
}

/// The interface of records to which files can be attached.
pub const ATTACHABLE: &str = "Attachable";

/// What the kernel adds to the declaration of an entity.
pub trait Attachable {
    /// Files can be attached to its records: they have the field `attachments`. Whoever may read a record sees its files;
    /// whoever may change it (by the right to read it, with `update` for `read`) attaches and detaches them.
    #[must_use]
    fn attachable(self) -> Self;
}

impl<E: TenantEntity> Attachable for EntityBuilder<'_, E> {
    fn attachable(self) -> Self {
        self.implements(ATTACHABLE).relation(to_many_of_any::<Entity>(
            "attachments",
            "Files that are attached to it.",
            Column::RecordType,
            Column::RecordId,
        ))
    }
}

pub(crate) fn declare(api: &mut ModuleRegistry<'_>) {
    api.interface(ATTACHABLE, "A record to which files can be attached.", &["id"]);
    declare_file(api);
    api.mutation(MutationDeclaration::new::<Entity, FileAttach, _, _>(
        "fileAttach",
        "Attaches a file that you have uploaded to a record that you may change. From then on it is there for everybody who \
         may read the record, and for as long.",
        FILE_CREATE,
        service::attach,
    ))
    .mutation(MutationDeclaration::new::<Entity, FileDetach, _, _>(
        "fileDetach",
        "Takes a file off its record, which you may change. After a day it is deleted, unless it is attached again.",
        FILE_CREATE,
        service::detach,
    ));
}

fn declare_file(api: &mut ModuleRegistry<'_>) {
    api.record::<Entity>(
        "File",
        "A file: uploaded by `POST /files`, or written by Shoal. You see those that are attached to records that you may read, \
         and beside them your own or all, as far as your right goes.",
        FILE_READ,
    )
    .owned_by(Column::CreatedBy, None)
    .or_visible_with(&["record"])
    .column(column(Column::Name, "What it is called, such as `contacts.csv`. Not unique."))
    .column(
        column(
            Column::MediaType,
            "What its first bytes say it is, such as `image/png`: `text/plain` for every text, and `application/octet-stream` if \
             that is not known.",
        )
        .filterable(),
    )
    .column(column(Column::Size, "Bytes."))
    .column(column(Column::Sha256, "SHA-256 of its bytes, in 64 hexadecimal digits."))
    .computed(computed(
        "url",
        "Where it is downloaded, on this server: with the session's cookie or the header `Authorization`.",
        [Column::Id],
        |row| Ok(format!("/files/{}", row.get::<Uuid>(Column::Id)?)),
    ))
    .column(column(Column::CreatedAt, "When it came.").filterable().orderable())
    .column(column(Column::ExpiresAt, "After that it is deleted; null if it stays.").filterable())
    .column(column(Column::Version, "Counts changes, from 1."))
    .relation(to_one::<user::Entity>(
        "createdBy",
        "The person who uploaded it; null if a program did, or Shoal itself.",
        Column::CreatedBy,
    ))
    .relation(any_record(
        "record",
        "The record to which it is attached; null if there is none, or you may not read it.",
        ATTACHABLE,
        Column::RecordType,
        Column::RecordId,
    ));
}
