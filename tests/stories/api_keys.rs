//! API keys: how programs come in.

use serde_json::{Value as Json, json};
use shoal_testkit::TestApp;

use crate::staff::{NOTHING, audit, built_in, is_known, role, user_record, with_rights, within_a_second};
use crate::support::{Record, both_databases, change, refusal, try_change};

both_databases!(
    a_program_comes_in_by_its_key,
    bad_keys_are_refused,
    keys_change_and_end,
    a_revoked_key_is_dead_within_a_second_everywhere,
    nobody_makes_a_key_with_more_than_they_have,
    a_key_gives_no_more_than_it_has,
    other_companies_have_no_keys_here,
    who_leaves_leaves_keys,
);

/// Makes a key: its record, and a program that comes with it.
async fn key(app: &TestApp, input: Json) -> (Record, TestApp) {
    let document =
        "mutation($input: ApiKeyCreate!) { apiKeyCreate(input: $input) { secret apiKey { id version } } }";
    let data = app.data(document, json!({"input": input})).await;
    let secret = data["apiKeyCreate"]["secret"].as_str().unwrap();
    (Record::of(&data["apiKeyCreate"]["apiKey"]), app.with_token(secret))
}

async fn a_program_comes_in_by_its_key(app: TestApp) {
    let reader =
        role(&app, "reader", &["contacts.account.read", "core.api_key.read", "core.user.read"]).await;
    let (one, program) = key(&app, json!({"name": " ERP ", "roleIds": [reader.id, reader.id]})).await;
    let data = program
        .data("{ viewer { kind user { id } apiKey { name hint expiresAt revokedAt } } }", json!({}))
        .await;
    let hint = &program.token()[program.token().len() - 4..];
    let seen = json!({"name": "ERP", "hint": hint, "expiresAt": null, "revokedAt": null});
    assert_eq!(data["viewer"], json!({"kind": "API_KEY", "user": null, "apiKey": seen}));
    assert_eq!(program.data("{ accounts { totalCount } }", json!({})).await["accounts"]["totalCount"], 0);
    assert_eq!(program.graphql("{ contacts { totalCount } }", json!({})).await.code(), "FORBIDDEN");
    // Nobody sees the secret again, the audit neither.
    let entries = audit(&app, &one.id).await;
    assert_eq!(entries, json!([{"action": "CREATED", "changes": null}]));
    let me = try_change(&program, "viewerUpdate", json!({"name": "X"}), "id").await;
    assert!(me.errors().iter().all(|error| error["extensions"]["code"] == "FORBIDDEN"), "{me}");
}

async fn bad_keys_are_refused(app: TestApp) {
    let employee = built_in(&app, "EMPLOYEE").await;
    let with = |fields: Json| {
        let mut input = json!({"name": "A", "roleIds": [employee]});
        input.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        input
    };
    for (fields, expected) in [
        (json!({"name": ""}), "VALIDATION: name REQUIRED"),
        (json!({"roleIds": []}), "VALIDATION: roleIds REQUIRED"),
        (json!({"roleIds": [employee, NOTHING]}), "NOT_FOUND: roleIds.1 NOT_FOUND"),
        (json!({"expiresAt": "2026-03-02T09:30:00Z"}), "VALIDATION: expiresAt PAST"),
        (json!({"expiresAt": "2036-03-02T09:30:01Z"}), "VALIDATION: expiresAt RANGE"),
    ] {
        assert_eq!(refusal(&app, "apiKeyCreate", with(fields.clone())).await, expected, "{fields}");
    }
    assert_eq!(refusal(&app, "apiKeyRevoke", json!({"id": NOTHING})).await, "NOT_FOUND: id NOT_FOUND");
}

