//! What was with customers is written down, on whichever channel it was.

use serde_json::{Value as Json, json};
use shoal_core::role::EMPLOYEE;
use shoal_testkit::TestApp;

use crate::files::upload;
use crate::staff::{NOTHING, changes, team, with_rights};
use crate::support::{Record, account, both_databases, change, change_many, contact, refusal, texts};

both_databases!(
    an_interaction_and_what_becomes_of_it,
    what_cannot_be_said,
    each_of_many_has_its_result,
    who_may_write_what_down,
    hidden_contacts_stay,
);

const ALL: &str = "kind direction at durationSeconds subject body place latitude longitude outcome version
    contacts { nodes { displayName } } account { name } owner { email } createdBy { email } timelineTitle";

async fn an_interaction_and_what_becomes_of_it(app: TestApp) {
    let anna = contact(&app, json!({"givenName": "Anna"})).await;
    let bob = contact(&app, json!({"givenName": "Bob"})).await;
    let acme = account(&app, "Acme").await;
    let input = json!({
        "kind": "VISIT", "direction": "OUT", "at": "2026-02-27T14:00:00Z", "durationSeconds": 1800,
        "subject": "  First\nvisit ", "body": "They need boats.\r\nSoon.", "place": "Harbour 1",
        "latitude": "53.5436", "longitude": "9.966612345", "outcome": "Send an offer",
        "contactIds": [anna.id, bob.id], "accountId": acme.id,
    });
    let made = change(&app, "interactionCreate", input, &format!("id {ALL}")).await;
    let admin = json!({"email": "admin@company.example"});
    let mut expected = json!({
        "id": made["id"], "kind": "VISIT", "direction": "OUT", "at": "2026-02-27T14:00:00Z", "durationSeconds": 1800,
        "subject": "First visit", "body": "They need boats.\nSoon.", "place": "Harbour 1",
        "latitude": "53.543600", "longitude": "9.966612", "outcome": "Send an offer", "version": 1,
        "contacts": {"nodes": [{"displayName": "Anna"}, {"displayName": "Bob"}]}, "account": {"name": "Acme"},
        "owner": admin, "createdBy": admin, "timelineTitle": "First visit",
    });
    assert_eq!(made, expected);
    let one = Record::of(&made);
    let input =
        json!({"subject": null, "place": null, "latitude": null, "longitude": null, "contactIds": [anna.id]});
    let changed = change(&app, "interactionUpdate", one.update(&input), &format!("id {ALL}")).await;
    for (field, value) in [
        ("subject", Json::Null),
        ("place", Json::Null),
        ("latitude", Json::Null),
        ("longitude", Json::Null),
        ("contacts", json!({"nodes": [{"displayName": "Anna"}]})),
        ("version", json!(2)),
        ("timelineTitle", json!("They need boats.")),
    ] {
        expected[field] = value;
    }
    assert_eq!(changed, expected);
    let told = changes(&app, &one.id).await;
    assert_eq!(told[0]["contacts"], json!([[anna.id, bob.id], [anna.id]]), "{told:?}");
    assert_eq!(
        refusal(&app, "interactionUpdate", one.update(&json!({"outcome": "x"}))).await,
        "CONFLICT: outcome CHANGED"
    );
    // Nothing new is no change.
    let one = Record::of(&changed);
    let same = change(&app, "interactionUpdate", one.update(&json!({"direction": "OUT"})), "version").await;
    assert_eq!(same["version"], 2);
    let file = upload(&app, "offer.txt", b"Boats").await;
    change(&app, "fileAttach", json!({"fileId": file, "recordId": one.id}), "id").await;
    change(&app, "interactionDelete", one.input(), "id").await;
    let listed = "{ interactions { totalCount } }";
    assert_eq!(app.data(listed, json!({})).await["interactions"]["totalCount"], 0);
    let deleted = Record { version: 3, ..one };
    change(&app, "interactionRestore", deleted.input(), "id").await;
    let query =
        "{ interactions(filter: {contacts: {some: {displayName: {eq: \"Anna\"}}}}, orderBy: {at: DESC}) {
        nodes { attachments { nodes { name } } } } }";
    let found = app.data(query, json!({})).await["interactions"]["nodes"].clone();
    assert_eq!(found, json!([{"attachments": {"nodes": [{"name": "offer.txt"}]}}]));
}

