//! Who imports: with few rights, by a key, out of a workbook, and how others see how far it is.

use std::fmt::Write as _;

use chrono::NaiveDate;
use serde_json::{Value as Json, json};
use shoal_tables::{OutputFormat, TableWriter, Value};
use shoal_testkit::TestApp;

use crate::imports::{bring, counts, now, read};
use crate::staff::{role, with_rights};
use crate::subscriptions::client::Socket;
use crate::support::{both_databases, change, contact, try_change};

both_databases!(
    a_workbook_becomes_contacts,
    subscribers_see_how_far_it_is,
    nobody_imports_what_they_may_not_write,
    rows_reach_no_further_than_whoever_imports,
    accounts_are_made_by_those_who_may,
    a_right_that_is_taken_away_ends_an_import,
    a_program_imports_by_its_key,
);

/// What everybody needs who imports.
const TO_IMPORT: [&str; 8] = [
    "core.file.create",
    "core.file.read",
    "core.import.read",
    "core.import.run",
    "core.job.read",
    "contacts.contact.read",
    "contacts.detail.read",
    "contacts.tag.read",
];

async fn importer(app: &TestApp, name: &str, rights: &[&str]) -> TestApp {
    with_rights(app, name, &[&TO_IMPORT, rights].concat()).await
}

/// `line code` of the refused rows.
fn refused(import: &Json) -> Vec<String> {
    let rows = import["rowsOf"]["rows"]["nodes"].as_array().unwrap().iter();
    let rows = rows.filter(|row| row["outcome"] == "REFUSED");
    rows.map(|row| format!("{} {}", row["line"], row["errors"][0]["code"].as_str().unwrap())).collect()
}

async fn a_workbook_becomes_contacts(app: TestApp) {
    let columns = ["名", "姓", "E-mail", "Birthday", "Tags"].map(str::to_owned).to_vec();
    let mut writer = TableWriter::new(OutputFormat::Xlsx, Vec::new(), columns).unwrap();
    let text = |text: &str| Value::Text(text.to_owned());
    let day = Value::Date(NaiveDate::from_ymd_opt(1990, 5, 17).unwrap());
    writer.write_row(&[text("三"), text("张"), text("san@huayu.example"), day, text("vip; north")]).unwrap();
    writer
        .write_row(&[text("Bo"), Value::Null, text("bo-at-example.com"), Value::Null, Value::Null])
        .unwrap();
    let (_, workbook) = writer.finish().unwrap();
    let import = read(&app, "Contact", "people.xlsx", workbook).await;
    assert_eq!((&import["state"], &import["totalRows"]), (&json!("READY"), &json!(2)), "{import}");
    let done = bring(&app, &import, json!({})).await;
    assert_eq!((counts(&done), refused(&done)), ([1, 0, 0, 1], vec!["3 EMAIL_INVALID".to_owned()]), "{done}");
    let query = "{ contacts { nodes { displayName birthday emails { address } tags { name } } } }";
    let zhang = json!({"displayName": "张三", "birthday": "1990-05-17", "emails": [{"address": "san@huayu.example"}],
        "tags": [{"name": "north"}, {"name": "vip"}]});
    assert_eq!(app.data(query, json!({})).await["contacts"]["nodes"], json!([zhang]));
}

