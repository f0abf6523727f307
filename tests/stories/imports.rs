//! Files become contacts and accounts: read, mapped, checked, brought in, taken back.

use std::time::Duration;

use serde_json::{Value as Json, json};
use shoal_testkit::TestApp;

use crate::subscriptions::client::Events;
use crate::support::{account, both_databases, change, contact, try_change};

both_databases!(
    a_file_becomes_contacts,
    what_is_wrong_is_told_and_can_be_mended,
    a_repeated_import_changes_nothing,
    rows_change_the_records_that_they_name,
    an_import_is_taken_back,
    files_of_other_programs,
    files_that_cannot_be_read,
    a_long_file_tells_how_far_it_is,
);

/// Uploads a file: its id.
pub async fn upload(app: &TestApp, name: &str, content: impl AsRef<[u8]>) -> String {
    let path = format!("/files?name={}", name.replace(' ', "%20"));
    let made = app.http("POST", &path, &[], content.as_ref()).await;
    assert_eq!(made.status, 201, "{}", String::from_utf8_lossy(&made.body));
    made.json()["id"].as_str().unwrap().to_owned()
}

/// The text of a file.
async fn download(app: &TestApp, id: &Json) -> String {
    let answer = app.http("GET", &format!("/files/{}", id.as_str().unwrap()), &[], b"").await;
    assert_eq!(answer.status, 200);
    String::from_utf8(answer.body).unwrap()
}

const FIELDS: &str = "id version state preset columns samples totalRows mapping error
    createdRows updatedRows unchangedRows refusedRows keptRows job { state error done total }
    errorFile { id } rowsOf { id rows(first: 100, orderBy: {row: ASC}) { nodes { row line outcome recordId errors } } }";

/// The import as it is now.
pub async fn now(app: &TestApp, id: &Json) -> Json {
    let document = format!("query($id: ID!) {{ import(id: $id) {{ {FIELDS} }} }}");
    app.data(&document, json!({ "id": id })).await["import"].clone()
}

/// A file that has been read.
pub async fn read(app: &TestApp, record_type: &str, name: &str, content: impl AsRef<[u8]>) -> Json {
    let file = upload(app, name, content).await;
    let begun = change(app, "importCreate", json!({"fileId": file, "recordType": record_type}), "id").await;
    app.work().await;
    now(app, &begun["id"]).await
}

/// Says how a file is imported, and brings it in.
pub async fn bring(app: &TestApp, import: &Json, with: Json) -> Json {
    if !with.as_object().unwrap().is_empty() {
        let mut input = json!({"id": import["id"], "expectedVersion": import["version"]});
        input.as_object_mut().unwrap().extend(with.as_object().unwrap().clone());
        change(app, "importUpdate", input, "id").await;
    }
    change(app, "importStart", json!({"id": import["id"]}), "id").await;
    app.work().await;
    now(app, &import["id"]).await
}

/// `created updated unchanged refused`
pub fn counts(import: &Json) -> [i64; 4] {
    ["createdRows", "updatedRows", "unchangedRows", "refusedRows"].map(|name| import[name].as_i64().unwrap())
}

const PEOPLE: &str = "\
First name,Last name,E-mail,Mobile,Company,Tags,Birthday
Anna,Schmidt,anna@schmidt.example,+49 170 1234567,Schmidt GmbH,vip; north,1990-05-17
三,张,zhangsan@huayu.example,+86 138 0013 8000,华宇,,
Иван,Петров,ivan@petrov.example,,Schmidt GmbH,,1985-01-02
";

