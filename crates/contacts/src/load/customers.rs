//! Customers with their contact persons: `CustomerID, CompanyName, ContactName, ContactTitle, Address, …`.

use serde_json::{Value as Json, json};

use super::{Line, object};

/// The system whose ids the customer ids are.
const SYSTEM: &str = "northwind";

pub(super) fn row(line: &Line<'_>) -> (Json, Option<Json>) {
    let id = line.get("CustomerID").unwrap_or_default();
    let address = object([
        ("street", line.get("Address").map(Json::from)),
        ("city", line.get("City").map(Json::from)),
        ("region", line.get("Region").map(Json::from)),
        ("postalCode", line.get("PostalCode").map(Json::from)),
        ("country", line.get("Country").map(Json::from)),
    ]);
    let phone = |number: &str, label: &str| json!({"number": number, "label": label});
    let phones = [("Phone", "WORK"), ("Fax", "FAX")];
    let phones: Vec<Json> = phones
        .iter()
        .filter_map(|(column, label)| line.get(column).map(|number| phone(number, label)))
        .collect();
    let has_address = address.as_object().is_some_and(|address| !address.is_empty());
    let account = object([
        ("externalId", Some(json!({"system": SYSTEM, "key": id}))),
        ("name", line.get("CompanyName").map(Json::from)),
        ("lifecycleStage", Some(json!("CUSTOMER"))),
        ("addresses", has_address.then(|| json!([address]))),
        ("phones", Some(Json::Array(phones))),
    ]);
    let contact = line.get("ContactName").map(|name| {
        let (given, family) = names(name);
        object([
            ("externalId", Some(json!({"system": SYSTEM, "key": id}))),
            ("givenName", given.map(Json::from)),
            ("familyName", Some(Json::from(family))),
            ("jobTitle", line.get("ContactTitle").map(Json::from)),
            ("lifecycleStage", Some(json!("CUSTOMER"))),
        ])
    });
    (account, contact)
}

/// "Maria Anders": the last word is the family name.
fn names(name: &str) -> (Option<&str>, &str) {
    match name.rsplit_once(' ') {
        Some((given, family)) => (Some(given.trim()), family),
        None => (None, name),
    }
}
