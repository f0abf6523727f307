//! Groups of an aggregate.

use rust_decimal::{Decimal, RoundingStrategy};

use super::super::aggregate::{Amounts, Group, Groups, whole};
use super::super::row;
use super::money::Amount;
use super::{Path, Writer, Written};
use crate::error::{Error, Refusal, code};
use crate::message;
use crate::plan::{AggregateField, AggregatePlan, Function, Keyed, Measure, MeasureField};
use crate::value::Kind;

impl Writer<'_> {
    pub(crate) fn aggregate(&mut self, plan: &AggregatePlan, groups: &Groups, path: &Path<'_>) -> Written {
        self.list(groups.groups.len(), path, |writer, position, path| {
            let group = &groups.groups[position];
            writer.object(&plan.fields, path, |writer, field, path| match &field.value {
                AggregateField::Typename(name) => {
                    writer.string(name);
                    Ok(())
                }
                AggregateField::Count => {
                    row::write_integer(&mut writer.out, group.count);
                    Ok(())
                }
                AggregateField::Keys => writer.list(group.keys.len(), path, |writer, position, _| {
                    match &group.keys[position] {
                        Some(key) => writer.string(key),
                        None => writer.null(),
                    }
                    Ok(())
                }),
                AggregateField::Measures(fields) => writer.object(fields, path, |writer, field, path| {
                    writer.measure(plan, groups, group, field, path)
                }),
            })
        })
    }

    fn measure(
        &mut self,
        plan: &AggregatePlan,
        groups: &Groups,
        group: &Group,
        field: &Keyed<MeasureField>,
        path: &Path<'_>,
    ) -> Written {
        match &field.value {
            MeasureField::Typename(name) => self.string(name),
            MeasureField::Column(position) => {
                let (measure, slot) = (&plan.measures[*position], groups.measure_slots[*position]);
                if let Err(error) = self.column_measure(measure, group, slot) {
                    self.failed(&error, path, field.location);
                    self.null();
                }
            }
            MeasureField::Money { money, function, fields } => {
                let currencies = &group.money[*money];
                return self.list(currencies.len(), path, |writer, position, path| {
                    let amounts = &currencies[position];
                    let digits = (writer.text.currency_digits)(&amounts.currency).unwrap_or(2);
                    let amount = money_amount(amounts, *function, digits);
                    writer.money(fields, &Amount { amount, currency: &amounts.currency }, path)
                });
            }
        }
        Ok(())
    }

    /// Writes a measure, null where no row has a value. On an error nothing was written.
    fn column_measure(&mut self, measure: &Measure, group: &Group, slot: usize) -> Result<(), Error> {
        let row = &group.row;
        let written = match (measure.function, measure.kind) {
            (Function::Minimum | Function::Maximum, kind) => row::write(&mut self.out, row, slot, kind)?,
            (Function::Sum, Kind::Float) => row::write(&mut self.out, row, slot, Kind::Float)?,
            (Function::Sum, Kind::Decimal { scale }) => match whole(row, slot)? {
                Some(units) => {
                    self.string(&decimal(units, scale)?.to_string());
                    true
                }
                None => false,
            },
            (Function::Sum, _) => match whole(row, slot)? {
                Some(sum) => {
                    let too_large = |_| {
                        let message = message!("sum-too-large", "the sum needs more than 64 bits");
                        Refusal::new(code::LIMIT_EXCEEDED, message)
                    };
                    row::write_integer(&mut self.out, i64::try_from(sum).map_err(too_large)?);
                    true
                }
                None => false,
            },
            (Function::Average, kind) => self.average(kind, group, slot)?,
        };
        if !written {
            self.null();
        }
        Ok(())
    }

    /// Averages are divided here, so that both databases answer alike.
    fn average(&mut self, kind: Kind, group: &Group, slot: usize) -> Result<bool, Error> {
        let count = row::value::<i64>(&group.row, slot + 1)?.unwrap_or_default();
        if count == 0 {
            return Ok(false);
        }
        match kind {
            Kind::Float => {
                let sum = row::value::<f64>(&group.row, slot)?.unwrap_or_default();
                #[expect(clippy::cast_precision_loss, reason = "a count beyond 2^52 rows does not occur")]
                row::write_float(&mut self.out, sum / count as f64)?;
            }
            Kind::Decimal { scale } => {
                let mean =
                    decimal(whole(&group.row, slot)?.unwrap_or_default(), scale)? / Decimal::from(count);
                // Four digits more than the values have.
                self.string(&mean.round_dp(scale + 4).normalize().to_string());
            }
            _ => {
                let mean = decimal(whole(&group.row, slot)?.unwrap_or_default(), 0)? / Decimal::from(count);
                // Through text, which is exact where the library's own conversion is not.
                row::write_float(&mut self.out, mean.to_string().parse().map_err(Error::fault)?)?;
            }
        }
        Ok(true)
    }
}

fn decimal(units: i128, scale: u32) -> Result<Decimal, Error> {
    Decimal::try_from_i128_with_scale(units, scale).map_err(Error::fault)
}

/// The average is rounded half-up to the currency's unit.
fn money_amount(amounts: &Amounts, function: Function, digits: u32) -> Decimal {
    let units = |units: i128| Decimal::try_from_i128_with_scale(units, digits).unwrap_or(Decimal::MAX);
    match function {
        Function::Sum => units(amounts.sum),
        Function::Minimum => units(amounts.smallest.into()),
        Function::Maximum => units(amounts.largest.into()),
        Function::Average => (units(amounts.sum) / Decimal::from(amounts.count.max(1)))
            .round_dp_with_strategy(digits, RoundingStrategy::MidpointAwayFromZero),
    }
}
