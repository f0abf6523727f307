//! Work that is done later: in steps, each of which is there once, whatever fails.

use std::time::Duration;

use serde_json::{Value as Json, json};
use shoal_core::module::Modules;
use shoal_core::{job, role};
use shoal_testkit::{Options, TestApp};

use crate::bulk::execute;
use crate::catalogue::rows;
use crate::staff::{audit, with_rights};
use crate::subscriptions::client::Events;
use crate::support::both_databases;

both_databases!(
    a_refused_change_leaves_no_job,
    a_job_goes_step_by_step,
    progress_is_told,
    a_refusal_ends_a_job_and_a_retry_goes_on_where_it_stopped,
    a_fault_is_tried_again_later_and_later,
    one_of_a_key_at_a_time,
    priorities_and_times_decide,
    companies_have_their_turns,
    a_suspended_modules_jobs_wait_and_a_purged_ones_are_gone,
    rights_are_asked_at_each_step,
    people_see_their_own,
    old_jobs_go,
    steps_may_work_ahead,
);

pub fn modules() -> Modules {
    Modules::new().with(shoal_contacts::Contacts).with(shoal_tests::Witness)
}

/// The same with the module that counts.
pub async fn counting(app: &TestApp) -> TestApp {
    TestApp::start_with(app.backend(), Options { modules, ..Options::default() }).await
}

/// Starts a job: its id.
pub async fn start(app: &TestApp, input: Json) -> String {
    let document = "mutation($input: CountStart!) { countStart(input: $input) { id } }";
    app.data(document, json!({"input": input})).await["countStart"]["id"].as_str().unwrap().to_owned()
}

pub async fn see(app: &TestApp, id: &str) -> Json {
    let document = "query($id: ID!) { job(id: $id) {
        kind title state done total attempts error output startedAt finishedAt version createdBy { email } } }";
    app.data(document, json!({"id": id})).await["job"].clone()
}

/// `STATE done/total attempts error`
pub async fn state(app: &TestApp, id: &str) -> String {
    let job = see(app, id).await;
    let text = |field: &str| job[field].as_str().unwrap_or("-").to_owned();
    format!("{} {}/{} {} {}", text("state"), job["done"], job["total"], job["attempts"], text("error"))
}

/// What a job has counted, in order.
pub async fn counted(app: &TestApp, id: &str) -> Vec<i64> {
    let document =
        "query($id: ID!) { sightings(first: 1000, orderBy: {id: ASC}, filter: {eventId: {eq: $id}}) {
        nodes { number } } }";
    let data = app.data(document, json!({"id": id})).await;
    data["sightings"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|node| node["number"].as_i64().unwrap())
        .collect()
}

pub async fn change(app: &TestApp, mutation: &str, id: &str) -> String {
    let document = format!("mutation($id: ID!) {{ {mutation}(input: {{id: $id}}) {{ job {{ state }} }} }}");
    let answer = app.graphql(&document, json!({"id": id})).await;
    if answer.errors().is_empty() {
        answer.data()[mutation]["job"]["state"].as_str().unwrap().to_owned()
    } else {
        answer.refusal()
    }
}

async fn a_refused_change_leaves_no_job(app: TestApp) {
    let app = counting(&app).await;
    let document = "mutation { countStart(input: {refused: true}) { id } }";
    assert_eq!(app.graphql(document, json!({})).await.code(), "WITNESS_REFUSES");
    assert_eq!(app.data("{ jobs { totalCount } }", json!({})).await["jobs"]["totalCount"], 0);
    assert_eq!(app.work().await, 0);
}

async fn a_job_goes_step_by_step(app: TestApp) {
    let app = counting(&app).await;
    let id = start(&app, json!({"to": 3})).await;
    assert_eq!(state(&app, &id).await, "QUEUED 0/null 0 -");
    assert_eq!(app.work().await, 1);
    let job = see(&app, &id).await;
    assert_eq!((&job["state"], &job["done"], &job["total"]), (&json!("SUCCEEDED"), &json!(3), &json!(3)));
    assert_eq!((&job["kind"], &job["title"]), (&json!("witness.count"), &json!("Count")));
    assert_eq!((&job["output"], &job["version"]), (&json!({"counted": 3, "note": null}), &json!(5)));
    assert!(job["startedAt"].is_string() && job["finishedAt"].is_string(), "{job}");
    assert_eq!(job["createdBy"]["email"], "admin@company.example");
    assert_eq!(counted(&app, &id).await, [1, 2, 3]);
    // What changes is told, and is not in the audit.
    let events = rows(&app, "SELECT name FROM core_event WHERE record_type = 'Job' ORDER BY id").await;
    assert_eq!(events.len(), 5);
    assert_eq!(audit(&app, &id).await, json!([]));
    assert_eq!(app.work().await, 0);
}

