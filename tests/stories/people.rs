//! People come, change and go.

use futures::future::join_all;
use serde_json::{Value as Json, json};
use shoal_core::role::{ADMINISTRATOR, EMPLOYEE};
use shoal_core::sign_in::{Place, use_link};
use shoal_testkit::{Answer, TestApp};
use uuid::Uuid;

use crate::staff::{
    NOTHING, audit, built_in, invite, is_known, role, team, try_invite, user_record, with_rights,
    within_a_second,
};
use crate::support::{Record, both_databases, change, change_many, contact, refusal, try_change};

both_databases!(
    somebody_is_invited_and_comes_in,
    bad_invitations_are_refused,
    many_are_invited_at_once,
    what_is_known_of_somebody_changes,
    people_change_themselves,
    who_is_let_out_comes_in_nowhere,
    another_address_ends_old_links,
    the_last_administrator_stays,
    changes_are_in_the_audit,
    other_companies_have_nobody_here,
);

mod races {
    use super::{
        one_address_is_one_person, one_of_many_administrators_stays, one_of_two_administrators_stays,
    };

    crate::support::in_parallel!(
        one_of_two_administrators_stays,
        one_of_many_administrators_stays,
        one_address_is_one_person,
    );
}

/// The token of a link's path.
fn token(link: &str) -> &str {
    link.strip_prefix("/auth/link/").unwrap()
}

/// Chooses a password by a link: the session's token, or the code of the refusal.
async fn come_in(app: &TestApp, link: &str) -> Result<String, String> {
    let password = Some("correct horse".to_owned());
    let used = use_link(app.kernel(), token(link), password, Place::default()).await;
    used.map(|signed_in| signed_in.token.text())
        .map_err(|error| error.to_string().split(':').next().unwrap_or_default().to_owned())
}

async fn somebody_is_invited_and_comes_in(app: TestApp) {
    let input = json!({
        "email": " Anna@Example.com ", "name": "Anna  Lee", "language": "ZH-cn", "timeZone": "asia/shanghai",
    });
    let (anna, link) = invite(&app, input).await;
    let document = "query($id: ID!) { user(id: $id) {
        email name language timeZone active version roles { builtIn } teams { name }
    } }";
    let data = app.data(document, json!({"id": anna.id})).await;
    let expected = json!({
        "email": "Anna@Example.com", "name": "Anna Lee", "language": "zh-CN", "timeZone": "Asia/Shanghai",
        "active": true, "version": 1, "roles": [{"builtIn": "EMPLOYEE"}], "teams": [],
    });
    assert_eq!(data["user"], expected);
    let session = come_in(&app, &link).await.unwrap();
    let viewer = app.with_token(&session).data("{ viewer { user { name } language } }", json!({})).await;
    assert_eq!(viewer["viewer"], json!({"user": {"name": "Anna Lee"}, "language": "zh-CN"}));
    assert_eq!(come_in(&app, &link).await, Err("LINK_VOID".to_owned()));
}

async fn bad_invitations_are_refused(app: TestApp) {
    let (gone, _) = invite(&app, json!({"email": "gone@x.de", "name": "Gone"})).await;
    change(&app, "userUpdate", gone.update(&json!({"active": false})), "id").await;
    for (input, expected) in [
        (json!({"email": "x", "name": "A"}), "VALIDATION: email EMAIL_INVALID"),
        (json!({"email": "a@x.de", "name": " "}), "VALIDATION: name REQUIRED"),
        (
            json!({"email": "a@x.de", "name": "A", "language": "german", "timeZone": "Mars"}),
            "VALIDATION: language LANGUAGE_INVALID, timeZone TIME_ZONE_UNKNOWN",
        ),
        (json!({"email": "ADMIN@company.example", "name": "A"}), "DUPLICATE: email DUPLICATE"),
        (json!({"email": "GONE@X.de", "name": "A"}), "DUPLICATE: email DUPLICATE"),
        (json!({"email": "a@x.de", "name": "A", "roleIds": [NOTHING]}), "NOT_FOUND: roleIds.0 NOT_FOUND"),
        (json!({"email": "a@x.de", "name": "A", "teamIds": [NOTHING]}), "NOT_FOUND: teamIds.0 NOT_FOUND"),
    ] {
        let answer = try_invite(&app, input.clone()).await;
        assert_eq!(answer.refusal().replace("input.", ""), expected, "{input}");
    }
    let answer = try_invite(&app, json!({"email": "gone@x.de", "name": "A"})).await;
    assert!(answer.error()["message"].as_str().unwrap().contains("reactivate"), "{answer}");
}

