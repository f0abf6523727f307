//! What begins by itself: by the clocks of the company, once, however many nodes there are and however long none was.

use std::time::Duration;

use serde_json::{Value as Json, json};
use shoal_testkit::TestApp;

use crate::catalogue::rows;
use crate::jobs::counting;
use crate::staff::audit;
use crate::support::both_databases;

both_databases!(schedules_follow_the_companys_clocks, a_company_changes_its_schedules);

async fn ticks(app: &TestApp) -> i64 {
    let found = rows(app, "SELECT count(*) FROM witness_sighting WHERE name = 'tick'").await;
    found[0].try_get_by_index(0).unwrap()
}

/// The schedule of the witness.
async fn tick(app: &TestApp) -> Json {
    let document = r#"{ jobSchedules(filter: {kind: {eq: "witness.tick"}}) { nodes {
        id version title pattern effectivePattern active nextAt } } }"#;
    app.data(document, json!({})).await["jobSchedules"]["nodes"][0].clone()
}

async fn schedules_follow_the_companys_clocks(app: TestApp) {
    let app = counting(&app).await;
    let zone = "mutation($zone: String!, $version: Int!) { tenantUpdate(input: {timeZone: $zone, expectedVersion: $version}) { id } }";
    app.work().await;
    assert_eq!(tick(&app).await["nextAt"], "2026-03-03T02:30:00Z");
    app.data(zone, json!({"zone": "Europe/Berlin", "version": 1})).await;
    app.work().await;
    assert_eq!(tick(&app).await["nextAt"], "2026-03-03T01:30:00Z");
    assert_eq!(ticks(&app).await, 0);
    app.clock().set("2026-03-28T12:00:00Z".parse().unwrap());
    let app = app.signed_in_again().await;
    // However often it was missed, it is made up for once.
    app.work().await;
    assert_eq!(ticks(&app).await, 1);
    // Half past two is not there on the next day.
    assert_eq!(tick(&app).await["nextAt"], "2026-03-29T01:00:00Z");
    app.clock().set("2026-03-29T00:59:59Z".parse().unwrap());
    app.work().await;
    assert_eq!(ticks(&app).await, 1);
    // Two nodes do it once.
    app.clock().set("2026-03-29T01:00:00Z".parse().unwrap());
    let node = app.second_node().await;
    tokio::join!(app.work(), node.work());
    app.work().await;
    assert_eq!(ticks(&app).await, 2);
    assert_eq!(tick(&app).await["nextAt"], "2026-03-30T00:30:00Z");
    // While the module is off, none begins.
    app.change_module("witness", "DISABLE", json!({})).await;
    app.clock().advance_days(3);
    app.work().await;
    assert_eq!(ticks(&app).await, 2);
}

async fn a_company_changes_its_schedules(app: TestApp) {
    let app = counting(&app).await;
    app.work().await;
    let seen = tick(&app).await;
    assert_eq!(seen["effectivePattern"], "30 2 * * *");
    assert_eq!(
        (&seen["title"], &seen["pattern"], &seen["active"]),
        (&json!("Tick"), &Json::Null, &json!(true))
    );
    let document = "mutation($input: JobScheduleUpdate!) { jobScheduleUpdate(input: $input) { jobSchedule { effectivePattern nextAt version } } }";
    let update = async |version: i64, with: Json| {
        let mut input = json!({"id": seen["id"], "expectedVersion": version});
        input.as_object_mut().unwrap().extend(with.as_object().unwrap().clone());
        app.graphql(document, json!({ "input": input })).await
    };
    let every = update(1, json!({"pattern": "*/15 * * * *"})).await.expect_data();
    let expected =
        json!({"effectivePattern": "*/15 * * * *", "nextAt": "2026-03-02T09:45:00Z", "version": 2});
    assert_eq!(every["jobScheduleUpdate"]["jobSchedule"], expected);
    assert_eq!(update(1, json!({"active": false})).await.code(), "CONFLICT");
    for (pattern, refusal) in [("soon", "SCHEDULE_INVALID"), ("0 0 30 2 *", "SCHEDULE_NEVER")] {
        let refused = update(2, json!({"pattern": pattern})).await.refusal();
        assert_eq!(refused, format!("VALIDATION: input.pattern {refusal}"));
    }
    app.clock().advance(Duration::from_mins(15));
    app.work().await;
    assert_eq!(ticks(&app).await, 1);
    update(2, json!({"active": false})).await.expect_data();
    app.clock().advance(Duration::from_hours(2));
    app.work().await;
    assert_eq!(ticks(&app).await, 1);
    update(3, json!({"active": true, "pattern": null})).await.expect_data();
    assert_eq!(tick(&app).await["nextAt"], "2026-03-03T02:30:00Z");
    let changes = audit(&app, seen["id"].as_str().unwrap()).await;
    assert_eq!(changes.as_array().unwrap().len(), 3, "{changes}");
}
