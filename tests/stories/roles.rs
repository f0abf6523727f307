//! Who is what at which account, from when to when. The clock stands at Monday, 2 March 2026.

use serde_json::{Value as Json, json};
use shoal_testkit::TestApp;

use crate::support::{Record, account, both_databases, change, change_many, contact, refusal};

both_databases!(
    the_account_follows_the_clock,
    primary_roles_do_not_overlap,
    moving_ends_one_role_and_begins_another,
    a_planned_role_is_not_overlapped,
    a_role_is_kept_unless_another_is_named,
    restoring_does_not_double_the_role,
    bad_roles_are_refused,
    one_contact_several_accounts,
);

async fn role(app: &TestApp, contact: &Record, account: &Record, fields: Json) -> Json {
    change(app, "contactRoleCreate", role_input(contact, account, fields), "id version").await
}

fn role_input(contact: &Record, account: &Record, fields: Json) -> Json {
    let mut input = json!({"contactId": contact.id, "accountId": account.id, "role": "EMPLOYEE"});
    input.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    input
}

/// The name of the contact's account today, and its roles as `account kind from to`.
async fn history(app: &TestApp, contact: &Record) -> (Json, Vec<String>) {
    let query = "query($id: ID!) { contact(id: $id) {
        account { name } roles(first: 50) { nodes { role isPrimary validFrom validTo account { name } } }
    } }";
    let data = app.data(query, json!({"id": contact.id})).await;
    let line = |role: &Json| {
        let day = |field: &str| role[field].as_str().unwrap_or("-").to_owned();
        let mark = if role["isPrimary"] == true { "" } else { " (also)" };
        format!(
            "{} {} {} {}{mark}",
            role["account"]["name"].as_str().unwrap(),
            day("role"),
            day("validFrom"),
            day("validTo")
        )
    };
    let contact = &data["contact"];
    let mut lines: Vec<String> = contact["roles"]["nodes"].as_array().unwrap().iter().map(line).collect();
    lines.sort();
    (contact["account"]["name"].clone(), lines)
}

