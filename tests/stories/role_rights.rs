//! Roles: rights that are given together.

use serde_json::{Value as Json, json};
use shoal_core::role::{ADMINISTRATOR, EMPLOYEE};
use shoal_testkit::{Answer, TestApp};

use crate::staff::{
    NOTHING, audit, built_in, invite, is_known, rights, role, user_record, with_rights, within_a_second,
};
use crate::support::{Record, both_databases, change, refusal, try_change};

both_databases!(
    roles_are_made_and_changed,
    bad_roles_are_refused,
    built_in_roles_stay,
    nobody_puts_in_what_they_do_not_hold,
    a_role_that_somebody_has_needs_another_instead,
    a_right_taken_away_is_gone_everywhere,
    rights_are_described_in_the_callers_language,
    other_companies_have_no_roles_here,
);

const ALL: &str = "name description version builtIn rights { name scope }";

async fn roles_are_made_and_changed(app: TestApp) {
    let input = json!({
        "name": " Seller ", "description": "Sells.\r\n", "rights": rights(&["core.user.read", "contacts.account.read:OWN"]),
    });
    let made = change(&app, "roleCreate", input, &format!("id {ALL}")).await;
    let expected = json!({
        "id": made["id"], "name": "Seller", "description": "Sells.", "version": 1, "builtIn": null,
        "rights": [
            {"name": "contacts.account.read", "scope": "OWN"}, {"name": "core.user.read", "scope": "ALL"},
        ],
    });
    assert_eq!(made, expected);
    let one = Record::of(&made);
    let given = rights(&["contacts.account.read:TEAM", "core.team.read"]);
    let input = json!({"name": "Sales", "description": null, "rights": given});
    let changed = change(&app, "roleUpdate", one.update(&input), ALL).await;
    let expected = json!({
        "name": "Sales", "description": null, "version": 2, "builtIn": null,
        "rights": [
            {"name": "contacts.account.read", "scope": "TEAM"}, {"name": "core.team.read", "scope": "ALL"},
        ],
    });
    assert_eq!(changed, expected);
    let one = Record { version: 2, ..one };
    assert_eq!(change(&app, "roleUpdate", one.update(&input), ALL).await, expected, "the same again");
    let entry = audit(&app, &one.id).await[1]["changes"].clone();
    let right = |name: &str, scope: &str| json!({"name": name, "scope": scope});
    let taken = [right("contacts.account.read", "OWN"), right("core.user.read", "ALL")];
    let given = [right("contacts.account.read", "TEAM"), right("core.team.read", "ALL")];
    let expected = json!({
        "name": ["Seller", "Sales"], "description": ["Sells.", null], "rights": [taken, given],
    });
    assert_eq!(entry, expected);
    assert_eq!(
        change(&app, "roleDelete", one.input(), "id").await,
        Json::Null,
        "there is nothing to read of it any more"
    );
    let document = "query($id: ID!) { role(id: $id) { id } }";
    assert_eq!(app.data(document, json!({"id": one.id})).await["role"], Json::Null);
}

async fn bad_roles_are_refused(app: TestApp) {
    let one = role(&app, "Seller", &[]).await;
    let with = |given: &[&str]| json!({"name": "A", "rights": rights(given)});
    for (mutation, input, expected) in [
        ("roleCreate", json!({"name": "SELLER", "rights": []}), "DUPLICATE: name DUPLICATE"),
        ("roleCreate", json!({"name": "", "rights": []}), "VALIDATION: name REQUIRED"),
        ("roleCreate", with(&["contacts.acount.read"]), "VALIDATION: rights.0.name RIGHT_UNKNOWN"),
        ("roleCreate", with(&["core.user.read", "core.user.read"]), "VALIDATION: rights.1.name DUPLICATE"),
        ("roleCreate", with(&["core.user.read:OWN"]), "VALIDATION: rights.0.scope NOT_SCOPED"),
        (
            "roleUpdate",
            one.update(&json!({"rights": rights(&["x"])})),
            "VALIDATION: rights.0.name RIGHT_UNKNOWN",
        ),
        ("roleUpdate", one.update(&json!({"name": "Administrator"})), "DUPLICATE: name DUPLICATE"),
        ("roleUpdate", json!({"id": one.id, "expectedVersion": 3, "name": "X"}), "CONFLICT: name CHANGED"),
        ("roleUpdate", json!({"id": NOTHING, "expectedVersion": 1}), "NOT_FOUND: id NOT_FOUND"),
        ("roleDelete", one.update(&json!({"replacementId": one.id})), "VALIDATION: replacementId SAME"),
        ("roleDelete", one.update(&json!({"replacementId": NOTHING})), "NOT_FOUND: replacementId NOT_FOUND"),
        ("roleDelete", json!({"id": one.id, "expectedVersion": 3}), "CONFLICT"),
    ] {
        assert_eq!(refusal(&app, mutation, input.clone()).await, expected, "{mutation} {input}");
    }
    let answer = try_change(&app, "roleCreate", with(&["contacts.acount.read"]), "id").await;
    let message = answer.error()["message"].as_str().unwrap().to_owned();
    assert!(message.contains("did you mean contacts.account.read?"), "{message}");
}

