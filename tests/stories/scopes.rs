//! With which records: one's own, those of one's teams, of the teams below, or all. The same in lists, counts, sums,
//! relations, filters, single records and changes.

use serde_json::{Value as Json, json};
use shoal_testkit::TestApp;
use uuid::Uuid;

use crate::staff::{team, with_rights};
use crate::support::{Record, both_databases, change, refusal, texts};

both_databases!(
    every_way_of_reading_has_the_same_records,
    what_is_not_read_is_not_changed,
    what_is_read_is_changed_as_far_as_the_right_reaches,
    two_roles_reach_as_far_as_the_wider,
);

/// How many of the four records each scope reaches: mine, my team's, that of the team below, another team's.
const SCOPES: [(&str, usize); 4] = [("OWN", 1), ("TEAM", 2), ("TEAM_AND_BELOW", 3), ("ALL", 4)];

const NAMES: [&str; 4] = ["1 mine", "2 team", "3 below", "4 other"];

/// Somebody whose rights to read have this scope, and those to change `changes`.
async fn seller(app: &TestApp, name: &str, reads: &str, changes: &str) -> TestApp {
    let of = |object: &str| {
        [
            format!("contacts.{object}.read:{reads}"),
            format!("contacts.{object}.update:{changes}"),
            format!("contacts.{object}.delete:{changes}"),
        ]
    };
    let rights: Vec<String> = of("account").into_iter().chain(of("contact")).collect();
    let rights: Vec<&str> = rights.iter().map(String::as_str).chain(["core.team.read"]).collect();
    with_rights(app, name, &rights).await
}

/// An account of each kind with a contact of the same kind, as `seller` sees it.
async fn customers(app: &TestApp, seller: &TestApp) -> Vec<(Record, Record)> {
    let unique = seller.user_id().to_string();
    let top = team(app, &format!("Top {unique}"), None, &[seller.user_id()]).await;
    let below = team(app, "Below", Some(&top), &[]).await;
    let lowest = team(app, "Lowest", Some(&below), &[]).await;
    let other = team(app, &format!("Other {unique}"), None, &[]).await;
    let mine = Some(seller.user_id());
    let owners: [(Option<Uuid>, &Record); 4] =
        [(mine, &other), (None, &top), (None, &lowest), (None, &other)];
    let mut made = Vec::new();
    for (name, (owner, team)) in NAMES.into_iter().zip(owners) {
        let whose = json!({"ownerId": owner, "teamId": team.id});
        let with = |fields: Json| {
            let mut input = whose.clone();
            input.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
            input
        };
        let account = with(json!({"name": name, "employees": 10}));
        let account = Record::of(&change(app, "accountCreate", account, "id version").await);
        let contact = with(json!({"displayName": name, "accountId": account.id}));
        made.push((account, Record::of(&change(app, "contactCreate", contact, "id version").await)));
    }
    made
}

async fn every_way_of_reading_has_the_same_records(app: TestApp) {
    // Everybody's own records stand apart from those of the others: one company for each.
    for ((scope, reached), number) in SCOPES.into_iter().zip(2..) {
        let app = app.tenant(number).await;
        let seller = seller(&app, "seller", scope, scope).await;
        let made = customers(&app, &seller).await;
        let names = &NAMES[..reached];
        let data = seller.data("{
            accounts(orderBy: {name: ASC}) { totalCount nodes { name contacts { totalCount nodes { displayName } } } }
            contacts(orderBy: {displayName: ASC}) { totalCount nodes { displayName account { name } } }
            accountsAggregate { count sum { employees } }
            byName: accountsAggregate(groupBy: [{field: NAME}]) { keys count }
            having: accounts(filter: {contacts: {some: {displayName: {isNull: false}}}}) { totalCount }
            of: contacts(filter: {account: {name: {isNull: false}}}) { totalCount }
        }", json!({})).await;
        assert_eq!(texts(&data["accounts"]["nodes"], "name"), names, "{scope}");
        assert_eq!(texts(&data["contacts"]["nodes"], "displayName"), names, "{scope}");
        for count in [&data["accounts"], &data["contacts"], &data["having"], &data["of"]] {
            assert_eq!(count["totalCount"], reached, "{scope} {data:#}");
        }
        let totals = json!([{"count": reached, "sum": {"employees": 10 * reached}}]);
        assert_eq!(data["accountsAggregate"], totals, "{scope}");
        assert_eq!(data["byName"].as_array().unwrap().len(), reached, "{scope}");
        for (position, (account, contact)) in made.iter().enumerate() {
            let document = "query($account: ID!, $contact: ID!) {
                account(id: $account) { id } contact(id: $contact) { id }
                node(id: $account) { id } other: node(id: $contact) { id }
            }";
            let data = seller.data(document, json!({"account": account.id, "contact": contact.id})).await;
            for field in ["account", "contact", "node", "other"] {
                assert_eq!(data[field].is_null(), position >= reached, "{scope} {position} {field}");
            }
        }
    }
}

