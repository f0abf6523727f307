//! Mails that would do harm, and what they must not tell.

use serde_json::json;
use shoal_testkit::TestApp;

use crate::files::upload;
use crate::staff::with_rights;
use crate::support::{both_databases, change, contact, refusal};

both_databases!(
    all_texts_of_a_mail_are_read,
    parts_in_parts_do_not_end_the_server,
    texts_are_attached_as_they_were_sent,
    nobody_learns_whose_an_address_is,
    a_file_that_is_attached_stays_where_it_is,
);

const HEAD: &str = "From: a@b.example\r\nDate: Mon, 2 Mar 2026 10:00:00 +0000\r\n";

async fn parts_in_parts_do_not_end_the_server(app: TestApp) {
    let anna = contact(&app, json!({"givenName": "Anna"})).await;
    let turns = "Content-Type: Message/RFC822\r\n\r\n".repeat(100_000);
    let boxes =
        "--B\r\nContent-Type: message/rfc822\r\n\r\nContent-Type: multipart/mixed; boundary=B\r\n\r\n"
            .repeat(50_000);
    for mail in
        [format!("{HEAD}{turns}"), format!("{HEAD}Content-Type: multipart/mixed; boundary=B\r\n\r\n{boxes}")]
    {
        let file = upload(&app, "mail.eml", mail.as_bytes()).await;
        let input = json!({"fileId": file, "contactIds": [anna.id]});
        assert_eq!(refusal(&app, "interactionFromEmail", input).await, "VALIDATION: fileId EMAIL_NESTED");
    }
    // As deep as anybody forwards.
    let forwarded = "Content-Type: message/rfc822\r\n\r\n".repeat(150);
    let file = upload(&app, "mail.eml", format!("{HEAD}{forwarded}{HEAD}\r\nHello").as_bytes()).await;
    change(&app, "interactionFromEmail", json!({"fileId": file, "contactIds": [anna.id]}), "id").await;
}

async fn texts_are_attached_as_they_were_sent(app: TestApp) {
    let anna = contact(&app, json!({"givenName": "Anna"})).await;
    let part = |name: &str, rest: &str| {
        format!("--x\r\nContent-Disposition: attachment; filename={name}\r\n{rest}\r\n")
    };
    // 张三 in GBK, and é in ISO 8859-1.
    let mail = [
        HEAD,
        "Content-Type: multipart/mixed; boundary=x\r\n\r\n",
        "--x\r\nContent-Type: text/plain\r\n\r\nHello\r\n",
        &part("gbk.csv", "Content-Type: text/csv\r\nContent-Transfer-Encoding: base64\r\n\r\n1cXI/Q=="),
        &part(
            "latin.html",
            "Content-Type: text/html; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<p>=E9</p>",
        ),
        "--x--\r\n",
    ]
    .concat();
    let file = upload(&app, "mail.eml", mail.as_bytes()).await;
    let made = change(
        &app,
        "interactionFromEmail",
        json!({"fileId": file, "contactIds": [anna.id]}),
        "attachments { nodes { name url } }",
    )
    .await;
    for (name, bytes) in [("gbk.csv", &b"\xd5\xc5\xc8\xfd"[..]), ("latin.html", b"<p>\xe9</p>")] {
        let attachments = made["attachments"]["nodes"].as_array().unwrap();
        let attachment = attachments.iter().find(|attachment| attachment["name"] == name).unwrap();
        let answer = app.http("GET", attachment["url"].as_str().unwrap(), &[], b"").await;
        assert_eq!(answer.body, bytes, "{name}");
    }
}

async fn all_texts_of_a_mail_are_read(app: TestApp) {
    let anna = contact(&app, json!({"givenName": "Anna"})).await;
    let mixed = "Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain\r\n\r\nfirst\r\n\
        --x\r\nContent-Type: text/plain\r\n\r\nsecond\r\n--x--\r\n";
    let blank = "Content-Type: multipart/alternative; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain\r\n\r\n \r\n\
        --x\r\nContent-Type: text/html\r\n\r\n<p>shown</p>\r\n--x--\r\n";
    for (rest, body) in [(mixed, "first\n\nsecond"), (blank, "shown")] {
        let file = upload(&app, "mail.eml", format!("{HEAD}{rest}").as_bytes()).await;
        let input = json!({"fileId": file, "contactIds": [anna.id]});
        assert_eq!(change(&app, "interactionFromEmail", input, "body").await["body"], body);
    }
}

async fn nobody_learns_whose_an_address_is(app: TestApp) {
    let own = contact(&app, json!({"givenName": "Own", "emails": [{"address": "own@secret.example"}]})).await;
    let rights = [
        "core.file.create",
        "core.file.read:OWN",
        "contacts.contact.read",
        "contacts.interaction.read",
        "contacts.interaction.create",
    ];
    let seller = with_rights(&app, "seller", &rights).await;
    let mail = format!("{HEAD}To: own@secret.example\r\n\r\nHello");
    let file = upload(&seller, "mail.eml", mail.as_bytes()).await;
    let input = json!({ "fileId": file });
    assert_eq!(refusal(&seller, "interactionFromEmail", input).await, "VALIDATION: contactIds REQUIRED");
    let with = json!({"fileId": file, "contactIds": [own.id]});
    change(&seller, "interactionFromEmail", with, "id").await;
}

async fn a_file_that_is_attached_stays_where_it_is(app: TestApp) {
    let anna = contact(&app, json!({"givenName": "Anna"})).await;
    let file = upload(&app, "mail.eml", format!("{HEAD}\r\nHello").as_bytes()).await;
    change(&app, "fileAttach", json!({"fileId": file, "recordId": anna.id}), "id").await;
    let input = json!({"fileId": file, "contactIds": [anna.id]});
    assert_eq!(refusal(&app, "interactionFromEmail", input).await, "CONFLICT");
    let interactions = app.data("{ interactions { totalCount } }", json!({})).await;
    assert_eq!(interactions["interactions"]["totalCount"], 0);
}