async fn many_are_invited_at_once(app: TestApp) {
    let sales = team(&app, "Sales", None, &[]).await;
    let row = |email: &str| json!({"email": email, "name": email, "teamIds": [sales.id, sales.id]});
    let document = "mutation($rows: [UserInvite!]!) { userInviteMany(input: $rows) { results {
        id link user { teams { name } } error { code fields { path code } }
    } } }";
    let rows = json!([row("a@x.de"), row("nobody"), row("b@x.de"), row("A@x.de")]);
    let answer = app.graphql(document, json!({"rows": rows})).await;
    let refused = ["VALIDATION: email EMAIL_INVALID", "DUPLICATE: email DUPLICATE"];
    assert_eq!(answer.rows("userInviteMany"), ["ok", refused[0], "ok", refused[1]]);
    let results = &answer.data()["userInviteMany"]["results"];
    assert_eq!(results[0]["user"]["teams"], json!([{"name": "Sales"}]));
    assert!(come_in(&app, results[2]["link"].as_str().unwrap()).await.is_ok());
    assert_eq!(results[1]["link"], Json::Null);
}

async fn what_is_known_of_somebody_changes(app: TestApp) {
    let (anna, _) = invite(&app, json!({"email": "a@x.de", "name": "A", "language": "ru"})).await;
    let (_, _) = invite(&app, json!({"email": "b@x.de", "name": "B"})).await;
    let fields = "version email name language timeZone roles { name } teams { name }";
    let (seller, sales) = (role(&app, "Seller", &[]).await, team(&app, "Sales", None, &[]).await);
    let all = json!({"name": "Anna", "language": null, "timeZone": "UTC", "roleIds": [seller.id], "teamIds": [sales.id]});
    let changed = change(&app, "userUpdate", anna.update(&all), fields).await;
    let expected = json!({
        "version": 2, "email": "a@x.de", "name": "Anna", "language": null, "timeZone": "UTC",
        "roles": [{"name": "Seller"}], "teams": [{"name": "Sales"}],
    });
    assert_eq!(changed, expected);
    let anna = Record { version: 2, ..anna };
    let same =
        change(&app, "userUpdate", anna.update(&json!({"name": "Anna", "roleIds": [seller.id]})), fields)
            .await;
    assert_eq!(same, expected, "the same again changes nothing");
    let stale = Record { version: 1, ..anna.clone() };
    for (input, expected) in [
        (stale.update(&json!({"name": "X", "email": "c@x.de"})), "CONFLICT: email CHANGED, name CHANGED"),
        (anna.update(&json!({"email": "B@x.de"})), "DUPLICATE: email DUPLICATE"),
        (anna.update(&json!({"name": ""})), "VALIDATION: name REQUIRED"),
        (anna.update(&json!({"roleIds": [seller.id, NOTHING]})), "NOT_FOUND: roleIds.1 NOT_FOUND"),
        (anna.update(&json!({"teamIds": [NOTHING]})), "NOT_FOUND: teamIds.0 NOT_FOUND"),
        (json!({"id": NOTHING, "expectedVersion": 1}), "NOT_FOUND: id NOT_FOUND"),
    ] {
        assert_eq!(refusal(&app, "userUpdate", input.clone()).await, expected, "{input}");
    }
    let rows = json!([anna.update(&json!({"name": "One"})), anna.update(&json!({"name": "Two"}))]);
    let answer = change_many(&app, "userUpdateMany", rows, "id").await;
    assert_eq!(answer.rows("userUpdateMany"), ["ok", "VALIDATION: id TWICE"]);
}

