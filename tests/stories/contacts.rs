//! Contacts: what can be said of them, and everything that is refused.

use serde_json::{Value as Json, json};
use shoal_testkit::{Answer, TestApp};

use crate::support::{
    Record, account, both_databases, change, change_many, contact, refusal, texts, try_change,
};

both_databases!(
    creates_and_reads_back,
    refuses_bad_values,
    values_are_cleared_by_null_and_kept_by_absence,
    lists_are_replaced_or_kept,
    deletes_and_restores,
    tags_are_made_once,
    batches_write_good_rows,
);

const ALL: &str = "id version displayName givenName familyName honorific jobTitle birthday language timeZone
    lifecycleStage createdAt updatedAt deletedAt account { name } tags { name }
    emails { address normalised label } phones { number e164 valid } addresses { city country } externalIds { system key }";

async fn creates_and_reads_back(app: TestApp) {
    let company = account(&app, "Nordlicht").await;
    let input = json!({
        "givenName": " Zoë ", "familyName": "O\u{2019}Brien", "honorific": "Dr.", "jobTitle": "Head of IT",
        "birthday": "1980-02-29", "language": "EN-gb", "timeZone": "Europe/Dublin", "lifecycleStage": "PROSPECT",
        "accountId": company.id, "accountRole": "DECISION_MAKER", "tags": ["vip"],
        "emails": [{"address": " Zoe@Example.COM "}], "phones": [{"number": "01 234 5678", "country": "IE"}],
        "addresses": [{"city": "Dublin", "country": "Ireland"}], "externalIds": [{"system": "crm", "key": "z-1"}],
    });
    let created = change(&app, "contactCreate", input, ALL).await;
    let expected = json!({
        "id": created["id"], "version": 1, "displayName": "Zoë O\u{2019}Brien", "givenName": "Zoë",
        "familyName": "O\u{2019}Brien", "honorific": "Dr.", "jobTitle": "Head of IT", "birthday": "1980-02-29",
        "language": "en-GB", "timeZone": "Europe/Dublin", "lifecycleStage": "PROSPECT",
        "createdAt": "2026-03-02T09:30:00Z", "updatedAt": "2026-03-02T09:30:00Z", "deletedAt": null,
        "account": {"name": "Nordlicht"}, "tags": [{"name": "vip"}],
        "emails": [{"address": "Zoe@Example.COM", "normalised": "zoe@example.com", "label": "WORK"}],
        "phones": [{"number": "01 234 5678", "e164": "+35312345678", "valid": true}],
        "addresses": [{"city": "Dublin", "country": "IE"}], "externalIds": [{"system": "crm", "key": "z-1"}],
    });
    assert_eq!(created, expected);
    let read = app
        .data(&format!("query($id: ID!) {{ contact(id: $id) {{ {ALL} }} }}"), json!({"id": created["id"]}))
        .await;
    assert_eq!(read["contact"], expected);
}

async fn refuses_bad_values(app: TestApp) {
    let long = "x".repeat(256);
    let cases = [
        (json!({}), "VALIDATION: displayName REQUIRED"),
        (json!({"givenName": " ", "familyName": ""}), "VALIDATION: displayName REQUIRED"),
        (json!({"givenName": long}), "VALIDATION: givenName TEXT_TOO_LONG"),
        (json!({"displayName": "a\u{1b}"}), "VALIDATION: displayName TEXT_CONTROL_CHARACTER"),
        (json!({"givenName": "A", "jobTitle": "\u{8}"}), "VALIDATION: jobTitle TEXT_CONTROL_CHARACTER"),
        (json!({"givenName": "A", "language": "English!"}), "VALIDATION: language LANGUAGE_INVALID"),
        (
            json!({"givenName": "A", "emails": [{"address": "@example.com"}]}),
            "VALIDATION: emails.0.address EMAIL_INVALID",
        ),
        (
            json!({"givenName": "A", "phones": [{"number": "+999 123"}]}),
            "VALIDATION: phones.0.number PHONE_INVALID",
        ),
        (
            json!({"givenName": "A", "accountId": "00000000-0000-7000-8000-00000000ffff"}),
            "NOT_FOUND: accountId NOT_FOUND",
        ),
        (json!({"givenName": "A", "accountRole": "PAYER"}), "VALIDATION: accountRole ACCOUNT_MISSING"),
    ];
    for (input, expected) in cases {
        assert_eq!(refusal(&app, "contactCreate", input.clone()).await, expected, "{input}");
    }
    for input in [
        json!({"birthday": "1981-02-29"}),
        json!({"birthday": "29.02.1980"}),
        json!({"lifecycleStage": "FRIEND"}),
        json!({"givenName": 5}),
    ] {
        let answer = try_change(&app, "contactCreate", input.clone(), "id").await;
        assert!(!answer.errors().is_empty() && answer.status == 400, "{input}: {answer}");
    }
    let stranger = app.tenant(2).await;
    let theirs = account(&stranger, "Theirs").await;
    let input = json!({"givenName": "A", "accountId": theirs.id});
    assert_eq!(refusal(&app, "contactCreate", input).await, "NOT_FOUND: accountId NOT_FOUND");
    assert_eq!(app.data("{ contacts { totalCount } }", json!({})).await["contacts"]["totalCount"], 0);
}

