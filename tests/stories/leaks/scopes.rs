//! People of one company whose rights reach so far: what lies further away is not there.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};
use shoal_graphql::declare::RelationKind;
use shoal_testkit::TestApp;
use uuid::Uuid;

use super::ask::{Answers, ask, changed, expect_answered, expect_same};
use super::listen::Listener;
use super::mutations::{Known, known, probes};
use super::questions::{Question, by_ids, filters_by_id, questions};
use super::schema::Schema;
use super::seed::{SECRET, Whose, bring_in, customer, export, file, job, report, rewrite, unit};
use super::stored;
use crate::bulk::literal;
use crate::catalogue::rows;
use crate::staff::{NOTHING, invite, role, team};
use crate::support::{Record, change, contact};

/// Rights that tell of all records, whosever they are.
const TELLS_ALL: [&str; 5] = [
    "core.audit.read",
    "core.event.manage",
    "core.module.manage",
    // That something was with somebody is told, and nothing else of it: `timeline.rs` says so.
    "core.timeline.read",
    "witness.sighting.read",
];

/// Where records are: in a team at the top, in one below it, in one beside them.
struct Places {
    flat: Uuid,
    top: Record,
    below: Record,
    other: Record,
}

/// Somebody, and what they were answered when all was there that they may see.
struct Person {
    app: TestApp,
    scope: &'static str,
    schema: Schema,
    questions: Vec<Question>,
    before: Answers,
    known: Known,
    listens: Listener,
}

pub async fn scopes_hold_everywhere(app: TestApp) {
    let places = places(&app).await;
    let mut people = Vec::new();
    for scope in ["OWN", "TEAM", "TEAM_AND_BELOW"] {
        people.push((scope, with_scope(&app, &places, scope).await));
    }
    let nobodys = Whose::new(Some(app.user_id()), Some(&places.other));
    let hidden = customer(&app, "First", &nobodys, places.flat).await;
    let (mut asked, mut mine) = (Vec::new(), Vec::new());
    for (scope, person) in people {
        let whose = Whose::new(Some(person.user_id()), Some(&places.other));
        mine.push(customer(&app, "First", &whose, places.flat).await);
        match scope {
            "OWN" => {}
            "TEAM" => drop(customer(&app, "First", &Whose::new(None, Some(&places.top)), places.flat).await),
            _ => drop(customer(&app, "First", &Whose::new(None, Some(&places.below)), places.flat).await),
        }
        // Theirs, at an account that is not.
        let at = json!({"givenName": "At", "ownerId": person.user_id(), "accountId": hidden.account.id});
        contact(&app, at).await;
        job(&person, "First").await;
        file(&person, "First").await;
        bring_in(&person, "First").await;
        export(&person, "First").await;
        app.deliver().await;
        asked.push(listen(&app, person, scope).await);
    }
    let ids: BTreeSet<String> = stored::ids(&app).await.into_iter().collect();
    let Person { schema, questions, .. } = &asked[0];
    let before = ask(&app, questions).await;
    // What none of them may see comes, and changes: beside what they see, and hanging on it.
    customer(&app, SECRET, &nobodys, places.flat).await;
    customer(&app, SECRET, &Whose::default(), places.flat).await;
    rewrite(&app, &hidden, SECRET).await;
    for seen in &mine {
        let below = json!({"name": SECRET, "parentId": seen.account.id, "ownerId": app.user_id()});
        change(&app, "accountCreate", below, "id").await;
        report(&app, SECRET, &nobodys, &seen.contact, places.flat).await;
        let there = json!({"givenName": SECRET, "ownerId": app.user_id(), "accountId": seen.account.id});
        contact(&app, there).await;
    }
    app.with_session_of(app.user_id()).await;
    job(&app, SECRET).await;
    file(&app, SECRET).await;
    bring_in(&app, SECRET).await;
    export(&app, SECRET).await;
    app.deliver().await;
    let new: Vec<String> = stored::ids(&app).await.into_iter().filter(|id| !ids.contains(id)).collect();
    // Who may see everything is told much.
    let changed = changed(questions, &before, &ask(&app, questions).await);
    for ty in reached(&app, &app, "OWN").await.keys() {
        let (root, _) = schema.lists().find(|(_, listed)| listed == ty).unwrap();
        assert!(changed[&root.name].0 * 2 > changed[&root.name].1, "little happened: {changed:?}");
    }
    for person in asked {
        learns_nothing(&app, person, &new).await;
    }
}

