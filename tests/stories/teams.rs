//! Teams: a tree of people.

use futures::future::join_all;
use serde_json::{Value as Json, json};
use shoal_core::role::EMPLOYEE;
use shoal_testkit::TestApp;

use crate::staff::{NOTHING, audit, changes, team, with_rights, within_a_second};
use crate::support::{Record, account, both_databases, change, change_many, contact, refusal, try_change};

both_databases!(
    teams_are_made_and_changed,
    bad_teams_are_refused,
    no_team_is_below_itself_and_names_differ,
    people_come_and_go,
    a_team_that_something_goes_by_stays,
    members_see_what_is_their_teams_everywhere,
    other_companies_have_no_teams_here,
    the_company_changes,
);

mod races {
    use super::{no_record_of_a_team_that_is_gone, no_ring_by_three_at_once, one_name_beside_another};

    crate::support::in_parallel!(
        no_ring_by_three_at_once,
        no_record_of_a_team_that_is_gone,
        one_name_beside_another,
    );
}

const ALL: &str = "name version parent { name } members(first: 50) { nodes { name } }";

async fn read(app: &TestApp, team: &Record) -> Json {
    let document = format!("query($id: ID!) {{ team(id: $id) {{ {ALL} }} }}");
    app.data(&document, json!({"id": team.id})).await["team"].clone()
}

fn names(team: &Json) -> Vec<String> {
    let mut names = crate::support::texts(&team["members"]["nodes"], "name");
    names.sort();
    names
}

async fn teams_are_made_and_changed(app: TestApp) {
    let (anna, ben) = (app.user("a@x.de", EMPLOYEE).await, app.user("b@x.de", EMPLOYEE).await);
    let company = team(&app, "Company", None, &[]).await;
    let sales = team(&app, " Sales ", Some(&company), &[anna.user_id(), anna.user_id()]).await;
    let made = read(&app, &sales).await;
    assert_eq!(
        (&made["name"], &made["parent"]["name"], names(&made)),
        (&json!("Sales"), &json!("Company"), vec!["a@x.de".to_owned()])
    );
    let input = sales.update(&json!({"name": "Sellers", "parentId": null, "memberIds": [ben.user_id()]}));
    let changed = change(&app, "teamUpdate", input.clone(), ALL).await;
    assert_eq!(
        (&changed["name"], &changed["parent"], &changed["version"]),
        (&json!("Sellers"), &Json::Null, &json!(2))
    );
    assert_eq!(names(&changed), ["b@x.de"]);
    assert_eq!(
        refusal(&app, "teamUpdate", input).await,
        "CONFLICT",
        "nothing differs, but somebody knows less"
    );
    let rows = json!([{"name": "North", "parentId": sales.id}, {"name": ""}, {"name": "NORTH", "parentId": sales.id}, {"name": "North"}]);
    let answer = change_many(&app, "teamCreateMany", rows, "id").await;
    assert_eq!(
        answer.rows("teamCreateMany"),
        ["ok", "VALIDATION: name REQUIRED", "DUPLICATE: name DUPLICATE", "ok"]
    );
    let entries = audit(&app, &sales.id).await;
    let members = json!([[anna.user_id()], [ben.user_id()]]);
    assert_eq!(entries[1]["changes"], json!({"name": ["Sales", "Sellers"], "members": members}));
}

