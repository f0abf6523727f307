//! Sessions are seen and ended.

use serde_json::{Value as Json, json};
use shoal_core::role::EMPLOYEE;
use shoal_testkit::TestApp;

use crate::staff::{NOTHING, changes, is_known, with_rights, within_a_second};
use crate::support::{both_databases, change, change_many, refusal};

both_databases!(
    everybody_ends_their_own,
    administrators_end_anybodys,
    an_ended_session_is_dead_within_a_second_everywhere,
    who_may_see_but_not_end,
);

/// The ids of the sessions that somebody sees and that have not ended, the oldest first.
async fn open(app: &TestApp) -> Vec<String> {
    let document = "{ sessions(filter: {revokedAt: {isNull: true}}, first: 50) { nodes { id } } }";
    let data = app.data(document, json!({})).await;
    crate::support::texts(&data["sessions"]["nodes"], "id")
}

/// The id of the session that somebody came with.
async fn own(app: &TestApp) -> String {
    let data = app.data("{ viewer { session { id } } }", json!({})).await;
    data["viewer"]["session"]["id"].as_str().unwrap().to_owned()
}

fn of(id: &str) -> Json {
    json!({"id": id})
}

async fn everybody_ends_their_own(app: TestApp) {
    let laptop = app.user("anna@company.example", EMPLOYEE).await;
    let phone = laptop.signed_in_again().await;
    assert_eq!(open(&laptop).await.len(), 2, "her own, not the administrator's");
    let lost = own(&phone).await;
    let ended = change(&laptop, "sessionRevoke", of(&lost), "id revokedAt").await;
    assert_eq!(ended["id"], lost);
    assert!(ended["revokedAt"].is_string());
    assert!(!is_known(&phone).await, "at once");
    assert_eq!(open(&laptop).await.len(), 1);
    app.clock().advance_days(1);
    let again = change(&laptop, "sessionRevoke", of(&lost), "id revokedAt").await;
    assert_eq!(again, ended, "it ended when it ended");
    // Another's session is as absent.
    assert_eq!(refusal(&laptop, "sessionRevoke", of(&own(&app).await)).await, "NOT_FOUND: id NOT_FOUND");
    assert_eq!(refusal(&laptop, "sessionRevoke", of(NOTHING)).await, "NOT_FOUND: id NOT_FOUND");
    let changes = changes(&app, &laptop.user_id().to_string()).await;
    assert_eq!(changes, [json!({"sessions": [[lost], []]})]);
    change(&laptop, "sessionRevoke", of(&own(&laptop).await), "id").await;
    assert!(!is_known(&laptop).await, "the one she came with too");
}

async fn administrators_end_anybodys(app: TestApp) {
    let (one, two) =
        (app.user("one@company.example", EMPLOYEE).await, app.user("two@company.example", EMPLOYEE).await);
    let second = app.tenant(2).await;
    let theirs = own(&second).await;
    let rows = json!([of(&own(&one).await), of(NOTHING), of(&own(&two).await), of(&theirs)]);
    let answer = change_many(&app, "sessionRevokeMany", rows, "id").await;
    let missing = "NOT_FOUND: id NOT_FOUND";
    assert_eq!(answer.rows("sessionRevokeMany"), ["ok", missing, "ok", missing]);
    assert!(!is_known(&one).await && !is_known(&two).await);
    assert!(is_known(&app).await && is_known(&second).await);
}

async fn an_ended_session_is_dead_within_a_second_everywhere(app: TestApp) {
    let anna = app.user("anna@company.example", EMPLOYEE).await;
    let elsewhere = anna.second_node().await;
    assert!(is_known(&elsewhere).await, "the other node remembers it");
    change(&app, "sessionRevoke", of(&own(&anna).await), "id").await;
    within_a_second("the other node", async || !is_known(&elsewhere).await).await;
}

async fn who_may_see_but_not_end(app: TestApp) {
    let guard = with_rights(&app, "guard", &["core.session.read", "core.session.revoke:OWN"]).await;
    let other = own(&app).await;
    assert_eq!(refusal(&guard, "sessionRevoke", of(&other)).await, "FORBIDDEN: id FORBIDDEN");
    assert!(open(&guard).await.len() >= 2);
}