async fn places(app: &TestApp) -> Places {
    let top = team(app, "Top", None, &[]).await;
    let below = team(app, "Below", Some(&top), &[]).await;
    let other = team(app, "Other", None, &[]).await;
    let account = crate::support::account(app, "Manager").await;
    let flat = unit(app, "Garden", Some(&account)).await;
    Places { flat, top, below, other }
}

/// Somebody in the team at the top, with every right that can be scoped so far, and the others but those that tell of all.
async fn with_scope(app: &TestApp, places: &Places, scope: &str) -> TestApp {
    let rights = app.data("{ rights { name scoped } }", json!({})).await;
    let rights = rights["rights"].as_array().unwrap().iter().map(|right| {
        let name = right["name"].as_str().unwrap();
        (name, if right["scoped"] == true { format!("{name}:{scope}") } else { name.to_owned() })
    });
    let rights: Vec<String> =
        rights.filter(|(name, _)| !TELLS_ALL.contains(name)).map(|(_, right)| right).collect();
    let rights: Vec<&str> = rights.iter().map(String::as_str).collect();
    let role = role(app, scope, &rights).await;
    let email = format!("{scope}@company.example");
    let input = json!({"email": email, "name": scope, "roleIds": [role.id], "teamIds": [places.top.id]});
    let (user, _) = invite(app, input).await;
    app.with_session_of(user.id.parse().unwrap()).await
}

/// Somebody asks everything that they are shown, and listens from now on.
async fn listen(app: &TestApp, person: TestApp, scope: &'static str) -> Person {
    let schema = Schema::of(&person).await;
    let questions = questions(&schema);
    let before = ask(&person, &questions).await;
    expect_answered(scope, &questions, &before);
    let known = known(&person, &schema).await;
    let reached = reached(app, &person, scope).await;
    for (ty, ids) in &reached {
        let listed: BTreeSet<&String> = known[ty].iter().collect();
        assert_eq!(listed, ids.iter().collect(), "{scope}: {ty}");
        assert!(!ids.is_empty(), "{scope}: `seed` makes no {ty} of theirs");
    }
    for (question, answer) in questions.iter().zip(&before) {
        expect_within(&reached, answer, &|ty, id| panic!("{scope}: {ty} {id} in {}", question.text));
    }
    let listens = Listener::of(&person, &schema).await;
    Person { app: person, scope, schema, questions, before, known, listens }
}

/// What there is for somebody with a scope, by the owners and teams that are stored: the ids of each type that has any.
async fn reached(app: &TestApp, person: &TestApp, scope: &str) -> BTreeMap<String, BTreeSet<String>> {
    let viewer = person.data("{ viewer { teams { id children { nodes { id } } } } }", json!({})).await;
    let teams = viewer["viewer"]["teams"].as_array().unwrap();
    let below = teams.iter().flat_map(|team| team["children"]["nodes"].as_array().unwrap());
    let teams: Vec<&Json> = match scope {
        "OWN" => Vec::new(),
        "TEAM" => teams.iter().collect(),
        _ => teams.iter().chain(below).collect(),
    };
    let teams = teams.iter().map(|team| literal(app, team["id"].as_str().unwrap().parse().unwrap()));
    let teams = teams.collect::<Vec<_>>().join(", ");
    let (tenant, user) = (literal(app, app.tenant_id()), literal(app, person.user_id()));
    let catalog = app.kernel().modules.schemas().all();
    let mut reached = BTreeMap::new();
    for entity in &catalog.entities {
        let Some(owned) = &entity.declaration.ownership else { continue };
        let of_team = owned.team.as_ref().filter(|_| !teams.is_empty());
        let of_team = of_team.map(|team| format!(" OR {team} IN ({teams})")).unwrap_or_default();
        let sql = format!(
            "SELECT id FROM {} WHERE tenant_id = {tenant} AND ({} = {user}{of_team})",
            entity.table(),
            owned.owner
        );
        let ids = rows(app, &sql).await;
        let ids = ids.iter().map(|row| row.try_get_by_index::<Uuid>(0).unwrap().to_string());
        reached.insert(entity.name().to_owned(), ids.collect());
    }
    with_others(app, &mut reached).await;
    reached
}