async fn bad_teams_are_refused(app: TestApp) {
    let sales = team(&app, "Sales", None, &[]).await;
    for (mutation, input, expected) in [
        ("teamCreate", json!({"name": " "}), "VALIDATION: name REQUIRED"),
        ("teamCreate", json!({"name": "x".repeat(101)}), "VALIDATION: name TEXT_TOO_LONG"),
        ("teamCreate", json!({"name": "sales"}), "DUPLICATE: name DUPLICATE"),
        ("teamCreate", json!({"name": "A", "parentId": NOTHING}), "NOT_FOUND: parentId NOT_FOUND"),
        ("teamCreate", json!({"name": "A", "memberIds": [NOTHING]}), "NOT_FOUND: memberIds.0 NOT_FOUND"),
        (
            "teamUpdate",
            sales.update(&json!({"memberIds": [app.user_id(), NOTHING]})),
            "NOT_FOUND: memberIds.1 NOT_FOUND",
        ),
        ("teamMembersAdd", json!({"id": sales.id, "userIds": [NOTHING]}), "NOT_FOUND: userIds.0 NOT_FOUND"),
        ("teamMembersAdd", json!({"id": NOTHING, "userIds": []}), "NOT_FOUND: id NOT_FOUND"),
        ("teamDelete", json!({"id": NOTHING, "expectedVersion": 1}), "NOT_FOUND: id NOT_FOUND"),
        ("teamDelete", json!({"id": sales.id, "expectedVersion": 2}), "CONFLICT"),
    ] {
        assert_eq!(refusal(&app, mutation, input.clone()).await, expected, "{mutation} {input}");
    }
}

async fn no_team_is_below_itself_and_names_differ(app: TestApp) {
    let top = team(&app, "0", None, &[]).await;
    let mut all = vec![top.clone()];
    for level in 1..20 {
        let above = all.last().cloned();
        all.push(team(&app, &level.to_string(), above.as_ref(), &[]).await);
    }
    let deepest = all.last().unwrap();
    let too_deep = json!({"name": "20", "parentId": deepest.id});
    assert_eq!(refusal(&app, "teamCreate", too_deep).await, "VALIDATION: parentId TOO_DEEP");
    for below in [&top, &all[7], deepest] {
        let input = top.update(&json!({"parentId": below.id}));
        assert_eq!(refusal(&app, "teamUpdate", input).await, "VALIDATION: parentId CYCLE");
    }
    let other = team(&app, "Other", None, &[]).await;
    let input = top.update(&json!({"parentId": other.id}));
    assert_eq!(refusal(&app, "teamUpdate", input).await, "VALIDATION: parentId TOO_DEEP");
    let input = other.update(&json!({"name": " 0"}));
    assert_eq!(refusal(&app, "teamUpdate", input).await, "DUPLICATE: name DUPLICATE");
    change(&app, "teamUpdate", all[10].update(&json!({"parentId": null})), "id").await;
    change(&app, "teamUpdate", top.update(&json!({"parentId": all[19].id})), "id").await;
}

async fn people_come_and_go(app: TestApp) {
    let (anna, ben) = (app.user("a@x.de", EMPLOYEE).await, app.user("b@x.de", EMPLOYEE).await);
    let sales = team(&app, "Sales", None, &[]).await;
    let of = |people: &[&TestApp]| json!({"id": sales.id, "userIds": people.iter().map(|one| one.user_id()).collect::<Vec<_>>()});
    assert_eq!(change(&app, "teamMembersAdd", of(&[&anna, &ben]), "version").await["version"], 2);
    assert_eq!(change(&app, "teamMembersAdd", of(&[&ben]), "version").await["version"], 2, "he is in it");
    let left = change(&app, "teamMembersRemove", of(&[&anna]), ALL).await;
    assert_eq!((names(&left), &left["version"]), (vec!["b@x.de".to_owned()], &json!(3)));
    assert_eq!(change(&app, "teamMembersRemove", of(&[&anna]), "version").await["version"], 3);
}

