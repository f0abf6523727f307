//! Files that are attached to records.

use serde_json::{Value as Json, json};
use shoal_core::role::EMPLOYEE;
use shoal_testkit::TestApp;

use crate::files::{download, upload};
use crate::staff::{NOTHING, changes, with_rights};
use crate::support::{account, both_databases, change, contact, refusal};

both_databases!(
    a_record_has_files,
    who_may_attach,
    scopes_decide_who_sees_an_attachment,
    what_becomes_of_the_files_of_a_record,
);

async fn attach(app: &TestApp, file: &str, record: &str) -> Json {
    let input = json!({"fileId": file, "recordId": record});
    change(app, "fileAttach", input, "expiresAt version record { __typename id }").await
}

/// The names of the files of a contact.
async fn attachments(app: &TestApp, contact: &str) -> Vec<String> {
    let document = "query($id: ID!) { contact(id: $id) { attachments { nodes { name } } } }";
    let data = app.data(document, json!({"id": contact})).await;
    crate::support::texts(&data["contact"]["attachments"]["nodes"], "name")
}

async fn a_record_has_files(app: TestApp) {
    let [one, other] =
        [app.user("one@company.example", EMPLOYEE).await, app.user("other@company.example", EMPLOYEE).await];
    let anna = contact(&app, json!({"givenName": "Anna"})).await;
    let acme = account(&app, "Acme").await;
    let (contract, logo) =
        (upload(&one, "contract.txt", b"contract").await, upload(&one, "logo.txt", b"logo").await);
    assert_eq!(download(&other, &contract).await.status, 404);
    let attached =
        json!({"expiresAt": null, "version": 2, "record": {"__typename": "Contact", "id": anna.id}});
    assert_eq!(attach(&one, &contract, &anna.id).await, attached);
    assert_eq!(attach(&one, &contract, &anna.id).await, attached, "once more changes nothing");
    attach(&one, &logo, &acme.id).await;
    let taken = json!({"fileId": contract, "recordId": acme.id});
    assert_eq!(refusal(&one, "fileAttach", taken).await, "CONFLICT");
    // Whoever sees the record sees its files, without the right to all.
    assert_eq!(attachments(&other, &anna.id).await, ["contract.txt"]);
    assert_eq!(download(&other, &contract).await.body, b"contract");
    let document = "{ files(orderBy: {createdAt: ASC}) { nodes { name record { __typename ... on Account { name } } } } }";
    assert_eq!(
        other.data(document, json!({})).await["files"]["nodes"],
        json!([{"name": "contract.txt", "record": {"__typename": "Contact"}},
               {"name": "logo.txt", "record": {"__typename": "Account", "name": "Acme"}}])
    );
    let with =
        "{ contacts(filter: {attachments: {some: {mediaType: {eq: \"text/plain\"}}}}) { nodes { id } } }";
    assert_eq!(other.data(with, json!({})).await["contacts"]["nodes"], json!([{"id": anna.id}]));
    // Anybody who may change the record takes a file off; after a day it goes.
    let off = change(&other, "fileDetach", json!({"fileId": contract}), "id").await;
    assert_eq!(off, Json::Null, "it is somebody else's file again");
    let known = one
        .data(
            "query($id: ID!) { file(id: $id) { expiresAt record { id } version } }",
            json!({"id": contract}),
        )
        .await;
    assert_eq!(known["file"], json!({"expiresAt": "2026-03-03T09:30:00Z", "record": null, "version": 3}));
    assert_eq!((download(&other, &contract).await.status, attachments(&app, &anna.id).await.len()), (404, 0));
    attach(&one, &contract, &acme.id).await;
    assert_eq!(
        changes(&app, &contract).await.len(),
        3,
        "attached, detached, attached: the audit tells of each"
    );
}

