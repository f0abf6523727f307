//! The parameters of a GET, in the URL.

use serde::de::DeserializeOwned;
use shoal_graphql::request::Request;

use super::envelope::AnyObject;
use crate::problem::Problem;

/// Reads `application/x-www-form-urlencoded` parameters. An optional one that is empty counts as not given.
pub(super) fn parse(query_string: &str) -> Result<Request, Problem> {
    let [mut query, mut operation_name, mut variables, mut extensions] = [const { None }; 4];
    for pair in query_string.split('&') {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let slot = match decode(key)?.as_str() {
            "query" => &mut query,
            "operationName" => &mut operation_name,
            "variables" => &mut variables,
            "extensions" => &mut extensions,
            _ => continue,
        };
        if slot.replace(decode(value)?).is_some() {
            return Err(Problem::bad_request("A parameter is given twice."));
        }
    }
    let query = query.ok_or_else(|| Problem::bad_request("`query` is missing."))?;
    let given = |parameter: Option<String>| parameter.filter(|text| !text.is_empty());
    object::<AnyObject>(given(extensions), "`extensions` must be a JSON object.")?;
    let variables = object(given(variables), "`variables` must be a JSON object.")?;
    Ok(Request {
        query,
        operation_name: given(operation_name),
        variables,
        read_only: true,
        id: None,
        with_cost: true,
    })
}

fn object<T: DeserializeOwned>(text: Option<String>, message: &'static str) -> Result<Option<T>, Problem> {
    let Some(text) = text else { return Ok(None) };
    serde_json::from_str(&text).map_err(|_| Problem::bad_request(message))
}

/// Percent-decoding as `URLSearchParams` does it, but strict about UTF-8: a replacement character in a filter would
/// give a wrong answer instead of an error.
fn decode(text: &str) -> Result<String, Problem> {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut index = 0;
    while let Some(&byte) = bytes.get(index) {
        index += 1;
        decoded.push(match byte {
            b'+' => b' ',
            b'%' => match bytes.get(index..index + 2).and_then(hex) {
                Some(value) => {
                    index += 2;
                    value
                }
                None => b'%',
            },
            _ => byte,
        });
    }
    String::from_utf8(decoded).map_err(|_| Problem::bad_request("The URL is not valid UTF-8."))
}

fn hex(pair: &[u8]) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    Some(digit(*pair.first()?)? << 4 | digit(*pair.get(1)?)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_strictly() {
        assert_eq!(decode("a+b%20%C3%bc%zz%").unwrap(), "a b ü%zz%");
        assert!(decode("%ff").is_err());
    }

    #[test]
    fn empty_and_null_are_absent() {
        let request = parse("query=%7Ba%7D&operationName=&variables=&extensions=null&x=1").unwrap();
        assert_eq!((request.operation_name, request.variables, request.read_only), (None, None, true));
        let request = parse("query=a&variables=null&operationName=null").unwrap();
        assert_eq!((request.operation_name.as_deref(), request.variables), (Some("null"), None));
    }

    #[test]
    fn wrong_parameters_are_refused() {
        for bad in [
            "",
            "query=a&query=b",
            "query=a&variables=1",
            "query=a&variables=%5B%5D",
            "query=a&extensions=x",
            "query=%ff",
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