async fn a_team_that_something_goes_by_stays(app: TestApp) {
    let anna = app.user("a@x.de", EMPLOYEE).await;
    let top = team(&app, "Top", None, &[]).await;
    let sales = team(&app, "Sales", Some(&top), &[anna.user_id()]).await;
    let in_use = "IN_USE: id IN_USE";
    assert_eq!(refusal(&app, "teamDelete", top.input()).await, in_use);
    let one = contact(&app, json!({"givenName": "A", "teamId": sales.id})).await;
    let two = change(&app, "accountCreate", json!({"name": "A", "teamId": sales.id}), "id version").await;
    change(&app, "accountDelete", Record::of(&two).input(), "id").await;
    let answer = try_change(&app, "teamDelete", sales.input(), "id").await;
    assert_eq!(answer.refusal(), "IN_USE: input.id IN_USE, input.id IN_USE", "also what could be restored");
    let text = answer.error()["extensions"]["fields"].to_string();
    assert!(
        text.contains("1 records of the type Account") && text.contains("1 records of the type Contact"),
        "{text}"
    );
    change(&app, "contactUpdate", one.update(&json!({"teamId": null})), "id").await;
    change(&app, "accountRestore", json!({"id": two["id"], "expectedVersion": 2}), "id").await;
    change(&app, "accountUpdate", json!({"id": two["id"], "expectedVersion": 3, "teamId": null}), "id").await;
    change(&app, "teamDelete", sales.input(), "id").await;
    change(&app, "teamDelete", top.input(), "id").await;
    let data =
        app.data("{ teams { totalCount } users(first: 9) { nodes { teams { id } } } }", json!({})).await;
    assert_eq!(data["teams"]["totalCount"], 0, "its people stay");
    assert_eq!(audit(&app, &sales.id).await[1]["action"], "REMOVED");
}

async fn members_see_what_is_their_teams_everywhere(app: TestApp) {
    let seller =
        with_rights(&app, "seller", &["contacts.account.read:TEAM_AND_BELOW", "core.team.read"]).await;
    let top = team(&app, "Top", None, &[]).await;
    let below = team(&app, "Below", Some(&top), &[]).await;
    change(&app, "accountCreate", json!({"name": "A", "teamId": below.id}), "id").await;
    let elsewhere = seller.second_node().await;
    let sees = async |app: &TestApp| {
        app.data("{ accounts { totalCount } }", json!({})).await["accounts"]["totalCount"] == 1
    };
    assert!(!sees(&seller).await && !sees(&elsewhere).await);
    let people = json!({"id": top.id, "userIds": [seller.user_id()]});
    change(&app, "teamMembersAdd", people.clone(), "id").await;
    assert!(sees(&seller).await, "at once");
    within_a_second("a team that was joined", async || sees(&elsewhere).await).await;
    change(&app, "teamUpdate", below.update(&json!({"parentId": null})), "id").await;
    within_a_second("a team that was moved", async || !sees(&elsewhere).await).await;
    change(&app, "teamUpdate", Record { version: 2, ..below }.update(&json!({"parentId": top.id})), "id")
        .await;
    within_a_second("a team that came back", async || sees(&elsewhere).await).await;
    change(&app, "teamMembersRemove", people, "id").await;
    within_a_second("a team that was left", async || !sees(&elsewhere).await).await;
}

async fn other_companies_have_no_teams_here(app: TestApp) {
    let second = app.tenant(2).await;
    let (own, theirs) = (team(&app, "Sales", None, &[]).await, team(&second, "Sales", None, &[]).await);
    let missing = |field: &str| format!("NOT_FOUND: {field} NOT_FOUND");
    assert_eq!(refusal(&app, "teamUpdate", theirs.update(&json!({"name": "X"}))).await, missing("id"));
    assert_eq!(
        refusal(&app, "teamUpdate", own.update(&json!({"parentId": theirs.id}))).await,
        missing("parentId")
    );
    assert_eq!(refusal(&app, "teamDelete", theirs.input()).await, missing("id"));
    let people = json!({"id": own.id, "userIds": [second.user_id()]});
    assert_eq!(refusal(&app, "teamMembersAdd", people).await, missing("userIds.0"));
}

