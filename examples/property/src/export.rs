//! Repair requests as a table, for owners' meetings and the books.

use serde_json::{Value as Json, json};
use shoal_core::RequestContext;
use shoal_core::module::{RouteAnswer, RouteRequest};
use shoal_graphql::error::Error;

const REQUESTS: &str = "query($after: String) {
  repairRequests(first: 200, after: $after, orderBy: {createdAt: DESC}) {
    nodes { createdAt description unit { number building { name } } contact { displayName } }
    pageInfo { hasNextPage endCursor }
  }
}";

/// `GET /modules/property/repair_requests.csv`: the requests that the caller may see, newest first.
pub(crate) async fn repair_requests(
    context: RequestContext,
    request: RouteRequest,
) -> Result<RouteAnswer, Error> {
    // All in quotation marks: a cell that holds what others split at stays one.
    let mut table = csv::WriterBuilder::new().quote_style(csv::QuoteStyle::Always).from_writer(Vec::new());
    table
        .write_record(["reported at", "building", "unit", "reported by", "description"])
        .map_err(Error::fault)?;
    let mut after = Json::Null;
    loop {
        let page = request.data(&context, REQUESTS, json!({"after": after})).await?;
        let page = &page["repairRequests"];
        for node in page["nodes"].as_array().into_iter().flatten() {
            let unit = &node["unit"];
            let cells = [&node["createdAt"], &unit["building"]["name"], &unit["number"]];
            let cells = cells.into_iter().chain([&node["contact"]["displayName"], &node["description"]]);
            table.write_record(cells.map(cell)).map_err(Error::fault)?;
        }
        if page["pageInfo"]["hasNextPage"] != true {
            break;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
    let table = table.into_inner().map_err(Error::fault)?;
    Ok(RouteAnswer::new("text/csv; charset=utf-8", table).as_file("repair_requests.csv"))
}

fn cell(value: &Json) -> String {
    defused(value.as_str().unwrap_or_default())
}

/// Residents write the text: a spreadsheet must not take it, or a part of it, for a formula. OWASP's page "CSV Injection"
/// says why the beginning is not enough: where a spreadsheet splits at other characters than our commas, a text has
/// several beginnings, and our quotation marks protect none but the first. Each gets an apostrophe.
fn defused(text: &str) -> String {
    let mut safe = String::with_capacity(text.len() + 1);
    let mut at_beginning = true;
    for character in text.chars() {
        // The wide ones are what Asian spreadsheets take for the same.
        let begins_formula =
            matches!(character, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠' | '\t' | '\r');
        if at_beginning && begins_formula {
            safe.push('\'');
        }
        safe.push(character);
        at_beginning = match character {
            ';' | '|' | '\t' | '\r' | '\n' => true,
            ' ' | '"' | '\'' | '\0' | '\u{a0}' | '\u{feff}' => at_beginning,
            _ => false,
        };
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_part_is_a_formula() {
        for (text, expected) in [
            ("", ""),
            ("A lamp; the second - not the first", "A lamp; the second - not the first"),
            ("a,=1", "a,=1"),
            ("=1+1", "'=1+1"),
            ("-1", "'-1"),
            ("@a", "'@a"),
            ("＝1", "'＝1"),
            ("\t=1", "'\t'=1"),
            (" \"=1", " \"'=1"),
            ("'=1", "''=1"),
            ("lamp;=1", "lamp;'=1"),
            ("lamp; \" +1|@b", "lamp; \" '+1|'@b"),
            ("lamp\n=1\r\n-2", "lamp\n'=1\r\n'-2"),
        ] {
            assert_eq!(defused(text), expected, "{text:?}");
        }
    }
}
