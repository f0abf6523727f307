//! Writes amounts of money.

use rust_decimal::Decimal;
use sea_orm::QueryResult;

use super::{Path, Writer, Written};
use crate::error::Error;
use crate::execute::row;
use crate::plan::{Keyed, MoneyField};
use crate::value::Kind;

/// An amount of money: whole amount, not yet written.
pub(super) struct Amount<'c> {
    pub amount: Decimal,
    pub currency: &'c str,
}

impl Writer<'_> {
    pub(super) fn money_of(
        &mut self,
        row: &QueryResult,
        amount: usize,
        currency: usize,
        fields: &[Keyed<MoneyField>],
        path: &Path<'_>,
    ) -> Result<bool, Error> {
        let (Some(units), Some(currency)) =
            (row::value::<i64>(row, amount)?, row::plain(row, currency, Kind::Text)?)
        else {
            return Ok(false);
        };
        let digits = (self.text.currency_digits)(&currency).unwrap_or(2);
        // Cannot propagate: both parts are there.
        let _ =
            self.money(fields, &Amount { amount: Decimal::new(units, digits), currency: &currency }, path);
        Ok(true)
    }

    pub(super) fn money(
        &mut self,
        fields: &[Keyed<MoneyField>],
        amount: &Amount<'_>,
        path: &Path<'_>,
    ) -> Written {
        self.object(fields, path, |writer, field, _| {
            match field.value {
                MoneyField::Typename => writer.string("Money"),
                MoneyField::Amount => writer.string(&amount.amount.to_string()),
                MoneyField::Currency => writer.string(amount.currency),
            }
            Ok(())
        })
    }
}
