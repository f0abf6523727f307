//! Lists become files: in each format, to be read by others and by imports, through the API and from the command line.

use std::fmt::Write as _;

use serde_json::{Value as Json, json};
use sha2::{Digest as _, Sha256};
use shoal_testkit::{Program, TestApp};

use crate::imports::{bring, counts, read};
use crate::support::{account, both_databases, change, contact};

both_databases!(
    a_list_becomes_a_file_in_each_format,
    an_empty_list_has_a_header,
    an_export_can_be_imported_unchanged,
    any_list_can_be_exported,
    exports_from_the_command_line,
);

const FIELDS: &str = "id recordType format columns filter rowCount bytes sha256
    job { state error done total } file { id name size sha256 url expiresAt } manifest { id name }";

/// The export as it is now.
pub async fn now(app: &TestApp, id: &Json) -> Json {
    let document = format!("query($id: ID!) {{ export(id: $id) {{ {FIELDS} }} }}");
    app.data(&document, json!({ "id": id })).await["export"].clone()
}

/// Begins an export.
pub async fn begin(app: &TestApp, input: Json) -> Json {
    change(app, "exportCreate", input, "id").await["id"].clone()
}

/// An export that is done.
pub async fn export(app: &TestApp, input: Json) -> Json {
    let id = begin(app, input).await;
    app.work().await;
    let done = now(app, &id).await;
    assert_eq!(done["job"]["state"], "SUCCEEDED", "{done}");
    done
}

async fn download(app: &TestApp, file: &Json) -> Vec<u8> {
    let answer = app.http("GET", &format!("/files/{}", file["id"].as_str().unwrap()), &[], b"").await;
    assert_eq!(answer.status, 200);
    answer.body
}

/// The text of the file.
pub async fn text(app: &TestApp, export: &Json) -> String {
    String::from_utf8(download(app, &export["file"]).await).unwrap()
}

/// The lines of a file of CSV.
pub async fn lines(app: &TestApp, export: &Json) -> Vec<String> {
    let text = text(app, export).await;
    text.strip_prefix('\u{feff}').unwrap().split_terminator("\r\n").map(str::to_owned).collect()
}

pub async fn some_people(app: &TestApp) {
    let firm = account(app, "华宇, Ltd.").await;
    let zhang = json!({"givenName": "三", "familyName": "张", "accountId": firm.id, "lifecycleStage": "CUSTOMER",
        "birthday": "1990-05-17", "tags": ["vip", "north"], "emails": [{"address": "san@huayu.example"}],
        "phones": [{"number": "+86 138 0013 8000", "label": "MOBILE"}]});
    contact(app, zhang).await;
    let anna = json!({"givenName": "=1+1", "familyName": "Schmidt", "lifecycleStage": "CUSTOMER",
        "emails": [{"address": "anna@example.com", "label": "HOME"}, {"address": "a@example.com"}]});
    contact(app, anna).await;
    contact(app, json!({"givenName": "Bo", "lifecycleStage": "LEAD"})).await;
    let gone = contact(app, json!({"givenName": "Gone", "lifecycleStage": "CUSTOMER"})).await;
    change(app, "contactDelete", gone.input(), "id").await;
}