async fn people_change_themselves(app: TestApp) {
    let anna = app.user("anna@company.example", EMPLOYEE).await;
    let input = json!({"name": "Anna", "language": "zh", "timeZone": "Asia/Shanghai"});
    let changed = change(&anna, "viewerUpdate", input, "id name language timeZone version").await;
    let expected = json!({
        "id": anna.user_id(), "name": "Anna", "language": "zh", "timeZone": "Asia/Shanghai", "version": 2,
    });
    assert_eq!(changed, expected);
    let data = anna.data("{ viewer { language } }", json!({})).await;
    assert_eq!(data["viewer"]["language"], "zh-CN", "at once");
    assert_eq!(refusal(&anna, "viewerUpdate", json!({"name": ""})).await, "VALIDATION: name REQUIRED");
    let unknown = try_change(&anna, "viewerUpdate", json!({"email": "boss@x.de"}), "id").await;
    assert_eq!(unknown.code(), "VALIDATION", "nobody changes their own address");
}

async fn who_is_let_out_comes_in_nowhere(app: TestApp) {
    let anna = app.user("anna@company.example", ADMINISTRATOR).await;
    let elsewhere = anna.second_node().await;
    let owned = contact(&anna, json!({"givenName": "Her customer"})).await;
    assert!(is_known(&elsewhere).await);
    let record = user_record(&app, &anna.user_id().to_string()).await;
    let link = change_link(&app, &record, "RESET").await;
    let changed =
        change(&app, "userUpdate", record.update(&json!({"active": false})), "active version").await;
    assert_eq!(changed, json!({"active": false, "version": 2}));
    assert!(!is_known(&anna).await, "here at once");
    within_a_second("the other node", async || !is_known(&elsewhere).await).await;
    assert_eq!(come_in(&app, &link).await, Err("LINK_VOID".to_owned()));
    let document = "query($id: ID!) { contact(id: $id) { owner { name } } user(id: $id) { id } }";
    let data = app.data(document, json!({"id": owned.id})).await;
    assert_eq!(data["contact"]["owner"]["name"], "anna@company.example", "what she has done stays hers");
    let refused = json!({"id": record.id, "purpose": "RESET"});
    assert_eq!(refusal(&app, "userLink", refused).await, "VALIDATION: id INACTIVE");
    // Back again: neither the old session nor the old link is.
    let record = Record { version: 2, ..record };
    change(&app, "userUpdate", record.update(&json!({"active": true})), "id").await;
    assert!(!is_known(&anna).await && !is_known(&elsewhere).await);
    assert_eq!(come_in(&app, &link).await, Err("LINK_VOID".to_owned()));
    let link = change_link(&app, &record, "RESET").await;
    assert!(is_known(&app.with_token(&come_in(&app, &link).await.unwrap())).await);
}

async fn change_link(app: &TestApp, user: &Record, purpose: &str) -> String {
    let document = "mutation($input: UserLink!) { userLink(input: $input) { link user { id } } }";
    let data = app.data(document, json!({"input": {"id": user.id, "purpose": purpose}})).await;
    data["userLink"]["link"].as_str().unwrap().to_owned()
}

async fn another_address_ends_old_links(app: TestApp) {
    let (anna, link) = invite(&app, json!({"email": "wrong@x.de", "name": "Anna"})).await;
    change(&app, "userUpdate", anna.update(&json!({"email": "right@x.de"})), "id").await;
    assert_eq!(come_in(&app, &link).await, Err("LINK_VOID".to_owned()));
    let link = change_link(&app, &anna, "INVITATION").await;
    assert!(come_in(&app, &link).await.is_ok());
}

