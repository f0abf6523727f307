//! Mails out of files become interactions.

use serde_json::{Value as Json, json};
use shoal_core::role::EMPLOYEE;
use shoal_testkit::TestApp;

use crate::files::{send, upload};
use crate::staff::with_rights;
use crate::support::{Record, account, both_databases, change, contact, refusal, texts};

both_databases!(
    a_mail_becomes_an_interaction,
    mails_of_all_kinds_are_read,
    a_mail_comes_once,
    what_is_no_mail_is_refused,
    strangers_are_named,
);

mod parallel {
    use super::the_same_mail_at_once_comes_once;

    crate::support::in_parallel!(the_same_mail_at_once_comes_once);
}

const ALL: &str = "id kind direction at subject body contacts { nodes { displayName } } account { name }
    attachments { nodes { name mediaType size } }";

/// A mail as a mail program writes it: two texts and an attachment.
const OFFER: &str = "Return-Path: <anna@example.org>\r
Received: from mx.example.org (mx.example.org [192.0.2.1]) by mail.company.example; Fri, 27 Feb 2026 15:04:06 +0100\r
Message-ID: <offer-1@example.org>\r
Date: Fri, 27 Feb 2026 15:04:05 +0100\r
From: =?utf-8?Q?Anna_M=C3=BCller?= <Anna@Example.org>\r
To: \"Sales, Company\" <sales@company.example>, bob@example.org\r
Subject: =?utf-8?B?QW5mcmFnZSDigJMgQm9vdGU=?=\r
MIME-Version: 1.0\r
Content-Type: multipart/mixed; boundary=outer\r
\r
--outer\r
Content-Type: multipart/alternative; boundary=inner\r
\r
--inner\r
Content-Type: text/plain; charset=utf-8\r
Content-Transfer-Encoding: quoted-printable\r
\r
Guten Tag,\r
\r
wir brauchen f=C3=BCnf Boote.\r
--inner\r
Content-Type: text/html; charset=utf-8\r
\r
<p>Guten Tag</p><script>alert(1)</script>\r
--inner--\r
--outer\r
Content-Type: image/png; name=\"boat.png\"\r
Content-Disposition: attachment; filename*=utf-8''b%C3%B6t.png\r
Content-Transfer-Encoding: base64\r
\r
iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==\r
--outer--\r
";

/// Makes an interaction of a mail.
async fn bring(app: &TestApp, mail: &[u8], more: Json) -> Json {
    let mut input = json!({"fileId": upload(app, "mail.eml", mail).await});
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    change(app, "interactionFromEmail", input, ALL).await
}

/// How many interactions and files there are.
async fn counted(app: &TestApp) -> (Json, Json) {
    let data =
        app.data("{ interactions(deleted: INCLUDE) { totalCount } files { totalCount } }", json!({})).await;
    (data["interactions"]["totalCount"].clone(), data["files"]["totalCount"].clone())
}

async fn a_mail_becomes_an_interaction(app: TestApp) {
    let anna = contact(&app, json!({"givenName": "Anna", "emails": [{"address": "anna@example.org"}]})).await;
    contact(&app, json!({"givenName": "Bob", "emails": [{"address": "BOB@example.org"}]})).await;
    contact(&app, json!({"givenName": "Carl", "emails": [{"address": "carl@example.org"}]})).await;
    let firm = json!({"name": "Firm", "emails": [{"address": "sales@company.example"}]});
    change(&app, "accountCreate", firm, "id").await;
    let made = bring(&app, OFFER.as_bytes(), json!({})).await;
    let expected = json!({
        "id": made["id"], "kind": "EMAIL", "direction": "IN", "at": "2026-02-27T14:04:05Z", "subject": "Anfrage – Boote",
        "body": "Guten Tag,\n\nwir brauchen fünf Boote.", "contacts": {"nodes": [{"displayName": "Anna"}, {"displayName": "Bob"}]},
        "account": {"name": "Firm"},
        "attachments": {"nodes": [
            {"name": "mail.eml", "mediaType": "text/plain", "size": OFFER.len()},
            {"name": "böt.png", "mediaType": "image/png", "size": 70},
        ]},
    });
    assert_eq!(made, expected);
    let query = "query($id: ID!) { contact(id: $id) { timeline(first: 1, orderBy: {at: ASC}) { nodes {
        at kind source { timelineTitle } } } } }";
    let told = app.data(query, json!({"id": anna.id})).await["contact"]["timeline"]["nodes"][0].clone();
    assert_eq!(
        told,
        json!({"at": "2026-02-27T14:04:05Z", "kind": "contacts.email", "source": {"timelineTitle": "Anfrage – Boote"}})
    );
    // The attachment is the one that was sent.
    let files =
        app.data("{ files(filter: {mediaType: {eq: \"image/png\"}}) { nodes { url } } }", json!({})).await;
    let bytes = app.http("GET", files["files"]["nodes"][0]["url"].as_str().unwrap(), &[], b"").await.body;
    assert!(bytes.starts_with(b"\x89PNG"), "{bytes:?}");
}

