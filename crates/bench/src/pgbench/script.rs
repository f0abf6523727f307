//! Statements as a script, their values as its variables.

use std::fmt::Write as _;

use sea_orm::{Statement, Value};

/// One transaction of pgbench.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    /// The statements.
    pub text: String,
    /// Names and values of what they use.
    pub variables: Vec<(String, String)>,
}

impl Script {
    /// The statements with `$1` as `:v…_1`; `number` keeps scripts that run together apart.
    pub fn of(number: usize, statements: &[Statement]) -> Self {
        let mut script = Self { text: String::new(), variables: Vec::new() };
        for (position, statement) in statements.iter().enumerate() {
            let prefix = format!("v{number}_{position}_");
            script.text.push_str(&with_variables(&statement.sql, &prefix));
            script.text.push_str(";\n");
            let values = statement.values.iter().flat_map(|values| &values.0);
            for (position, value) in values.enumerate() {
                script.variables.push((format!("{prefix}{}", position + 1), literal(value)));
            }
        }
        script
    }
}

/// `$12` becomes `:prefix12`. The statements have no dollar sign but for that.
fn with_variables(sql: &str, prefix: &str) -> String {
    sql.replace('$', &format!(":{prefix}"))
}

/// The value as PostgreSQL reads it from text.
fn literal(value: &Value) -> String {
    match value {
        Value::Bool(Some(value)) => value.to_string(),
        Value::Int(Some(value)) => value.to_string(),
        Value::BigInt(Some(value)) => value.to_string(),
        Value::String(Some(text)) => text.clone(),
        Value::Uuid(Some(id)) => id.to_string(),
        Value::ChronoDate(Some(date)) => date.to_string(),
        Value::ChronoDateTimeUtc(Some(at)) => at.to_rfc3339(),
        Value::Array(_, Some(items)) => {
            let mut text = String::from("{");
            for (position, item) in items.iter().enumerate() {
                let _ = write!(text, "{}{}", if position > 0 { "," } else { "" }, literal(item));
            }
            text.push('}');
            text
        }
        other => format!("{other:?}"),
    }
}

#[cfg(test)]
mod tests {
    use sea_orm::DbBackend;

    use super::*;

    #[test]
    fn values_become_variables() {
        let ids = Value::Array(
            sea_orm::sea_query::ArrayType::BigInt,
            Some(Box::new(vec![1i64.into(), 2i64.into()])),
        );
        let text = "SELECT 1 WHERE $1::int8[] @> $2";
        let statement = Statement::from_sql_and_values(DbBackend::Postgres, text, [ids, "x".into()]);
        let script = Script::of(3, &[statement]);
        assert_eq!(script.text, "SELECT 1 WHERE :v3_0_1::int8[] @> :v3_0_2;\n");
        let expected = [("v3_0_1", "{1,2}"), ("v3_0_2", "x")];
        assert_eq!(script.variables, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }
}
