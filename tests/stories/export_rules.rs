//! What is not exported: what is not there, what somebody may not see, what was there at another moment, and half a file.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use serde_json::{Value as Json, json};
use shoal_testkit::TestApp;

use crate::bulk::{execute, literal, people};
use crate::exports::{begin, export, lines, now, some_people, text};
use crate::staff::with_rights;
use crate::support::{both_databases, change, contact, refusal, try_change};

both_databases!(
    what_cannot_be_exported_is_refused,
    everybody_exports_what_they_may_see,
    rights_that_are_taken_away_end_an_export,
    a_store_that_fails_leaves_no_file,
    lists_that_are_too_long_are_not_cut,
);

mod at_once {
    use super::an_export_is_of_one_moment;

    crate::support::in_parallel!(an_export_is_of_one_moment);
}

async fn what_cannot_be_exported_is_refused(app: TestApp) {
    let contacts = |more: Json| {
        let mut input = json!({"recordType": "Contact", "format": "CSV"});
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        input
    };
    for (input, expected) in [
        (contacts(json!({"recordType": "Shoe"})), "VALIDATION: recordType UNKNOWN_TYPE"),
        // Reached through others only.
        (contacts(json!({"recordType": "EmailAddress"})), "VALIDATION: recordType UNKNOWN_TYPE"),
        (
            contacts(json!({"filter": {"lifecycleStage": {"eq": "FRIEND"}}})),
            "VALIDATION: filter.lifecycleStage.eq ENUM",
        ),
        (contacts(json!({"filter": {"shoe": {"eq": 1}}})), "VALIDATION: filter.shoe UNKNOWN_FIELD"),
        (contacts(json!({"orderBy": [{"jobTitle": "UP"}]})), "VALIDATION: orderBy.0.jobTitle ENUM"),
        (contacts(json!({"columns": []})), "VALIDATION: columns REQUIRED"),
        (
            contacts(json!({"columns": [{"path": "id"}, {"path": "shoe"}]})),
            "VALIDATION: columns.1.path UNKNOWN_COLUMN",
        ),
        (contacts(json!({"columns": [{"path": "account"}]})), "VALIDATION: columns.0.path UNKNOWN_COLUMN"),
        (contacts(json!({"columns": [{"path": "roles.0.id"}]})), "VALIDATION: columns.0.path UNKNOWN_COLUMN"),
        (
            contacts(json!({"columns": [{"path": "emails.100.id"}]})),
            "VALIDATION: columns.0.path UNKNOWN_COLUMN",
        ),
        (
            contacts(json!({"columns": [{"path": "emails.*.id", "name": "mail"}]})),
            "VALIDATION: columns.0.name NAME_INVALID",
        ),
        (
            contacts(json!({"columns": [{"path": "id"}, {"path": "version", "name": "id"}]})),
            "VALIDATION: columns.1.name NAME_TWICE",
        ),
        (
            contacts(json!({"format": "VCARD", "columns": [{"path": "id"}]})),
            "VALIDATION: columns UNSUPPORTED",
        ),
        (contacts(json!({"format": "VCARD", "recordType": "Account"})), "VALIDATION: format UNSUPPORTED"),
    ] {
        assert_eq!(refusal(&app, "exportCreate", input.clone()).await, expected, "{input}");
    }
    let exports = app
        .data(
            "{ exports { totalCount } jobs(filter: {kind: {eq: \"core.export\"}}) { totalCount } }",
            json!({}),
        )
        .await;
    assert_eq!(exports, json!({"exports": {"totalCount": 0}, "jobs": {"totalCount": 0}}));
    // A disabled module has no lists.
    app.change_module("contacts", "DISABLE", json!({})).await;
    assert_eq!(
        refusal(&app, "exportCreate", contacts(json!({}))).await,
        "VALIDATION: recordType UNKNOWN_TYPE"
    );
}