async fn mails_of_all_kinds_are_read(app: TestApp) {
    let anna = contact(&app, json!({"givenName": "Anna"})).await;
    let with = json!({"contactIds": [anna.id]});
    // HTML only; it is told as text, and who writes is one of us.
    let html = "From: admin@company.example\nDate: Mon, 2 Mar 2026 08:00:00 +0000\nSubject: Hi\n\
        Content-Type: text/html\n\n<html><body><p>Hello <b>you</b></p><script>steal()</script><p>Bye</p></body></html>\n";
    let made = bring(&app, html.as_bytes(), with.clone()).await;
    assert_eq!((&made["direction"], &made["subject"]), (&json!("OUT"), &json!("Hi")));
    let body = made["body"].as_str().unwrap();
    assert!(
        body.contains("Hello you") && body.contains("Bye") && !body.contains('<') && !body.contains("steal"),
        "{body}"
    );
    // Chinese in its old character set, in the subject, too.
    let mut chinese = b"From: zhang@example.cn\r\nDate: Mon, 2 Mar 2026 08:00:00 +0800\r\nSubject: =?gb18030?B?xOO6ww==?=\r\n\
        Content-Type: text/plain; charset=gb18030\r\n\r\n".to_vec();
    chinese.extend(encoding_rs::GB18030.encode("张三的询价").0.iter());
    let made = bring(&app, &chinese, with.clone()).await;
    assert_eq!((&made["subject"], &made["body"]), (&json!("你好"), &json!("张三的询价")));
    // Nothing but what a mail must have, and a mail in a mail.
    let forwarded = format!(
        "From: a@b.example\r\nDate: 2 Mar 2026 08:00:00 GMT\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
         --b\r\nContent-Type: message/rfc822\r\n\r\n{OFFER}\r\n--b--\r\n"
    );
    let made = bring(&app, forwarded.as_bytes(), with.clone()).await;
    assert_eq!(
        (&made["subject"], &made["contacts"]["nodes"]),
        (&Json::Null, &json!([{"displayName": "Anna"}]))
    );
    assert_eq!(texts(&made["attachments"]["nodes"], "name").len(), 2, "{made}");
    // Control characters and endless lines do no harm.
    let long = format!(
        "From: c@b.example\r\nDate: 2 Mar 2026 08:00:00 GMT\r\nSubject: {}\r\n\r\n\u{0}\u{7}{}",
        "s".repeat(700),
        "x".repeat(120_000)
    );
    let made = bring(&app, long.as_bytes(), with).await;
    assert_eq!(made["subject"].as_str().unwrap().len(), 500);
    assert_eq!(made["body"].as_str().unwrap().len(), 100_000);
}

async fn a_mail_comes_once(app: TestApp) {
    let anna = contact(&app, json!({"givenName": "Anna", "emails": [{"address": "anna@example.org"}]})).await;
    let made = bring(&app, OFFER.as_bytes(), json!({})).await;
    let before = counted(&app).await;
    let again = bring(&app, OFFER.as_bytes(), json!({})).await;
    assert_eq!(again["id"], made["id"]);
    // The file that came again is there until nobody needs it, and nothing else.
    assert_eq!(counted(&app).await, (before.0.clone(), json!(before.1.as_i64().unwrap() + 1)));
    // Without a Message-ID the same bytes are the same mail.
    let plain = "From: x@y.example\r\nDate: 2 Mar 2026 08:00:00 GMT\r\n\r\nHello";
    let with = json!({"contactIds": [anna.id]});
    let one = bring(&app, plain.as_bytes(), with.clone()).await;
    assert_eq!(bring(&app, plain.as_bytes(), with.clone()).await["id"], one["id"]);
    let other = bring(&app, format!("{plain}!").as_bytes(), with).await;
    assert_ne!(other["id"], one["id"]);
    // Whoever may not see it is told that it is there.
    let own = with_rights(
        &app,
        "own",
        &[
            "contacts.interaction.read:OWN",
            "contacts.interaction.create:OWN",
            "contacts.contact.read",
            "core.file.read:OWN",
            "core.file.create",
        ],
    )
    .await;
    let file = upload(&own, "mail.eml", OFFER.as_bytes()).await;
    let refused = refusal(&own, "interactionFromEmail", json!({"fileId": file})).await;
    assert_eq!(refused, "DUPLICATE: fileId DUPLICATE");
    // A deleted one is to be restored.
    change(
        &app,
        "interactionDelete",
        Record { id: made["id"].as_str().unwrap().to_owned(), version: 1 }.input(),
        "id",
    )
    .await;
    let file = upload(&app, "mail.eml", OFFER.as_bytes()).await;
    let refused = refusal(&app, "interactionFromEmail", json!({"fileId": file})).await;
    assert_eq!(refused, "DUPLICATE: fileId DUPLICATE");
    // Another company knows nothing of it.
    let stranger = app.tenant(2).await;
    contact(&stranger, json!({"givenName": "Anna", "emails": [{"address": "anna@example.org"}]})).await;
    let theirs = bring(&stranger, OFFER.as_bytes(), json!({})).await;
    assert_ne!(theirs["id"], made["id"]);
}

