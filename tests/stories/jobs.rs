//! Work that is done later: in steps, each of which is there once, whatever fails.

use std::time::Duration;

use serde_json::{Value as Json, json};
use shoal_core::module::Modules;
use shoal_core::{job, role};
use shoal_testkit::{Options, SqlLog, TestApp};

use crate::bulk::execute;
use crate::catalogue::rows;
use crate::plans::plan;
use crate::staff::{audit, with_rights};
use crate::support::both_databases;

both_databases!(
    a_refused_change_leaves_no_job,
    a_job_goes_step_by_step,
    a_refusal_ends_a_job_and_a_retry_goes_on_where_it_stopped,
    a_fault_is_tried_again_later_and_later,
    a_dead_workers_job_is_taken_over,
    a_job_that_ends_its_workers_fails,
    one_of_a_key_at_a_time,
    priorities_and_times_decide,
    companies_have_their_turns,
    a_suspended_modules_jobs_wait_and_a_purged_ones_are_gone,
    rights_are_asked_at_each_step,
    people_see_their_own,
    schedules_follow_the_companys_clocks,
    a_company_changes_its_schedules,
    old_jobs_go,
    large_queues_are_read_by_index,
);

/// With several threads.
mod parallel {
    use shoal_testkit::TestApp;

    use super::{a_running_job_is_cancelled, no_step_is_done_twice};
    use crate::support::in_parallel;

    in_parallel!(cancelled, once);

    async fn cancelled(app: TestApp) {
        Box::pin(a_running_job_is_cancelled(app)).await;
    }

    async fn once(app: TestApp) {
        Box::pin(no_step_is_done_twice(app)).await;
    }
}

fn modules() -> Modules {
    Modules::new().with(shoal_contacts::Contacts).with(shoal_tests::Witness)
}

/// The same with the module that counts.
async fn counting(app: &TestApp) -> TestApp {
    TestApp::start_with(app.backend(), Options { modules, ..Options::default() }).await
}

/// Starts a job: its id.
async fn start(app: &TestApp, input: Json) -> String {
    let document = "mutation($input: CountStart!) { countStart(input: $input) { id } }";
    app.data(document, json!({"input": input})).await["countStart"]["id"].as_str().unwrap().to_owned()
}

async fn see(app: &TestApp, id: &str) -> Json {
    let document = "query($id: ID!) { job(id: $id) {
        kind title state done total attempts error output startedAt finishedAt version createdBy { email } } }";
    app.data(document, json!({"id": id})).await["job"].clone()
}

/// `STATE done/total attempts error`
async fn state(app: &TestApp, id: &str) -> String {
    let job = see(app, id).await;
    let text = |field: &str| job[field].as_str().unwrap_or("-").to_owned();
    format!("{} {}/{} {} {}", text("state"), job["done"], job["total"], job["attempts"], text("error"))
}

/// What a job has counted, in order.
async fn counted(app: &TestApp, id: &str) -> Vec<i64> {
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

async fn change(app: &TestApp, mutation: &str, id: &str) -> String {
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
    assert_eq!((&job["output"], &job["version"]), (&json!({"counted": 3}), &json!(5)));
    assert!(job["startedAt"].is_string() && job["finishedAt"].is_string(), "{job}");
    assert_eq!(job["createdBy"]["email"], "admin@company.example");
    assert_eq!(counted(&app, &id).await, [1, 2, 3]);
    // What changes is told, and is not in the audit.
    let events = rows(&app, "SELECT name FROM core_event WHERE record_type = 'Job' ORDER BY id").await;
    assert_eq!(events.len(), 5);
    assert_eq!(audit(&app, &id).await, json!([]));
    assert_eq!(app.work().await, 0);
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

async fn a_dead_workers_job_is_taken_over(app: TestApp) {
    let app = counting(&app).await;
    let until = "2026-03-02T09:30:05Z";
    let id = start(&app, json!({"to": 3, "at": 2, "trouble": "hang", "until": until})).await;
    let kernel = app.kernel().clone();
    let worker = tokio::spawn(async move { job::drain(&kernel).await });
    while counted(&app, &id).await.is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    worker.abort();
    assert!(worker.await.unwrap_err().is_cancelled());
    assert_eq!(app.work().await, 0);
    assert_eq!(state(&app, &id).await, "RUNNING 1/3 0 -");
    app.clock().advance(Duration::from_secs(11));
    assert_eq!(app.work().await, 1);
    assert_eq!(state(&app, &id).await, "SUCCEEDED 3/3 0 -");
    assert_eq!(counted(&app, &id).await, [1, 2, 3]);
}

async fn a_job_that_ends_its_workers_fails(app: TestApp) {
    let app = counting(&app).await;
    let id = start(&app, json!({})).await;
    execute(&app, "UPDATE core_job SET claimed_by = id, state = 'RUNNING', attempts = 8").await;
    execute(&app, "UPDATE core_job SET claimed_by = id, attempts = 9").await;
    app.work().await;
    assert_eq!(state(&app, &id).await, "FAILED 0/null 10 the program ended each time");
    assert_eq!(change(&app, "jobRetry", &id).await, "QUEUED");
    app.work().await;
    assert_eq!(state(&app, &id).await, "SUCCEEDED 3/3 0 -");
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
    assert_eq!(see(&ann, &of_ann).await["output"], json!({"counted": 3}));
    // Who may see all jobs, but not count, does not see what has come of it, and reaches none.
    assert_eq!(state(&bo, &of_ann).await, "SUCCEEDED 3/3 0 -");
    assert_eq!(see(&bo, &of_ann).await["output"], Json::Null);
    assert!(change(&bo, "jobCancel", &of_ann).await.starts_with("FORBIDDEN"));
    assert_eq!(ann.graphql("{ jobSchedules { totalCount } }", json!({})).await.code(), "FORBIDDEN");
}

async fn ticks(app: &TestApp) -> i64 {
    let found = rows(app, "SELECT count(*) FROM witness_sighting WHERE name = 'tick'").await;
    found[0].try_get_by_index(0).unwrap()
}

/// The schedule of the witness.
async fn tick(app: &TestApp) -> Json {
    let document = r#"{ jobSchedules(filter: {kind: {eq: "witness.tick"}}) { nodes {
        id version title pattern effectivePattern active nextAt } } }"#;
    app.data(document, json!({})).await["jobSchedules"]["nodes"][0].clone()
}

