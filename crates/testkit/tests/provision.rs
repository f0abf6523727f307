//! Where the server comes from, and what is said when there is none.
#![expect(clippy::unwrap_used, reason = "helpers of tests; a panic is the report")]

use shoal_testkit::{Postgres, Settings, Source, URL_VARIABLE, build_folder};

fn settings(source: Source, url: Option<&str>) -> Settings {
    Settings { source, url: url.map(str::to_owned), cache: build_folder().join("postgres") }
}

async fn refusal(source: Source, url: Option<&str>) -> String {
    Postgres::provision(settings(source, url)).await.unwrap_err().to_string()
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_named_without_its_password() {
    let sentence = refusal(Source::Automatic, Some("postgres://ann:s3cret@127.0.0.1:1/postgres")).await;
    assert!(
        sentence.starts_with(
            "the server that SHOAL_TEST_POSTGRES_URL names (postgres://ann@127.0.0.1:1/postgres) is not usable: "
        ),
        "{sentence}"
    );
    assert!(
        sentence.ends_with("correct the variable, or unset it to let the tests start a private server"),
        "{sentence}"
    );
    assert!(!sentence.contains("s3cret"), "{sentence}");
}

#[tokio::test]
async fn an_address_that_is_none_is_refused() {
    let sentence = refusal(Source::Url, Some("nonsense")).await;
    assert!(
        sentence.starts_with("the server that SHOAL_TEST_POSTGRES_URL names (not an address)"),
        "{sentence}"
    );
}

#[tokio::test]
async fn a_wrong_password_is_refused() {
    let url = std::env::var(URL_VARIABLE).unwrap();
    let (account, place) = url.rsplit_once('@').unwrap();
    let broken = format!("{}-nobody:wrong@{place}", account.rsplit_once(':').unwrap().0);
    let sentence = refusal(Source::Url, Some(&broken)).await;
    assert!(sentence.contains("is not usable: "), "{sentence}");
}

#[tokio::test]
async fn asking_for_a_named_server_needs_a_name() {
    let sentence = refusal(Source::Url, None).await;
    assert_eq!(
        sentence,
        "SHOAL_TEST_POSTGRES is `url`, but SHOAL_TEST_POSTGRES_URL is not set: set it to a server that tests may create databases on"
    );
}

#[tokio::test]
async fn the_server_of_this_run_is_taken_as_it_is() {
    let url = std::env::var(URL_VARIABLE).unwrap();
    let postgres = Postgres::provision(settings(Source::Automatic, Some(&url))).await.unwrap();
    assert_eq!(postgres.url(), url);
    let line = postgres.to_string();
    assert!(line.starts_with("PostgreSQL ") && line.ends_with(", from SHOAL_TEST_POSTGRES_URL"), "{line}");
}
