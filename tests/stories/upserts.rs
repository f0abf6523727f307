//! Records as other systems know them.

use serde_json::{Value as Json, json};
use shoal_testkit::TestApp;

use crate::support::{Record, account, both_databases, change, change_many, refusal};

both_databases!(
    twice_changes_nothing,
    deleted_records_are_restored_replaced_or_refused,
    external_ids_belong_to_one_record,
    rows_of_one_batch_about_one_record,
    deleted_records_give_their_external_ids_up,
    the_id_it_was_found_by_stays,
    old_and_new_records_in_one_batch,
);

fn upsert(key: &str, fields: Json) -> Json {
    let mut input = json!({"externalId": {"system": "erp", "key": key}});
    input.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    input
}

async fn twice_changes_nothing(app: TestApp) {
    let input = upsert(
        " 1 ",
        json!({
            "name": "A", "industry": "Fish", "tags": ["x", "y"], "emails": [{"address": "A@b.example"}],
            "phones": [{"number": "+49 30 123456", "label": "FAX"}, {"number": "+49 30 1"}],
            "addresses": [{"street": "a\r\nb", "city": "Berlin", "country": "Germany"}],
            "annualBudget": {"amount": "1.5", "currency": "EUR"},
        }),
    );
    let selection = "id version updatedAt emails { id } phones { id valid } addresses { id country }";
    let first = change(&app, "accountUpsert", input.clone(), selection).await;
    app.clock().advance_days(1);
    let second = change(&app, "accountUpsert", input.clone(), selection).await;
    assert_eq!(second, first);
    assert_eq!(first["addresses"][0]["country"], "DE");
    let mut changed = input;
    changed["industry"] = json!("Ships");
    let third = change(&app, "accountUpsert", changed, "id version industry").await;
    assert_eq!(third, json!({"id": first["id"], "version": 2, "industry": "Ships"}));
    assert_eq!(refusal(&app, "accountUpsert", upsert("2", json!({}))).await, "VALIDATION: name REQUIRED");
    assert_eq!(
        refusal(&app, "accountUpsert", upsert(" ", json!({"name": "A"}))).await,
        "VALIDATION: externalId TEXT_EMPTY"
    );
    // Accounts and contacts have their own.
    let person = change(&app, "contactUpsert", upsert("1", json!({"givenName": "P"})), "id version").await;
    assert_eq!(person["version"], 1);
    let again = change(&app, "contactUpsert", upsert("1", json!({"givenName": "P"})), "id version").await;
    assert_eq!(again, person);
}

async fn deleted_records_are_restored_replaced_or_refused(app: TestApp) {
    let one =
        Record::of(&change(&app, "accountUpsert", upsert("1", json!({"name": "A"})), "id version").await);
    change(&app, "accountDelete", one.input(), "id").await;
    let refused =
        refusal(&app, "accountUpsert", upsert("1", json!({"name": "B", "onDeleted": "ERROR"}))).await;
    assert_eq!(refused, "NOT_FOUND: externalId NOT_FOUND");
    let restored =
        change(&app, "accountUpsert", upsert("1", json!({"name": "B"})), "id version name deletedAt").await;
    assert_eq!(restored, json!({"id": one.id, "version": 3, "name": "B", "deletedAt": null}));
    change(&app, "accountDelete", Record::of(&restored).input(), "id").await;
    let created = change(
        &app,
        "accountUpsert",
        upsert("1", json!({"name": "C", "onDeleted": "CREATE"})),
        "id version externalIds { key }",
    )
    .await;
    assert_ne!(created["id"], one.id);
    assert_eq!((&created["version"], &created["externalIds"]), (&json!(1), &json!([{"key": "1"}])));
    let again =
        change(&app, "accountUpsert", upsert("1", json!({"name": "C", "onDeleted": "CREATE"})), "id version")
            .await;
    assert_eq!(Record::of(&again), Record::of(&created));
    let data = app.data("{ accounts(deleted: INCLUDE, orderBy: {name: ASC}) { nodes { name deletedAt externalIds { key } } } }", json!({})).await;
    let expected = json!([
        {"name": "B", "deletedAt": "2026-03-02T09:30:00Z", "externalIds": []},
        {"name": "C", "deletedAt": null, "externalIds": [{"key": "1"}]},
    ]);
    assert_eq!(data["accounts"]["nodes"], expected);
}

async fn external_ids_belong_to_one_record(app: TestApp) {
    let ids = |keys: &[&str]| {
        json!(keys.iter().map(|key| json!({"system": "erp", "key": key})).collect::<Vec<_>>())
    };
    change(&app, "accountCreate", json!({"name": "A", "externalIds": ids(&["1", "2"])}), "id").await;
    let b = account(&app, "B").await;
    let taken = b.update(&json!({"externalIds": ids(&["3", "2"])}));
    assert_eq!(refusal(&app, "accountUpdate", taken).await, "DUPLICATE: externalIds.1 DUPLICATE");
    assert_eq!(
        refusal(&app, "accountCreate", json!({"name": "C", "externalIds": ids(&["1"])})).await,
        "DUPLICATE: externalIds.0 DUPLICATE"
    );
    let upserted = upsert("9", json!({"name": "D", "externalIds": ids(&["1"])}));
    assert_eq!(refusal(&app, "accountUpsert", upserted).await, "DUPLICATE: externalIds.0 DUPLICATE");
    // Case and the other system tell ids apart.
    let free =
        b.update(&json!({"externalIds": [{"system": "ERP", "key": "1"}, {"system": "erp", "key": "3"}]}));
    let b = Record::of(&change(&app, "accountUpdate", free, "id version").await);
    let dropped =
        change(&app, "accountUpdate", b.update(&json!({"externalIds": []})), "externalIds { key }").await;
    assert_eq!(dropped["externalIds"], json!([]));
    let stranger = app.tenant(2).await;
    let theirs = change(&stranger, "accountUpsert", upsert("1", json!({"name": "Theirs"})), "version").await;
    assert_eq!(theirs["version"], 1);
}