async fn a_list_becomes_a_file_in_each_format(app: TestApp) {
    some_people(&app).await;
    let input = |format: &str| {
        json!({"recordType": "Contact", "format": format, "filter": {"lifecycleStage": {"eq": "CUSTOMER"}}, "orderBy": [{"displayName": "DESC"}],
            "columns": [{"path": "givenName", "name": "名"}, {"path": "birthday"}, {"path": "account.name", "name": "Company"}, {"path": "tags"},
                {"path": "emails.*.address", "name": "Mail #"}, {"path": "phones.0.e164"}]})
    };
    let csv = export(&app, input("CSV")).await;
    assert_eq!(
        lines(&app, &csv).await,
        [
            "名,birthday,Company,tags,Mail 1,Mail 2,phones.0.e164",
            "三,1990-05-17,\"华宇, Ltd.\",north; vip,san@huayu.example,,+8613800138000",
            "'=1+1,,,,anna@example.com,a@example.com,",
        ]
    );
    assert_eq!(csv["file"]["name"], "contacts-2026-03-02.csv");
    // What it says of itself is so.
    let bytes = download(&app, &csv["file"]).await;
    let mut sum = String::new();
    for byte in Sha256::digest(&bytes) {
        write!(sum, "{byte:02x}").unwrap();
    }
    let told = (&csv["rowCount"], &csv["bytes"], &csv["sha256"], &csv["file"]["sha256"]);
    assert_eq!(told, (&json!(2), &json!(bytes.len()), &json!(sum), &json!(sum)), "{csv}");
    assert_eq!(csv["file"]["expiresAt"], "2026-03-09T09:30:00Z");
    assert_eq!(csv["manifest"]["name"], "contacts-2026-03-02.csv.manifest.json");
    let manifest: Json = serde_json::from_slice(&download(&app, &csv["manifest"]).await).unwrap();
    assert_eq!(
        manifest,
        json!({"file": "contacts-2026-03-02.csv", "recordType": "Contact", "format": "CSV",
            "filter": {"lifecycleStage": {"eq": "CUSTOMER"}}, "orderBy": [{"displayName": "DESC"}],
            "columns": ["名", "birthday", "Company", "tags", "Mail 1", "Mail 2", "phones.0.e164"],
            "count": 2, "bytes": bytes.len(), "sha256": sum, "createdAt": "2026-03-02T09:30:00Z",
            "createdBy": {"kind": "USER", "id": app.user_id()}})
    );

    let jsonl = text(&app, &export(&app, input("JSONL")).await).await;
    let rows: Vec<Json> = jsonl.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(rows.len(), 2, "{jsonl}");
    assert_eq!(
        rows[0],
        json!({"名": "三", "birthday": "1990-05-17", "Company": "华宇, Ltd.", "tags": ["north", "vip"],
            "Mail 1": "san@huayu.example", "Mail 2": null, "phones.0.e164": "+8613800138000"})
    );
    assert_eq!(rows[1]["名"], "=1+1");

    // A workbook is told by what reads it.
    let xlsx = export(&app, input("XLSX")).await;
    let book = read(&app, "Contact", "people.xlsx", download(&app, &xlsx["file"]).await).await;
    assert_eq!(book["samples"][0][1], "1990-05-17", "{book}");
    assert_eq!(book["samples"][1][0], "=1+1");
    assert_eq!((&book["totalRows"], &book["columns"][0]), (&json!(2), &json!("名")));

    let mut cards = input("VCARD");
    cards["columns"].take();
    let cards = text(&app, &export(&app, cards).await).await;
    let cards: Vec<&str> = cards.split("BEGIN:VCARD").skip(1).collect();
    assert_eq!(cards.len(), 2);
    for part in [
        "VERSION:4.0",
        "FN:张三",
        "N:张;三",
        "ORG:华宇\\, Ltd.",
        "BDAY:19900517",
        "TEL;TYPE=CELL:+86 138 0013 8000",
        "EMAIL;TYPE=WORK:san@huayu.example",
        "CATEGORIES:north,vip",
    ] {
        assert!(cards[0].contains(part), "{part}: {}", cards[0]);
    }
    assert!(cards[1].contains("EMAIL;TYPE=HOME:anna@example.com"), "{}", cards[1]);
}

async fn an_empty_list_has_a_header(app: TestApp) {
    for (format, nothing) in
        [("CSV", "\u{feff}name,emails.0.address\r\n"), ("JSONL", ""), ("XLSX", "PK"), ("VCARD", "")]
    {
        let record_type = if format == "VCARD" { "Contact" } else { "Account" };
        let columns = json!([{"path": "name"}, {"path": "emails.*.address"}]);
        let mut input = json!({"recordType": record_type, "format": format});
        if format != "VCARD" {
            input["columns"] = columns;
        }
        let done = export(&app, input).await;
        assert_eq!(done["rowCount"], 0);
        let bytes = download(&app, &done["file"]).await;
        assert_eq!(&bytes[..nothing.len()], nothing.as_bytes(), "{format}");
        assert!(format == "XLSX" || bytes.len() == nothing.len(), "{format}");
    }
}