async fn keys_change_and_end(app: TestApp) {
    let (reader, other) =
        (role(&app, "reader", &["contacts.account.read"]).await, role(&app, "other", &[]).await);
    let (one, program) = key(&app, json!({"name": "ERP", "roleIds": [reader.id]})).await;
    let end = "2026-03-03T09:30:00Z";
    let input = one.update(&json!({"name": "Shop", "expiresAt": end, "roleIds": [other.id]}));
    let changed = change(&app, "apiKeyUpdate", input.clone(), "name expiresAt version roles { name }").await;
    let expected = json!({"name": "Shop", "expiresAt": end, "version": 2, "roles": [{"name": "other"}]});
    assert_eq!(changed, expected);
    assert_eq!(
        refusal(&app, "apiKeyUpdate", one.update(&json!({"name": "X"}))).await,
        "CONFLICT: name CHANGED"
    );
    assert_eq!(
        program.graphql("{ accounts { totalCount } }", json!({})).await.code(),
        "FORBIDDEN",
        "at once"
    );
    let changes =
        json!({"name": ["ERP", "Shop"], "expiresAt": [null, end], "roles": [[reader.id], [other.id]]});
    assert_eq!(audit(&app, &one.id).await[1]["changes"], changes);
    app.clock().advance_days(1);
    assert!(!is_known(&program).await, "it has ended");
    let one = Record { version: 2, ..one };
    change(&app, "apiKeyUpdate", one.update(&json!({"expiresAt": null})), "id").await;
    assert!(is_known(&program).await);
}

async fn a_revoked_key_is_dead_within_a_second_everywhere(app: TestApp) {
    let employee = built_in(&app, "EMPLOYEE").await;
    let (one, program) = key(&app, json!({"name": "ERP", "roleIds": [employee]})).await;
    let elsewhere = program.second_node().await;
    assert!(is_known(&program).await && is_known(&elsewhere).await);
    let revoked = change(&app, "apiKeyRevoke", json!({"id": one.id}), "revokedAt version").await;
    assert!(!is_known(&program).await, "here at once");
    within_a_second("the other node", async || !is_known(&elsewhere).await).await;
    app.clock().advance_days(1);
    assert_eq!(change(&app, "apiKeyRevoke", json!({"id": one.id}), "revokedAt version").await, revoked);
    let again = json!({"id": one.id, "expectedVersion": 2, "expiresAt": null, "name": "X"});
    assert_eq!(refusal(&app, "apiKeyUpdate", again).await, "VALIDATION: id REVOKED");
}

async fn nobody_makes_a_key_with_more_than_they_have(app: TestApp) {
    let held = ["core.api_key.read", "core.api_key.manage", "core.role.read", "contacts.account.read:TEAM"];
    let maker = with_rights(&app, "maker", &held).await;
    let administrator = built_in(&app, "ADMINISTRATOR").await;
    let own = role(&app, "own", &["contacts.account.read:OWN"]).await;
    let all = role(&app, "all", &["contacts.account.read"]).await;
    for role in [&administrator, &all.id] {
        let input = json!({"name": "A", "roleIds": [own.id, role]});
        assert_eq!(refusal(&maker, "apiKeyCreate", input).await, "FORBIDDEN: roleIds.1 FORBIDDEN");
    }
    let (one, _) = key(&maker, json!({"name": "A", "roleIds": [own.id]})).await;
    let more = one.update(&json!({"roleIds": [all.id]}));
    assert_eq!(refusal(&maker, "apiKeyUpdate", more).await, "FORBIDDEN: roleIds.0 FORBIDDEN");
    // A key with more is not changed, as somebody may have its secret; but everybody may revoke it who revokes keys.
    let (strong, program) = key(&app, json!({"name": "B", "roleIds": [administrator]})).await;
    let longer = strong.update(&json!({"name": "C"}));
    assert_eq!(refusal(&maker, "apiKeyUpdate", longer).await, "FORBIDDEN: id FORBIDDEN");
    change(&maker, "apiKeyRevoke", json!({"id": strong.id}), "id").await;
    assert!(!is_known(&program).await);
}

