//! `kill -9` at any moment: afterwards every job goes on where it was, and each of its steps is there exactly once.

use std::path::Path;
use std::time::Duration;

use sea_orm::Database;
use serde_json::json;
use shoal_testkit::{Backend, Installation, Program};
use tokio::time::{Instant, sleep};

use crate::kill::{ask, count, modules};

/// Kills of a run.
const KILLS: u64 = if cfg!(feature = "slow-tests") { 50 } else { 10 };

/// Jobs that each life begins with.
const JOBS: usize = 4;

/// Steps of each.
const STEPS: usize = 25;

/// The longest life of a server, once it listens.
const LIFE: u64 = 500;

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_goes_on_with_the_jobs_of_a_killed_server() {
    kill_again_and_again(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_goes_on_with_the_jobs_of_a_killed_server() {
    kill_again_and_again(Backend::Postgres).await;
}

async fn kill_again_and_again(backend: Backend) {
    let place = Installation::new(backend, modules).await;
    let program = Path::new(env!("CARGO_BIN_EXE_witness"));
    let serve = || Program::at(program, place.database.url(), ["serve"]).serve();
    let start =
        json!({"query": format!("mutation {{ countStart(input: {{to: {STEPS}, pause: 5}}) {{ id }} }}")});
    for kill in 0..KILLS {
        let mut server = serve();
        let (address, token, start) = (server.address.clone(), place.token.clone(), start.clone());
        let client = tokio::spawn(async move {
            for _ in 0..JOBS {
                let Some(answer) = ask(&address, &token, &start).await else { return };
                assert!(answer["data"]["countStart"]["id"].is_string(), "{answer}");
            }
        });
        // Spread over the life of a server by the golden ratio: near its start, in the middle of it.
        let part = (u64::from(std::process::id()) + kill).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
        sleep(Duration::from_millis(part % LIFE)).await;
        server.kill();
        client.await.unwrap();
    }
    let mut server = serve();
    let answer = ask(&server.address, &place.token, &start).await.unwrap();
    assert!(answer["data"]["countStart"]["id"].is_string(), "{answer}");
    let connection = Database::connect(place.database.url()).await.unwrap();
    let end = Instant::now() + Duration::from_secs(90);
    while count(&connection, "core_job WHERE finished_at IS NULL").await > 0 {
        assert!(Instant::now() < end, "jobs are left");
        sleep(Duration::from_millis(50)).await;
    }
    server.kill();
    let jobs = count(&connection, "core_job WHERE kind = 'witness.count'").await;
    assert!(jobs > 5, "{jobs}");
    let good = format!("core_job WHERE kind = 'witness.count' AND state = 'SUCCEEDED' AND done = {STEPS}");
    assert_eq!(count(&connection, &good).await, jobs);
    let steps = i64::try_from(STEPS).unwrap();
    assert_eq!(count(&connection, "witness_sighting WHERE name = 'count'").await, jobs * steps);
    let each = "(SELECT DISTINCT event_id, number FROM witness_sighting WHERE name = 'count') AS steps";
    assert_eq!(count(&connection, each).await, jobs * steps);
    // One was interrupted at least, or nothing was proven.
    assert!(
        count(&connection, "core_job AS j WHERE j.kind = 'witness.count' AND j.version > 2 + j.done").await
            > 0
    );
    connection.close().await.unwrap();
}