async fn schedules_follow_the_companys_clocks(app: TestApp) {
    let app = counting(&app).await;
    let zone = "mutation($zone: String!, $version: Int!) { tenantUpdate(input: {timeZone: $zone, expectedVersion: $version}) { id } }";
    app.work().await;
    assert_eq!(tick(&app).await["nextAt"], "2026-03-03T02:30:00Z");
    app.data(zone, json!({"zone": "Europe/Berlin", "version": 1})).await;
    app.work().await;
    assert_eq!(tick(&app).await["nextAt"], "2026-03-03T01:30:00Z");
    assert_eq!(ticks(&app).await, 0);
    app.clock().set("2026-03-28T12:00:00Z".parse().unwrap());
    let app = app.signed_in_again().await;
    // However often it was missed, it is made up for once.
    app.work().await;
    assert_eq!(ticks(&app).await, 1);
    // Half past two is not there on the next day.
    assert_eq!(tick(&app).await["nextAt"], "2026-03-29T01:00:00Z");
    app.clock().set("2026-03-29T00:59:59Z".parse().unwrap());
    app.work().await;
    assert_eq!(ticks(&app).await, 1);
    // Two nodes do it once.
    app.clock().set("2026-03-29T01:00:00Z".parse().unwrap());
    let node = app.second_node().await;
    tokio::join!(app.work(), node.work());
    app.work().await;
    assert_eq!(ticks(&app).await, 2);
    assert_eq!(tick(&app).await["nextAt"], "2026-03-30T00:30:00Z");
    // While the module is off, none begins.
    app.change_module("witness", "DISABLE", json!({})).await;
    app.clock().advance_days(3);
    app.work().await;
    assert_eq!(ticks(&app).await, 2);
}