async fn subscribers_see_how_far_it_is(app: TestApp) {
    let mut file = "givenName\n".to_owned();
    for row in 1..=2_500 {
        writeln!(file, "G{row}").unwrap();
    }
    let import = read(&app, "Contact", "people.csv", &file).await;
    // The reading counts in bytes.
    let job = json!({"state": "SUCCEEDED", "error": null, "done": file.len(), "total": file.len()});
    assert_eq!(import["job"], job);
    app.deliver().await;
    let mut socket = Socket::of(&app).await;
    let query = "subscription($filter: ImportFilter) { importChanged(filter: $filter) {
        changedFields import { state createdRows job { done total } } } }";
    socket.subscribe("s", query, json!({"filter": {"id": {"eq": import["id"]}}})).await;
    socket.settle().await;
    change(&app, "importStart", json!({"id": import["id"]}), "id").await;
    app.deliver().await;
    let told = socket.told("s").await["data"]["importChanged"].clone();
    let running = json!({"state": "RUNNING", "createdRows": 0, "job": {"done": 0, "total": null}});
    assert_eq!(told["import"], running);
    app.work().await;
    app.deliver().await;
    // A thousand rows at a time, and the end.
    for changed in ["createdRows", "createdRows", "createdRows", "state"] {
        let told = socket.told("s").await["data"]["importChanged"].clone();
        assert!(told["changedFields"].as_array().unwrap().contains(&json!(changed)), "{changed}: {told}");
        let done = json!({"state": "DONE", "createdRows": 2_500, "job": {"done": 2_500, "total": 2_500}});
        assert_eq!(told["import"], done);
    }
    socket.is_quiet().await;
}

async fn nobody_imports_what_they_may_not_write(app: TestApp) {
    let clerk = importer(&app, "clerk", &["contacts.contact.create", "core.user.read"]).await;
    let fields = "{ importTargets { recordType fields { path } } }";
    let targets = clerk.data(fields, json!({})).await["importTargets"].clone();
    assert_eq!((targets.as_array().unwrap().len(), &targets[0]["recordType"]), (1, &json!("Contact")));
    let has_owner = |targets: &Json| targets.to_string().contains("\"ownerId\"");
    assert!(!has_owner(&targets), "{targets}");
    assert!(has_owner(&app.data(fields, json!({})).await));
    // Nor is it proposed.
    let file = "First name,Owner\nAnna,admin@company.example\n";
    let import = read(&clerk, "Contact", "people.csv", file).await;
    assert_eq!(import["mapping"], json!([{"field": "givenName", "column": "First name"}]));
    let mut columns = import["mapping"].as_array().unwrap().clone();
    columns.push(json!({"field": "ownerId", "column": "Owner", "by": "email"}));
    let update = json!({"id": import["id"], "expectedVersion": import["version"], "columns": columns});
    let answer = try_change(&clerk, "importUpdate", update.clone(), "id").await;
    assert_eq!(answer.refusal(), "FORBIDDEN: input.columns.1.field FORBIDDEN");
    // Whoever may has said so; the clerk cannot begin it.
    change(&app, "importUpdate", update, "id").await;
    for mutation in ["importCheck", "importStart"] {
        let answer = try_change(&clerk, mutation, json!({"id": import["id"]}), "id").await;
        assert_eq!(answer.code(), "FORBIDDEN");
    }
    assert_eq!(counts(&bring(&app, &import, json!({})).await), [1, 0, 0, 0]);
}

async fn rows_reach_no_further_than_whoever_imports(app: TestApp) {
    let clerk = importer(&app, "clerk", &["contacts.contact.update:OWN"]).await;
    let own =
        json!({"givenName": "Anna", "emails": [{"address": "anna@example.com"}], "ownerId": clerk.user_id()});
    let own = contact(&app, own).await;
    let other = contact(&app, json!({"givenName": "Bo", "emails": [{"address": "bo@example.com"}]})).await;
    let file =
        "email,Job title\nanna@example.com,Director\nbo@example.com,Director\ncy@example.com,Director\n";
    let import = read(&clerk, "Contact", "jobs.csv", file).await;
    // Without the right to create.
    for with in [json!({}), json!({"mode": "UPSERT", "matchBy": "email"})] {
        if with != json!({}) {
            let mut input = json!({"id": import["id"], "expectedVersion": import["version"]});
            input.as_object_mut().unwrap().extend(with.as_object().unwrap().clone());
            change(&clerk, "importUpdate", input, "id").await;
        }
        let start = try_change(&clerk, "importStart", json!({"id": import["id"]}), "id").await;
        assert_eq!(start.code(), "FORBIDDEN", "{with}");
    }
    let import = now(&clerk, &import["id"]).await;
    let done = bring(&clerk, &import, json!({"mode": "UPDATE", "matchBy": "email"})).await;
    assert_eq!(counts(&done), [0, 1, 0, 2], "{done}");
    assert_eq!(refused(&done), ["3 FORBIDDEN", "4 NOT_FOUND"]);
    let query = "query($id: ID!) { contact(id: $id) { jobTitle version } }";
    for (record, expected) in [
        (own, json!({"jobTitle": "Director", "version": 2})),
        (other, json!({"jobTitle": null, "version": 1})),
    ] {
        assert_eq!(app.data(query, json!({"id": record.id})).await["contact"], expected);
    }
}