async fn built_in_roles_stay(app: TestApp) {
    for kind in ["ADMINISTRATOR", "EMPLOYEE"] {
        let id = built_in(&app, kind).await;
        let input = json!({"id": id, "expectedVersion": 1, "name": "X"});
        assert_eq!(refusal(&app, "roleUpdate", input).await, "VALIDATION: id BUILT_IN");
        let input = json!({"id": id, "expectedVersion": 1});
        assert_eq!(refusal(&app, "roleDelete", input).await, "VALIDATION: id BUILT_IN");
    }
}

async fn nobody_puts_in_what_they_do_not_hold(app: TestApp) {
    let held = ["core.role.read", "core.role.manage", "contacts.account.read:TEAM"];
    let lead = with_rights(&app, "lead", &held).await;
    let with = |given: &[&str]| json!({"name": "A", "rights": rights(given)});
    let refused = |position: u32| format!("FORBIDDEN: rights.{position} FORBIDDEN");
    assert_eq!(refusal(&lead, "roleCreate", with(&["core.audit.read"])).await, refused(0));
    let wider = with(&["core.role.read", "contacts.account.read:ALL"]);
    assert_eq!(refusal(&lead, "roleCreate", wider).await, refused(1));
    assert_eq!(
        refusal(&lead, "roleCreate", with(&["contacts.account.read"])).await,
        refused(0),
        "ALL if absent"
    );
    let one = change(&lead, "roleCreate", with(&["contacts.account.read:OWN"]), "id version").await;
    let one = Record::of(&one);
    let update = one.update(&json!({"rights": rights(&["core.user.manage"])}));
    assert_eq!(refusal(&lead, "roleUpdate", update).await, refused(0));
    change(
        &lead,
        "roleUpdate",
        one.update(&json!({"rights": rights(&["contacts.account.read:TEAM"])})),
        "id",
    )
    .await;
    // The own role is no exception.
    let own = app.data("{ roles(filter: {name: {eq: \"lead\"}}) { nodes { id version } } }", json!({})).await;
    let own = Record::of(&own["roles"]["nodes"][0]);
    let more = own.update(&json!({"rights": rights(&["core.role.manage", "core.tenant.update"])}));
    assert_eq!(refusal(&lead, "roleUpdate", more).await, refused(1));
    // Nor is a role changed, deleted or handed on that has more.
    let strong = role(&app, "strong", &["core.audit.read"]).await;
    let less = strong.update(&json!({"rights": []}));
    assert_eq!(refusal(&lead, "roleUpdate", less).await, "FORBIDDEN: id FORBIDDEN");
    assert_eq!(refusal(&lead, "roleDelete", strong.input()).await, "FORBIDDEN: id FORBIDDEN");
    let instead = Record { version: 2, ..one }.update(&json!({"replacementId": strong.id}));
    assert_eq!(refusal(&lead, "roleDelete", instead).await, "FORBIDDEN: replacementId FORBIDDEN");
}

async fn delete(app: &TestApp, role: &Record, replacement: Option<&Record>) -> Answer {
    let input = role.update(&json!({"replacementId": replacement.map(|role| role.id.clone())}));
    app.graphql("mutation($input: RoleDelete!) { roleDelete(input: $input) { id } }", json!({"input": input}))
        .await
}

async fn a_role_that_somebody_has_needs_another_instead(app: TestApp) {
    let (old, new) =
        (role(&app, "old", &["core.team.read"]).await, role(&app, "new", &["core.team.read"]).await);
    let (anna, _) = invite(&app, json!({"email": "a@x.de", "name": "A", "roleIds": [old.id]})).await;
    let (ben, _) = invite(&app, json!({"email": "b@x.de", "name": "B", "roleIds": [old.id, new.id]})).await;
    let key = |name: &str| json!({"name": name, "roleIds": [old.id]});
    let kept = change(&app, "apiKeyCreate", key("kept"), "id").await;
    let gone = change(&app, "apiKeyCreate", key("gone"), "id").await;
    change(&app, "apiKeyRevoke", json!({"id": gone["id"]}), "id").await;
    let answer = delete(&app, &old, None).await;
    assert_eq!(answer.refusal(), "IN_USE: input.id IN_USE, input.id IN_USE");
    let message = answer.error()["message"].as_str().unwrap().to_owned();
    assert!(message.contains("2 users") && message.contains("1 API keys"), "{message}");
    assert!(delete(&app, &old, Some(&new)).await.errors().is_empty());
    for id in [&anna.id, &ben.id] {
        let data = app.data("query($id: ID!) { user(id: $id) { roles { name } } }", json!({"id": id})).await;
        assert_eq!(data["user"]["roles"], json!([{"name": "new"}]));
    }
    let data =
        app.data("query($id: ID!) { apiKey(id: $id) { roles { name } } }", json!({"id": kept["id"]})).await;
    assert_eq!(data["apiKey"]["roles"], json!([{"name": "new"}]));
    let entries = audit(&app, &anna.id).await;
    assert_eq!(entries[1]["changes"], json!({"roles": [[old.id], [new.id]]}));
    assert_eq!(audit(&app, &ben.id).await[1]["changes"], json!({"roles": [[old.id], []]}));
}