async fn a_file_becomes_contacts(app: TestApp) {
    let import = read(&app, "Contact", "people.csv", PEOPLE).await;
    assert_eq!(import["state"], "READY", "{import}");
    assert_eq!(import["totalRows"], 3);
    assert_eq!(import["samples"][1][1], "张");
    let fields: Vec<&str> = import["mapping"]
        .as_array()
        .unwrap()
        .iter()
        .map(|mapped| mapped["field"].as_str().unwrap())
        .collect();
    assert_eq!(
        fields,
        ["givenName", "familyName", "emails.0.address", "phones.0.number", "accountId", "tags", "birthday"]
    );
    let done = bring(&app, &import, json!({})).await;
    assert_eq!(done["state"], "DONE", "{done}");
    assert_eq!(counts(&done), [3, 0, 0, 0]);
    let query = "{ contacts(orderBy: {displayName: ASC}) { nodes {
        displayName birthday account { name } emails { address } phones { e164 } tags { name } } } }";
    let data = app.data(query, json!({})).await;
    let nodes = data["contacts"]["nodes"].as_array().unwrap();
    assert_eq!(nodes.len(), 3, "{data}");
    let of = |name: &str| {
        nodes.iter().find(|node| node["displayName"] == name).unwrap_or_else(|| panic!("{name}: {data}"))
    };
    assert_eq!(of("张三")["phones"][0]["e164"], "+8613800138000");
    assert_eq!(of("张三")["account"]["name"], "华宇");
    assert_eq!(of("Anna Schmidt")["tags"].as_array().unwrap().len(), 2);
    assert_eq!(of("Иван Петров")["account"]["name"], "Schmidt GmbH");
    // Named twice, made once.
    let accounts = app.data("{ accounts { totalCount } }", json!({})).await;
    assert_eq!(accounts["accounts"]["totalCount"], 2);
}

