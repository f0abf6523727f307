//! What is too large or takes too long: a clear code, and the next request works.

use std::time::{Duration, Instant};

use sea_orm::{ConnectionTrait as _, TransactionTrait as _};
use serde_json::{Value as Json, json};
use shoal_testkit::{Backend, Options, TestApp};

use crate::bulk;
use crate::support::{change_many, contact, try_change};

/// A filter that every row has to be looked at for, a hundred times and more.
fn heavy() -> Json {
    let conditions: Vec<Json> =
        (0..190).map(|number| json!({"displayName": {"contains": format!("q{number}z")}})).collect();
    json!({"or": conditions})
}

/// Contacts with long names, full of beginnings of what [`heavy`] looks for.
async fn long_names(app: &TestApp, count: u32) {
    bulk::people(app, count).await;
    let long = "q1q2 q3".repeat(200);
    bulk::execute(
        app,
        &format!("UPDATE contacts_contact SET display_name_sort = display_name_sort || '{long}'"),
    )
    .await;
}

const HEAVY: &str = "query($filter: ContactFilter!) { contactsAggregate(filter: $filter) { count } }";

async fn impatient(backend: Backend) -> TestApp {
    let options = Options { statement_timeout: Duration::from_millis(400), ..Options::default() };
    TestApp::start_with(backend, options).await
}

#[tokio::test]
async fn slow_statements_are_stopped_by_the_database() {
    for backend in Backend::ALL {
        let patient = TestApp::start(backend).await;
        long_names(&patient, 4_000).await;
        let app = patient.with_statement_timeout(Duration::from_millis(400)).await;
        for _ in 0..3 {
            let start = Instant::now();
            let answer = app.graphql(HEAVY, json!({"filter": heavy()})).await;
            assert_eq!(answer.code(), "TIMEOUT", "{backend} after {:?}: {answer}", start.elapsed());
            assert_eq!((answer.status, &answer.error()["path"]), (200, &json!(["contactsAggregate"])));
            assert!(start.elapsed() < Duration::from_secs(3), "{backend}: {:?}", start.elapsed());
        }
        // The connections are as good as new, each of them.
        for _ in 0..20 {
            let data = app
                .data(
                    "{ contacts(first: 1, orderBy: {displayName: ASC}) { nodes { displayName } } }",
                    json!({}),
                )
                .await;
            assert_eq!(data["contacts"]["nodes"], json!([{"displayName": "Given Family"}]), "{backend}");
        }
        contact(&app, json!({"givenName": "A"})).await;
        // One field that takes too long leaves the others alone.
        let both = "query($filter: ContactFilter!) { tags { nodes { name } } contactsAggregate(filter: $filter) { count } }";
        let answer = app.graphql(both, json!({"filter": heavy()})).await;
        assert_eq!(answer.code(), "TIMEOUT");
        assert_eq!(answer.data(), &json!({"tags": {"nodes": [{"name": "tag"}]}, "contactsAggregate": null}));
    }
}

#[tokio::test]
async fn writers_do_not_wait_for_ever() {
    for backend in Backend::ALL {
        let app = impatient(backend).await;
        let one = contact(&app, json!({"givenName": "A"})).await;
        // Somebody else, beside Shoal, holds the record or, on SQLite, the whole file.
        let other = sea_orm::Database::connect(app.database_url()).await.unwrap();
        let begin = match backend {
            Backend::Sqlite => "UPDATE contacts_contact SET version = version",
            Backend::Postgres => "SELECT 1 FROM contacts_contact FOR UPDATE",
        };
        let transaction = other.begin().await.unwrap();
        transaction.execute_unprepared(begin).await.unwrap();
        let start = Instant::now();
        let answer = try_change(&app, "contactUpdate", one.update(&json!({"givenName": "B"})), "id").await;
        assert_eq!(answer.code(), "TIMEOUT", "{backend}: {answer}");
        assert!(start.elapsed() < Duration::from_secs(3), "{backend}: {:?}", start.elapsed());
        let data = app.data("{ contacts { nodes { givenName } } }", json!({})).await;
        assert_eq!(data["contacts"]["nodes"], json!([{"givenName": "A"}]), "readers go on");
        transaction.rollback().await.unwrap();
        let answer =
            try_change(&app, "contactUpdate", one.update(&json!({"givenName": "B"})), "givenName").await;
        assert_eq!(answer.expect_data()["contactUpdate"]["contact"]["givenName"], "B");
        other.close().await.unwrap();
    }
}