async fn what_is_no_mail_is_refused(app: TestApp) {
    let anna = contact(&app, json!({"givenName": "Anna"})).await;
    let many = format!(
        "From: a@b.example\nDate: 2 Mar 2026 08:00:00 GMT\nContent-Type: multipart/mixed; boundary=b\n\n{}--b--\n",
        "--b\nContent-Disposition: attachment; filename=a\n\nx\n".repeat(101)
    );
    for (bytes, expected) in [
        (b"".to_vec(), "EMAIL_UNREADABLE"),
        (b"Dear all, this is a letter.".to_vec(), "EMAIL_UNREADABLE"),
        (vec![0xff; 5_000], "EMAIL_UNREADABLE"),
        (b"\x89PNG\r\n\x1a\n0000".to_vec(), "EMAIL_UNREADABLE"),
        (b"From: a@b.example\r\nSubject: No date\r\n\r\nx".to_vec(), "EMAIL_UNREADABLE"),
        (b"From: a@b.example\r\nDate: soon\r\n\r\nx".to_vec(), "EMAIL_UNREADABLE"),
        (b"From: a@b.example\r\nDate: 2 Mar 9999 08:00:00 GMT\r\n\r\nx".to_vec(), "EMAIL_UNREADABLE"),
        (b"From: nobody\r\nDate: 2 Mar 2026 08:00:00 GMT\r\n\r\nx".to_vec(), "EMAIL_UNREADABLE"),
        (many.into_bytes(), "EMAIL_ATTACHMENTS"),
        (vec![b'x'; (25 << 20) + 1], "EMAIL_TOO_LARGE"),
    ] {
        let made = send(&app, "mail.eml", &bytes).await;
        let id = made.json()["id"].clone();
        let input = json!({"fileId": id, "contactIds": [anna.id]});
        let found = refusal(&app, "interactionFromEmail", input).await;
        assert_eq!(
            found,
            format!("VALIDATION: fileId {expected}"),
            "{:?}",
            String::from_utf8_lossy(&bytes[..bytes.len().min(60)])
        );
    }
    let missing = json!({"fileId": crate::staff::NOTHING});
    assert_eq!(refusal(&app, "interactionFromEmail", missing).await, "NOT_FOUND: fileId NOT_FOUND");
    let other = app.user("other@company.example", EMPLOYEE).await;
    let theirs = upload(&other, "mail.eml", OFFER.as_bytes()).await;
    let one = app.user("one@company.example", EMPLOYEE).await;
    let hidden = json!({"fileId": theirs, "contactIds": [anna.id]});
    assert_eq!(refusal(&one, "interactionFromEmail", hidden).await, "NOT_FOUND: fileId NOT_FOUND");
    assert_eq!(counted(&app).await.0, 0);
}

async fn strangers_are_named(app: TestApp) {
    let file = upload(&app, "mail.eml", OFFER.as_bytes()).await;
    let input = json!({"fileId": file});
    assert_eq!(refusal(&app, "interactionFromEmail", input.clone()).await, "VALIDATION: contactIds REQUIRED");
    assert_eq!(counted(&app).await, (json!(0), json!(1)), "what was attached to it is gone");
    let acme = account(&app, "Acme").await;
    let made = change(&app, "interactionFromEmail", json!({"fileId": file, "accountId": acme.id}), ALL).await;
    assert_eq!(made["account"]["name"], "Acme");
}

async fn the_same_mail_at_once_comes_once(app: TestApp) {
    contact(&app, json!({"givenName": "Anna", "emails": [{"address": "anna@example.org"}]})).await;
    let mut files = Vec::new();
    for _ in 0..6 {
        files.push(upload(&app, "mail.eml", OFFER.as_bytes()).await);
    }
    let bring = |file: String| {
        let app = &app;
        async move { change(app, "interactionFromEmail", json!({"fileId": file}), "id").await["id"].clone() }
    };
    let made = futures::future::join_all(files.into_iter().map(bring)).await;
    assert!(made.iter().all(|id| *id == made[0]), "{made:?}");
    // Six files, one of which is attached with the one attachment.
    assert_eq!(counted(&app).await, (json!(1), json!(7)));
}