async fn everybody_exports_what_they_may_see(app: TestApp) {
    some_people(&app).await;
    let other = app.tenant(2).await;
    contact(&other, json!({"givenName": "Foreign"})).await;
    let input = json!({"recordType": "Contact", "format": "CSV", "columns": [{"path": "givenName"}, {"path": "owner.email"}]});
    let foreign = export(&other, input.clone()).await;
    assert_eq!(lines(&other, &foreign).await[1..], ["Foreign,admin@company.example"]);
    // Another company's is none.
    assert_eq!(now(&app, &foreign["id"]).await, Json::Null);

    let rights = ["core.export.run", "core.export.read:OWN", "core.file.read:OWN", "core.job.read:OWN"];
    let seller = with_rights(
        &app,
        "seller",
        &[&rights[..], &["contacts.contact.read:OWN", "contacts.contact.create"]].concat(),
    )
    .await;
    contact(&seller, json!({"givenName": "Mine", "emails": [{"address": "mine@example.com"}]})).await;
    // Their own contacts, without what they may not read of them: details and accounts.
    let own = export(&seller, json!({"recordType": "Contact", "format": "CSV"})).await;
    let rows = lines(&seller, &own).await;
    assert_eq!(rows.len(), 2, "{rows:?}");
    assert!(
        rows[0].starts_with("givenName,familyName,displayName,") && !rows[0].contains("emails"),
        "{rows:?}"
    );
    assert!(rows[1].starts_with("Mine,,Mine,"), "{rows:?}");
    let answer = try_change(&seller, "exportCreate", input, "id").await;
    assert_eq!(answer.refusal(), "FORBIDDEN: input.columns.1.path FORBIDDEN");
    let filter =
        json!({"recordType": "Contact", "format": "CSV", "filter": {"account": {"name": {"eq": "North"}}}});
    assert!(refusal(&seller, "exportCreate", filter).await.starts_with("FORBIDDEN: filter.account"));
    let accounts = json!({"recordType": "Account", "format": "CSV", "columns": [{"path": "id"}]});
    assert_eq!(refusal(&seller, "exportCreate", accounts).await, "FORBIDDEN: columns.0.path FORBIDDEN");
    // Cards, too, have what may be read.
    let cards =
        text(&seller, &export(&seller, json!({"recordType": "Contact", "format": "VCARD"})).await).await;
    assert!(cards.contains("FN:Mine") && !cards.contains("EMAIL"), "{cards}");
    // Exports are their makers'.
    assert_eq!(seller.data("{ exports { totalCount } }", json!({})).await["exports"]["totalCount"], 2);
    assert_eq!(app.data("{ exports { totalCount } }", json!({})).await["exports"]["totalCount"], 2);
    let nobody = with_rights(&app, "nobody", &["contacts.contact.read", "core.export.read"]).await;
    let answer =
        try_change(&nobody, "exportCreate", json!({"recordType": "Contact", "format": "CSV"}), "id").await;
    assert_eq!(answer.refusal(), "FORBIDDEN");
}

async fn rights_that_are_taken_away_end_an_export(app: TestApp) {
    some_people(&app).await;
    let rights = [
        "core.export.run",
        "core.export.read:OWN",
        "core.job.read:OWN",
        "contacts.contact.read",
        "contacts.detail.read",
    ];
    let seller = with_rights(&app, "seller", &rights).await;
    let id = begin(&seller, json!({"recordType": "Contact", "format": "CSV"})).await;
    let role =
        app.data("{ roles(filter: {name: {eq: \"seller\"}}) { nodes { id version } } }", json!({})).await;
    let role = crate::support::Record::of(&role["roles"]["nodes"][0]);
    let fewer = crate::staff::rights(&rights[..4]);
    change(&app, "roleUpdate", role.update(&json!({"rights": fewer})), "id").await;
    app.work().await;
    let failed = now(&app, &id).await;
    assert_eq!(
        (&failed["job"]["state"], &failed["file"], &failed["rowCount"]),
        (&json!("FAILED"), &Json::Null, &Json::Null),
        "{failed}"
    );
    assert!(failed["job"]["error"].as_str().unwrap().starts_with("FORBIDDEN: "), "{failed}");
}

async fn a_store_that_fails_leaves_no_file(app: TestApp) {
    some_people(&app).await;
    // The company's folder cannot be made where a file is.
    let folder = app.files().join(app.tenant_id().to_string());
    std::fs::write(&folder, b"in the way").unwrap();
    let id = begin(&app, json!({"recordType": "Contact", "format": "CSV"})).await;
    for _ in 0..10 {
        app.work().await;
        app.clock().advance(Duration::from_mins(10));
    }
    let failed = now(&app.signed_in_again().await, &id).await;
    assert_eq!(failed["job"]["state"], "FAILED", "{failed}");
    assert_eq!(
        (&failed["file"], &failed["manifest"], &failed["rowCount"]),
        (&Json::Null, &Json::Null, &Json::Null)
    );
    let files = app.signed_in_again().await.data("{ files { totalCount } }", json!({})).await;
    assert_eq!(files["files"]["totalCount"], 0);
    // Once it is well again the job can be taken up.
    std::fs::remove_file(&folder).unwrap();
    let app = app.signed_in_again().await;
    let job = app.data("{ jobs(filter: {kind: {eq: \"core.export\"}}) { nodes { id } } }", json!({})).await;
    let document = "mutation($input: JobChoice!) { jobRetry(input: $input) { id } }";
    app.data(document, json!({"input": {"id": job["jobs"]["nodes"][0]["id"]}})).await;
    app.work().await;
    assert_eq!(now(&app, &id).await["rowCount"], 3);
}

