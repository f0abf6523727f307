//! The operators of filters on columns and money.

use sea_orm::Value;

use super::filter::{FilterWriter, Written, under, wrong};
use crate::database::Dialect;
use crate::declare::{ColumnDeclaration, MoneyDeclaration};
use crate::value::{Input, InputMap, Kind, bind, decimal_units};

/// Behind every text that begins with `prefix`: no character is larger than this one.
const LAST_CHARACTER: char = '\u{10FFFF}';

impl FilterWriter<'_, '_> {
    pub(super) fn column(
        &mut self,
        column: &ColumnDeclaration,
        alias: &str,
        operators: &InputMap,
        negated: bool,
    ) -> Written {
        self.operators(operators, negated, |writer, operator, value| {
            // `notEq` is the opposite of `eq`, missing values included.
            let (operator, negated) = match operator {
                "notEq" => ("eq", !negated),
                "notIn" => ("in", !negated),
                other => (other, negated),
            };
            if operator == "isNull" {
                let is_null = (*value == Input::Boolean(true)) != negated;
                writer.sql.column(alias, &column.column);
                writer.sql.push(if is_null { " IS NULL" } else { " IS NOT NULL" });
                return Ok(());
            }
            writer.opposite(negated, column.nullable.then_some((alias, column.column.as_str())), |writer| {
                writer.comparison(column, alias, operator, value)
            })
        })
    }

    /// Writes a condition or its opposite; the opposite also holds where the value is missing.
    fn opposite(
        &mut self,
        negated: bool,
        nullable: Option<(&str, &str)>,
        write: impl FnOnce(&mut Self) -> Written,
    ) -> Written {
        if !negated {
            return write(self);
        }
        self.sql.push("(NOT ");
        write(self)?;
        if let Some((alias, column)) = nullable {
            self.sql.push(" OR ").column(alias, column).push(" IS NULL");
        }
        self.sql.push(")");
        Ok(())
    }

    fn comparison(
        &mut self,
        column: &ColumnDeclaration,
        alias: &str,
        operator: &str,
        value: &Input,
    ) -> Written {
        let kind = column.kind.unwrap_or(Kind::Text);
        let dialect = self.sql.dialect();
        let bound = |value: &Input| bind(value, kind, dialect).map_err(|message| wrong("RANGE", message));
        if let Input::List(values) = value {
            let values = values.iter().map(bound).collect::<Result<Vec<_>, _>>()?;
            self.any_of(alias, &column.column, values);
            return Ok(());
        }
        let symbol = match operator {
            "eq" => " = ",
            "lt" => " < ",
            "lte" => " <= ",
            "gt" => " > ",
            "gte" => " >= ",
            _ => return self.part_of_text(column, alias, operator, value),
        };
        let value = bound(value)?;
        self.sql.push("(").column(alias, &column.column).push(symbol).bind(value).push(")");
        Ok(())
    }

    fn any_of(&mut self, alias: &str, column: &str, values: Vec<Value>) {
        if values.is_empty() {
            self.sql.push("(1 = 0)");
        } else {
            self.sql.push("(").column(alias, column).is_any_of(values).push(")");
        }
    }

    /// `contains`, `startsWith`, `endsWith`.
    fn part_of_text(
        &mut self,
        column: &ColumnDeclaration,
        alias: &str,
        operator: &str,
        value: &Input,
    ) -> Written {
        let Input::Text(text) = value else { return Err(wrong("TYPE", "expected a String")) };
        let literal = (self.scope.text.is_literal)(text);
        match &column.sort_column {
            Some(key) if !literal => {
                let folded = (self.scope.text.fold)(text);
                if operator == "startsWith" {
                    self.begins_in_range(alias, key, &folded);
                } else {
                    self.text_position(alias, key, operator, &folded);
                }
            }
            _ => self.text_position(alias, &column.column, operator, text),
        }
        Ok(())
    }

    /// A prefix as a range of sort keys, which an index answers.
    fn begins_in_range(&mut self, alias: &str, key: &str, folded: &str) {
        self.sql.push("(").ordered_column(alias, key, Kind::Text).push(" >= ").bind(folded).push(" AND ");
        self.sql
            .ordered_column(alias, key, Kind::Text)
            .push(" < ")
            .bind(format!("{folded}{LAST_CHARACTER}"))
            .push(")");
    }

    fn text_position(&mut self, alias: &str, column: &str, operator: &str, text: &str) {
        let length = i32::try_from(text.chars().count()).unwrap_or(i32::MAX);
        let postgres = self.sql.dialect() == Dialect::Postgres;
        let sql = self.sql.push("(");
        match operator {
            "startsWith" => {
                sql.push("substr(").column(alias, column).push(", 1, ").bind(length).push(") = ").bind(text);
            }
            "endsWith" if postgres => {
                sql.push("right(").column(alias, column).push(", ").bind(length).push(") = ").bind(text);
            }
            // `substr(x, -0)` is all of x.
            "endsWith" if length == 0 => drop(sql.column(alias, column).push(" IS NOT NULL")),
            "endsWith" => {
                sql.push("substr(").column(alias, column).push(", ").bind(-length).push(") = ").bind(text);
            }
            _ => {
                sql.push(if postgres { "strpos(" } else { "instr(" });
                sql.column(alias, column).push(", ").bind(text).push(") > 0");
            }
        }
        sql.push(")");
    }

    pub(super) fn money(
        &mut self,
        money: &MoneyDeclaration,
        alias: &str,
        operators: &InputMap,
        negated: bool,
    ) -> Written {
        let nullable = money.nullable.then(|| (alias.to_owned(), money.amount.clone()));
        self.operators(operators, negated, |writer, operator, value| {
            if operator == "isNull" {
                let is_null = (*value == Input::Boolean(true)) != negated;
                writer.sql.column(alias, &money.amount);
                writer.sql.push(if is_null { " IS NULL" } else { " IS NOT NULL" });
                return Ok(());
            }
            let nullable = nullable.as_ref().map(|(alias, column)| (alias.as_str(), column.as_str()));
            writer
                .opposite(negated, nullable, |writer| writer.money_comparison(money, alias, operator, value))
        })
    }

    fn money_comparison(
        &mut self,
        money: &MoneyDeclaration,
        alias: &str,
        operator: &str,
        value: &Input,
    ) -> Written {
        let object = match value {
            Input::List(codes) => {
                let codes = codes.iter().filter_map(|code| match code {
                    Input::Text(code) => Some(Value::from(code.as_str())),
                    _ => None,
                });
                self.any_of(alias, &money.currency, codes.collect());
                return Ok(());
            }
            Input::Object(object) => object,
            _ => return Err(wrong("TYPE", "expected an amount of money")),
        };
        let (Some(Input::Decimal(amount)), Some(Input::Text(currency))) =
            (object.get("amount"), object.get("currency"))
        else {
            return Err(wrong("TYPE", "expected an amount and a currency"));
        };
        let digits = (self.scope.text.currency_digits)(currency).ok_or_else(|| {
            under(wrong("CURRENCY_UNKNOWN", format!("there is no currency {currency}")), "currency")
        })?;
        let units = decimal_units(*amount, digits)
            .map_err(|message| under(wrong("MONEY_PRECISION", message), "amount"))?;
        let symbol = match operator {
            "lt" => " < ",
            "lte" => " <= ",
            "gt" => " > ",
            "gte" => " >= ",
            _ => " = ",
        };
        self.sql.push("(").column(alias, &money.currency).push(" = ").bind(currency.as_str()).push(" AND ");
        self.sql.column(alias, &money.amount).push(symbol).bind(units).push(")");
        Ok(())
    }
}
