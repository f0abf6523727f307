//! What GraphQL answered.

use std::fmt;

use serde_json::Value as Json;

use super::http::Exchange;

/// An answer of `/graphql`.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The whole body.
    pub json: Json,
}

impl From<Exchange> for Answer {
    fn from(exchange: Exchange) -> Self {
        Self { status: exchange.status, json: exchange.json() }
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:#}", self.status, self.json)
    }
}

impl Answer {
    /// The data; there must be no errors.
    ///
    /// # Panics
    /// If there are errors.
    #[track_caller]
    pub fn expect_data(self) -> Json {
        assert!(self.errors().is_empty(), "errors: {self}");
        assert_eq!(self.status, 200, "{self}");
        self.json["data"].clone()
    }

    /// The data there is beside the errors.
    pub fn data(&self) -> &Json {
        &self.json["data"]
    }

    /// The errors; none is an empty slice.
    pub fn errors(&self) -> &[Json] {
        self.json["errors"].as_array().map_or(&[], Vec::as_slice)
    }

    /// The only error.
    ///
    /// # Panics
    /// If there is none, or more than one.
    #[track_caller]
    pub fn error(&self) -> &Json {
        match self.errors() {
            [error] => error,
            _ => panic!("not exactly one error: {self}"),
        }
    }

    /// The code of the only error.
    #[track_caller]
    pub fn code(&self) -> &str {
        self.error()["extensions"]["code"].as_str().unwrap_or_default()
    }

    /// `path code` of each field that the only error is about, sorted: `"name REQUIRED"`.
    #[track_caller]
    pub fn fields(&self) -> Vec<String> {
        field_codes(&self.error()["extensions"]["fields"])
    }

    /// [`code`](Self::code) and [`fields`](Self::fields) in one line, for comparing with what is expected:
    /// `"VALIDATION: name REQUIRED"`.
    #[track_caller]
    pub fn refusal(&self) -> String {
        refusal(self.code(), &self.fields())
    }
}

/// The refusal of one row of a mutation of many, as [`Answer::refusal`] writes it; `None` if it was not refused.
pub(crate) fn row_refusal(row: &Json) -> Option<String> {
    let error = row.get("error").filter(|error| !error.is_null())?;
    Some(refusal(error["code"].as_str().unwrap_or_default(), &field_codes(&error["fields"])))
}

impl Answer {
    /// What became of each row of the mutation of many under `field`: `"ok"`, or the refusal as
    /// [`refusal`](Self::refusal) writes it. The row's `error { code fields { path code } }` must be selected.
    ///
    /// # Panics
    /// If there are errors, or no results.
    #[track_caller]
    pub fn rows(&self, field: &str) -> Vec<String> {
        assert!(self.errors().is_empty(), "errors: {self}");
        let rows = self.json["data"][field]["results"].as_array();
        let rows = rows.unwrap_or_else(|| panic!("no results under {field}: {self}"));
        rows.iter().map(|row| row_refusal(row).unwrap_or_else(|| "ok".to_owned())).collect()
    }
}

fn refusal(code: &str, fields: &[String]) -> String {
    if fields.is_empty() { code.to_owned() } else { format!("{code}: {}", fields.join(", ")) }
}

fn field_codes(fields: &Json) -> Vec<String> {
    let fields = fields.as_array().map_or(&[][..], Vec::as_slice);
    let line = |field: &Json| {
        let path = field["path"].as_array().map_or(&[][..], Vec::as_slice);
        let path: Vec<&str> = path.iter().filter_map(Json::as_str).collect();
        format!("{} {}", path.join("."), field["code"].as_str().unwrap_or_default())
    };
    let mut lines: Vec<String> = fields.iter().map(line).collect();
    lines.sort();
    lines
}
