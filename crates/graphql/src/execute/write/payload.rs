//! What a mutation answers.

use std::collections::HashMap;

use uuid::Uuid;

use super::super::load::Table;
use super::super::row;
use super::{Path, Writer, Written};
use crate::error::Refusal;
use crate::plan::{FieldErrorField, Keyed, PayloadField, RowErrorField};

/// Records after the change, by id.
pub(crate) struct Records {
    pub table: Table,
    pub positions: HashMap<Uuid, usize>,
}

impl Writer<'_> {
    /// Writes the payload of one row, or of many with their results.
    pub(crate) fn payload(
        &mut self,
        fields: &[Keyed<PayloadField>],
        handled: &[Result<Uuid, Refusal>],
        records: &Records,
        path: &Path<'_>,
    ) -> Written {
        self.object(fields, path, |writer, field, path| match &field.value {
            PayloadField::Typename(name) => {
                writer.string(name);
                Ok(())
            }
            PayloadField::Results(fields) => writer.list(handled.len(), path, |writer, position, path| {
                writer.payload(fields, &handled[position..=position], records, path)
            }),
            PayloadField::Id => {
                match handled.first() {
                    Some(Ok(id)) => row::write_id(&mut writer.out, *id),
                    _ => writer.null(),
                }
                Ok(())
            }
            PayloadField::Record(shape) => {
                let found = handled.first().and_then(|handled| records.positions.get(handled.as_ref().ok()?));
                match found {
                    Some(number) => {
                        writer.nullable(|writer| writer.row(shape, &records.table, *number, path));
                    }
                    None => writer.null(),
                }
                Ok(())
            }
            PayloadField::Error(fields) => {
                match handled.first() {
                    Some(Err(refusal)) => writer.row_error(fields, refusal, path)?,
                    _ => writer.null(),
                }
                Ok(())
            }
        })
    }

    fn row_error(&mut self, fields: &[Keyed<RowErrorField>], refusal: &Refusal, path: &Path<'_>) -> Written {
        self.object(fields, path, |writer, field, path| {
            match &field.value {
                RowErrorField::Typename => writer.string("RowError"),
                RowErrorField::Code => writer.string(refusal.code),
                RowErrorField::Message => writer.string(&refusal.message),
                RowErrorField::Fields(fields) => {
                    return writer.list(refusal.fields.len(), path, |writer, position, path| {
                        let wrong = &refusal.fields[position];
                        writer.object(fields, path, |writer, field, path| {
                            match field.value {
                                FieldErrorField::Typename => writer.string("FieldError"),
                                FieldErrorField::Code => writer.string(wrong.code),
                                FieldErrorField::Message => writer.string(&wrong.message),
                                FieldErrorField::Path => {
                                    return writer.list(wrong.path.len(), path, |writer, position, _| {
                                        writer.string(&wrong.path[position]);
                                        Ok(())
                                    });
                                }
                            }
                            Ok(())
                        })
                    });
                }
            }
            Ok(())
        })
    }
}