async fn the_account_follows_the_clock(app: TestApp) {
    let (old, new) = (account(&app, "Old").await, account(&app, "New").await);
    let one = contact(&app, json!({"givenName": "A"})).await;
    role(&app, &one, &old, json!({"isPrimary": true, "validTo": app.day(1)})).await;
    role(&app, &one, &new, json!({"isPrimary": true, "validFrom": app.day(3)})).await;
    let query = "query($id: ID!) { contact(id: $id) { account { name } accounts { nodes { name } } roles { totalCount } }
        accounts(orderBy: {name: ASC}) { nodes { contacts { totalCount } } }
        of: contacts(filter: {account: {name: {eq: \"New\"}}}) { totalCount } }";
    let expected: [(Option<&str>, u32, u32); 5] =
        [(Some("Old"), 0, 1), (Some("Old"), 0, 1), (None, 0, 0), (Some("New"), 1, 0), (Some("New"), 1, 0)];
    for (day, (name, at_new, at_old)) in expected.into_iter().enumerate() {
        let data = app.data(query, json!({"id": one.id})).await;
        let named = name.map_or(Json::Null, |name| json!({"name": name}));
        let names: Vec<Json> = name.iter().map(|name| json!({"name": name})).collect();
        assert_eq!(
            data["contact"],
            json!({"account": named, "accounts": {"nodes": names}, "roles": {"totalCount": 2}}),
            "day {day}"
        );
        assert_eq!(
            data["accounts"]["nodes"],
            json!([{"contacts": {"totalCount": at_new}}, {"contacts": {"totalCount": at_old}}]),
            "day {day}"
        );
        assert_eq!(data["of"]["totalCount"], at_new, "day {day}");
        app.clock().advance_days(1);
    }
}

async fn primary_roles_do_not_overlap(app: TestApp) {
    let company = account(&app, "A").await;
    let one = contact(&app, json!({"givenName": "A"})).await;
    let first = role(
        &app,
        &one,
        &company,
        json!({"isPrimary": true, "validFrom": "2026-01-01", "validTo": "2026-03-31"}),
    )
    .await;
    let refused = "VALIDATION: isPrimary PRIMARY_OVERLAP";
    for (from, to) in [
        (None, None),
        (Some("2026-03-31"), None),
        (None, Some("2026-01-01")),
        (Some("2026-02-01"), Some("2026-02-02")),
    ] {
        let input = role_input(&one, &company, json!({"isPrimary": true, "validFrom": from, "validTo": to}));
        assert_eq!(refusal(&app, "contactRoleCreate", input).await, refused, "{from:?} {to:?}");
    }
    let second = role(&app, &one, &company, json!({"isPrimary": true, "validFrom": "2026-04-01"})).await;
    let stretched = Record::of(&first).update(&json!({"validTo": null}));
    assert_eq!(refusal(&app, "contactRoleUpdate", stretched).await, refused);
    let also = role(&app, &one, &company, json!({"role": "PAYER"})).await;
    let raised = Record::of(&also).update(&json!({"isPrimary": true}));
    assert_eq!(refusal(&app, "contactRoleUpdate", raised).await, refused);
    // One batch: the first row makes room for the second.
    let rows = json!([
        Record::of(&second).update(&json!({"validFrom": "2026-06-01"})),
        Record::of(&first).update(&json!({"validTo": "2026-05-31"})),
        Record::of(&also)
            .update(&json!({"isPrimary": true, "validFrom": "2026-05-31", "validTo": "2026-06-01"})),
    ]);
    let answer = change_many(&app, "contactRoleUpdateMany", rows, "id").await;
    assert_eq!(answer.rows("contactRoleUpdateMany"), ["ok", "ok", refused]);
    let rows = json!([
        role_input(
            &one,
            &company,
            json!({"isPrimary": true, "validFrom": "2025-01-01", "validTo": "2025-12-31"})
        ),
        role_input(
            &one,
            &company,
            json!({"isPrimary": true, "validFrom": "2025-12-31", "validTo": "2025-12-31"})
        ),
    ]);
    let answer = change_many(&app, "contactRoleCreateMany", rows, "id").await;
    assert_eq!(answer.rows("contactRoleCreateMany"), ["ok", refused]);
}

async fn moving_ends_one_role_and_begins_another(app: TestApp) {
    let (old, new) = (account(&app, "Old").await, account(&app, "New").await);
    let one = contact(&app, json!({"givenName": "A", "accountId": old.id})).await;
    assert_eq!(history(&app, &one).await, (json!("Old"), vec!["Old EMPLOYEE - -".to_owned()]));
    app.clock().advance_days(10);
    let moves = async |version: i64, to: Json| {
        let one = Record { version, ..one.clone() };
        change(&app, "contactUpdate", one.update(&to), "version").await["version"].clone()
    };
    let to_new = json!({"accountId": new.id, "accountRole": "BUYER"});
    assert_eq!(moves(1, to_new.clone()).await, 2, "another account is a change of the contact");
    let moved = vec!["New BUYER 2026-03-12 -".to_owned(), "Old EMPLOYEE - 2026-03-11".to_owned()];
    assert_eq!(history(&app, &one).await, (json!("New"), moved.clone()));
    assert_eq!(moves(2, to_new).await, 2, "the same again changes nothing");
    assert_eq!(history(&app, &one).await, (json!("New"), moved));
    // A role of today that is corrected the same day leaves no trace.
    assert_eq!(moves(2, json!({"accountId": old.id, "jobTitle": "CEO"})).await, 3, "one change, not two");
    let corrected = vec!["Old EMPLOYEE - 2026-03-11".to_owned(), "Old EMPLOYEE 2026-03-12 -".to_owned()];
    assert_eq!(history(&app, &one).await, (json!("Old"), corrected));
    app.clock().advance_days(1);
    assert_eq!(moves(3, json!({"accountId": null})).await, 4);
    let ended = vec!["Old EMPLOYEE - 2026-03-11".to_owned(), "Old EMPLOYEE 2026-03-12 2026-03-12".to_owned()];
    assert_eq!(history(&app, &one).await, (Json::Null, ended));
}

async fn a_planned_role_is_not_overlapped(app: TestApp) {
    let (now, next) = (account(&app, "Now").await, account(&app, "Next").await);
    let one = contact(&app, json!({"givenName": "A"})).await;
    role(&app, &one, &next, json!({"isPrimary": true, "validFrom": app.day(30)})).await;
    change(&app, "contactUpdate", one.update(&json!({"accountId": now.id})), "id").await;
    let lines =
        vec!["Next EMPLOYEE 2026-04-01 -".to_owned(), "Now EMPLOYEE 2026-03-02 2026-03-31".to_owned()];
    assert_eq!(history(&app, &one).await, (json!("Now"), lines));
    app.clock().advance_days(30);
    let app = app.signed_in_again().await;
    assert_eq!(history(&app, &one).await.0, "Next");
}

async fn a_role_is_kept_unless_another_is_named(app: TestApp) {
    let company = account(&app, "A").await;
    let input = json!({"givenName": "A", "accountId": company.id, "accountRole": "DECISION_MAKER"});
    let one = contact(&app, input).await;
    change(&app, "contactUpdate", one.update(&json!({"accountId": company.id, "jobTitle": "CEO"})), "id")
        .await;
    assert_eq!(history(&app, &one).await.1, ["A DECISION_MAKER - -"]);
    let other = Record { version: 2, ..one.clone() };
    change(
        &app,
        "contactUpdate",
        other.update(&json!({"accountId": company.id, "accountRole": "PAYER"})),
        "id",
    )
    .await;
    assert_eq!(history(&app, &one).await.1, ["A DECISION_MAKER - 2026-03-01", "A PAYER 2026-03-02 -"]);
}

async fn restoring_does_not_double_the_role(app: TestApp) {
    let company = account(&app, "A").await;
    let upsert =
        json!({"externalId": {"system": "x", "key": "1"}, "givenName": "A", "accountId": company.id});
    let one = change(&app, "contactUpsert", upsert.clone(), "id version").await;
    let one = Record::of(&one);
    change(&app, "contactDelete", one.input(), "id").await;
    let again = change(&app, "contactUpsert", upsert, "id version").await;
    assert_eq!(again, json!({"id": one.id, "version": 3}));
    assert_eq!(history(&app, &one).await.1, ["A EMPLOYEE - -"]);
}

async fn bad_roles_are_refused(app: TestApp) {
    let company = account(&app, "A").await;
    let one = contact(&app, json!({"givenName": "A"})).await;
    let nobody = Record { id: "00000000-0000-7000-8000-00000000ffff".to_owned(), version: 1 };
    let backwards = json!({"validFrom": "2026-03-02", "validTo": "2026-03-01"});
    let cases = [
        (role_input(&one, &company, backwards), "VALIDATION: validTo RANGE"),
        (role_input(&nobody, &company, json!({})), "NOT_FOUND: contactId NOT_FOUND"),
        (role_input(&one, &nobody, json!({})), "NOT_FOUND: accountId NOT_FOUND"),
    ];
    for (input, expected) in cases {
        assert_eq!(refusal(&app, "contactRoleCreate", input).await, expected);
    }
    let made = Record::of(&role(&app, &one, &company, json!({"validFrom": "2026-03-02"})).await);
    assert_eq!(
        refusal(&app, "contactRoleUpdate", made.update(&json!({"validTo": "2026-03-01"}))).await,
        "VALIDATION: validTo RANGE"
    );
    let stale = Record { version: 9, ..made.clone() };
    assert_eq!(
        refusal(&app, "contactRoleUpdate", stale.update(&json!({"role": "USER"}))).await,
        "CONFLICT: role CHANGED"
    );
    assert_eq!(refusal(&app, "contactRoleDelete", stale.input()).await, "CONFLICT");
    let stranger = app.tenant(2).await;
    assert_eq!(
        refusal(&stranger, "contactRoleUpdate", made.update(&json!({"role": "USER"}))).await,
        "NOT_FOUND: id NOT_FOUND"
    );
    assert_eq!(refusal(&stranger, "contactRoleDelete", made.input()).await, "NOT_FOUND: id NOT_FOUND");
    change(&app, "contactRoleDelete", made.input(), "id").await;
    assert_eq!(refusal(&app, "contactRoleDelete", made.input()).await, "NOT_FOUND: id NOT_FOUND");
    change(&app, "contactDelete", one.input(), "id").await;
    assert_eq!(
        refusal(&app, "contactRoleCreate", role_input(&one, &company, json!({}))).await,
        "NOT_FOUND: contactId NOT_FOUND"
    );
}

async fn one_contact_several_accounts(app: TestApp) {
    let (a, b) = (account(&app, "A").await, account(&app, "B").await);
    let one = contact(&app, json!({"givenName": "X", "accountId": a.id})).await;
    role(&app, &one, &b, json!({"role": "PAYER"})).await;
    role(&app, &one, &b, json!({"role": "OWNER"})).await;
    role(&app, &one, &b, json!({"role": "USER", "validTo": app.day(-1)})).await;
    let query = "{ contacts { nodes { account { name } accounts(orderBy: {name: ASC}) { totalCount nodes { name } } roles { totalCount } } }
        accounts(orderBy: {name: ASC}) { nodes { contacts { totalCount nodes { displayName } } roles { totalCount } } } }";
    let data = app.data(query, json!({})).await;
    let accounts = json!({"totalCount": 2, "nodes": [{"name": "A"}, {"name": "B"}]});
    assert_eq!(
        data["contacts"]["nodes"],
        json!([{"account": {"name": "A"}, "accounts": accounts, "roles": {"totalCount": 4}}])
    );
    let once = json!({"totalCount": 1, "nodes": [{"displayName": "X"}]});
    let expected = json!([{"contacts": once, "roles": {"totalCount": 1}}, {"contacts": once, "roles": {"totalCount": 3}}]);
    assert_eq!(data["accounts"]["nodes"], expected);
}
