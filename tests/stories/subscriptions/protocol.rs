//! The protocol graphql-transport-ws, rule by rule, and that of server-sent events.

use std::time::Duration;

use serde_json::{Value as Json, json};
use shoal_testkit::{Backend, Options, TestApp};
use tokio_tungstenite::tungstenite::Message;

use super::client::{Events, Socket};
use crate::support::account;

const ACCOUNTS: &str = "subscription { accountChanged { kind record: account { name } } }";

fn operation(id: &str, query: &str) -> Json {
    json!({"type": "subscribe", "id": id, "payload": {"query": query}})
}

#[tokio::test]
async fn what_is_against_the_rules_is_closed() {
    let app = TestApp::start(Backend::Sqlite).await;
    let init =
        json!({"type": "connection_init", "payload": {"authorization": format!("Bearer {}", app.token())}});
    let cases: [(&[Json], u16); 11] = [
        (&[json!({"type": "nonsense"})], 4400),
        (&[json!([])], 4400),
        (&[json!({"type": "connection_init", "payload": 5})], 4400),
        (&[init.clone(), json!({"type": "subscribe", "payload": {"query": "{ __typename }"}})], 4400),
        (&[init.clone(), json!({"type": "subscribe", "id": "1", "payload": {}})], 4400),
        (&[init.clone(), operation("", "{ __typename }")], 4400),
        (
            &[
                init.clone(),
                json!({"type": "subscribe", "id": "1", "payload": {"query": "{ __typename }", "extensions": 1}}),
            ],
            4400,
        ),
        (&[operation("1", "{ __typename }")], 4401),
        (&[json!({"type": "connection_init", "payload": {"Authorization": "Bearer nobody"}})], 4403),
        (&[init.clone(), operation("1", ACCOUNTS), operation("1", ACCOUNTS)], 4409),
        (&[init.clone(), init.clone()], 4429),
    ];
    for (messages, expected) in cases {
        let mut socket = Socket::new(&app).await;
        for message in messages {
            socket.say(message.clone()).await;
        }
        let code = loop {
            if let Err(code) = socket.hear_or_end().await {
                break code;
            }
        };
        assert_eq!(code, expected, "{messages:?}");
    }
    let mut socket = Socket::of(&app).await;
    socket.say_raw(Message::binary(vec![1, 2, 3])).await;
    assert_eq!(socket.hear_or_end().await, Err(4400));
    let mut socket = Socket::of(&app).await;
    socket.say_raw(Message::text("{")).await;
    assert_eq!(socket.hear_or_end().await, Err(4400));
    let mut socket = Socket::of(&app).await;
    socket.say_raw(Message::text("x".repeat(2_000_000))).await;
    assert_eq!(socket.hear_or_end().await, Err(4400), "over server.max_body_bytes");
    // Neither a token with the handshake nor one in the first message.
    let mut socket = Socket::new(&app).await;
    socket.say(json!({"type": "connection_init"})).await;
    assert_eq!(socket.hear_or_end().await, Err(4403));
}

#[tokio::test]
async fn who_says_nothing_is_let_go() {
    let app = TestApp::start(Backend::Sqlite).await;
    let mut socket = Socket::new(&app).await;
    // A ping is no initialisation, and does not put it off.
    for _ in 0..3 {
        tokio::time::sleep(Duration::from_secs(3)).await;
        socket.say(json!({"type": "ping"})).await;
        assert_eq!(socket.hear().await, json!({"type": "pong"}));
    }
    let begin = std::time::Instant::now();
    assert_eq!(socket.hear_or_end().await, Err(4408));
    assert!(begin.elapsed() < Duration::from_secs(3));
}

#[tokio::test]
async fn at_most_a_hundred_operations_on_a_connection() {
    let app = TestApp::start(Backend::Sqlite).await;
    let mut socket = Socket::of(&app).await;
    for number in 0..100 {
        socket.subscribe(&number.to_string(), ACCOUNTS, Json::Null).await;
    }
    socket.say(json!({"type": "complete", "id": "7"})).await;
    socket.subscribe("once more", ACCOUNTS, Json::Null).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    account(&app, "A").await;
    app.deliver().await;
    let mut ids = Vec::new();
    for _ in 0..100 {
        ids.push(socket.hear().await["id"].as_str().unwrap().to_owned());
    }
    ids.sort();
    ids.dedup();
    assert!(ids.len() == 100 && !ids.contains(&"7".to_owned()), "{ids:?}");
    socket.is_quiet().await;
    socket.subscribe("too many", ACCOUNTS, Json::Null).await;
    assert_eq!(socket.hear_or_end().await, Err(4429));
}

#[tokio::test]
async fn handshakes() {
    let app = TestApp::start(Backend::Sqlite).await;
    assert_eq!(Socket::with_protocol(&app, None).await.err(), Some(400));
    assert_eq!(Socket::with_protocol(&app, Some("graphql-ws")).await.err(), Some(400), "the old protocol");
    let half = [("connection", "upgrade"), ("upgrade", "websocket")];
    assert_eq!(app.http("GET", "/graphql", &half, b"").await.status, 400);
}