async fn progress_is_told(app: TestApp) {
    let app = counting(&app).await;
    let (ann, bo) = (
        app.user("ann@company.example", role::EMPLOYEE).await,
        app.user("bo@company.example", role::EMPLOYEE).await,
    );
    let document = "subscription { jobChanged { kind id changedFields record: job { state done total } } }";
    let mut of_ann = Events::of(&ann, document, Json::Null).await;
    let mut of_bo = Events::of(&bo, document, Json::Null).await;
    let id = start(&ann, json!({"to": 3})).await;
    app.work().await;
    app.deliver().await;
    let mut fields = Vec::new();
    for kind in ["CREATED", "UPDATED", "UPDATED", "UPDATED", "UPDATED"] {
        let told = of_ann.told().await["jobChanged"].clone();
        assert_eq!((&told["kind"], &told["id"]), (&json!(kind), &json!(id)));
        // Records are shown as they are now.
        assert_eq!(told["record"], json!({"state": "SUCCEEDED", "done": 3, "total": 3}));
        fields.push(told["changedFields"].clone());
    }
    assert_eq!(fields[2..4], [json!(["done", "total"]), json!(["done"])]);
    of_ann.is_quiet().await;
    of_bo.is_quiet().await;
}

async fn a_refusal_ends_a_job_and_a_retry_goes_on_where_it_stopped(app: TestApp) {
    let app = counting(&app).await;
    let until = "2026-03-02T10:00:00Z";
    let id = start(&app, json!({"to": 4, "at": 3, "trouble": "refuse", "until": until})).await;
    app.work().await;
    assert_eq!(state(&app, &id).await, "FAILED 2/4 1 WITNESS_REFUSES: I count no further");
    assert_eq!(change(&app, "jobCancel", &id).await, "CONFLICT");
    app.clock().advance(Duration::from_mins(40));
    assert_eq!(app.work().await, 0);
    assert_eq!(change(&app, "jobRetry", &id).await, "QUEUED");
    app.work().await;
    assert_eq!(state(&app, &id).await, "SUCCEEDED 4/4 0 -");
    assert_eq!(counted(&app, &id).await, [1, 2, 3, 4]);
    assert_eq!(change(&app, "jobRetry", &id).await, "CONFLICT");
    // Who wanted it is in the audit.
    let changes = audit(&app, &id).await;
    assert_eq!(changes[0]["changes"], json!({"state": ["FAILED", "QUEUED"]}), "{changes}");
}

async fn a_fault_is_tried_again_later_and_later(app: TestApp) {
    let app = counting(&app).await;
    for trouble in ["fault", "panic", "race"] {
        let id = start(&app, json!({"to": 3, "at": 2, "trouble": trouble})).await;
        let mut waited = 1;
        assert_eq!(app.work().await, 1);
        for attempts in 1..job::rules::MOST_ATTEMPTS {
            let seen = state(&app, &id).await;
            assert!(seen.starts_with(&format!("QUEUED 1/3 {attempts} ")), "{seen}");
            assert!(!seen.contains("lost count"), "{seen}");
            app.clock().advance(Duration::from_millis(waited * 1_000 - 1));
            assert_eq!(app.work().await, 0, "{trouble} {attempts}");
            app.clock().advance(Duration::from_millis(1));
            assert_eq!(app.work().await, 1, "{trouble} {attempts}");
            waited *= 2;
        }
        let seen = state(&app, &id).await;
        let expected =
            if trouble == "race" { "other writers were faster" } else { "internal error; the log has" };
        assert!(seen.starts_with(&format!("FAILED 1/3 10 {expected}")), "{seen}");
        assert_eq!(counted(&app, &id).await, [1]);
    }
}