/// What is there with another record that is, such as its files.
async fn with_others(app: &TestApp, reached: &mut BTreeMap<String, BTreeSet<String>>) {
    let tenant = literal(app, app.tenant_id());
    let catalog = app.kernel().modules.schemas().all();
    for entity in catalog.entities.iter().filter(|entity| entity.declaration.visible_either) {
        for relation in entity.visible_with.iter().map(|position| &entity.relations[*position]) {
            let RelationKind::AnyRecord { type_column, id_column } = &relation.declaration.kind else {
                panic!("{}: how does one find what it is visible with?", entity.name())
            };
            let table = entity.table();
            let sql = format!(
                "SELECT id, {type_column}, {id_column} FROM {table} WHERE tenant_id = {tenant} AND {id_column} IS NOT NULL"
            );
            for row in rows(app, &sql).await {
                let id = |index| row.try_get_by_index::<Uuid>(index).unwrap().to_string();
                let other: String = row.try_get_by_index(1).unwrap();
                if reached.get(&other).is_some_and(|ids| ids.contains(&id(2))) {
                    reached.entry(entity.name().to_owned()).or_default().insert(id(0));
                }
            }
        }
    }
}

/// Every record of these types in an answer is one of these.
fn expect_within(reached: &BTreeMap<String, BTreeSet<String>>, answer: &Json, wrong: &dyn Fn(&str, &str)) {
    match answer {
        Json::Object(fields) => {
            if let (Some(ty), Some(id)) = (answer["__typename"].as_str(), answer["id"].as_str())
                && reached.get(ty).is_some_and(|ids| !ids.contains(id))
            {
                wrong(ty, id);
            }
            fields.values().for_each(|value| expect_within(reached, value, wrong));
        }
        Json::Array(items) => items.iter().for_each(|item| expect_within(reached, item, wrong)),
        _ => {}
    }
}

/// What came and changed since is not there, whichever way it is asked for; `new` are the ids of all that came.
async fn learns_nothing(app: &TestApp, person: Person, new: &[String]) {
    let Person { app: somebody, scope, schema, questions, before, known: seen, mut listens } = person;
    let (somebody, schema, questions) = (&somebody, &schema, &questions);
    let after = ask(somebody, questions).await;
    expect_same(scope, questions, &before, &after);
    let known_ids: BTreeSet<&String> = seen.values().flatten().collect();
    for (root, ids) in listens.told().await {
        let beyond = ids.iter().filter(|id| !known_ids.contains(id)).take(5).collect::<Vec<_>>();
        assert!(beyond.is_empty(), "{scope}: {root} tells of {beyond:?}");
    }
    let mut hidden = known(app, schema).await;
    for (ty, ids) in &mut hidden {
        ids.retain(|id| !seen[ty].contains(id));
    }
    let ids: Vec<String> = hidden.values().flatten().cloned().collect();
    let by_id = by_ids(schema, &hidden, &[ids.as_slice(), new].concat());
    for (question, answer) in by_id.iter().zip(ask(somebody, &by_id).await) {
        assert_eq!(answer, json!({"data": null, "errors": []}), "{scope}: {}", question.text);
    }
    let (theirs, nothing) = (filters_by_id(schema, &ids), filters_by_id(schema, &[NOTHING.to_owned()]));
    expect_same(scope, &theirs, &ask(somebody, &nothing).await, &ask(somebody, &theirs).await);
    let stored_before = stored::of(app).await;
    let (mut found, mut tried) = (Vec::new(), 0);
    for probe in probes(schema, &seen) {
        tried += probe.expect_unknown(somebody, &hidden, &mut found).await;
    }
    assert!(tried > 50, "{scope}: {tried}");
    let few = found.iter().take(5).cloned().collect::<Vec<_>>().join("\n");
    assert!(found.is_empty(), "{scope}: {} of {tried}:\n{few}", found.len());
    stored::expect_same(&stored_before, &stored::of(app).await);
}