/// Relations lead to nothing that is not there for who asks.
async fn what_is_not_read_is_not_changed(app: TestApp) {
    let seller = seller(&app, "seller", "TEAM", "ALL").await;
    let made = customers(&app, &seller).await;
    for (position, (account, contact)) in made.iter().enumerate() {
        let expected = if position < 2 { "ok" } else { "NOT_FOUND: id NOT_FOUND" };
        for (mutation, input) in [
            ("accountUpdate", account.update(&json!({"employees": 11}))),
            ("contactUpdate", contact.update(&json!({"jobTitle": "CEO"}))),
        ] {
            assert_eq!(outcome(&seller, mutation, input).await, expected, "{position} {mutation}");
        }
        let account = Record { version: 2, ..account.clone() };
        let contact = Record { version: 2, ..contact.clone() };
        for (mutation, input) in [("accountDelete", account.input()), ("contactDelete", contact.input())] {
            assert_eq!(outcome(&seller, mutation, input).await, expected, "{position} {mutation}");
        }
    }
    // Nor does somebody get at an account by a contact of theirs.
    let hidden = &made[3].0;
    let input = json!({"displayName": "X", "accountId": hidden.id});
    let creator = with_rights(
        &app,
        "creator",
        &["contacts.contact.create", "contacts.contact.read", "contacts.account.read:OWN"],
    )
    .await;
    assert_eq!(refusal(&creator, "contactCreate", input).await, "NOT_FOUND: accountId NOT_FOUND");
}

async fn outcome(app: &TestApp, mutation: &str, input: Json) -> String {
    let answer = crate::support::try_change(app, mutation, input, "id").await;
    if answer.errors().is_empty() { "ok".to_owned() } else { answer.refusal().replace("input.", "") }
}

async fn what_is_read_is_changed_as_far_as_the_right_reaches(app: TestApp) {
    for ((scope, reached), number) in SCOPES.into_iter().zip(2..) {
        let app = app.tenant(number).await;
        let seller = seller(&app, "seller", "ALL", scope).await;
        let made = customers(&app, &seller).await;
        for (position, (account, contact)) in made.iter().enumerate() {
            let expected = if position < reached { "ok" } else { "FORBIDDEN" };
            let changed = if position < reached { 2 } else { 1 };
            for (mutation, input) in [
                ("accountUpdate", account.update(&json!({"employees": 11}))),
                ("contactUpdate", contact.update(&json!({"jobTitle": "CEO"}))),
                ("accountDelete", Record { version: changed, ..account.clone() }.input()),
                ("contactDelete", Record { version: changed, ..contact.clone() }.input()),
            ] {
                assert_eq!(
                    outcome(&seller, mutation, input).await,
                    expected,
                    "{scope} {position} {mutation}"
                );
            }
        }
    }
}

async fn two_roles_reach_as_far_as_the_wider(app: TestApp) {
    let seller = with_rights(&app, "seller", &["contacts.account.read:OWN"]).await;
    customers(&app, &seller).await;
    let sees = async || {
        seller.data("{ accounts { totalCount } }", json!({})).await["accounts"]["totalCount"]
            .as_u64()
            .unwrap()
    };
    assert_eq!(sees().await, 1);
    let wider = crate::staff::role(&app, "wider", &["contacts.account.read:TEAM_AND_BELOW"]).await;
    let record = crate::staff::user_record(&app, &seller.user_id().to_string()).await;
    let own = app.data("{ roles(filter: {name: {eq: \"seller\"}}) { nodes { id } } }", json!({})).await;
    let roles = json!({"roleIds": [own["roles"]["nodes"][0]["id"], wider.id]});
    change(&app, "userUpdate", record.update(&roles), "id").await;
    assert_eq!(sees().await, 3);
}