async fn values_are_cleared_by_null_and_kept_by_absence(app: TestApp) {
    let one = contact(
        &app,
        json!({"givenName": "A", "jobTitle": "Cook", "birthday": "1990-01-02", "language": "de"}),
    )
    .await;
    let document = "mutation($id: ID!, $version: Int!, $job: String, $birthday: Date, $language: String = \"fr\") {
        contactUpdate(input: {id: $id, expectedVersion: $version, jobTitle: $job, birthday: $birthday, language: $language}) {
            contact { version jobTitle birthday language }
        }
    }";
    let data = app.data(document, json!({"id": one.id, "version": 1, "birthday": null})).await;
    let expected = json!({"version": 2, "jobTitle": "Cook", "birthday": null, "language": "fr"});
    assert_eq!(data["contactUpdate"]["contact"], expected, "a default counts as given");
    let data = app.data(document, json!({"id": one.id, "version": 2, "language": null})).await;
    let expected = json!({"version": 3, "jobTitle": "Cook", "birthday": null, "language": null});
    assert_eq!(data["contactUpdate"]["contact"], expected);
    let whole =
        "mutation($input: ContactUpdate!) { contactUpdate(input: $input) { contact { version jobTitle } } }";
    let data = app.data(whole, json!({"input": {"id": one.id, "expectedVersion": 3, "jobTitle": ""}})).await;
    assert_eq!(
        data["contactUpdate"]["contact"],
        json!({"version": 4, "jobTitle": null}),
        "an empty text is none"
    );
}

async fn lists_are_replaced_or_kept(app: TestApp) {
    const LISTS: &str = "id version tags { name } emails { id address } phones { number } addresses { city }";
    let input = json!({
        "givenName": "A", "tags": ["b", "a"], "emails": [{"address": "one@a.example"}, {"address": "two@a.example"}],
        "phones": [{"number": "+49 30 123456"}], "addresses": [{"city": "Berlin"}],
    });
    let one = change(&app, "contactCreate", input, LISTS).await;
    assert_eq!(texts(&one["tags"], "name"), ["a", "b"]);
    let update = Record::of(&one).update(&json!({"emails": [{"address": "two@a.example"}]}));
    let two = change(&app, "contactUpdate", update, LISTS).await;
    assert_eq!(texts(&two["emails"], "address"), ["two@a.example"]);
    assert_eq!(
        (&two["tags"], &two["phones"], &two["addresses"]),
        (&one["tags"], &one["phones"], &one["addresses"])
    );
    let same = json!({"emails": [{"address": "two@a.example", "label": "WORK"}], "tags": ["A", "b", "B"], "phones": [{"number": "+49 30 123456"}], "addresses": [{"city": " Berlin"}]});
    let three = change(&app, "contactUpdate", Record::of(&two).update(&same), LISTS).await;
    assert_eq!(three, two, "nothing changes, not even the ids");
    let relabelled = json!({"emails": [{"address": "two@a.example", "label": "HOME"}], "tags": []});
    let four = change(
        &app,
        "contactUpdate",
        Record::of(&three).update(&relabelled),
        "version tags { name } emails { label }",
    )
    .await;
    assert_eq!(four, json!({"version": 3, "tags": [], "emails": [{"label": "HOME"}]}));
    let stale = Record::of(&three).update(&json!({"tags": ["new"], "phones": [{"number": "+49 30 123456"}]}));
    assert_eq!(refusal(&app, "contactUpdate", stale).await, "CONFLICT: tags CHANGED");
}

