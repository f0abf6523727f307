//! People, roles and teams for stories about them.

use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};
use shoal_testkit::{Answer, TestApp};
use uuid::Uuid;

use crate::support::{Record, change};

/// An id that nothing has.
pub const NOTHING: &str = "00000000-0000-7000-8000-00000000ffff";

/// Invites somebody: their record, and the link by which they come in.
pub async fn invite(app: &TestApp, input: Json) -> (Record, String) {
    let data = try_invite(app, input).await.expect_data();
    let link = data["userInvite"]["link"].as_str().unwrap().to_owned();
    (Record::of(&data["userInvite"]["user"]), link)
}

/// The same, with whatever comes.
pub async fn try_invite(app: &TestApp, input: Json) -> Answer {
    let document = "mutation($input: UserInvite!) { userInvite(input: $input) { link user { id version } } }";
    app.graphql(document, json!({"input": input})).await
}

/// A role with these rights, each of all records or `right:SCOPE`.
pub async fn role(app: &TestApp, name: &str, rights: &[&str]) -> Record {
    let input = json!({"name": name, "rights": self::rights(rights)});
    Record::of(&change(app, "roleCreate", input, "id version").await)
}

/// The input of these rights.
pub fn rights(rights: &[&str]) -> Json {
    let right = |right: &&str| match right.split_once(':') {
        Some((name, scope)) => json!({"name": name, "scope": scope}),
        None => json!({"name": right}),
    };
    rights.iter().map(right).collect()
}

/// Somebody with a role of these rights and no other, in no team, signed in.
pub async fn with_rights(app: &TestApp, name: &str, rights: &[&str]) -> TestApp {
    let role = role(app, name, rights).await;
    let email = format!("{name}@company.example");
    let (user, _) = invite(app, json!({"email": email, "name": name, "roleIds": [role.id]})).await;
    app.with_session_of(user.id.parse().unwrap()).await
}

/// A team with these people.
pub async fn team(app: &TestApp, name: &str, parent: Option<&Record>, members: &[Uuid]) -> Record {
    let input = json!({"name": name, "parentId": parent.map(|team| team.id.clone()), "memberIds": members});
    Record::of(&change(app, "teamCreate", input, "id version").await)
}

/// Somebody's record as it is now.
pub async fn user_record(app: &TestApp, id: &str) -> Record {
    let data = app.data("query($id: ID!) { user(id: $id) { id version } }", json!({"id": id})).await;
    Record::of(&data["user"])
}

/// The id of a built-in role.
pub async fn built_in(app: &TestApp, kind: &str) -> String {
    let document = "query($kind: BuiltInRole!) { roles(filter: {builtIn: {eq: $kind}}) { nodes { id } } }";
    let data = app.data(document, json!({"kind": kind})).await;
    data["roles"]["nodes"][0]["id"].as_str().unwrap().to_owned()
}

/// What the audit says of a record: actions and changes, the oldest first.
pub async fn audit(app: &TestApp, id: &str) -> Json {
    let document = "query($id: ID!) { auditEntries(filter: {recordId: {eq: $id}}, first: 50) { nodes { action changes } } }";
    app.data(document, json!({"id": id})).await["auditEntries"]["nodes"].clone()
}

/// The same without the entries that say no changes, such as of new records.
pub async fn changes(app: &TestApp, id: &str) -> Vec<Json> {
    let entries = audit(app, id).await;
    let changes = entries.as_array().unwrap().iter().map(|entry| entry["changes"].clone());
    changes.filter(|changes| !changes.is_null()).collect()
}

/// Whether somebody may ask anything here.
pub async fn is_known(app: &TestApp) -> bool {
    app.graphql("{ viewer { kind } }", json!({})).await.status == 200
}

/// Waits until something holds, for a second at most and a little for a busy machine.
pub async fn within_a_second(what: &str, holds: impl AsyncFn() -> bool) {
    let began = Instant::now();
    while !holds().await {
        assert!(began.elapsed() < Duration::from_millis(1_500), "{what}: not within a second");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