async fn accounts_are_made_by_those_who_may(app: TestApp) {
    let clerk = importer(&app, "clerk", &["contacts.contact.create", "contacts.account.read"]).await;
    let import = read(&clerk, "Contact", "people.csv", "First name,Company\nAnna,North\nBo,\n").await;
    assert_eq!(import["mapping"][1]["missing"], "CREATE", "{import}");
    let done = bring(&clerk, &import, json!({})).await;
    assert_eq!((counts(&done), refused(&done)), ([1, 0, 0, 1], vec!["2 FORBIDDEN".to_owned()]), "{done}");
    let data = app.data("{ accounts { totalCount } contacts { nodes { displayName } } }", json!({})).await;
    assert_eq!(data, json!({"accounts": {"totalCount": 0}, "contacts": {"nodes": [{"displayName": "Bo"}]}}));
}

async fn a_right_that_is_taken_away_ends_an_import(app: TestApp) {
    let clerk = importer(&app, "clerk", &["contacts.contact.create"]).await;
    let import = read(&clerk, "Contact", "people.csv", "First name\nAnna\n").await;
    change(&clerk, "importStart", json!({"id": import["id"]}), "id").await;
    let roles =
        app.data("{ roles(filter: {name: {eq: \"clerk\"}}) { nodes { id version } } }", json!({})).await;
    let role = &roles["roles"]["nodes"][0];
    let rights = crate::staff::rights(&TO_IMPORT);
    let less = json!({"id": role["id"], "expectedVersion": role["version"], "rights": rights});
    change(&app, "roleUpdate", less, "id").await;
    app.work().await;
    let import = now(&app, &import["id"]).await;
    assert_eq!(import["job"]["state"], "FAILED", "{import}");
    assert_eq!(app.data("{ contacts { totalCount } }", json!({})).await["contacts"]["totalCount"], 0);
    // It goes on for whoever may.
    assert_eq!(counts(&bring(&app, &import, json!({})).await), [1, 0, 0, 0]);
}

async fn a_program_imports_by_its_key(app: TestApp) {
    let rights = [&TO_IMPORT[..], &["contacts.contact.create"]].concat();
    let role = role(&app, "loader", &rights).await;
    let document = "mutation($input: ApiKeyCreate!) { apiKeyCreate(input: $input) { secret } }";
    let input = json!({"name": "ERP", "roleIds": [role.id]});
    let key = app.data(document, json!({ "input": input })).await;
    let program = app.with_token(key["apiKeyCreate"]["secret"].as_str().unwrap());
    let import = read(&program, "Contact", "people.csv", "First name,E-mail\nAnna,anna@example.com\n").await;
    assert_eq!(import["state"], "READY", "{import}");
    let done = bring(&program, &import, json!({})).await;
    assert_eq!((&done["state"], counts(&done)), (&json!("DONE"), [1, 0, 0, 0]), "{done}");
    let by = "query($id: ID!) { import(id: $id) { createdBy { id } } contacts { nodes { displayName owner { id } } } }";
    let nobodys = json!({"import": {"createdBy": null}, "contacts": {"nodes": [{"displayName": "Anna", "owner": null}]}});
    assert_eq!(app.data(by, json!({"id": import["id"]})).await, nobodys);
}