async fn a_key_gives_no_more_than_it_has(app: TestApp) {
    let held = [
        "core.api_key.read",
        "core.api_key.manage",
        "core.user.read",
        "core.user.manage",
        "core.role.manage",
        "core.role.read",
    ];
    let manager = role(&app, "manager", &held).await;
    let (_, program) = key(&app, json!({"name": "A", "roleIds": [manager.id]})).await;
    let administrator = built_in(&app, "ADMINISTRATOR").await;
    let refused = "FORBIDDEN: roleIds.0 FORBIDDEN";
    let input = json!({"name": "B", "roleIds": [administrator]});
    assert_eq!(refusal(&program, "apiKeyCreate", input).await, refused);
    let input = json!({"email": "a@x.de", "name": "A", "roleIds": [administrator]});
    assert_eq!(refusal(&program, "userInvite", input).await, refused);
    let input = json!({"name": "C", "rights": [{"name": "core.audit.read"}]});
    assert_eq!(refusal(&program, "roleCreate", input).await, "FORBIDDEN: rights.0 FORBIDDEN");
    let link = json!({"id": app.user_id(), "purpose": "RESET"});
    assert_eq!(refusal(&program, "userLink", link).await, "FORBIDDEN: id FORBIDDEN");
    let (_, same) = key(&program, json!({"name": "B", "roleIds": [manager.id]})).await;
    assert!(is_known(&same).await);
}

async fn other_companies_have_no_keys_here(app: TestApp) {
    let second = app.tenant(2).await;
    let employee = built_in(&second, "EMPLOYEE").await;
    let (theirs, program) = key(&second, json!({"name": "A", "roleIds": [employee]})).await;
    assert_eq!(refusal(&app, "apiKeyRevoke", json!({"id": theirs.id})).await, "NOT_FOUND: id NOT_FOUND");
    let update = theirs.update(&json!({"name": "X"}));
    assert_eq!(refusal(&app, "apiKeyUpdate", update).await, "NOT_FOUND: id NOT_FOUND");
    let input = json!({"name": "A", "roleIds": [employee]});
    assert_eq!(refusal(&app, "apiKeyCreate", input).await, "NOT_FOUND: roleIds.0 NOT_FOUND");
    let data = program.data("{ viewer { kind } accounts { totalCount } }", json!({})).await;
    assert_eq!(data["accounts"]["totalCount"], 0);
}

/// Keys belong to the company. Whoever lets somebody go is told which keys they made.
async fn who_leaves_leaves_keys(app: TestApp) {
    let rights = ["core.api_key.manage", "core.api_key.read", "core.role.read", "core.user.read"];
    let anna = with_rights(&app, "anna", &rights).await;
    let reader = role(&app, "reader", &["core.user.read"]).await;
    let (_, program) = key(&anna, json!({"name": "ERP", "roleIds": [reader.id]})).await;
    let (old, _) = key(&anna, json!({"name": "Old", "roleIds": [reader.id]})).await;
    change(&anna, "apiKeyRevoke", json!({"id": old.id}), "id").await;
    key(&app, json!({"name": "Shop", "roleIds": [reader.id]})).await;
    let document = "mutation($input: UserUpdate!) { userUpdate(input: $input) { user {
        active apiKeysMade(filter: {revokedAt: {isNull: true}}) { nodes { name } } } } }";
    let input = user_record(&app, &anna.user_id().to_string()).await.update(&json!({"active": false}));
    let left = app.data(document, json!({"input": input})).await["userUpdate"]["user"].take();
    assert_eq!(left, json!({"active": false, "apiKeysMade": {"nodes": [{"name": "ERP"}]}}));
    assert!(is_known(&program).await, "the program goes on");
    let of_leavers = "{ apiKeys(filter: {createdBy: {active: {eq: false}}, revokedAt: {isNull: true}}) {
        nodes { name createdBy { name active } } } }";
    let keys = app.data(of_leavers, json!({})).await["apiKeys"]["nodes"].take();
    assert_eq!(keys, json!([{"name": "ERP", "createdBy": {"name": "anna", "active": false}}]));
}