async fn who_may_attach(app: TestApp) {
    let anna = contact(&app, json!({"givenName": "Anna"})).await;
    let gone = contact(&app, json!({"givenName": "Gone"})).await;
    change(&app, "contactDelete", gone.input(), "id").await;
    let reader =
        with_rights(&app, "reader", &["contacts.contact.read", "core.file.read:OWN", "core.file.create"])
            .await;
    let stranger = app.tenant(2).await;
    let theirs = contact(&stranger, json!({"givenName": "Theirs"})).await;
    let own = upload(&app, "own.txt", b"x").await;
    let input = |file: &str, record: &str| json!({"fileId": file, "recordId": record});
    for (who, file, record, expected) in [
        (&app, NOTHING, anna.id.as_str(), "NOT_FOUND: fileId NOT_FOUND"),
        (&stranger, &own, &theirs.id, "NOT_FOUND: fileId NOT_FOUND"),
        (&reader, &own, &anna.id, "NOT_FOUND: fileId NOT_FOUND"),
        (&app, &own, NOTHING, "NOT_FOUND: recordId NOT_FOUND"),
        (&app, &own, &gone.id, "NOT_FOUND: recordId NOT_FOUND"),
        (&app, &own, &theirs.id, "NOT_FOUND: recordId NOT_FOUND"),
        // Users have no files.
        (&app, &own, &app.user_id().to_string(), "NOT_FOUND: recordId NOT_FOUND"),
    ] {
        assert_eq!(refusal(who, "fileAttach", input(file, record)).await, expected, "{file} {record}");
    }
    let readers = upload(&reader, "reader.txt", b"x").await;
    assert_eq!(refusal(&reader, "fileAttach", input(&readers, &anna.id)).await, "FORBIDDEN");
    attach(&app, &own, &anna.id).await;
    assert_eq!(attachments(&reader, &anna.id).await, ["own.txt"]);
    assert_eq!(refusal(&reader, "fileDetach", json!({"fileId": own})).await, "FORBIDDEN");
    for (who, file) in [(&stranger, own.as_str()), (&app, NOTHING)] {
        assert_eq!(refusal(who, "fileDetach", json!({"fileId": file})).await, "NOT_FOUND: fileId NOT_FOUND");
    }
    app.change_module("contacts", "SUSPEND", json!({})).await;
    assert_eq!(refusal(&app, "fileDetach", json!({"fileId": own})).await, "MODULE_SUSPENDED");
    assert_eq!(download(&reader, &own).await.status, 200);
    app.change_module("contacts", "DISABLE", json!({})).await;
    assert_eq!(download(&reader, &own).await.status, 404, "what it is attached to is not there");
    assert_eq!(download(&app, &own).await.status, 200);
    let free = upload(&app, "free.txt", b"x").await;
    assert_eq!(refusal(&app, "fileAttach", input(&free, &anna.id)).await, "NOT_FOUND: recordId NOT_FOUND");
}

async fn scopes_decide_who_sees_an_attachment(app: TestApp) {
    let rights = [
        "contacts.contact.read:OWN",
        "contacts.contact.update:OWN",
        "core.file.read:OWN",
        "core.file.create",
    ];
    let own = with_rights(&app, "own", &rights).await;
    let theirs = contact(&app, json!({"givenName": "Theirs", "ownerId": own.user_id()})).await;
    let hidden = contact(&app, json!({"givenName": "Hidden"})).await;
    let [seen, unseen, mine] = [
        upload(&app, "seen.txt", b"x").await,
        upload(&app, "unseen.txt", b"x").await,
        upload(&own, "mine.txt", b"x").await,
    ];
    attach(&app, &seen, &theirs.id).await;
    attach(&app, &unseen, &hidden.id).await;
    let expected = "NOT_FOUND: recordId NOT_FOUND";
    assert_eq!(refusal(&own, "fileAttach", json!({"fileId": mine, "recordId": hidden.id})).await, expected);
    let files = own.data("{ files { nodes { name } totalCount } }", json!({})).await;
    let names = crate::support::texts(&files["files"]["nodes"], "name");
    assert_eq!(
        (names, &files["files"]["totalCount"]),
        (vec!["seen.txt".to_owned(), "mine.txt".to_owned()], &json!(2))
    );
    assert_eq!((download(&own, &seen).await.status, download(&own, &unseen).await.status), (200, 404));
    assert_eq!(refusal(&own, "fileDetach", json!({"fileId": unseen})).await, "NOT_FOUND: fileId NOT_FOUND");
    change(&own, "fileDetach", json!({"fileId": seen}), "id").await;
    assert_eq!(download(&own, &seen).await.status, 404);
    // What was attached to a record that one does not see any more stays one's own.
    attach(&own, &mine, &theirs.id).await;
    let away = json!({"id": theirs.id, "expectedVersion": theirs.version, "ownerId": app.user_id()});
    change(&app, "contactUpdate", away, "id").await;
    assert_eq!(download(&own, &mine).await.status, 200);
    assert_eq!(refusal(&own, "fileDetach", json!({"fileId": mine})).await, "FORBIDDEN");
}

async fn what_becomes_of_the_files_of_a_record(app: TestApp) {
    let other = app.user("other@company.example", EMPLOYEE).await;
    let anna = contact(&app, json!({"givenName": "Anna"})).await;
    let file = upload(&app, "a.txt", b"x").await;
    attach(&app, &file, &anna.id).await;
    let loose = upload(&app, "loose.txt", b"x").await;
    // They stay with a deleted record, and come back with it.
    let deleted = crate::support::Record { version: anna.version + 1, ..anna.clone() };
    change(&app, "contactDelete", anna.input(), "id").await;
    let document = "{ contacts(deleted: ONLY) { nodes { attachments { nodes { name } } } } }";
    let files = app.data(document, json!({})).await["contacts"]["nodes"][0]["attachments"]["nodes"].clone();
    assert_eq!(files, json!([{"name": "a.txt"}]));
    assert_eq!(download(&other, &file).await.status, 200);
    app.do_job("core.clean_up_files").await;
    change(&app, "contactRestore", deleted.input(), "id").await;
    assert_eq!(attachments(&other, &anna.id).await, ["a.txt"]);
    // With the records of a module that is purged they go.
    app.change_module("contacts", "DISABLE", json!({})).await;
    app.change_module("contacts", "PURGE", json!({"confirmation": "contacts"})).await;
    app.work().await;
    assert_eq!((download(&app, &file).await.status, download(&app, &loose).await.status), (404, 200));
}