async fn an_export_can_be_imported_unchanged(app: TestApp) {
    let firm = account(&app, "华宇, Ltd.").await;
    let full = json!({
        "givenName": "三", "familyName": "张", "accountId": firm.id, "lifecycleStage": "CUSTOMER", "birthday": "1990-05-17",
        "jobTitle": "=HYPERLINK(\"x\")", "honorific": "-Dr", "language": "zh-CN", "timeZone": "Asia/Shanghai", "tags": ["vip", "@north", "a;b", "c, d", "\"e\"", "6\" pipe", "=f;=g", "x:::y"],
        "emails": [{"address": "san@huayu.example", "label": "HOME"}, {"address": "z@huayu.example"}],
        "phones": [{"number": "+86 138 0013 8000", "label": "MOBILE"}, {"number": "+49 30 123456"}],
        "addresses": [{"street": "1 Road\nFloor 2", "postalCode": "00100", "city": "上海", "country": "CN", "label": "HOME"}],
        "externalIds": [{"system": "crm", "key": "007"}],
    });
    contact(&app, full).await;
    contact(&app, json!({"givenName": "Анна", "displayName": "Анна \"Ann\"", "accountId": firm.id})).await;
    contact(&app, json!({"givenName": "Bo", "emails": [{"address": "bo@example.com"}]})).await;
    for (number, format) in [(2, "CSV"), (3, "JSONL"), (4, "XLSX")] {
        let input = json!({"recordType": "Contact", "format": format, "orderBy": [{"displayName": "ASC"}]});
        let first = export(&app, input.clone()).await;
        let file = download(&app, &first["file"]).await;
        let other = app.tenant(number).await;
        let import = read(&other, "Contact", &format!("people.{}", format.to_lowercase()), &file).await;
        let done = bring(&other, &import, json!({})).await;
        assert_eq!(counts(&done), [3, 0, 0, 0], "{format}: {done}");
        let second = export(&other, input).await;
        let again = download(&other, &second["file"]).await;
        if format == "XLSX" {
            // A workbook says when it was written.
            let again = read(&other, "Contact", "again.xlsx", &again).await;
            assert_eq!((&again["columns"], &again["samples"]), (&import["columns"], &import["samples"]));
        } else {
            assert_eq!(String::from_utf8_lossy(&again), String::from_utf8_lossy(&file), "{format}");
        }
    }
    // Cards have columns of their own, and the same tags.
    let cards = export(&app, json!({"recordType": "Contact", "format": "VCARD"})).await;
    let other = app.tenant(5).await;
    let import = read(&other, "Contact", "people.vcf", download(&app, &cards["file"]).await).await;
    bring(&other, &import, json!({})).await;
    let tags = "{ tags(orderBy: {name: ASC}) { nodes { name } } }";
    assert_eq!(other.data(tags, json!({})).await, app.data(tags, json!({})).await);
}

async fn any_list_can_be_exported(app: TestApp) {
    change(
        &app,
        "accountCreate",
        json!({"name": "North", "annualBudget": {"amount": "1234.50", "currency": "EUR"}, "employees": 7}),
        "id",
    )
    .await;
    let columns =
        ["name", "employees", "annualBudget.amount", "annualBudget.currency", "createdAt", "deletedAt"];
    let columns = columns.map(|path| json!({ "path": path }));
    let accounts = json!({"recordType": "Account", "format": "JSONL", "columns": columns});
    let accounts = text(&app, &export(&app, accounts).await).await;
    assert_eq!(
        serde_json::from_str::<Json>(&accounts).unwrap(),
        json!({"name": "North", "employees": 7, "annualBudget.amount": "1234.50", "annualBudget.currency": "EUR",
            "createdAt": "2026-03-02T09:30:00Z", "deletedAt": null})
    );
    // What no import knows has all fields of its own.
    let users = lines(&app, &export(&app, json!({"recordType": "User", "format": "CSV"})).await).await;
    assert!(users[0].starts_with("id,email,name,"), "{users:?}");
    assert_eq!(users.len(), 2);
    let exports = lines(&app, &export(&app, json!({"recordType": "Export", "format": "CSV", "columns": [{"path": "recordType"}, {"path": "columns"}]})).await).await;
    assert!(exports.iter().any(|row| row.starts_with("Account,\"[{")), "{exports:?}");
}

async fn exports_from_the_command_line(app: TestApp) {
    some_people(&app).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("people.csv");
    let run = |arguments: &[&str]| {
        let arguments =
            ["export".as_ref(), path.as_os_str()].into_iter().chain(arguments.iter().map(AsRef::as_ref));
        let output = Program::new(app.database_url(), arguments).output();
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        (output.status.code(), text(&output.stdout), text(&output.stderr))
    };
    let (code, out, err) = run(&[
        "--filter",
        r#"{"lifecycleStage":{"eq":"CUSTOMER"}}"#,
        "--order",
        r#"[{"displayName":"ASC"}]"#,
        "--columns",
        "givenName,emails.*.address=Mail #",
        "--json",
    ]);
    assert_eq!(code, Some(0), "{out} {err}");
    let told: Json = serde_json::from_str(&out).unwrap();
    assert_eq!(told["count"], 2, "{told}");
    let text = std::fs::read_to_string(&path).unwrap();
    assert_eq!(
        text,
        "\u{feff}givenName,Mail 1,Mail 2\r\n'=1+1,anna@example.com,a@example.com\r\n三,san@huayu.example,\r\n"
    );
    let manifest = std::fs::read(folder.path().join("people.csv.manifest.json")).unwrap();
    let manifest: Json = serde_json::from_slice(&manifest).unwrap();
    assert_eq!((&manifest["count"], &manifest["sha256"]), (&json!(2), &told["sha256"]));
    assert_eq!(manifest["createdBy"]["kind"], "OPERATOR");
    // What fails leaves what was there.
    let (code, _, err) = run(&["--filter", r#"{"lifecycleStage":{"eq":"FRIEND"}}"#]);
    assert_eq!((code, err.contains("lifecycleStage")), (Some(2), true), "{err}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
}
