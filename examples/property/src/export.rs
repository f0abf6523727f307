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
    let mut table = csv::Writer::from_writer(Vec::new());
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

/// Residents write the text: a spreadsheet must not take it for a formula.
fn cell(value: &Json) -> String {
    let text = value.as_str().unwrap_or_default();
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}
