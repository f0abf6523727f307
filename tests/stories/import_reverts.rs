//! What imports may name and take back.

use serde_json::json;
use shoal_testkit::TestApp;

use crate::imports::{bring, counts, now, read};
use crate::staff::with_rights;
use crate::support::{both_databases, change, contact, refusal};

both_databases!(an_import_takes_back_what_it_has_brought_in, nobody_names_records_by_what_they_may_not_read);

/// What everybody needs who imports, for what is theirs.
const TO_IMPORT: [&str; 5] = [
    "core.import.run",
    "core.import.read:OWN",
    "core.job.read:OWN",
    "core.file.create",
    "core.file.read:OWN",
];

async fn importer(app: &TestApp, name: &str, rights: &[&str]) -> TestApp {
    with_rights(app, name, &[&TO_IMPORT, rights].concat()).await
}

async fn an_import_takes_back_what_it_has_brought_in(app: TestApp) {
    let list = "First name\nAnna\n";
    let rights = [
        "contacts.contact.read:OWN",
        "contacts.contact.create",
        "contacts.contact.update:OWN",
        "contacts.contact.delete:OWN",
    ];
    let (one, other) = (importer(&app, "one", &rights).await, importer(&app, "other", &rights).await);
    let first = read(&one, "Contact", "people.csv", list).await;
    let first = bring(&one, &first, json!({})).await;
    assert_eq!(counts(&first), [1, 0, 0, 0], "{first}");
    // The same list once more, by somebody who sees neither the import nor the contact, and by somebody who sees both.
    for app in [&other, &app] {
        let again = read(app, "Contact", "people.csv", list).await;
        let again = bring(app, &again, json!({})).await;
        assert_eq!(counts(&again), [0, 0, 1, 0], "{again}");
        assert_eq!(refusal(app, "importRevert", json!({"id": again["id"]})).await, "CONFLICT");
    }
    let people = app.data("{ contacts { totalCount } }", json!({})).await;
    assert_eq!(people["contacts"]["totalCount"], 1);
    change(&one, "importRevert", json!({"id": first["id"]}), "id").await;
    one.work().await;
    let reverted = now(&one, &first["id"]).await;
    assert_eq!((&reverted["state"], &reverted["keptRows"]), (&json!("REVERTED"), &json!(0)), "{reverted}");
}

async fn nobody_names_records_by_what_they_may_not_read(app: TestApp) {
    contact(&app, json!({"givenName": "Own", "emails": [{"address": "own@secret.example"}]})).await;
    let seller = importer(&app, "seller", &["contacts.contact.read", "contacts.contact.update"]).await;
    let import = read(&seller, "Contact", "people.csv", "E-mail,Job title\nown@secret.example,Spy\n").await;
    let input = json!({"id": import["id"], "expectedVersion": import["version"], "mode": "UPDATE", "matchBy": "email"});
    assert_eq!(refusal(&seller, "importUpdate", input).await, "FORBIDDEN: matchBy FORBIDDEN");
}