async fn what_cannot_be_said(app: TestApp) {
    let anna = contact(&app, json!({"givenName": "Anna"})).await;
    let gone = contact(&app, json!({"givenName": "Gone"})).await;
    change(&app, "contactDelete", gone.input(), "id").await;
    let stranger = app.tenant(2).await;
    let theirs = contact(&stranger, json!({"givenName": "Theirs"})).await;
    for (more, expected) in [
        (json!({"contactIds": []}), "VALIDATION: contactIds REQUIRED"),
        (json!({"contactIds": [NOTHING]}), "NOT_FOUND: contactIds.0 NOT_FOUND"),
        (json!({"contactIds": [anna.id, gone.id]}), "NOT_FOUND: contactIds.1 NOT_FOUND"),
        (json!({"contactIds": [theirs.id]}), "NOT_FOUND: contactIds.0 NOT_FOUND"),
        (json!({"contactIds": vec![&anna.id; 101]}), "VALIDATION: contactIds LIMIT_EXCEEDED"),
        (json!({"accountId": anna.id}), "NOT_FOUND: accountId NOT_FOUND"),
        (json!({"ownerId": NOTHING}), "NOT_FOUND: ownerId NOT_FOUND"),
        (json!({"teamId": NOTHING}), "NOT_FOUND: teamId NOT_FOUND"),
        (json!({"durationSeconds": -1}), "VALIDATION: durationSeconds RANGE"),
        (json!({"latitude": "90.1", "longitude": "0"}), "VALIDATION: latitude RANGE"),
        (json!({"kind": "VISIT", "latitude": "1"}), "VALIDATION: longitude REQUIRED"),
        (json!({"kind": "VISIT", "latitude": "1", "longitude": "-181"}), "VALIDATION: longitude RANGE"),
        (json!({"place": "Harbour"}), "VALIDATION: place NO_VISIT"),
        (json!({"latitude": "1", "longitude": "1"}), "VALIDATION: latitude NO_VISIT"),
        (json!({"subject": "x".repeat(501)}), "VALIDATION: subject TEXT_TOO_LONG"),
        (json!({"body": "x".repeat(100_001)}), "VALIDATION: body TEXT_TOO_LONG"),
        (json!({"subject": "a\u{7}b"}), "VALIDATION: subject TEXT_CONTROL_CHARACTER"),
    ] {
        let mut input = json!({"kind": "CALL", "contactIds": [anna.id]});
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let found = refusal(&app, "interactionCreate", input).await;
        assert_eq!(found, expected, "{more}");
    }
    let data = app.data("{ interactions { totalCount } }", json!({})).await;
    assert_eq!(data["interactions"]["totalCount"], 0, "nothing is written");
}

async fn each_of_many_has_its_result(app: TestApp) {
    let anna = contact(&app, json!({"givenName": "Anna"})).await;
    let rows = json!([
        {"kind": "SMS", "contactIds": [anna.id], "body": "One"},
        {"kind": "SMS", "contactIds": [NOTHING]},
        {"kind": "WEB_FORM", "contactIds": [anna.id], "body": "Two"},
    ]);
    let made = change_many(&app, "interactionCreateMany", rows, "id version").await.expect_data();
    let results = made["interactionCreateMany"]["results"].as_array().unwrap();
    let codes: Vec<&Json> = results.iter().map(|row| &row["error"]["code"]).collect();
    assert_eq!(codes, [&Json::Null, &json!("NOT_FOUND"), &Json::Null]);
    // Two rows about one record: the second builds on the first.
    let one = Record::of(&results[0]["interaction"]);
    let next = Record { version: 2, ..one.clone() };
    let rows = json!([
        one.update(&json!({"body": "First"})),
        next.update(&json!({"outcome": "Second", "contactIds": [anna.id]}))
    ]);
    let done = change_many(&app, "interactionUpdateMany", rows, "body outcome version").await.expect_data();
    let last = &done["interactionUpdateMany"]["results"][1]["interaction"];
    assert_eq!(*last, json!({"body": "First", "outcome": "Second", "version": 3}), "{done}");
    let query = "query($id: ID!) { contact(id: $id) { timeline { nodes { kind } } } }";
    let entries = app.data(query, json!({"id": anna.id})).await["contact"]["timeline"]["nodes"].clone();
    let mut kinds = texts(&entries, "kind");
    kinds.sort();
    assert_eq!(kinds, ["contacts.sms", "contacts.web_form", "core.created"]);
}

