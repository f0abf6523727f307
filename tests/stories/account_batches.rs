//! Many accounts at once: written row by row, counted and summed.

use serde_json::json;
use shoal_testkit::TestApp;

use crate::support::{Record, account, both_databases, change_many, texts};

both_databases!(
    batches_write_good_rows_and_name_bad_ones,
    batches_may_change_one_record_twice,
    too_many_rows,
    aggregates_count_and_sum_per_currency,
);

async fn batches_write_good_rows_and_name_bad_ones(app: TestApp) {
    let taken = json!([{"system": "erp", "key": "1"}]);
    let rows = json!([
        {"name": "First", "tags": ["new"]},
        {"name": "", "tags": ["never"]},
        {"name": "Third", "externalIds": taken},
        {"name": "Fourth", "externalIds": taken},
        {"name": "Fifth", "employees": -5, "emails": [{"address": "?"}]},
        {"name": "Sixth"},
    ]);
    let answer = change_many(&app, "accountCreateMany", rows, "name").await;
    let expected = [
        "ok",
        "VALIDATION: name REQUIRED",
        "ok",
        "DUPLICATE: externalIds.0 DUPLICATE",
        "VALIDATION: emails.0.address EMAIL_INVALID, employees RANGE",
        "ok",
    ];
    assert_eq!(answer.rows("accountCreateMany"), expected);
    let results = &answer.data()["accountCreateMany"]["results"];
    assert_eq!(
        (&results[2]["account"]["name"], &results[3]["account"], &results[3]["id"]),
        (&json!("Third"), &json!(null), &json!(null))
    );
    let read = app
        .data("{ accounts(orderBy: {name: ASC}) { nodes { name } } tags { nodes { name } } }", json!({}))
        .await;
    assert_eq!(texts(&read["accounts"]["nodes"], "name"), ["First", "Sixth", "Third"]);
    assert_eq!(texts(&read["tags"]["nodes"], "name"), ["new"]);
    // All refused: still an answer per row.
    let answer = change_many(&app, "accountCreateMany", json!([{"name": ""}, {"name": ""}]), "name").await;
    assert_eq!(answer.rows("accountCreateMany"), ["VALIDATION: name REQUIRED"; 2]);
    let answer = change_many(&app, "accountCreateMany", json!([]), "name").await;
    assert_eq!(answer.rows("accountCreateMany"), [""; 0]);
}

async fn batches_may_change_one_record_twice(app: TestApp) {
    let record = account(&app, "A").await;
    let second = Record { version: 2, ..record.clone() };
    let rows = json!([
        record.update(&json!({"name": "B", "tags": ["one"]})),
        second.update(&json!({"employees": 7, "tags": ["two"]})),
        record.update(&json!({"name": "stale"})),
    ]);
    let answer = change_many(&app, "accountUpdateMany", rows, "name").await;
    assert_eq!(answer.rows("accountUpdateMany"), ["ok", "ok", "CONFLICT: name CHANGED"]);
    let read = app
        .data(
            "query($id: ID!) { account(id: $id) { name employees version tags { name } } }",
            json!({"id": record.id}),
        )
        .await;
    assert_eq!(
        read["account"],
        json!({"name": "B", "employees": 7, "version": 3, "tags": [{"name": "two"}]})
    );
    let gone = Record { version: 3, ..record };
    let answer = change_many(&app, "accountDeleteMany", json!([gone.input(), gone.input()]), "id").await;
    assert_eq!(answer.rows("accountDeleteMany"), ["ok", "NOT_FOUND: id NOT_FOUND"]);
}

async fn too_many_rows(app: TestApp) {
    let rows = vec![json!({"name": "A"}); 1_001];
    let answer = change_many(&app, "accountCreateMany", json!(rows), "id").await;
    assert_eq!(answer.code(), "LIMIT_EXCEEDED", "{answer}");
    let answer = change_many(&app, "accountCreateMany", json!(rows[..1_000]), "id").await;
    assert_eq!(answer.rows("accountCreateMany").len(), 1_000);
    let read = app.data("{ accounts { totalCount } }", json!({})).await;
    assert_eq!(read["accounts"]["totalCount"], 1_000);
}

async fn aggregates_count_and_sum_per_currency(app: TestApp) {
    let rows: Vec<_> = [
        ("GOLD", "100.10", "EUR", 10),
        ("GOLD", "200.20", "EUR", 20),
        ("GOLD", "5000", "JPY", 30),
        ("SILVER", "9007199254740993.27", "USD", 40),
    ]
    .into_iter()
    .map(|(tier, amount, currency, employees)| {
        json!({"name": "A", "tier": tier, "employees": employees, "annualBudget": {"amount": amount, "currency": currency}})
    })
    .chain([json!({"name": "No tier"})])
    .collect();
    let answer = change_many(&app, "accountCreateMany", json!(rows), "id").await;
    assert_eq!(answer.rows("accountCreateMany"), ["ok"; 5]);
    let query = "{
        all: accountsAggregate { keys count sum { employees annualBudget { amount currency } } avg { employees } }
        byTier: accountsAggregate(groupBy: [{field: TIER}]) { keys count sum { annualBudget { amount currency } } }
        rich: accountsAggregate(filter: {annualBudget: {gte: {amount: \"150\", currency: \"EUR\"}}}) { count }
    }";
    let data = app.data(query, json!({})).await;
    let sums = json!([{"amount": "300.30", "currency": "EUR"}, {"amount": "5000", "currency": "JPY"}, {"amount": "9007199254740993.27", "currency": "USD"}]);
    assert_eq!(
        data["all"],
        json!([{"keys": [], "count": 5, "sum": {"employees": 100, "annualBudget": sums}, "avg": {"employees": 25.0}}])
    );
    let by_tier = json!([
        {"keys": ["GOLD"], "count": 3, "sum": {"annualBudget": [{"amount": "300.30", "currency": "EUR"}, {"amount": "5000", "currency": "JPY"}]}},
        {"keys": ["SILVER"], "count": 1, "sum": {"annualBudget": [{"amount": "9007199254740993.27", "currency": "USD"}]}},
        {"keys": [null], "count": 1, "sum": {"annualBudget": []}},
    ]);
    assert_eq!(data["byTier"], by_tier);
    assert_eq!(data["rich"], json!([{"count": 1}]));
}