#[tokio::test]
async fn queries_and_mutations_over_the_socket() {
    for backend in Backend::ALL {
        let app = TestApp::start(backend).await;
        let mut socket = Socket::of(&app).await;
        let create = "mutation($name: String!) { accountCreate(input: {name: $name}) { account { name } } }";
        socket.subscribe("m", create, json!({"name": "\"A\"\n"})).await;
        assert_eq!(
            socket.told("m").await["data"],
            json!({"accountCreate": {"account": {"name": "\"A\""}}}),
            "{backend}"
        );
        assert_eq!(socket.hear().await, json!({"type": "complete", "id": "m"}));
        // The id is free again.
        socket.subscribe("m", "{ accounts { totalCount } }", Json::Null).await;
        let answer = socket.told("m").await;
        assert_eq!(answer["data"]["accounts"]["totalCount"], 1);
        assert!(answer["extensions"]["cost"].is_object(), "{answer}");
        socket.hear().await;
        for (query, code) in [
            ("{", "GRAPHQL_PARSE"),
            ("{ nothing }", "GRAPHQL_VALIDATION"),
            ("subscription { accountChanged(filter: {name: {eq: 5}}) { id } }", "GRAPHQL_VALIDATION"),
            ("subscription { accountChanged { id } userChanged { id } }", "GRAPHQL_VALIDATION"),
        ] {
            socket.subscribe("q", query, Json::Null).await;
            let refused = socket.refused("q").await;
            assert!(refused.starts_with(code.split('_').next().unwrap()), "{query}: {refused}");
        }
    }
}

#[tokio::test]
async fn completed_operations_are_silent() {
    let app = TestApp::start(Backend::Sqlite).await;
    let mut socket = Socket::of(&app).await;
    socket.subscribe("1", ACCOUNTS, Json::Null).await;
    socket.settle().await;
    socket.say(json!({"type": "complete", "id": "1"})).await;
    socket.settle().await;
    account(&app, "A").await;
    app.deliver().await;
    socket.is_quiet().await;
    socket.say(json!({"type": "ping", "payload": {"a": 1}})).await;
    assert_eq!(socket.hear().await, json!({"type": "pong"}));
}

#[tokio::test]
async fn there_are_only_so_many_subscriptions() {
    let mut options = Options::default();
    options.config.server.max_subscriptions = 2;
    let app = TestApp::start_with(Backend::Sqlite, options).await;
    let first = Events::of(&app, ACCOUNTS, Json::Null).await;
    let mut socket = Socket::of(&app).await;
    socket.subscribe("1", ACCOUNTS, Json::Null).await;
    socket.settle().await;
    let (status, body) = Events::after(&app, ACCOUNTS, Json::Null, None).await.err().unwrap();
    assert_eq!((status, &body["errors"][0]["extensions"]["code"]), (503, &json!("UNAVAILABLE")));
    socket.subscribe("2", ACCOUNTS, Json::Null).await;
    assert_eq!(socket.refused("2").await, "UNAVAILABLE");
    // A place that is given up can be taken.
    drop(first);
    tokio::time::sleep(Duration::from_millis(300)).await;
    Events::of(&app, ACCOUNTS, Json::Null).await;
}

#[tokio::test]
async fn the_end_of_the_server_ends_all() {
    let app = TestApp::start(Backend::Sqlite).await;
    let mut socket = Socket::of(&app).await;
    socket.subscribe("1", ACCOUNTS, Json::Null).await;
    socket.settle().await;
    let mut events = Events::of(&app, ACCOUNTS, Json::Null).await;
    app.shutdown().begin();
    assert_eq!(socket.hear_or_end().await, Err(1001));
    assert_eq!(events.next().await, None, "no `complete`: the client is to come again");
    assert_eq!(app.ended().await.aborted, 0);
}

#[tokio::test]
async fn events_for_browsers_and_programs() {
    let app = TestApp::start(Backend::Sqlite).await;
    let ask = async |method: &str, accept: &str, query: &str| {
        let body = json!({"query": query}).to_string();
        let headers = [("content-type", "application/json"), ("accept", accept)];
        if method == "POST" {
            return app.http("POST", "/graphql", &headers, body.as_bytes()).await;
        }
        let query = query.replace(' ', "%20").replace('"', "%22").replace('{', "%7B").replace('}', "%7D");
        app.http(method, &format!("/graphql?query={query}"), &headers[1..], b"").await
    };
    // A query of who takes events only.
    let answer = ask("POST", "text/event-stream", "{ accounts { totalCount } }").await;
    let text = String::from_utf8(answer.body.clone()).unwrap();
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (200, Some("text/event-stream; charset=utf-8"))
    );
    assert!(text.contains("event: next\ndata: {\"data\":{\"accounts\":{\"totalCount\":0}}"), "{text}");
    assert!(text.contains("\n\nevent: complete\ndata: \n\n"), "{text}");
    // What is refused is told in an event: an EventSource shows nothing else.
    let answer = ask("GET", "text/event-stream", "subscription { nothing { id } }").await;
    let text = String::from_utf8(answer.body.clone()).unwrap();
    assert!(answer.status == 200 && text.contains("GRAPHQL_VALIDATION"), "{} {text}", answer.status);
    // Who takes JSON, too, gets it for what is not a subscription.
    let all = "application/graphql-response+json, application/json, text/event-stream";
    let answer = ask("POST", all, "{ accounts { totalCount } }").await;
    assert_eq!(answer.header("content-type"), Some("application/graphql-response+json; charset=utf-8"));
    assert_eq!(ask("POST", all, "{ nothing }").await.status, 400);
    // GET never changes anything.
    for accept in ["text/event-stream", all] {
        let answer = ask("GET", accept, "mutation { accountCreate(input: {name: \"A\"}) { id } }").await;
        assert_eq!(answer.status, 405, "{accept}");
    }
    let nobody = app.with_token("nobody");
    assert_eq!(Events::after(&nobody, ACCOUNTS, Json::Null, None).await.err().unwrap().0, 401);
}