async fn what_is_wrong_is_told_and_can_be_mended(app: TestApp) {
    let file = "givenName;emails.0.address;birthday\r\nAnna;anna@example.com;1990-05-17\r\nBo;bo-at-example.com;17.05.1990\r\n\
        Cy;;3/4/1990\r\n;;\r\n=1+1;dee@example.com;\r\n";
    let import = read(&app, "Contact", "people.csv", file).await;
    assert_eq!(import["totalRows"], 4, "{import}");
    // Nothing is changed by a check, which finds the same.
    change(&app, "importCheck", json!({"id": import["id"]}), "id").await;
    app.work().await;
    let checked = now(&app, &import["id"]).await;
    assert_eq!(checked["state"], "CHECKED", "{checked}");
    assert_eq!(checked["refusedRows"], 2);
    assert_eq!(app.data("{ contacts { totalCount } }", json!({})).await["contacts"]["totalCount"], 0);
    let done = bring(&app, &checked, json!({})).await;
    assert_eq!(counts(&done), [2, 0, 0, 2], "{done}");
    let rows = done["rowsOf"]["rows"]["nodes"].as_array().unwrap();
    let told: Vec<(i64, &str, &str)> = rows
        .iter()
        .filter(|row| row["outcome"] == "REFUSED")
        .map(|row| {
            let error = &row["errors"][0];
            (
                row["line"].as_i64().unwrap(),
                error["code"].as_str().unwrap(),
                error["column"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(told, [(3, "EMAIL_INVALID", "emails.0.address"), (4, "DATE_AMBIGUOUS", "birthday")]);
    // The error file has the rows and the reasons; mended, it brings in the rest.
    let text = download(&app, &done["errorFile"]["id"]).await;
    let lines: Vec<&str> = text.trim_start_matches('\u{feff}').lines().collect();
    assert_eq!(
        lines[0],
        "givenName,emails.0.address,birthday,Error line,Error code,Error column,Error message"
    );
    assert!(
        lines[1].starts_with("Bo,bo-at-example.com,17.05.1990,3,EMAIL_INVALID,emails.0.address,"),
        "{text}"
    );
    assert_eq!(lines.len(), 3, "{text}");
    let mended = text.replace("bo-at-example.com", "bo@example.com").replace("3/4/1990", "1990-04-03");
    let import = read(&app, "Contact", "people errors.csv", mended).await;
    assert_eq!(counts(&bring(&app, &import, json!({})).await), [2, 0, 0, 0]);
    assert_eq!(app.data("{ contacts { totalCount } }", json!({})).await["contacts"]["totalCount"], 4);
}

async fn a_repeated_import_changes_nothing(app: TestApp) {
    let import = read(&app, "Contact", "people.csv", PEOPLE).await;
    assert_eq!(counts(&bring(&app, &import, json!({})).await), [3, 0, 0, 0]);
    assert_eq!(counts(&bring(&app, &import, json!({})).await), [0, 0, 3, 0]);
    // The same file under another name is the same import.
    let again = read(&app, "Contact", "copy.csv", PEOPLE).await;
    let again = bring(&app, &again, json!({})).await;
    assert_eq!(counts(&again), [0, 0, 3, 0], "{again}");
    assert_eq!(again["rowsOf"]["id"], import["id"]);
    assert_eq!(app.data("{ contacts { totalCount } }", json!({})).await["contacts"]["totalCount"], 3);
}

async fn rows_change_the_records_that_they_name(app: TestApp) {
    let anna = contact(
        &app,
        json!({"givenName": "Anna", "jobTitle": "Clerk", "emails": [{"address": "ANNA@example.com"}]}),
    )
    .await;
    let file = "email,Job title,given name\nanna@example.com,Director,\nbo@example.com,Clerk,Bo\nanna@Example.com,Twice,\n,Clerk,Cy\n";
    let import = read(&app, "Contact", "jobs.csv", file).await;
    let missing = try_change(
        &app,
        "importUpdate",
        json!({"id": import["id"], "expectedVersion": import["version"], "matchBy": "shoe"}),
        "id",
    )
    .await;
    assert!(missing.refusal().contains("matchBy UNKNOWN_KEY"));
    let done = bring(&app, &import, json!({"mode": "UPSERT", "matchBy": "email"})).await;
    assert_eq!(counts(&done), [1, 1, 0, 2], "{done}");
    let errors: Vec<&str> = done["rowsOf"]["rows"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|row| row["errors"][0]["code"].as_str())
        .collect();
    assert_eq!(errors, ["DUPLICATE_ROW", "REQUIRED"]);
    let query = "query($id: ID!) { contact(id: $id) { givenName jobTitle } }";
    let now = app.data(query, json!({"id": anna.id})).await;
    assert_eq!(now["contact"], json!({"givenName": "Anna", "jobTitle": "Director"}));
    // Only those that are there.
    let file = "email,Job title\nbo@example.com,Director\ncy@example.com,Director\n";
    let import = read(&app, "Contact", "jobs 2.csv", file).await;
    let done = bring(&app, &import, json!({"mode": "UPDATE", "matchBy": "email"})).await;
    assert_eq!(counts(&done), [0, 1, 0, 1], "{done}");
}

async fn an_import_is_taken_back(app: TestApp) {
    let firm = account(&app, "North").await;
    let anna = contact(&app, json!({"givenName": "Anna", "jobTitle": "Clerk", "accountId": firm.id, "tags": ["red"],
        "emails": [{"address": "anna@example.com", "label": "HOME"}, {"address": "a@example.com"}], "phones": [{"number": "030 123456", "country": "DE"}]})).await;
    let details = "query($id: ID!) { contact(id: $id) { displayName jobTitle account { name } emails { address label } phones { number e164 label } tags { name } deletedAt } }";
    let before = app.data(details, json!({"id": anna.id})).await;
    let file = "email,Job title,given name,company,tags,phone\nanna@example.com,Director,Hanna,South,blue,+49 30 654321\nbo@example.com,Clerk,Bo,,,\ncy@example.com,Clerk,Cy,,,\n";
    let import = read(&app, "Contact", "people.csv", file).await;
    let done = bring(&app, &import, json!({"mode": "UPSERT", "matchBy": "email"})).await;
    assert_eq!(counts(&done), [2, 1, 0, 0], "{done}");
    assert_ne!(app.data(details, json!({"id": anna.id})).await, before);
    // Somebody changes what the last row has made.
    let rows = done["rowsOf"]["rows"]["nodes"].as_array().unwrap();
    let cy = rows[2]["recordId"].clone();
    change(&app, "contactUpdate", json!({"id": cy, "expectedVersion": 1, "jobTitle": "Boss"}), "id").await;
    change(&app, "importRevert", json!({"id": import["id"]}), "id").await;
    app.work().await;
    let reverted = now(&app, &import["id"]).await;
    assert_eq!((&reverted["state"], &reverted["keptRows"]), (&json!("REVERTED"), &json!(1)), "{reverted}");
    assert_eq!(app.data(details, json!({"id": anna.id})).await, before);
    let kept = reverted["rowsOf"]["rows"]["nodes"].as_array().unwrap();
    assert_eq!((kept.len(), &kept[0]["outcome"], &kept[0]["recordId"]), (1, &json!("KEPT"), &cy));
    let names =
        app.data("{ contacts(orderBy: {displayName: ASC}) { nodes { displayName } } }", json!({})).await;
    let names: Vec<&str> = names["contacts"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|node| node["displayName"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["Anna", "Cy"]);
}

async fn files_of_other_programs(app: TestApp) {
    let google = "First Name,Last Name,Organization Name,Labels,E-mail 1 - Label,E-mail 1 - Value,Phone 1 - Label,Phone 1 - Value\n\
        Anna,Schmidt,Schmidt GmbH,* myContacts ::: friends,* Work,anna@schmidt.example ::: a@schmidt.example,Mobile,+49 170 1234567\n";
    let import = read(&app, "Contact", "contacts.csv", google).await;
    assert_eq!(import["preset"], "Google Contacts", "{import}");
    assert_eq!(counts(&bring(&app, &import, json!({})).await), [1, 0, 0, 0]);
    // As Excel and Outlook write them in China.
    let outlook = "姓,名,单位,电子邮件地址,商务电话,移动电话,类别\r\n张,三,华宇科技,zhangsan@huayu.example,010-62345678,13800138000,重要\r\n";
    let (bytes, ..) = encoding_rs::GB18030.encode(outlook);
    let import = read(&app, "Contact", "联系人.csv", bytes).await;
    assert_eq!((&import["preset"], &import["state"]), (&json!("Outlook"), &json!("READY")), "{import}");
    let mut columns = import["mapping"].as_array().unwrap().clone();
    for column in &mut columns {
        // The company is in no country that numbers without a prefix could be of.
        if let Some(number) = column["field"].as_str().unwrap().strip_suffix(".label") {
            *column = json!({"field": format!("{number}.country"), "value": "CN"});
        }
    }
    assert_eq!(counts(&bring(&app, &import, json!({ "columns": columns })).await), [1, 0, 0, 0]);
    let cards = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Иван Петров\r\nN:Петров;Иван;;;\r\nEMAIL;TYPE=WORK:ivan@petrov.example\r\n\
        TEL;TYPE=CELL:+7 916 1234567\r\nBDAY:19850102\r\nEND:VCARD\r\n";
    let import = read(&app, "Contact", "people.vcf", cards).await;
    assert_eq!(import["state"], "READY", "{import}");
    assert_eq!(counts(&bring(&app, &import, json!({})).await), [1, 0, 0, 0], "{}", import["mapping"]);
    let lines =
        "{\"givenName\":\"Bo\",\"emails\":[{\"address\":\"bo@example.com\"}],\"tags\":[\"a\",\"b\"]}\n";
    let import = read(&app, "Contact", "people.jsonl", lines).await;
    assert_eq!(counts(&bring(&app, &import, json!({})).await), [1, 0, 0, 0], "{import}");
    let query = "{ contacts(orderBy: {createdAt: ASC}) { nodes { displayName birthday emails { address label } phones { e164 label } tags { name } account { name } } } }";
    let data = app.data(query, json!({})).await;
    let nodes = data["contacts"]["nodes"].as_array().unwrap();
    let of = |name: &str| {
        nodes.iter().find(|node| node["displayName"] == name).unwrap_or_else(|| panic!("{name}: {data}"))
    };
    let anna = json!([{"address": "anna@schmidt.example", "label": "WORK"}, {"address": "a@schmidt.example", "label": "WORK"}]);
    assert_eq!(of("Anna Schmidt")["emails"], anna);
    assert_eq!(of("Anna Schmidt")["phones"][0]["label"], "MOBILE");
    assert_eq!(of("张三")["phones"][1]["e164"], "+8613800138000", "{data}");
    assert_eq!(of("张三")["account"]["name"], "华宇科技");
    assert_eq!(
        (&of("Иван Петров")["birthday"], &of("Иван Петров")["phones"][0]["e164"]),
        (&json!("1985-01-02"), &json!("+79161234567"))
    );
    assert_eq!(of("Bo")["tags"].as_array().unwrap().len(), 2);
}

async fn files_that_cannot_be_read(app: TestApp) {
    let broken: [(&str, &[u8], &str); 5] = [
        ("empty.csv", b"", "the file is empty"),
        ("page.xls", b"<html><body>no</body></html>", "this is no CSV, XLSX, vCard or JSON lines file"),
        ("picture.csv", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "this is no CSV, XLSX, vCard or JSON lines file"),
        ("broken.xlsx", b"PK\x03\x04 and then nothing", "the file is damaged"),
        (
            "cut.vcf",
            b"\r\nBEGIN:VCARD\r\nVERSION:3.0\r\nFN:Anna\r\n",
            "no card in the file is whole; what begins on line 2 cannot be read: the card has no end",
        ),
    ];
    for (name, content, reason) in broken {
        let import = read(&app, "Contact", name, content).await;
        assert_eq!(import["state"], "FAILED", "{name}: {import}");
        assert!(import["error"].as_str().unwrap().contains(reason), "{name}: {import}");
        let start = try_change(&app, "importStart", json!({"id": import["id"]}), "id").await;
        assert_eq!(start.code(), "CONFLICT");
    }
    let file = upload(&app, "a.csv", "givenName\nAnna\n").await;
    for (record_type, code) in [("Shoe", "recordType UNKNOWN_TYPE"), ("User", "recordType UNKNOWN_TYPE")] {
        let refused =
            try_change(&app, "importCreate", json!({"fileId": file, "recordType": record_type}), "id").await;
        assert!(refused.refusal().contains(code));
    }
    let missing = json!({"fileId": app.user_id(), "recordType": "Contact"});
    assert!(try_change(&app, "importCreate", missing, "id").await.refusal().starts_with("NOT_FOUND"));
    // Bad rows are told, and stop nothing.
    let rows =
        b"givenName,jobTitle\nAnna,Clerk\n\"Bo,Clerk\nCy,Clerk,more,and more\n\xff\xfe,Clerk\nDee,Clerk\n";
    let import = read(&app, "Contact", "bad.csv", rows).await;
    let done = bring(&app, &import, json!({})).await;
    assert_eq!(done["state"], "DONE", "{done}");
    assert!(done["refusedRows"].as_i64().unwrap() >= 2, "{done}");
    assert!(done["createdRows"].as_i64().unwrap() >= 2, "{done}");
    let cards =
        "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Eve\r\nEND:VCARD\r\nBEGIN:VCARD\r\nVERSION:3.0\r\nFN:Fay\r\n";
    let import = read(&app, "Contact", "cut.vcf", cards).await;
    let done = bring(&app, &import, json!({})).await;
    assert_eq!(counts(&done), [1, 0, 0, 1], "{done}");
    let row = &done["rowsOf"]["rows"]["nodes"][1];
    assert_eq!((&row["line"], &row["errors"][0]["code"]), (&json!(5), &json!("BROKEN_CARD")), "{row}");
}

async fn a_long_file_tells_how_far_it_is(app: TestApp) {
    let document = "subscription { importChanged { kind changedFields } }";
    let mut events = Events::of(&app, document, Json::Null).await;
    let file = format!("givenName\n{}", "Anna of the north\n".repeat(250_000));
    let file = upload(&app, "long.csv", file).await;
    let begun = change(&app, "importCreate", json!({"fileId": file, "recordType": "Contact"}), "id").await;
    let looks = async {
        let mut seen = Vec::new();
        loop {
            tokio::time::sleep(Duration::from_millis(100)).await;
            let import = now(&app, &begun["id"]).await;
            if import["state"] != "READING" {
                return (seen, import);
            }
            seen.push(import);
        }
    };
    let (_, (seen, read)) = tokio::join!(app.work(), looks);
    assert_eq!((&read["state"], &read["totalRows"]), (&json!("READY"), &json!(250_000)), "{read}");
    let half_read = |import: &&Json| {
        let [done, total] = ["done", "total"].map(|field| import["job"][field].as_i64().unwrap_or_default());
        total == 4_500_010 && 0 < done && done < total
    };
    assert!(seen.iter().any(|import| half_read(&import)), "{:?}", seen.last());
    // It has changed for whoever follows it, and nothing else of it has.
    app.deliver().await;
    let told: Vec<Json> =
        events.told_until_quiet().await.into_iter().map(|told| told["importChanged"].clone()).collect();
    assert_eq!(told[0]["kind"], "CREATED");
    assert_eq!(told[1], json!({"kind": "UPDATED", "changedFields": []}), "{told:?}");
}
