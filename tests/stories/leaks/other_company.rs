//! Another company on the same database, seen by its administrator.

use std::collections::BTreeSet;

use serde_json::json;
use shoal_testkit::TestApp;

use super::ask::{ask, changed, expect_answered, expect_same};
use super::listen::Listener;
use super::mutations::{known, probes};
use super::questions::{by_ids, filters_by_id, questions};
use super::schema::Schema;
use super::seed::{SECRET, Whose, company, customer, rewrite, staff, unit};
use super::stored;
use crate::staff::NOTHING;

/// Roots that say the same whatever a company has.
const SAME: [&str; 4] = ["importTargets", "rights", "timelineKinds", "viewer"];

pub async fn another_company_learns_nothing(app: TestApp) {
    let other = company(&app, 2).await;
    fill(&other, "Own").await;
    let schema = Schema::of(&other).await;
    let questions = questions(&schema);
    let (before, empty) = (ask(&other, &questions).await, ask(&app, &questions).await);
    expect_answered("the other company", &questions, &before);
    let (mut listens, mut hears) = (Listener::of(&other, &schema).await, Listener::of(&app, &schema).await);

    fill(&app, SECRET).await;

    let after = ask(&other, &questions).await;
    expect_same("the other company", &questions, &before, &after);
    let filled = ask(&app, &questions).await;
    for (root, (differ, all)) in changed(&questions, &empty, &filled) {
        assert!(
            differ > 0 || SAME.contains(&root.as_str()),
            "`seed` makes nothing that `{root}` tells: 0 of {all}"
        );
    }
    for (root, ids) in hears.told().await {
        assert!(!ids.is_empty(), "`seed` changes nothing that `{root}` tells");
    }
    for (root, ids) in listens.told().await {
        assert!(ids.is_empty(), "{root}: {} changes of another company", ids.len());
    }
    ids_say_nothing(&app, &other, &schema).await;
    nothing_changes(&app, &other, &schema).await;
}

/// Something of everything.
async fn fill(app: &TestApp, mark: &str) {
    staff(app, mark).await;
    let whose = Whose::new(Some(app.user_id()), None);
    let account = crate::support::account(app, &format!("{mark} manager")).await;
    let flat = unit(app, mark, Some(&account)).await;
    let customer = customer(app, mark, &whose, flat).await;
    rewrite(app, &customer, &format!("{mark}2")).await;
    app.deliver().await;
    app.change_module("witness", "SUSPEND", json!({})).await;
    app.deliver().await;
}

/// An id of another company is one that nothing has.
async fn ids_say_nothing(app: &TestApp, other: &TestApp, schema: &Schema) {
    let ids = stored::ids(app).await;
    let seen = known(app, schema).await;
    let by_id = by_ids(schema, &seen, &ids);
    for (question, answer) in by_id.iter().zip(ask(other, &by_id).await) {
        assert_eq!(answer, json!({"data": null, "errors": []}), "{}", question.text);
    }
    let filters = |ids: &[String]| filters_by_id(schema, ids);
    let theirs = filters(&ids);
    let (told, expected) = (ask(other, &theirs).await, ask(other, &filters(&[NOTHING.to_owned()])).await);
    expect_same("by ids of another company", &theirs, &expected, &told);
    // They are ids of something, and what answers `null` here answers there.
    let seen: BTreeSet<String> = seen.into_values().flatten().collect();
    assert!(seen.iter().all(|id| ids.contains(id)));
    let there = filters(&seen.into_iter().collect::<Vec<_>>());
    let found = ask(app, &there).await;
    let found = found.iter().filter(|answer| !answer["data"]["nodes"].as_array().unwrap().is_empty()).count();
    assert!(found * 2 > there.len(), "{found} of {} filters by id find something", there.len());
}

/// No mutation reaches a record of another company, nor says that there is one.
async fn nothing_changes(app: &TestApp, other: &TestApp, schema: &Schema) {
    let (own, foreign) = (known(other, schema).await, known(app, schema).await);
    let before = [stored::of(app).await, stored::of(other).await];
    let (mut found, mut tried) = (Vec::new(), 0);
    for probe in probes(schema, &own) {
        tried += probe.expect_unknown(other, &foreign, &mut found).await;
    }
    assert!(tried > 100, "{tried}");
    let few = found.iter().take(5).cloned().collect::<Vec<_>>().join("\n");
    assert!(found.is_empty(), "{} of {tried}:\n{few}", found.len());
    for (company, before) in [app, other].into_iter().zip(&before) {
        stored::expect_same(before, &stored::of(company).await);
    }
}