async fn one_of_a_key_at_a_time(app: TestApp) {
    let app = counting(&app).await;
    let keyed = || json!({"uniqueKey": "k", "at": 1, "trouble": "refuse"});
    let (one, other) = tokio::join!(start(&app, keyed()), start(&app, keyed()));
    assert_eq!(one, other);
    app.work().await;
    let next = start(&app, keyed()).await;
    assert_ne!(next, one);
    assert_eq!(change(&app, "jobRetry", &one).await, "CONFLICT");
    assert_eq!(change(&app, "jobCancel", &next).await, "CANCELLED");
    assert_eq!(change(&app, "jobCancel", &next).await, "CANCELLED");
    assert_eq!(change(&app, "jobRetry", &one).await, "QUEUED");
    assert_eq!(change(&app, "jobRetry", &next).await, "CONFLICT");
}

/// The jobs in the order in which they were over.
async fn finished(app: &TestApp) -> Vec<String> {
    let found = rows(app, "SELECT event_id, id FROM witness_sighting WHERE number = 1 ORDER BY id").await;
    found.iter().map(|row| row.try_get_by_index::<uuid::Uuid>(0).unwrap().to_string()).collect()
}

async fn priorities_and_times_decide(app: TestApp) {
    let app = counting(&app).await;
    let last = start(&app, json!({"priority": 2})).await;
    let later = start(&app, json!({"dueAt": "2026-03-02T10:00:00Z", "priority": 0})).await;
    let usual = start(&app, json!({})).await;
    let first = start(&app, json!({"priority": 0})).await;
    assert_eq!(app.work().await, 3);
    assert_eq!(finished(&app).await, [first.as_str(), &usual, &last]);
    app.clock().advance(Duration::from_mins(30));
    assert_eq!(app.work().await, 1);
    assert_eq!(finished(&app).await.last(), Some(&later));
}

async fn companies_have_their_turns(app: TestApp) {
    let app = counting(&app).await;
    let other = app.tenant(2).await;
    for _ in 0..20 {
        start(&app, json!({"to": 1})).await;
    }
    let theirs = start(&other, json!({"to": 1})).await;
    assert!(see(&app, &theirs).await.is_null());
    assert_eq!(change(&app, "jobCancel", &theirs).await, "NOT_FOUND: input.id NOT_FOUND");
    assert_eq!(app.work().await, 21);
    let place = finished(&app).await.iter().position(|id| *id == theirs);
    assert!(place.is_some_and(|place| place < 2), "{place:?}");
}

async fn a_suspended_modules_jobs_wait_and_a_purged_ones_are_gone(app: TestApp) {
    let app = counting(&app).await;
    let (one, other) = (start(&app, json!({})).await, app.tenant(2).await);
    let theirs = start(&other, json!({})).await;
    let plan = r#"{ modulePlan(module: "witness", action: SUSPEND) { openJobs } }"#;
    assert_eq!(app.data(plan, json!({})).await["modulePlan"]["openJobs"], 1);
    app.change_module("witness", "SUSPEND", json!({})).await;
    assert_eq!(app.work().await, 1);
    assert_eq!(state(&other, &theirs).await, "SUCCEEDED 3/3 0 -");
    assert_eq!(state(&app, &one).await, "QUEUED 0/null 0 -");
    app.enable("witness").await;
    assert_eq!(app.work().await, 1);
    assert_eq!(state(&app, &one).await, "SUCCEEDED 3/3 0 -");
    let gone = start(&app, json!({})).await;
    app.change_module("witness", "DISABLE", json!({})).await;
    app.change_module("witness", "PURGE", json!({"confirmation": "witness"})).await;
    app.work().await;
    assert!(see(&app, &gone).await.is_null());
    let jobs = "{ jobs { nodes { kind title state createdBy { email } } } }";
    let purge = json!({"kind": "core.purge_module", "title": "Delete the records of a module", "state": "SUCCEEDED",
        "createdBy": {"email": "admin@company.example"}});
    assert_eq!(app.data(jobs, json!({})).await["jobs"]["nodes"], json!([purge]));
    app.enable("witness").await;
    assert_eq!(app.work().await, 0);
}

