//! A forgotten password, with a mail server on the other side.

use std::time::Duration;

use serde_json::json;
use shoal_core::{role, setup, user};
use shoal_testkit::{Backend, Options, TestApp};

use super::mailbox::Mailbox;
use super::{EMAIL, PASSWORD, person, post, session_of, sign_in, verdict};

/// Makes tests of a story that has a mail server, on both databases.
macro_rules! with_mail {
    ($($story:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test]
            async fn $story() {
                let (app, mailbox) = super::start(shoal_testkit::Backend::Sqlite).await;
                super::$story(app, mailbox).await;
            })+
        }
        mod postgres {
            $(#[tokio::test]
            async fn $story() {
                let (app, mailbox) = super::start(shoal_testkit::Backend::Postgres).await;
                super::$story(app, mailbox).await;
            })+
        }
    };
}

with_mail!(a_forgotten_password_is_replaced, five_messages_an_hour, each_company_writes);

async fn start(backend: Backend) -> (TestApp, Mailbox) {
    let mailbox = Mailbox::open().await;
    let mut options = Options::default();
    options.config.mail.url = Some(mailbox.url.as_str().into());
    options.config.mail.from = Some("Shoal <shoal@company.example>".to_owned());
    options.config.server.public_url = Some("https://crm.example/".to_owned());
    (TestApp::start_with(backend, options).await, mailbox)
}

async fn forgot(app: &TestApp, email: &str) -> (u16, Vec<u8>, Vec<String>) {
    let answer = post(app, "/auth/forgotten", &[], &json!({"email": email})).await;
    let mut names: Vec<String> = answer.headers.iter().map(|(name, _)| name.clone()).collect();
    names.sort();
    (answer.status, answer.body, names)
}

async fn a_forgotten_password_is_replaced(app: TestApp, mailbox: Mailbox) {
    let anna = person(&app, EMAIL).await;
    let unknown = forgot(&app, "nobody@company.example").await;
    assert_eq!(unknown.0, 202);
    assert_eq!(
        forgot(&app, "Anna@company.example").await,
        unknown,
        "nobody learns which addresses there are"
    );
    let message = mailbox.messages(1).await.remove(0);
    assert!(message.recipient.contains("<anna@company.example>"), "{message:?}");
    assert_eq!(message.header("Subject"), "Choose a new password for Company 1");
    assert!(message.header("From").contains("<shoal@company.example>"), "{message:?}");
    assert_eq!(message.header("Date"), "Mon, 02 Mar 2026 09:30:00 +0000");
    let link = message.link("https://crm.example");
    assert_eq!(session_of(&app, anna.token()).await, "200");
    let body = json!({"token": link, "password": "another horse battery"});
    assert_eq!(verdict(&post(&app, "/auth/link", &[], &body).await), "200");
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(session_of(&app, anna.token()).await, "401 UNAUTHENTICATED", "the other sessions have ended");
    assert_eq!(verdict(&sign_in(&app, EMAIL, PASSWORD).await), "401 INVALID_CREDENTIALS");
    assert_eq!(verdict(&sign_in(&app, EMAIL, "another horse battery").await), "200");
    assert_eq!(verdict(&post(&app, "/auth/link", &[], &body).await), "410 LINK_VOID");
    let foreign = [("sec-fetch-site", "cross-site")];
    let answer = post(&app, "/auth/forgotten", &foreign, &json!({"email": EMAIL})).await;
    assert_eq!(verdict(&answer), "403 CSRF");
    assert_eq!(mailbox.count().await, 1);
}

async fn five_messages_an_hour(app: TestApp, mailbox: Mailbox) {
    person(&app, EMAIL).await;
    let there = app.second_node().await;
    for request in 0..8 {
        forgot(if request % 2 == 0 { &app } else { &there }, EMAIL).await;
    }
    mailbox.messages(5).await;
    assert_eq!(mailbox.count().await, 5);
    app.clock().advance(Duration::from_mins(61));
    forgot(&app, EMAIL).await;
    mailbox.messages(6).await;
}

async fn each_company_writes(app: TestApp, mailbox: Mailbox) {
    let second = app.tenant(2).await;
    person(&app, EMAIL).await;
    let details = user::rules::Details {
        email: EMAIL.to_owned(),
        name: "陈静".to_owned(),
        language: Some("zh-CN".to_owned()),
        time_zone: None,
    };
    setup::add_user(second.kernel(), second.company(), details, role::EMPLOYEE).await.unwrap();
    forgot(&app, EMAIL).await;
    let messages = mailbox.messages(2).await;
    assert!(messages[0].text().contains("at Company 1"), "{}", messages[0].text());
    let chinese = messages[1].text();
    assert!(chinese.contains("陈静，您好！") && chinese.contains("Company 2"), "{chinese}");
    let link = messages[1].link("https://crm.example");
    let page = app.http_as_nobody("GET", &format!("/auth/link/{link}"), &[], b"").await;
    assert!(String::from_utf8(page.body).unwrap().contains("设置新密码"));
    let body = json!({"email": EMAIL, "company": "company-1"});
    post(&app, "/auth/forgotten", &[], &body).await;
    assert_eq!(mailbox.messages(3).await[2].header("Subject"), "Choose a new password for Company 1");
    assert_eq!(mailbox.count().await, 3);
}

#[tokio::test]
async fn without_a_mail_server_the_answer_is_the_same() {
    let app = TestApp::start(Backend::Sqlite).await;
    person(&app, EMAIL).await;
    let known = forgot(&app, EMAIL).await;
    assert_eq!((known.0, known.1.len()), (202, 0));
    assert_eq!(forgot(&app, "nobody@company.example").await, known);
}
