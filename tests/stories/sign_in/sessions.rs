//! Sessions: where they are from, when they were used, and their end on every node.

use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};
use shoal_core::role;
use shoal_core::sign_in::link::Purpose;
use shoal_testkit::TestApp;
use tokio::time::sleep;

use super::{link_for, post, session_of, stored_sessions, verdict};
use crate::support::both_databases;

both_databases!(
    a_session_that_was_ended_is_dead_within_a_second,
    signing_out_twice_is_no_error,
    a_session_ends_by_itself,
    use_is_noted_each_few_minutes,
    the_schema_is_cut_to_the_caller,
);

async fn a_session_that_was_ended_is_dead_within_a_second(app: TestApp) {
    let there = app.second_node().await;
    let token = app.token().to_owned();
    for node in [&app, &there] {
        assert_eq!(session_of(node, &token).await, "200");
    }
    assert_eq!(app.http("POST", "/auth/sign-out", &[], b"").await.status, 204);
    assert_eq!(session_of(&app, &token).await, "401 UNAUTHENTICATED", "here at once");
    let ended = Instant::now();
    while session_of(&there, &token).await == "200" {
        assert!(ended.elapsed() < Duration::from_secs(1), "and on the other node within a second");
        sleep(Duration::from_millis(20)).await;
    }
    let answer = there.graphql("{ __typename }", Json::Null).await;
    assert_eq!((answer.status, answer.code()), (401, "UNAUTHENTICATED"));
}

async fn signing_out_twice_is_no_error(app: TestApp) {
    for _ in 0..2 {
        assert_eq!(app.http("POST", "/auth/sign-out", &[], b"").await.status, 204);
    }
    let answer = app.http_as_nobody("POST", "/auth/sign-out", &[], b"").await;
    assert_eq!(answer.status, 204);
    assert!(answer.header("set-cookie").is_some_and(|cookie| cookie.contains("=; Path=/; Max-Age=0;")));
}

async fn a_session_ends_by_itself(app: TestApp) {
    app.clock().advance_days(29);
    assert_eq!(session_of(&app, app.token()).await, "200");
    app.clock().advance_days(1);
    assert_eq!(session_of(&app, app.token()).await, "401 UNAUTHENTICATED");
}

/// When a person's newest session was used, in minutes after it began.
async fn used_after(app: &TestApp) -> i64 {
    let sessions = stored_sessions(app).await;
    let session = sessions.last().unwrap();
    (session.used_at - session.created_at).num_minutes()
}

async fn use_is_noted_each_few_minutes(app: TestApp) {
    let place = [("user-agent", "Browser/1.0"), ("x-forwarded-for", "203.0.113.9")];
    let ben = app.user("ben@company.example", role::EMPLOYEE).await;
    let body = json!({"token": link_for(&ben, Purpose::Start).await});
    let token = post(&app, "/auth/link", &place, &body).await.json()["token"].clone();
    let ben = ben.with_token(token.as_str().unwrap());
    let session = stored_sessions(&ben).await.pop().unwrap();
    assert_eq!(
        (session.device.as_deref(), session.address.as_deref()),
        (Some("Browser/1.0"), Some("127.0.0.1"))
    );

    let use_it = async || {
        // Past the half second in which nobody looks at what is stored.
        sleep(Duration::from_millis(450)).await;
        assert_eq!(session_of(&app, ben.token()).await, "200");
    };
    use_it().await;
    app.clock().advance(Duration::from_mins(4));
    use_it().await;
    sleep(Duration::from_millis(300)).await;
    assert_eq!(used_after(&ben).await, 0, "four minutes are not worth a write");
    app.clock().advance(Duration::from_mins(2));
    use_it().await;
    let begun = Instant::now();
    while used_after(&ben).await != 6 {
        assert!(begun.elapsed() < Duration::from_secs(5), "six are");
        sleep(Duration::from_millis(20)).await;
    }
    app.clock().advance(Duration::from_mins(3));
    use_it().await;
    sleep(Duration::from_millis(300)).await;
    assert_eq!(used_after(&ben).await, 6);
}

async fn the_schema_is_cut_to_the_caller(app: TestApp) {
    let employee = app.user("ben@company.example", role::EMPLOYEE).await;
    let whole = app.http("GET", "/schema.graphql", &[], b"").await;
    let cut = employee.http("GET", "/schema.graphql", &[], b"").await;
    assert_eq!((whole.status, cut.status), (200, 200));
    assert!(cut.body.len() < whole.body.len(), "{} {}", cut.body.len(), whole.body.len());
    assert_ne!(cut.header("etag"), whole.header("etag"));
    assert_eq!(cut.header("vary"), Some("Authorization, Cookie"));
    assert_eq!(cut.header("cache-control"), Some("private, no-cache"));
    let nobody = app.http_as_nobody("GET", "/schema.graphql", &[], b"").await;
    assert_eq!(verdict(&nobody), "401 UNAUTHENTICATED");
}
