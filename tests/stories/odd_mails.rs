//! Mails as they come: to many, from old programs and odd ones.

use serde_json::{Value as Json, json};
use shoal_testkit::TestApp;

use crate::files::upload;
use crate::support::{both_databases, change, change_many, contact, refusal, texts, try_change};

both_databases!(
    a_mail_to_many_is_with_the_first_of_them,
    a_mark_of_the_byte_order_is_no_text,
    html_is_told_as_it_is_shown,
    names_of_attachments_come_in_pieces,
    dates_of_all_times_are_read,
    quoted_addresses_are_read,
);

const DATE: &str = "Date: Mon, 2 Mar 2026 10:00:00 +0000\r\n";

/// Makes an interaction of a mail; these fields of it.
async fn bring(app: &TestApp, mail: impl AsRef<[u8]>, contacts: &[&str], fields: &str) -> Json {
    let file = upload(app, "mail.eml", mail.as_ref()).await;
    change(app, "interactionFromEmail", json!({"fileId": file, "contactIds": contacts}), fields).await
}

async fn a_mail_to_many_is_with_the_first_of_them(app: TestApp) {
    let of = |number: usize| json!({"givenName": format!("P{number:03}"), "emails": [{"address": format!("p{number}@many.example")}]});
    let made = change_many(&app, "contactCreateMany", (0..150).map(of).collect(), "id").await;
    assert!(made.rows("contactCreateMany").iter().all(|row| row == "ok"));
    let given = contact(&app, json!({"givenName": "Given"})).await;
    // The last one writes to all others, who stand in the order from the last to the first.
    let to: Vec<String> = (0..149).rev().map(|number| format!("p{number}@many.example")).collect();
    let mail = format!("From: p149@many.example\r\n{DATE}To: {}\r\n\r\nHello all", to.join(",\r\n "));
    let made = bring(&app, &mail, &[&given.id], "contacts(first: 200) { nodes { displayName } }").await;
    let mut with = texts(&made["contacts"]["nodes"], "displayName");
    with.sort();
    let expected: Vec<String> =
        std::iter::once("Given".to_owned()).chain((51..150).map(|number| format!("P{number:03}"))).collect();
    assert_eq!(with, expected);
}

async fn a_mark_of_the_byte_order_is_no_text(app: TestApp) {
    let anna = contact(&app, json!({"givenName": "Anna", "emails": [{"address": "a@b.example"}]})).await;
    let mail = format!("\u{feff}From: a@b.example\r\n{DATE}Subject: Marked\r\n\r\nHello");
    let made = bring(&app, mail, &[], "subject body contacts { nodes { id } }").await;
    let expected = json!({"subject": "Marked", "body": "Hello", "contacts": {"nodes": [{"id": anna.id}]}});
    assert_eq!(made, expected);
}

async fn html_is_told_as_it_is_shown(app: TestApp) {
    let anna = contact(&app, json!({"givenName": "Anna"})).await;
    for (html, shown) in [
        ("<p>5 < 6 and 7 > 6</p><p>a &lt; b</p>", "5 < 6 and 7 > 6\na < b"),
        ("<p>I <3 boats, x<=y</p>", "I <3 boats, x<=y"),
        ("<!-- 1 < 2 --><script>if (1 < 2) steal()</script><p title=\"1 < 2\">ok</p>", "ok"),
    ] {
        let mail = format!("From: a@b.example\r\n{DATE}Content-Type: text/html\r\n\r\n{html}");
        assert_eq!(bring(&app, mail, &[&anna.id], "body").await["body"], shown);
    }
}

