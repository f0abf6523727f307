//! Workers: they die, race each other, are told to stop, and find what is due among very many.

use std::time::Duration;

use serde_json::json;
use shoal_core::job;
use shoal_testkit::{Backend, Options, SqlLog, TestApp};

use crate::bulk::execute;
use crate::jobs::{change, counted, counting, modules, see, start, state};
use crate::plans::plan;
use crate::support::both_databases;

both_databases!(
    a_dead_workers_job_is_taken_over,
    a_job_that_ends_its_workers_fails,
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

async fn a_running_job_is_cancelled(app: TestApp) {
    let app = counting(&app).await;
    for ahead in [false, true] {
        cancel_one(&app, ahead).await;
    }
}

async fn cancel_one(app: &TestApp, ahead: bool) {
    let id = start(app, json!({"to": 1000, "pause": 20, "ahead": ahead})).await;
    let kernel = app.kernel().clone();
    let worker = tokio::spawn(async move { job::drain(&kernel).await });
    while counted(app, &id).await.len() < 3 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(change(app, "jobCancel", &id).await, "CANCELLED");
    worker.await.unwrap().unwrap();
    let job = see(app, &id).await;
    let done = job["done"].as_i64().unwrap();
    assert!(job["state"] == "CANCELLED" && (3..100).contains(&done), "{job}");
    assert_eq!(counted(app, &id).await, (1..=done).collect::<Vec<_>>());
    assert_eq!(app.work().await, 0);
}

async fn no_step_is_done_twice(app: TestApp) {
    let options = Options { modules, background: true, ..Options::default() };
    let app = TestApp::start_with(app.backend(), options).await;
    let node = app.second_node().await;
    let mut jobs = Vec::new();
    for _ in 0..20 {
        jobs.push(start(&app, json!({"to": 8, "pause": 2, "ahead": true})).await);
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
        Backend::Postgres => (
            format!("SELECT generate_series(1, {JOBS}) AS n"),
            "('01900000-0000-7000-a000-' || lpad(to_hex(n), 12, '0'))::uuid",
        ),
        Backend::Sqlite => (
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
            Backend::Postgres => step.contains("Seq Scan on core_job"),
            Backend::Sqlite => {
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
