//! Media types, status codes and methods.

use crate::support::start;

const MODERN: &str = "application/graphql-response+json";
const LEGACY: &str = "application/json";
const OK: &str = r#"{"query":"{ __typename }"}"#;

#[tokio::test]
async fn the_answer_has_the_type_that_was_asked_for() {
    let server = start().await;
    for (accept, expected) in [
        (MODERN, MODERN),
        (LEGACY, LEGACY),
        ("*/*", LEGACY),
        ("application/*;q=0.2", LEGACY),
        ("application/json;q=0.5, application/graphql-response+json", MODERN),
        ("application/graphql-response+json; charset=utf-8, application/json; charset=utf-8", MODERN),
        ("text/html, application/json;q=0.1", LEGACY),
    ] {
        let reply = server.post(accept, OK).await;
        let content_type = format!("{expected}; charset=utf-8");
        assert_eq!(
            (reply.status, reply.header("content-type")),
            (200, Some(content_type.as_str())),
            "{accept}"
        );
        assert_eq!(reply.text(), r#"{"data":{"__typename":"Query"}}"#);
    }
    let reply = server.send("POST /graphql HTTP/1.1\nContent-Type: application/json", OK.as_bytes()).await;
    assert_eq!(reply.header("content-type"), Some("application/graphql-response+json; charset=utf-8"));
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
}

#[tokio::test]
async fn the_status_depends_on_type_and_outcome() {
    let server = start().await;
    let cases =
        [("{ __typename }", 200, 200), ("{ broken }", 200, 200), ("{", 400, 200), ("{ limited }", 429, 429)];
    for (query, modern, legacy) in cases {
        let body = serde_json::json!({ "query": query }).to_string();
        assert_eq!(server.post(MODERN, &body).await.status, modern, "{query}");
        let reply = server.post(LEGACY, &body).await;
        assert_eq!(reply.status, legacy, "{query}");
        assert_eq!(reply.header("retry-after"), (legacy == 429).then_some("7"), "{query}");
    }
}

#[tokio::test]
async fn unknown_types_are_not_acceptable() {
    let server = start().await;
    for accept in ["text/html", "application/json;q=0", "application/json; charset=utf-16", "application/xml"]
    {
        let reply = server.post(accept, OK).await;
        reply.refusal(406, "NOT_ACCEPTABLE");
        assert_eq!(reply.header("content-type"), Some("application/json; charset=utf-8"));
    }
}

#[tokio::test]
async fn refusals_come_in_the_negotiated_type() {
    let server = start().await;
    for media in [MODERN, LEGACY] {
        let reply = server.post(media, "{").await;
        reply.refusal(400, "BAD_REQUEST");
        assert_eq!(reply.header("content-type"), Some(format!("{media}; charset=utf-8").as_str()));
    }
}

#[tokio::test]
async fn other_methods_are_not_allowed() {
    let server = start().await;
    for method in ["PUT", "DELETE", "PATCH", "OPTIONS", "QUERY"] {
        let reply = server.send(&format!("{method} /graphql HTTP/1.1"), b"").await;
        reply.refusal(405, "METHOD_NOT_ALLOWED");
        assert_eq!(reply.header("allow"), Some("GET, HEAD, POST"), "{method}");
    }
    let reply = server.send("POST /health/live HTTP/1.1", b"").await;
    reply.refusal(405, "METHOD_NOT_ALLOWED");
    assert_eq!(reply.header("allow"), Some("GET, HEAD"));
}

#[tokio::test]
async fn other_bodies_are_unsupported() {
    let server = start().await;
    for headers in [
        "",
        "Content-Type: text/plain",
        "Content-Type: application/x-www-form-urlencoded",
        "Content-Type: multipart/form-data; boundary=x",
        "Content-Type: application/graphql",
        "Content-Type: application/graphql-response+json",
        "Content-Type: application/json; charset=iso-8859-1",
        "Content-Type: application/json\nContent-Type: text/plain",
        "Content-Type: application/json\nContent-Encoding: gzip",
    ] {
        let head = format!("POST /graphql HTTP/1.1\n{headers}");
        server.send(head.trim_end(), OK.as_bytes()).await.refusal(415, "UNSUPPORTED_MEDIA_TYPE");
    }
    assert_eq!(server.echo.begun.load(std::sync::atomic::Ordering::SeqCst), 0);
    for content_type in ["application/json; charset=utf-8", "Application/Json;Charset=\"UTF-8\""] {
        let head = format!("POST /graphql HTTP/1.1\nContent-Type: {content_type}");
        assert_eq!(server.send(&head, OK.as_bytes()).await.status, 200, "{content_type}");
    }
}