async fn rights_are_asked_at_each_step(app: TestApp) {
    let app = counting(&app).await;
    let ann = with_rights(&app, "ann", &["witness.count.start", "core.job.read:OWN"]).await;
    let bo = with_rights(&app, "bo", &["witness.count.start", "core.job.read:OWN"]).await;
    let later = json!({"to": 3, "dueAt": "2026-03-02T10:00:00Z"});
    let (of_ann, of_bo) = (start(&ann, later.clone()).await, start(&bo, later).await);
    execute(&app, "UPDATE core_user SET active = (1 = 0) WHERE name = 'ann'").await;
    execute(&app, "DELETE FROM core_role_right WHERE name = 'witness.count.start'").await;
    execute(&app, "UPDATE core_tenant SET access_revision = access_revision + 1").await;
    app.clock().advance(Duration::from_mins(30));
    app.work().await;
    for id in [of_ann, of_bo] {
        let seen = state(&app, &id).await;
        assert_eq!(seen, "FAILED 0/null 1 FORBIDDEN: whoever asked for it may not do it any more");
        assert_eq!(counted(&app, &id).await, Vec::<i64>::new());
    }
}

async fn people_see_their_own(app: TestApp) {
    let app = counting(&app).await;
    let ann = app.user("ann@company.example", role::EMPLOYEE).await;
    let bo = with_rights(&app, "bo", &["core.job.read", "core.job.manage:OWN", "core.user.read"]).await;
    let (of_ann, of_app) = (start(&ann, json!({})).await, start(&app, json!({})).await);
    assert!(see(&ann, &of_app).await.is_null());
    assert_eq!(change(&ann, "jobCancel", &of_app).await, "NOT_FOUND: input.id NOT_FOUND");
    app.work().await;
    assert_eq!(state(&ann, &of_ann).await, "SUCCEEDED 3/3 0 -");
    assert_eq!(see(&ann, &of_ann).await["output"], json!({"counted": 3, "note": null}));
    // Who may see all jobs, but not count, does not see what has come of it, and reaches none.
    assert_eq!(state(&bo, &of_ann).await, "SUCCEEDED 3/3 0 -");
    assert_eq!(see(&bo, &of_ann).await["output"], Json::Null);
    assert!(change(&bo, "jobCancel", &of_ann).await.starts_with("FORBIDDEN"));
    assert_eq!(ann.graphql("{ jobSchedules { totalCount } }", json!({})).await.code(), "FORBIDDEN");
}

async fn old_jobs_go(app: TestApp) {
    let app = counting(&app).await;
    let (old, failed) =
        (start(&app, json!({})).await, start(&app, json!({"at": 1, "trouble": "refuse"})).await);
    let waits = start(&app, json!({"dueAt": "2027-01-01T00:00:00Z"})).await;
    app.work().await;
    app.clock().advance_days(29);
    let app = app.signed_in_again().await;
    let fresh = start(&app, json!({})).await;
    app.work().await;
    assert!(see(&app, &old).await.is_object());
    app.clock().advance_days(2);
    let app = app.signed_in_again().await;
    app.do_job("core.clean_up").await;
    for (id, is_there) in [(&old, false), (&failed, false), (&waits, true), (&fresh, true)] {
        assert_eq!(see(&app, id).await.is_object(), is_there);
    }
}

async fn steps_may_work_ahead(app: TestApp) {
    let app = counting(&app).await;
    let all = (1..=6).collect::<Vec<_>>();
    for trouble in ["meet", "cross"] {
        let id = start(&app, json!({"to": 6, "ahead": true, "at": 3, "trouble": trouble})).await;
        assert_eq!(app.work().await, 1);
        assert_eq!(state(&app, &id).await, "SUCCEEDED 6/6 0 -", "{trouble}");
        assert_eq!(counted(&app, &id).await, all, "{trouble}");
    }
    // What fails ends what was begun behind it, and is done once more from there.
    for trouble in ["fault", "panic", "race"] {
        let until = app.kernel().clock.now() + chrono::TimeDelta::seconds(1);
        let input = json!({"to": 6, "ahead": true, "at": 3, "trouble": trouble, "until": until});
        let id = start(&app, input).await;
        app.work().await;
        assert_eq!(counted(&app, &id).await, [1, 2], "{trouble}");
        app.clock().advance(Duration::from_mins(1));
        app.work().await;
        assert_eq!(state(&app, &id).await, "SUCCEEDED 6/6 0 -", "{trouble}");
        assert_eq!(counted(&app, &id).await, all, "{trouble}");
    }
}
