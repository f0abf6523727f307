//! Values of Rust.

use uuid::Uuid;

use super::super::value::Records;
use super::money::Amount;
use super::{Path, Writer, Written};
use crate::declare::{Money, OutputValue};
use crate::error::{Error, Location};
use crate::plan::{Keyed, MoneyField, Shape, ValueField, ValueForm, ValueShape};

/// What was found at each place with references.
type Found = [Result<Records, Error>];

impl Writer<'_> {
    /// Writes what is selected of a value.
    pub(crate) fn value(
        &mut self,
        shape: &ValueShape,
        value: &OutputValue,
        found: &Found,
        path: &Path<'_>,
        location: Option<Location>,
    ) -> Written {
        if !shape.nullable {
            return self.present(shape, value, found, path, location);
        }
        if *value == OutputValue::Null {
            self.null();
        } else {
            self.nullable(|writer| writer.present(shape, value, found, path, location));
        }
        Ok(())
    }

    /// A value that is there; what is wrong with it goes outwards.
    fn present(
        &mut self,
        shape: &ValueShape,
        value: &OutputValue,
        found: &Found,
        path: &Path<'_>,
        location: Option<Location>,
    ) -> Written {
        match (&shape.form, value) {
            (ValueForm::Leaf, value) => {
                let written = self.output(value);
                self.settle(written, false, path, location)
            }
            (ValueForm::Money(fields), OutputValue::Money(money)) => self.money_value(fields, money, path),
            (ValueForm::Object(fields), OutputValue::Object(values)) => {
                self.object(fields, path, |writer, field, path| match &field.value {
                    ValueField::Typename(name) => {
                        writer.string(name);
                        Ok(())
                    }
                    ValueField::Field(position, shape) => {
                        let value = values.get(*position).unwrap_or(&OutputValue::Null);
                        writer.value(shape, value, found, path, field.location)
                    }
                })
            }
            (ValueForm::List(shape), OutputValue::List(items)) => {
                self.list(items.len(), path, |writer, position, path| {
                    writer.value(shape, &items[position], found, path, location)
                })
            }
            (ValueForm::Record(place, shape), OutputValue::Record(id)) => {
                self.referred(shape, (&found[*place], *id), path, location)
            }
            (ValueForm::AnyRecord(arms), OutputValue::AnyRecord(table, id)) => {
                if let Some((_, place, shape)) = arms.iter().find(|(known, ..)| known == table) {
                    return self.referred(shape, (&found[*place], *id), path, location);
                }
                self.null();
                Ok(())
            }
            (ValueForm::Records(place, shape), OutputValue::List(items)) => match &found[*place] {
                Ok(records) => self.known(shape, items, records, path),
                Err(error) => self.absent(false, Some(error), path, location),
            },
            (form, value) => {
                let fault =
                    Error::fault(format!("a value of another type than declared: {value:?} for {form:?}"));
                self.absent(false, Some(&fault), path, location)
            }
        }
    }

    /// A record, or null.
    fn referred(
        &mut self,
        shape: &Shape,
        (found, id): (&Result<Records, Error>, Uuid),
        path: &Path<'_>,
        location: Option<Location>,
    ) -> Written {
        match found {
            Ok(records) => {
                if let Some(number) = records.positions.get(&id) {
                    return self.row(shape, &records.table, *number, path);
                }
                self.null();
                Ok(())
            }
            Err(error) => self.absent(false, Some(error), path, location),
        }
    }

    /// A list of records without those that the caller may not see.
    fn known(&mut self, shape: &Shape, items: &[OutputValue], records: &Records, path: &Path<'_>) -> Written {
        let numbers: Vec<usize> = items
            .iter()
            .filter_map(|item| match item {
                OutputValue::Record(id) => records.positions.get(id).copied(),
                _ => None,
            })
            .collect();
        self.list(numbers.len(), path, |writer, position, path| {
            writer.row(shape, &records.table, numbers[position], path)
        })
    }

    fn money_value(&mut self, fields: &[Keyed<MoneyField>], money: &Money, path: &Path<'_>) -> Written {
        let digits = (self.text.currency_digits)(&money.currency).unwrap_or(2);
        let mut amount = money.amount;
        if amount.scale() < digits {
            amount.rescale(digits);
        }
        self.money(fields, &Amount { amount, currency: &money.currency }, path)
    }
}