async fn who_may_write_what_down(app: TestApp) {
    let north = team(&app, "North", None, &[]).await;
    let [one, other] =
        [app.user("one@company.example", EMPLOYEE).await, app.user("other@company.example", EMPLOYEE).await];
    let anna = contact(&one, json!({"givenName": "Anna"})).await;
    let input = json!({"kind": "NOTE", "contactIds": [anna.id], "body": "One's"});
    let note = Record::of(&change(&one, "interactionCreate", input.clone(), "id version").await);
    // Everybody reads them; whoever wrote one changes it, and whom it is given to.
    let read = "query($id: ID!) { interaction(id: $id) { body } }";
    assert_eq!(other.data(read, json!({"id": note.id})).await["interaction"]["body"], "One's");
    assert_eq!(refusal(&other, "interactionUpdate", note.update(&json!({"body": "x"}))).await, "FORBIDDEN");
    assert_eq!(refusal(&other, "interactionDelete", note.input()).await, "FORBIDDEN");
    let given = note.update(&json!({"ownerId": other.user_id(), "teamId": north.id}));
    let note = Record::of(&change(&one, "interactionUpdate", given, "id version").await);
    change(&other, "interactionUpdate", note.update(&json!({"body": "Other's"})), "id").await;
    let hidden = with_rights(
        &app,
        "hidden",
        &[
            "contacts.contact.read",
            "contacts.interaction.read:OWN",
            "contacts.interaction.update",
            "contacts.interaction.create:OWN",
        ],
    )
    .await;
    assert_eq!(hidden.data(read, json!({"id": note.id})).await["interaction"], Json::Null);
    assert_eq!(
        refusal(&hidden, "interactionUpdate", note.update(&json!({"body": "x"}))).await,
        "NOT_FOUND: id NOT_FOUND"
    );
    let assigned = json!({"kind": "NOTE", "contactIds": [anna.id], "ownerId": other.user_id()});
    assert_eq!(refusal(&hidden, "interactionCreate", assigned).await, "FORBIDDEN: ownerId FORBIDDEN");
    let reader = with_rights(&app, "reader", &["contacts.contact.read", "contacts.interaction.read"]).await;
    assert_eq!(refusal(&reader, "interactionCreate", input).await, "FORBIDDEN");
}

/// Whoever says anew with whom it was does not take away those whom they do not see.
async fn hidden_contacts_stay(app: TestApp) {
    let rights = [
        "contacts.contact.read:OWN",
        "contacts.contact.create:OWN",
        "contacts.interaction.read",
        "contacts.interaction.update",
    ];
    let own = with_rights(&app, "own", &rights).await;
    let hidden = contact(&app, json!({"givenName": "Hidden"})).await;
    let mine = contact(&own, json!({"givenName": "Mine"})).await;
    let next = contact(&own, json!({"givenName": "Next"})).await;
    let input = json!({"kind": "CALL", "contactIds": [hidden.id, mine.id]});
    let call = Record::of(&change(&app, "interactionCreate", input, "id version").await);
    let with = "id version contacts { nodes { displayName } }";
    let changed =
        change(&own, "interactionUpdate", call.update(&json!({"contactIds": [next.id]})), with).await;
    assert_eq!(texts(&changed["contacts"]["nodes"], "displayName"), ["Next"]);
    let query = "query($id: ID!) { interaction(id: $id) { contacts { nodes { displayName } } } }";
    let all = app.data(query, json!({"id": call.id})).await["interaction"]["contacts"]["nodes"].clone();
    assert_eq!(texts(&all, "displayName"), ["Hidden", "Next"]);
    let taken = Record::of(&changed).update(&json!({"contactIds": [hidden.id]}));
    assert_eq!(refusal(&own, "interactionUpdate", taken).await, "NOT_FOUND: contactIds.0 NOT_FOUND");
}