async fn rows_of_one_batch_about_one_record(app: TestApp) {
    let rows = json!([
        upsert("1", json!({"name": "A", "tags": ["x"]})),
        upsert("1", json!({"industry": "Fish"})),
        upsert("2", json!({"industry": "no name"})),
        upsert("2", json!({"name": "B"})),
        upsert("3", json!({"name": "C", "parentId": "00000000-0000-7000-8000-00000000ffff"})),
        upsert("3", json!({"industry": "after a refused row"})),
    ]);
    let answer = change_many(&app, "accountUpsertMany", rows, "id").await;
    let expected =
        ["ok", "ok", "VALIDATION: name REQUIRED", "ok", "NOT_FOUND: parentId NOT_FOUND", "CONFLICT"];
    assert_eq!(answer.rows("accountUpsertMany"), expected);
    let results = &answer.data()["accountUpsertMany"]["results"];
    assert_eq!(results[0]["id"], results[1]["id"]);
    let data = app.data("{ accounts(orderBy: {name: ASC}) { nodes { name industry tags { name } externalIds { key } } } }", json!({})).await;
    let expected = json!([
        {"name": "A", "industry": "Fish", "tags": [{"name": "x"}], "externalIds": [{"key": "1"}]},
        {"name": "B", "industry": null, "tags": [], "externalIds": [{"key": "2"}]},
    ]);
    assert_eq!(data["accounts"]["nodes"], expected);
}

async fn deleted_records_give_their_external_ids_up(app: TestApp) {
    let ids = json!([{"system": "erp", "key": "1"}]);
    let input = json!({"name": "A", "externalIds": ids});
    let old = Record::of(&change(&app, "accountCreate", input.clone(), "id version").await);
    change(&app, "accountDelete", old.input(), "id").await;
    // A refused row takes nothing.
    let rows = json!([{"name": "", "externalIds": ids}]);
    change_many(&app, "accountCreateMany", rows, "id").await;
    let kept = "{ accounts(deleted: ONLY) { nodes { externalIds { key } } } }";
    let data = app.data(kept, json!({})).await;
    assert_eq!(data["accounts"]["nodes"], json!([{"externalIds": [{"key": "1"}]}]));
    let new = change(&app, "accountCreate", input, "externalIds { key }").await;
    assert_eq!(new["externalIds"], json!([{"key": "1"}]));
    let restored =
        change(&app, "accountRestore", Record { version: 2, ..old }.input(), "name externalIds { key }")
            .await;
    assert_eq!(restored, json!({"name": "A", "externalIds": []}));
}

async fn the_id_it_was_found_by_stays(app: TestApp) {
    let other = json!([{"system": "shop", "key": "s"}]);
    let selection = "id version externalIds { system key }";
    let first =
        change(&app, "accountUpsert", upsert("1", json!({"name": "A", "externalIds": other})), selection)
            .await;
    let both = json!([{"system": "erp", "key": "1"}, {"system": "shop", "key": "s"}]);
    assert_eq!(first["externalIds"], both);
    let again = change(&app, "accountUpsert", upsert("1", json!({"externalIds": other})), selection).await;
    assert_eq!(again, first);
    let twice = json!([{"system": "erp", "key": "1"}]);
    let again = change(&app, "accountUpsert", upsert("1", json!({"externalIds": twice})), selection).await;
    assert_eq!(again["externalIds"], twice);
}

/// Also where what hangs on the old ones is new.
async fn old_and_new_records_in_one_batch(app: TestApp) {
    let row = |key: &str, name: &str, address: &str| {
        upsert(key, json!({"givenName": name, "emails": [{"address": address}]}))
    };
    change_many(&app, "contactUpsertMany", json!([row("1", "Anna", "anna@example.com")]), "id")
        .await
        .expect_data();
    let rows = json!([row("1", "Anna", "a@example.com"), row("2", "Bo", "bo@example.com")]);
    change_many(&app, "contactUpsertMany", rows, "id").await.expect_data();
    let data = app
        .data(
            "{ contacts(orderBy: {displayName: ASC}) { nodes { displayName emails { address } } } }",
            json!({}),
        )
        .await;
    let expected = json!([
        {"displayName": "Anna", "emails": [{"address": "a@example.com"}]},
        {"displayName": "Bo", "emails": [{"address": "bo@example.com"}]},
    ]);
    assert_eq!(data["contacts"]["nodes"], expected);
}
