//! A list of companies: `Symbol, Security, GICS Sector, GICS Sub-Industry, Headquarters Location, …`.

use serde_json::{Value as Json, json};

use super::{Line, object};

/// The system whose ids the symbols are.
const SYSTEM: &str = "ticker";

pub(super) fn row(line: &Line<'_>) -> (Json, Option<Json>) {
    let account = object([
        ("externalId", Some(json!({"system": SYSTEM, "key": line.get("Symbol").unwrap_or_default()}))),
        ("name", line.get("Security").map(Json::from)),
        ("industry", line.get("GICS Sub-Industry").map(Json::from)),
        ("tags", line.get("GICS Sector").map(|sector| json!([sector]))),
        ("foundedYear", line.get("Founded").and_then(year).map(Json::from)),
        ("addresses", line.get("Headquarters Location").map(|place| json!([address(place)]))),
    ]);
    (account, None)
}

/// "1902", "2013 (1888)": the first year named.
fn year(text: &str) -> Option<i32> {
    text.get(..4)?.parse().ok()
}

/// "Saint Paul, Minnesota" or "Dublin, Ireland": what stands behind the comma may be a state or a country, and some
/// names are both (Georgia), so it is kept as the region.
fn address(place: &str) -> Json {
    match place.rsplit_once(',') {
        Some((city, region)) => json!({"city": city.trim(), "region": region.trim()}),
        None => json!({"city": place}),
    }
}