async fn the_last_administrator_stays(app: TestApp) {
    let me = user_record(&app, &app.user_id().to_string()).await;
    let out = json!({"active": false});
    assert_eq!(
        refusal(&app, "userUpdate", me.update(&out)).await,
        "LAST_ADMINISTRATOR: active LAST_ADMINISTRATOR"
    );
    assert_eq!(
        refusal(&app, "userUpdate", me.update(&json!({"roleIds": []}))).await,
        "LAST_ADMINISTRATOR: roleIds LAST_ADMINISTRATOR"
    );
    let other = app.user("other@company.example", ADMINISTRATOR).await;
    let them = user_record(&app, &other.user_id().to_string()).await;
    let rows = json!([them.update(&json!({"roleIds": []})), me.update(&out)]);
    let answer = change_many(&app, "userUpdateMany", rows, "id").await;
    assert_eq!(answer.rows("userUpdateMany"), ["ok", "LAST_ADMINISTRATOR: active LAST_ADMINISTRATOR"]);
    // Whoever makes somebody else one first may go.
    let them = Record { version: 2, ..them };
    let administrator = built_in(&app, "ADMINISTRATOR").await;
    let rows = json!([them.update(&json!({"roleIds": [administrator]})), me.update(&out)]);
    let answer = change_many(&app, "userUpdateMany", rows, "id").await;
    assert_eq!(answer.rows("userUpdateMany"), ["ok", "ok"]);
    assert!(!is_known(&app).await && is_known(&other).await);
}

async fn one_of_two_administrators_stays(app: TestApp) {
    for round in 2..8 {
        let one = app.tenant(round).await;
        let other = one.user("other@company.example", ADMINISTRATOR).await;
        let they = user_record(&one, &other.user_id().to_string()).await;
        let me = user_record(&one, &one.user_id().to_string()).await;
        let takes = if round % 2 == 0 { json!({"active": false}) } else { json!({"roleIds": []}) };
        let (first, second) = tokio::join!(
            try_change(&one, "userUpdate", they.update(&takes), "id"),
            try_change(&other, "userUpdate", me.update(&takes), "id")
        );
        let outcomes = [&first, &second].map(|answer| answer.errors().is_empty());
        assert_eq!(outcomes.into_iter().filter(|done| *done).count(), 1, "{first} {second}");
        // Whoever was second may do nothing any more, or would have been the last.
        let (stayed, lost) = if outcomes[0] { (&one, &second) } else { (&other, &first) };
        assert!(["LAST_ADMINISTRATOR", "FORBIDDEN", "UNAUTHENTICATED"].contains(&first_code(lost)), "{lost}");
        assert_eq!(administrators(stayed).await, 1);
    }
}

/// Whoever has no right any more is told so of each field.
fn first_code(answer: &Answer) -> &str {
    answer.errors()[0]["extensions"]["code"].as_str().unwrap()
}

async fn administrators(app: &TestApp) -> usize {
    let document = "{ roles(filter: {builtIn: {eq: ADMINISTRATOR}}) { nodes { users(filter: {active: {eq: true}}) { totalCount } } } }";
    let data = app.data(document, json!({})).await;
    usize::try_from(data["roles"]["nodes"][0]["users"]["totalCount"].as_u64().unwrap()).unwrap()
}

async fn one_of_many_administrators_stays(app: TestApp) {
    let mut all = vec![app.clone()];
    for number in 0..5 {
        all.push(app.user(&format!("a{number}@company.example"), ADMINISTRATOR).await);
    }
    let ids: Vec<Uuid> = all.iter().map(TestApp::user_id).collect();
    let mut records = Vec::new();
    for id in &ids {
        records.push(user_record(&app, &id.to_string()).await);
    }
    // Everybody lets the next one out, in a circle.
    let moves = all.iter().enumerate().map(|(number, one)| {
        let next = &records[(number + 1) % records.len()];
        try_change(one, "userUpdate", next.update(&json!({"active": false})), "id")
    });
    let answers = join_all(moves).await;
    for answer in &answers {
        assert!(!answer.json.to_string().contains("INTERNAL"), "{answer}");
    }
    let mut known = Vec::new();
    for one in &all {
        if is_known(one).await {
            known.push(one);
        }
    }
    assert!(!known.is_empty(), "somebody is still there");
    assert_eq!(administrators(known[0]).await, known.len());
}