#[tokio::test]
async fn running_requests_are_finished_at_shutdown() {
    for backend in Backend::ALL {
        let app = TestApp::start(backend).await;
        long_names(&app, 1_000).await;
        let (answer, ()) = tokio::join!(app.graphql(HEAVY, json!({"filter": heavy()})), async {
            tokio::time::sleep(Duration::from_millis(50)).await;
            app.shutdown().begin();
        });
        assert_eq!(answer.expect_data(), json!({"contactsAggregate": [{"count": 0}]}), "{backend}");
        assert_eq!(app.ended().await.aborted, 0);
        assert!(tokio::net::TcpStream::connect(app.address()).await.is_err(), "nothing listens any more");
    }
}

#[tokio::test]
async fn large_and_deep_documents_are_refused() {
    let app = TestApp::start(Backend::Sqlite).await;
    let nested = |depth: usize| {
        format!("{{ accounts {{ nodes {}{{ id }}{} }} }}", "{ parent ".repeat(depth), "}".repeat(depth))
    };
    assert!(app.graphql(&nested(8), json!({})).await.errors().is_empty());
    for (query, code) in [
        (nested(20), "LIMIT_EXCEEDED"),
        (nested(3_000), "LIMIT_EXCEEDED"),
        ("{".repeat(200_000), "LIMIT_EXCEEDED"),
        (format!("{{ {} }}", "a: __typename ".repeat(5_000)), "LIMIT_EXCEEDED"),
        (
            format!("{{ {} }}", (0..101).map(|n| format!("a{n}: __typename")).collect::<Vec<_>>().join(" ")),
            "LIMIT_EXCEEDED",
        ),
        (format!("{{ {} }}", "__typename @skip(if: false) ".repeat(400)), "LIMIT_EXCEEDED"),
        ("{ accounts(first: 1001) { nodes { id } } }".to_owned(), "LIMIT_EXCEEDED"),
        ("{ accounts(first: -1) { nodes { id } } }".to_owned(), "VALIDATION"),
        ("{ accounts(first: 1, last: 1) { nodes { id } } }".to_owned(), "VALIDATION"),
        ("{ accounts(first: 1, after: \"made up\") { nodes { id } } }".to_owned(), "VALIDATION"),
        ("{ accounts { nodes { id nam } } }".to_owned(), "GRAPHQL_VALIDATION"),
        ("{ accounts(first: \"1\") { nodes { id } } }".to_owned(), "GRAPHQL_VALIDATION"),
        ("{ accounts ".to_owned(), "GRAPHQL_VALIDATION"),
        ("{ accounts(filter: {name: {contains: \"\\u0000\"}}) { nodes { id } } }".to_owned(), "VALIDATION"),
    ] {
        let answer = app.graphql(&query, json!({})).await;
        let shown: String = query.chars().take(80).collect();
        let codes: Vec<_> = answer.errors().iter().map(|error| &error["extensions"]["code"]).collect();
        assert!(codes.iter().all(|found| *found == code) && !codes.is_empty(), "{shown}: {answer}");
    }
}

#[tokio::test]
async fn cursors_of_another_list_are_refused() {
    let app = TestApp::start(Backend::Sqlite).await;
    let rows = json!([{"givenName": "A"}, {"givenName": "B"}]);
    change_many(&app, "contactCreateMany", rows, "id").await;
    let data = app
        .data("{ contacts(first: 1, orderBy: {displayName: ASC}) { pageInfo { endCursor } } }", json!({}))
        .await;
    let cursor = &data["contacts"]["pageInfo"]["endCursor"];
    for query in [
        "query($c: String) { contacts(first: 1, after: $c, orderBy: {birthday: ASC}) { nodes { id } } }",
        "query($c: String) { contacts(first: 1, after: $c, orderBy: {displayName: DESC}) { nodes { id } } }",
        "query($c: String) { accounts(first: 1, after: $c) { nodes { id } } }",
    ] {
        let answer = app.graphql(query, json!({"c": cursor})).await;
        assert_eq!(answer.code(), "VALIDATION", "{query}: {answer}");
    }
}

#[tokio::test]
async fn filters_through_many_relations_are_refused() {
    let through = |relations: usize| {
        (0..relations).fold(json!({"name": {"eq": "A"}}), |filter, hop| {
            if hop % 2 == 0 { json!({"account": filter}) } else { json!({"contacts": {"some": filter}}) }
        })
    };
    for backend in Backend::ALL {
        let app = TestApp::start(backend).await;
        let ask = async |relations| app.graphql(HEAVY, json!({"filter": through(relations)})).await;
        assert_eq!(ask(5).await.data()["contactsAggregate"], json!([{"count": 0}]), "{backend}");
        let refused = ask(7).await;
        assert_eq!(refused.code(), "LIMIT_EXCEEDED", "{backend}: {refused}");
    }
}
