//! The JSON around a GraphQL request.

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::{Map, Value};
use shoal_graphql::request::Request;

use crate::problem::Problem;

/// The body of a POST. Properties that are not listed are ignored, as the specification asks.
#[derive(Deserialize)]
struct Envelope {
    query: String,
    #[serde(default, rename = "operationName")]
    operation_name: Option<String>,
    #[serde(default)]
    variables: Option<Map<String, Value>>,
    #[serde(default, rename = "extensions")]
    _extensions: Option<AnyObject>,
}

/// A JSON object whose content does not matter: only its type is checked.
pub(super) struct AnyObject;

impl<'de> Deserialize<'de> for AnyObject {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Skip;
        impl<'de> Visitor<'de> for Skip {
            type Value = AnyObject;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a map")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<AnyObject, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(AnyObject)
            }
        }
        deserializer.deserialize_map(Skip)
    }
}

/// Reads the body of a POST.
pub(super) fn parse(body: &[u8]) -> Result<Request, Problem> {
    let text = std::str::from_utf8(body)
        .map_err(|_| Problem::bad_request("The request body is not valid UTF-8."))?;
    match serde_json::from_str(text) {
        Ok(Envelope { query, operation_name, variables, _extensions }) => {
            Ok(Request { query, operation_name, variables, read_only: false, id: None, with_cost: true })
        }
        Err(error) => Err(Problem::bad_request(explain(text, &error))),
    }
}

/// Says what is wrong with a body. Only errors come here, so that it may take a second look at the text.
fn explain(text: &str, error: &serde_json::Error) -> String {
    if text.trim_ascii().is_empty() {
        return "The request body is empty.".to_owned();
    }
    let object = match serde_json::from_str(text) {
        Ok(Value::Object(object)) => object,
        Ok(Value::Array(_)) => {
            return "Batches are not supported: send one GraphQL request per HTTP request.".to_owned();
        }
        Ok(other) => return format!("The request body must be a JSON object, not {}.", kind(&other)),
        Err(error) => return format!("The request body is not valid JSON: {error}."),
    };
    for (key, expected) in [
        ("query", "a string"),
        ("operationName", "a string"),
        ("variables", "an object"),
        ("extensions", "an object"),
    ] {
        match object.get(key) {
            None | Some(Value::Null) if key == "query" => return "`query` is missing.".to_owned(),
            None | Some(Value::Null) => {}
            Some(value) if kind(value) == expected => {}
            Some(value) => return format!("`{key}` must be {expected}, not {}.", kind(value)),
        }
    }
    format!("The request body cannot be used: {error}.")
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}