async fn one_address_is_one_person(app: TestApp) {
    let input = |number: usize| json!({"email": if number.is_multiple_of(2) { "a@x.de" } else { "A@X.de" }, "name": "A"});
    let answers = join_all((0..10).map(|number| try_invite(&app, input(number)))).await;
    let done = answers.iter().filter(|answer| answer.errors().is_empty()).count();
    assert_eq!(done, 1);
    assert!(
        answers
            .iter()
            .filter(|answer| !answer.errors().is_empty())
            .all(|answer| answer.code() == "DUPLICATE")
    );
}

async fn changes_are_in_the_audit(app: TestApp) {
    let (anna, _) = invite(&app, json!({"email": "a@x.de", "name": "A"})).await;
    let (seller, sales) = (role(&app, "Seller", &[]).await, team(&app, "Sales", None, &[]).await);
    let employee = built_in(&app, "EMPLOYEE").await;
    let input = json!({"name": "Anna", "roleIds": [seller.id], "teamIds": [sales.id]});
    change(&app, "userUpdate", anna.update(&input), "id").await;
    change_link(&app, &anna, "RESET").await;
    let expected = json!([
        {"action": "CREATED", "changes": null},
        {"action": "UPDATED", "changes": {
            "name": ["A", "Anna"], "roles": [[employee], [seller.id]], "teams": [[], [sales.id]],
        }},
        {"action": "UPDATED", "changes": {"link": [null, "RESET"]}},
    ]);
    assert_eq!(audit(&app, &anna.id).await, expected);
    // Whoever may see who works here, but no roles, sees no roles here.
    let reader = with_rights(&app, "reader", &["core.audit.read", "core.user.read"]).await;
    let seen = audit(&reader, &anna.id).await;
    assert_eq!(seen[1]["changes"], json!({"name": ["A", "Anna"]}));
    let blind = with_rights(&app, "blind", &["core.audit.read"]).await;
    assert_eq!(audit(&blind, &anna.id).await[1]["changes"], Json::Null);
    // Of records of which somebody sees some only, the changes of none.
    let one = contact(&app, json!({"givenName": "Eve"})).await;
    change(&app, "contactUpdate", one.update(&json!({"givenName": "Eva"})), "id").await;
    let own = with_rights(&app, "own", &["core.audit.read", "contacts.contact.read:OWN"]).await;
    assert_eq!(audit(&own, &one.id).await[1]["changes"], Json::Null);
    let all = with_rights(&app, "all", &["core.audit.read", "contacts.contact.read"]).await;
    assert_eq!(audit(&all, &one.id).await[1]["changes"]["givenName"], json!(["Eve", "Eva"]));
}

async fn other_companies_have_nobody_here(app: TestApp) {
    let second = app.tenant(2).await;
    let (anna, _) = invite(&app, json!({"email": "a@x.de", "name": "A"})).await;
    let (theirs, _) = invite(&second, json!({"email": "a@x.de", "name": "A"})).await;
    let (their_role, their_team) =
        (role(&second, "Seller", &[]).await, team(&second, "Sales", None, &[]).await);
    let them = theirs.update(&json!({"name": "X"}));
    assert_eq!(refusal(&app, "userUpdate", them).await, "NOT_FOUND: id NOT_FOUND");
    let link = json!({"id": theirs.id, "purpose": "RESET"});
    assert_eq!(refusal(&app, "userLink", link).await, "NOT_FOUND: id NOT_FOUND");
    let roles = anna.update(&json!({"roleIds": [their_role.id]}));
    assert_eq!(refusal(&app, "userUpdate", roles).await, "NOT_FOUND: roleIds.0 NOT_FOUND");
    let teams = anna.update(&json!({"teamIds": [their_team.id]}));
    assert_eq!(refusal(&app, "userUpdate", teams).await, "NOT_FOUND: teamIds.0 NOT_FOUND");
}