async fn a_right_taken_away_is_gone_everywhere(app: TestApp) {
    let one = role(&app, "reader", &["core.team.read", "core.user.read"]).await;
    let (anna, _) = invite(&app, json!({"email": "a@x.de", "name": "A", "roleIds": [one.id]})).await;
    let here = app.with_session_of(anna.id.parse().unwrap()).await;
    let elsewhere = here.second_node().await;
    let reads =
        async |app: &TestApp| app.graphql("{ teams { totalCount } }", json!({})).await.errors().is_empty();
    assert!(reads(&here).await && reads(&elsewhere).await);
    change(&app, "roleUpdate", one.update(&json!({"rights": rights(&["core.user.read"])})), "id").await;
    assert!(!reads(&here).await, "here at once");
    within_a_second("the other node", async || !reads(&elsewhere).await).await;
    let given = rights(&["core.team.read", "core.user.read"]);
    change(&app, "roleUpdate", Record { version: 2, ..one }.update(&json!({"rights": given})), "id").await;
    within_a_second("given again", async || reads(&elsewhere).await).await;
    change(&app, "userUpdate", anna.update(&json!({"roleIds": []})), "id").await;
    assert!(!reads(&here).await);
    within_a_second("a role that was taken", async || !reads(&elsewhere).await).await;
    assert!(is_known(&here).await, "who has no role is still somebody");
}

async fn rights_are_described_in_the_callers_language(app: TestApp) {
    let document = "{ rights { name module title scoped employeeScope heldScope } }";
    let find = |data: &Json, name: &str| {
        data["rights"].as_array().unwrap().iter().find(|right| right["name"] == name).unwrap().clone()
    };
    let data = app.data(document, json!({})).await;
    let expected = json!({
        "name": "contacts.account.delete", "module": "contacts", "title": "Delete accounts", "scoped": true,
        "employeeScope": "OWN", "heldScope": "ALL",
    });
    assert_eq!(find(&data, "contacts.account.delete"), expected);
    let held = ["core.role.read", "core.user.read", "contacts.account.read:TEAM"];
    let anna = with_rights(&app, "anna", &held).await;
    change(&anna, "viewerUpdate", json!({"language": "zh-CN"}), "id").await;
    let data = anna.data(document, json!({})).await;
    let expected = json!({
        "name": "core.user.manage", "module": "core", "title": "邀请和管理人员", "scoped": false,
        "employeeScope": null, "heldScope": null,
    });
    assert_eq!(find(&data, "core.user.manage"), expected);
    assert_eq!(find(&data, "contacts.account.read")["heldScope"], "TEAM");
    let employee = app.user("e@company.example", EMPLOYEE).await;
    assert_eq!(employee.graphql(document, json!({})).await.code(), "FORBIDDEN");
}

async fn other_companies_have_no_roles_here(app: TestApp) {
    let second = app.tenant(2).await;
    let (own, theirs) = (role(&app, "Seller", &[]).await, role(&second, "Seller", &[]).await);
    let missing = |field: &str| format!("NOT_FOUND: {field} NOT_FOUND");
    assert_eq!(refusal(&app, "roleUpdate", theirs.update(&json!({"name": "X"}))).await, missing("id"));
    assert_eq!(refusal(&app, "roleDelete", theirs.input()).await, missing("id"));
    let replaced = own.update(&json!({"replacementId": theirs.id}));
    assert_eq!(refusal(&app, "roleDelete", replaced).await, missing("replacementId"));
    let other = app.user("o@company.example", ADMINISTRATOR).await;
    let record = user_record(&app, &other.user_id().to_string()).await;
    let administrator = built_in(&second, "ADMINISTRATOR").await;
    let update = record.update(&json!({"roleIds": [administrator]}));
    assert_eq!(refusal(&app, "userUpdate", update).await, missing("roleIds.0"));
}