async fn names_of_attachments_come_in_pieces(app: TestApp) {
    let anna = contact(&app, json!({"givenName": "Anna"})).await;
    for (header, name) in [
        (
            "Content-Disposition: attachment;\r\n filename*0*=utf-8''b%C3;\r\n filename*1*=%B6t%20a;\r\n filename*2=\".png\"",
            "böt a.png",
        ),
        (
            "Content-Disposition: attachment;\r\n filename*1*=%C5%C8;\r\n filename*2*=%FD.csv;\r\n filename*0*=gb18030''%D5",
            "张三.csv",
        ),
        ("Content-Disposition: attachment; filename*0=\"a;b\"; filename*1=\"\\\"c\\\".txt\"", "a;b\"c\".txt"),
        (
            "Content-Type: application/pdf;\r\n name*0*=utf-8''%E5%BC;\r\n name*1*=%A0.pdf\r\nContent-Disposition: attachment",
            "张.pdf",
        ),
        (
            "Content-Type: application/pdf; name*0*=utf-8''x\r\nContent-Disposition: attachment; filename=plain.pdf",
            "plain.pdf",
        ),
    ] {
        let mail = format!(
            "From: a@b.example\r\n{DATE}Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n{header}\r\n\r\nabc\r\n--x--\r\n"
        );
        let made = bring(&app, mail, &[&anna.id], "attachments { nodes { name } }").await;
        let mut names = texts(&made["attachments"]["nodes"], "name");
        names.retain(|name| name != "mail.eml");
        assert_eq!(names, [name], "{header}");
    }
}

async fn dates_of_all_times_are_read(app: TestApp) {
    let anna = contact(&app, json!({"givenName": "Anna"})).await;
    for (date, at) in [
        ("Mon, 2 Mar 2026 10:00:00 EST", "2026-03-02T15:00:00Z"),
        ("Mon, 2 Mar 2026 10:00:00 UT", "2026-03-02T10:00:00Z"),
        ("Mon, 2 Mar 2026 10:00:00 -0000", "2026-03-02T10:00:00Z"),
        ("Mon, 2 Mar 26 10:00:00 +0100", "2026-03-02T09:00:00Z"),
        ("Mon, 2 Mar 98 10:00 PDT", "1998-03-02T17:00:00Z"),
        ("2 Mar 126 10:00:00 GMT", "2026-03-02T10:00:00Z"),
        ("2 Mar 2026 10:00 GMT", "2026-03-02T10:00:00Z"),
        ("2 Mar 2026\r\n 10:00 +0100 (CET (winter))", "2026-03-02T09:00:00Z"),
        ("(then) 2 (or 3) Mar 2026 10:00 +0100", "2026-03-02T09:00:00Z"),
        ("Mon, 2 Mar 2026 23:59:60 +0000", "2026-03-02T23:59:59Z"),
        // Not quite a date, but what programs write.
        ("Sun, 2 Mar 2026 10:00:00 +0100", "2026-03-02T09:00:00Z"),
        ("Monday, 2 Mar 2026 10:00:00 CET", "2026-03-02T10:00:00Z"),
    ] {
        let mail = format!("From: a@b.example\r\nDate: {date}\r\n\r\nHello");
        let file = upload(&app, "mail.eml", mail.as_bytes()).await;
        let input = json!({"fileId": file, "contactIds": [anna.id]});
        let made = try_change(&app, "interactionFromEmail", input, "at").await;
        assert_eq!(made.json["data"]["interactionFromEmail"]["interaction"]["at"], at, "{date}");
    }
}

async fn quoted_addresses_are_read(app: TestApp) {
    let anna =
        contact(&app, json!({"givenName": "Anna", "emails": [{"address": "anna.lee@b.example"}]})).await;
    for from in [
        "\"john doe\"@example.com",
        "John Doe <\"john doe\"@example.com>",
        "<\"a@b\"@example.com>",
        "a@[192.0.2.1]",
        "root@localhost",
    ] {
        let mail = format!("From: {from}\r\n{DATE}\r\nHello {from}");
        let made = bring(&app, mail, &[&anna.id], "direction").await;
        assert_eq!(made["direction"], "IN", "{from}");
    }
    // Quotes that are not needed say nothing.
    for from in ["\"anna.lee\"@b.example", "Anna <\"Anna.Lee\"@b.example>"] {
        let made =
            bring(&app, format!("From: {from}\r\n{DATE}\r\n{from}"), &[], "contacts { nodes { id } }").await;
        assert_eq!(made["contacts"]["nodes"][0]["id"], json!(anna.id), "{from}");
    }
    let file = upload(&app, "mail.eml", format!("From: \"nobody\"\r\n{DATE}\r\nHello").as_bytes()).await;
    let input = json!({"fileId": file, "contactIds": [anna.id]});
    assert_eq!(refusal(&app, "interactionFromEmail", input).await, "VALIDATION: fileId EMAIL_UNREADABLE");
}