async fn lists_that_are_too_long_are_not_cut(app: TestApp) {
    let tags = |from: u32| (from..from + 50).map(|number| format!("tag {number}")).collect::<Vec<_>>();
    let one = contact(&app, json!({"givenName": "Anna", "tags": tags(0)})).await;
    let input = json!({"recordType": "Contact", "format": "CSV", "columns": [{"path": "tags"}]});
    let done = export(&app, input.clone()).await;
    assert_eq!(lines(&app, &done).await[1].split("; ").count(), 50);
    // More than an export can have; no mutation makes so many.
    let [tenant, id] = [app.tenant_id(), one.id.parse().unwrap()].map(|id| literal(&app, id));
    for from in [50, 100] {
        contact(&app, json!({"givenName": "Bo", "tags": tags(from)})).await;
    }
    let sql = format!(
        "INSERT INTO contacts_contact_tag (tenant_id, contact_id, tag_id) SELECT tenant_id, {id}, id FROM contacts_tag AS t
         WHERE tenant_id = {tenant} AND NOT EXISTS (SELECT 1 FROM contacts_contact_tag AS c WHERE c.tenant_id = t.tenant_id AND c.contact_id = {id} AND c.tag_id = t.id)"
    );
    execute(&app, &sql).await;
    let id = begin(&app, input).await;
    app.work().await;
    let failed = now(&app, &id).await;
    assert_eq!((&failed["job"]["state"], &failed["file"]), (&json!("FAILED"), &Json::Null), "{failed}");
    assert!(failed["job"]["error"].as_str().unwrap().starts_with("LIMIT_EXCEEDED: "), "{failed}");
}

/// Whoever writes all the time changes all accounts and contacts at once: a file with two states would be of two moments.
async fn an_export_is_of_one_moment(app: TestApp) {
    people(&app, 3_000).await;
    let tenant = literal(&app, app.tenant_id());
    let change = move |state: u32| {
        let accounts = format!("UPDATE contacts_account SET industry = '{state}' WHERE tenant_id = {tenant}");
        let contacts =
            format!("UPDATE contacts_contact SET job_title = '{state}' WHERE tenant_id = {tenant}");
        format!("BEGIN; {accounts}; {contacts}; COMMIT")
    };
    execute(&app, &change(0)).await;
    let (written, ended) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicBool::new(false)));
    let writer = tokio::spawn({
        let (app, written, ended) = (app.clone(), Arc::clone(&written), Arc::clone(&ended));
        async move {
            while !ended.load(Ordering::SeqCst) {
                let state = written.load(Ordering::SeqCst) + 1;
                execute(&app, &change(state)).await;
                written.store(state, Ordering::SeqCst);
            }
        }
    });
    let columns = ["id", "jobTitle", "account.industry"].map(|path| json!({ "path": path }));
    let input = json!({"recordType": "Contact", "format": "CSV", "columns": columns});
    let mut overtaken = 0;
    // A slow writer may be at the same statement all the time.
    for _ in 0..20 {
        let before = written.load(Ordering::SeqCst);
        let done = export(&app, input.clone()).await;
        let after = written.load(Ordering::SeqCst);
        assert_eq!(done["rowCount"], 3_001, "{done}");
        let rows = lines(&app, &done).await;
        let states: HashSet<&str> = rows[1..].iter().flat_map(|row| row.split(',').skip(1)).collect();
        assert_eq!(states.len(), 1, "{states:?}");
        let state: u32 = states.into_iter().next().unwrap().parse().unwrap();
        assert!(state >= before, "what was there before it began: {state}, {before}");
        overtaken += u32::from(after > state + 1);
        if overtaken > 1 {
            break;
        }
    }
    ended.store(true, Ordering::SeqCst);
    writer.await.unwrap();
    assert!(overtaken > 0, "nothing was written while it was read");
}