async fn deletes_and_restores(app: TestApp) {
    let company = account(&app, "Company").await;
    let input = json!({"givenName": "A", "accountId": company.id, "tags": ["t"], "emails": [{"address": "a@b.example"}]});
    let one = contact(&app, input).await;
    change(&app, "contactDelete", one.input(), "id").await;
    let query = "query($id: ID!) {
        contact(id: $id) { id }
        accounts { nodes { contacts { totalCount nodes { id } } roles { nodes { contact { id } } } } }
        tags { nodes { contacts { totalCount } } }
        some: accounts(filter: {contacts: {some: {givenName: {eq: \"A\"}}}}) { totalCount }
        both: accounts { nodes { contacts(deleted: INCLUDE) { nodes { displayName emails { address } } } } }
    }";
    let data = app.data(query, json!({"id": one.id})).await;
    assert!(data["contact"].is_null());
    assert_eq!(
        data["accounts"]["nodes"],
        json!([{"contacts": {"totalCount": 0, "nodes": []}, "roles": {"nodes": [{"contact": null}]}}])
    );
    assert_eq!(data["tags"]["nodes"], json!([{"contacts": {"totalCount": 0}}]));
    assert_eq!(data["some"]["totalCount"], 0);
    let both =
        json!([{"contacts": {"nodes": [{"displayName": "A", "emails": [{"address": "a@b.example"}]}]}}]);
    assert_eq!(data["both"]["nodes"], both);
    let restored = change(
        &app,
        "contactRestore",
        Record { version: 2, ..one.clone() }.input(),
        "version account { name } tags { name }",
    )
    .await;
    assert_eq!(restored, json!({"version": 3, "account": {"name": "Company"}, "tags": [{"name": "t"}]}));
    // A deleted account is no account.
    change(&app, "accountDelete", company.input(), "id").await;
    let query = "query($id: ID!) { contact(id: $id) { account { name } accounts { totalCount } roles { nodes { isPrimary account { name } } } } }";
    let data = app.data(query, json!({"id": one.id})).await;
    let expected = json!({"account": null, "accounts": {"totalCount": 0}, "roles": {"nodes": [{"isPrimary": true, "account": null}]}});
    assert_eq!(data["contact"], expected);
}

async fn tags_are_made_once(app: TestApp) {
    let rows = json!([
        {"givenName": "A", "tags": ["VIP", "vip", " Vip ", "Größe"]},
        {"givenName": "B", "tags": ["vIP", "grösse", "?", "!"]},
    ]);
    let answer = change_many(&app, "contactCreateMany", rows, "tags { name }").await;
    assert_eq!(answer.rows("contactCreateMany"), ["ok", "ok"]);
    change(&app, "accountCreate", json!({"name": "C", "tags": ["VIP", "!", ""]}), "id").await;
    let data = app.data("{ tags(orderBy: {name: ASC}) { nodes { name contacts { totalCount } accounts { totalCount } } } }", json!({})).await;
    let tag = |name: &str, contacts: u32, accounts: u32| json!({"name": name, "contacts": {"totalCount": contacts}, "accounts": {"totalCount": accounts}});
    assert_eq!(
        data["tags"]["nodes"],
        json!([tag("!", 1, 1), tag("?", 1, 0), tag("Größe", 2, 0), tag("VIP", 2, 1)])
    );
    let rows: Vec<Json> = (0..250)
        .map(|row| json!({"givenName": "X", "tags": (0..48).map(|tag| format!("{row}.{tag}")).collect::<Vec<_>>()}))
        .collect();
    let answer = change_many(&app, "contactCreateMany", json!(rows), "id").await;
    assert!(answer.rows("contactCreateMany").iter().all(|row| row == "ok"), "12,000 tags at once");
}

async fn batches_write_good_rows(app: TestApp) {
    let rows = json!([{"givenName": "A"}, {}, {"givenName": "C", "accountId": "00000000-0000-7000-8000-00000000ffff"}, {"familyName": "D"}]);
    let answer: Answer = change_many(&app, "contactCreateMany", rows, "displayName").await;
    let expected = ["ok", "VALIDATION: displayName REQUIRED", "NOT_FOUND: accountId NOT_FOUND", "ok"];
    assert_eq!(answer.rows("contactCreateMany"), expected);
    let data =
        app.data("{ contacts(orderBy: {displayName: ASC}) { nodes { displayName } } }", json!({})).await;
    assert_eq!(texts(&data["contacts"]["nodes"], "displayName"), ["A", "D"]);
}
