//! What a mutation answers.

use std::ops::Range;

use uuid::Uuid;

use super::super::row;
use super::super::value::{Answered, Records};
use super::{Path, Writer, Written};
use crate::context::say;
use crate::declare::OutputValue;
use crate::error::Refusal;
use crate::plan::{FieldErrorField, Keyed, PayloadField, RowErrorField};

/// What a mutation has done.
pub(crate) struct Changed {
    /// The id of the record, or why not, for each row of the input.
    pub rows: Vec<Result<Uuid, Refusal>>,
    /// Records after the change.
    pub records: Records,
    /// The values beside them: an object for each row.
    pub values: Answered,
}

impl Changed {
    fn value(&self, row: usize, position: usize) -> &OutputValue {
        match &self.values.value {
            OutputValue::List(rows) => match rows.get(row) {
                Some(OutputValue::Object(values)) => values.get(position).unwrap_or(&OutputValue::Null),
                _ => &OutputValue::Null,
            },
            _ => &OutputValue::Null,
        }
    }
}

impl Writer<'_> {
    /// Writes the payload of some rows: of one, or of many with their results.
    pub(crate) fn payload(
        &mut self,
        fields: &[Keyed<PayloadField>],
        changed: &Changed,
        rows: Range<usize>,
        path: &Path<'_>,
    ) -> Written {
        let outcome = changed.rows.get(rows.start);
        self.object(fields, path, |writer, field, path| match &field.value {
            PayloadField::Typename(name) => {
                writer.string(name);
                Ok(())
            }
            PayloadField::Results(fields) => writer.list(rows.len(), path, |writer, position, path| {
                writer.payload(fields, changed, position..position + 1, path)
            }),
            PayloadField::Id => {
                match outcome {
                    Some(Ok(id)) => row::write_id(&mut writer.out, *id),
                    _ => writer.null(),
                }
                Ok(())
            }
            PayloadField::Record(shape) => {
                let records = &changed.records;
                let found = outcome.and_then(|outcome| records.positions.get(outcome.as_ref().ok()?));
                match found {
                    Some(number) => {
                        writer.nullable(|writer| writer.row(shape, &records.table, *number, path));
                    }
                    None => writer.null(),
                }
                Ok(())
            }
            PayloadField::Value(position, shape) => {
                let value = changed.value(rows.start, *position);
                writer.value(shape, value, &changed.values.records, path, field.location)
            }
            PayloadField::Error(fields) => {
                match outcome {
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
                RowErrorField::Message => writer.string(&say(writer.context, &refusal.message)),
                RowErrorField::Fields(fields) => {
                    return writer.list(refusal.fields.len(), path, |writer, position, path| {
                        let wrong = &refusal.fields[position];
                        writer.object(fields, path, |writer, field, path| {
                            match field.value {
                                FieldErrorField::Typename => writer.string("FieldError"),
                                FieldErrorField::Code => writer.string(wrong.code),
                                FieldErrorField::Message => {
                                    writer.string(&say(writer.context, &wrong.message));
                                }
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