async fn the_company_changes(app: TestApp) {
    let fields = "name slug locale timeZone baseCurrency phoneRegion fiscalYearStart version";
    let input = json!({
        "expectedVersion": 1, "name": "Nordlicht", "locale": "zh-cn", "timeZone": "asia/shanghai",
        "baseCurrency": "cny", "phoneRegion": "CN", "fiscalYearStart": 4,
    });
    let changed = change(&app, "tenantUpdate", input, fields).await;
    let expected = json!({
        "name": "Nordlicht", "slug": "company-1", "locale": "zh-CN", "timeZone": "Asia/Shanghai",
        "baseCurrency": "CNY", "phoneRegion": "CN", "fiscalYearStart": 4, "version": 2,
    });
    assert_eq!(changed, expected);
    let data = app.data("{ viewer { timeZone language } }", json!({})).await;
    assert_eq!(data["viewer"], json!({"timeZone": "Asia/Shanghai", "language": "zh-CN"}), "at once");
    for (input, expected) in [
        (json!({"expectedVersion": 1, "name": "X"}), "CONFLICT: name CHANGED"),
        (json!({"expectedVersion": 2, "fiscalYearStart": 13}), "VALIDATION: fiscalYearStart RANGE"),
        (
            json!({"expectedVersion": 2, "baseCurrency": "XX", "name": ""}),
            "VALIDATION: baseCurrency CURRENCY_UNKNOWN, name REQUIRED",
        ),
    ] {
        assert_eq!(refusal(&app, "tenantUpdate", input.clone()).await, expected, "{input}");
    }
    let same = change(&app, "tenantUpdate", json!({"expectedVersion": 2, "phoneRegion": null}), fields).await;
    assert_eq!((&same["phoneRegion"], &same["version"]), (&Json::Null, &json!(3)));
    let changes = changes(&app, &app.tenant_id().to_string()).await;
    assert_eq!(changes.last(), Some(&json!({"phoneRegion": ["CN", null]})));
}

/// How each ended: `"ok"`, or the code.
async fn outcomes(app: &TestApp, mutation: &str, inputs: Vec<Json>) -> Vec<String> {
    let answers = join_all(inputs.into_iter().map(|input| try_change(app, mutation, input, "id"))).await;
    let code = |answer: &shoal_testkit::Answer| {
        if answer.errors().is_empty() { "ok".to_owned() } else { answer.code().to_owned() }
    };
    let mut codes: Vec<String> = answers.iter().map(code).collect();
    codes.sort();
    codes
}

async fn no_ring_by_three_at_once(app: TestApp) {
    for round in 0..6 {
        let name = |team: &str| format!("{team}{round}");
        let a = team(&app, &name("a"), None, &[]).await;
        let b = team(&app, &name("b"), None, &[]).await;
        let c = team(&app, &name("c"), None, &[]).await;
        let under = |child: &Record, parent: &Record| child.update(&json!({"parentId": parent.id}));
        let inputs = vec![under(&a, &b), under(&b, &c), under(&c, &a)];
        assert_eq!(outcomes(&app, "teamUpdate", inputs).await, ["VALIDATION", "ok", "ok"]);
    }
}

async fn one_name_beside_another(app: TestApp) {
    let inputs = (0..8).map(|_| json!({"name": "Sales"})).collect();
    let codes = outcomes(&app, "teamCreate", inputs).await;
    assert_eq!(codes.iter().filter(|code| *code == "ok").count(), 1, "{codes:?}");
    assert_eq!(codes.iter().filter(|code| *code == "DUPLICATE").count(), 7, "{codes:?}");
}

async fn no_record_of_a_team_that_is_gone(app: TestApp) {
    let one = account(&app, "A").await;
    let mut version = one.version;
    for round in 0..10 {
        let sales = team(&app, &format!("T{round}"), None, &[]).await;
        let given = Record { version, ..one.clone() }.update(&json!({"teamId": sales.id}));
        let (deleted, given) = tokio::join!(
            try_change(&app, "teamDelete", sales.input(), "id"),
            try_change(&app, "accountUpdate", given, "version")
        );
        let codes = [&deleted, &given].map(|answer| {
            if answer.errors().is_empty() { "ok".to_owned() } else { answer.code().to_owned() }
        });
        let fine = [["ok", "NOT_FOUND"], ["IN_USE", "ok"]];
        assert!(fine.iter().any(|fine| *fine == [codes[0].as_str(), codes[1].as_str()]), "{codes:?}");
        if codes[1] == "ok" {
            version += 1;
        }
    }
}