async fn a_company_changes_its_schedules(app: TestApp) {
    let app = counting(&app).await;
    app.work().await;
    let seen = tick(&app).await;
    assert_eq!(seen["effectivePattern"], "30 2 * * *");
    assert_eq!(
        (&seen["title"], &seen["pattern"], &seen["active"]),
        (&json!("Tick"), &Json::Null, &json!(true))
    );
    let document = "mutation($input: JobScheduleUpdate!) { jobScheduleUpdate(input: $input) { jobSchedule { effectivePattern nextAt version } } }";
    let update = async |version: i64, with: Json| {
        let mut input = json!({"id": seen["id"], "expectedVersion": version});
        input.as_object_mut().unwrap().extend(with.as_object().unwrap().clone());
        app.graphql(document, json!({ "input": input })).await
    };
    let every = update(1, json!({"pattern": "*/15 * * * *"})).await.expect_data();
    let expected =
        json!({"effectivePattern": "*/15 * * * *", "nextAt": "2026-03-02T09:45:00Z", "version": 2});
    assert_eq!(every["jobScheduleUpdate"]["jobSchedule"], expected);
    assert_eq!(update(1, json!({"active": false})).await.code(), "CONFLICT");
    for (pattern, refusal) in [("soon", "SCHEDULE_INVALID"), ("0 0 30 2 *", "SCHEDULE_NEVER")] {
        let refused = update(2, json!({"pattern": pattern})).await.refusal();
        assert_eq!(refused, format!("VALIDATION: input.pattern {refusal}"));
    }
    app.clock().advance(Duration::from_mins(15));
    app.work().await;
    assert_eq!(ticks(&app).await, 1);
    update(2, json!({"active": false})).await.expect_data();
    app.clock().advance(Duration::from_hours(2));
    app.work().await;
    assert_eq!(ticks(&app).await, 1);
    update(3, json!({"active": true, "pattern": null})).await.expect_data();
    assert_eq!(tick(&app).await["nextAt"], "2026-03-03T02:30:00Z");
    let changes = audit(&app, seen["id"].as_str().unwrap()).await;
    assert_eq!(changes.as_array().unwrap().len(), 3, "{changes}");
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

async fn a_running_job_is_cancelled(app: TestApp) {
    let app = counting(&app).await;
    let id = start(&app, json!({"to": 1000, "pause": 20})).await;
    let kernel = app.kernel().clone();
    let worker = tokio::spawn(async move { job::drain(&kernel).await });
    while counted(&app, &id).await.len() < 3 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(change(&app, "jobCancel", &id).await, "CANCELLED");
    worker.await.unwrap().unwrap();
    let job = see(&app, &id).await;
    let done = job["done"].as_i64().unwrap();
    assert!(job["state"] == "CANCELLED" && (3..100).contains(&done), "{job}");
    assert_eq!(counted(&app, &id).await, (1..=done).collect::<Vec<_>>());
    assert_eq!(app.work().await, 0);
}

async fn no_step_is_done_twice(app: TestApp) {
    let options = Options { modules, background: true, ..Options::default() };
    let app = TestApp::start_with(app.backend(), options).await;
    let node = app.second_node().await;
    let mut jobs = Vec::new();
    for _ in 0..20 {
        jobs.push(start(&app, json!({"to": 8, "pause": 2})).await);
        jobs.push(start(&node, json!({"to": 8, "pause": 2})).await);
    }
    let open = r"{ jobs(filter: {finishedAt: {isNull: true}}) { totalCount } }";
    while app.data(open, json!({})).await["jobs"]["totalCount"] != 0 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    for id in &jobs {
        assert_eq!(state(&app, id).await, "SUCCEEDED 8/8 0 -");
        assert_eq!(counted(&app, id).await, (1..=8).collect::<Vec<_>>());
    }
}

/// So many jobs wait for their time, and as many are over.
const JOBS: u32 = 50_000;

/// Copies a job again and again.
async fn fill(app: &TestApp) {
    let (numbers, id) = match app.backend() {
        shoal_testkit::Backend::Postgres => (
            format!("SELECT generate_series(1, {JOBS}) AS n"),
            "('01900000-0000-7000-a000-' || lpad(to_hex(n), 12, '0'))::uuid",
        ),
        shoal_testkit::Backend::Sqlite => (
            format!(
                "WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {JOBS}) SELECT n FROM s"
            ),
            "unhex('01900000000070009000' || printf('%012x', n))",
        ),
    };
    let columns = "kind, priority, attempts, done, input, runs_as, created_by, created_at, version";
    let sql = format!(
        "INSERT INTO core_job (tenant_id, id, state, due_at, finished_at, {columns})
         SELECT tenant_id, {id}, CASE WHEN n % 2 = 0 THEN 'QUEUED' ELSE 'FAILED' END, due_at,
         CASE WHEN n % 2 = 0 THEN NULL ELSE created_at END, {columns}
         FROM ({numbers}) AS numbers, (SELECT * FROM core_job LIMIT 1) AS one"
    );
    execute(app, &sql).await;
    execute(app, "ANALYZE").await;
}

async fn large_queues_are_read_by_index(app: TestApp) {
    let app = counting(&app).await;
    start(&app, json!({"dueAt": "2027-01-01T00:00:00Z"})).await;
    fill(&app).await;
    let id = start(&app, json!({"uniqueKey": "k"})).await;
    let log = SqlLog::start();
    app.work().await;
    app.do_job("core.clean_up").await;
    let seen = log.take();
    for part in ["WITH RECURSIVE queue", "due_at <= ", "finished_at < "] {
        assert!(seen.iter().any(|sql| sql.contains(part)), "{part}");
    }
    let mut known = std::collections::BTreeSet::new();
    for sql in seen.iter().filter(|sql| sql.contains("core_job")) {
        if !known.insert(sql.clone()) || sql.contains(';') {
            continue;
        }
        let steps = plan(&app, sql).await;
        let bad = |step: &&String| match app.backend() {
            shoal_testkit::Backend::Postgres => step.contains("Seq Scan on core_job"),
            shoal_testkit::Backend::Sqlite => {
                let scanned = step.trim().strip_prefix("SCAN ").and_then(|rest| rest.split(' ').next());
                scanned.is_some_and(|name| ["core_job", "j", "n"].contains(&name))
                    && !step.contains("core_job_next")
            }
        };
        let bad: Vec<&String> = steps.iter().filter(bad).collect();
        assert!(bad.is_empty(), "{bad:?}\n{sql}\n{}", steps.join("\n"));
    }
    assert!(known.len() > 2, "{known:?}");
    assert_eq!(state(&app, &id).await, "SUCCEEDED 3/3 0 -");
}
