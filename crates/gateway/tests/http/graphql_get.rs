//! GET: queries only.

use serde_json::json;

use crate::support::start;

#[tokio::test]
async fn parameters_reach_the_engine() {
    let server = start().await;
    let path = "/graphql?query=query+Q%7Becho%7D&operationName=Q&variables=%7B%22a%22%3A%22%C3%BC%22%7D&extensions={}&x";
    let reply = server.get(path).await;
    assert_eq!(
        (reply.status, reply.header("content-type")),
        (200, Some("application/graphql-response+json; charset=utf-8"))
    );
    let data = &reply.json()["data"];
    assert_eq!(data["query"], "query Q{echo}");
    assert_eq!(data["operationName"], "Q");
    assert_eq!(data["variables"], json!({ "a": "ü" }));
    assert_eq!(data["readOnly"], true);
}

#[tokio::test]
async fn empty_parameters_are_like_absent() {
    let server = start().await;
    let reply = server.get("/graphql?query={echo}&operationName=&variables=&extensions=").await;
    assert_eq!(reply.json()["data"]["operationName"], json!(null));
}

#[tokio::test]
async fn malformed_requests_are_refused() {
    let server = start().await;
    for query in [
        "",
        "?",
        "?operationName=a",
        "?query=a&query=b",
        "?query=a&variables=[]",
        "?query=a&variables=x",
        "?query=a&extensions=1",
        "?query=%ff",
    ] {
        server.get(&format!("/graphql{query}")).await.refusal(400, "BAD_REQUEST");
    }
}

#[tokio::test]
async fn mutations_need_post() {
    let server = start().await;
    for accept in ["application/json", "application/graphql-response+json"] {
        let head = format!("GET /graphql?query=mutation%7Ba%7D HTTP/1.1\nAccept: {accept}");
        let reply = server.send(&head, b"").await;
        reply.refusal(405, "METHOD_NOT_ALLOWED");
        assert_eq!(reply.header("allow"), Some("POST"));
    }
    assert_eq!(server.post("application/json", r#"{"query":"mutation{a}"}"#).await.status, 200);
}

#[tokio::test]
async fn head_is_get_without_a_body() {
    let server = start().await;
    let mut client = server.connect().await;
    client.write(b"HEAD /graphql?query={a} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await;
    let mut text = String::new();
    client.read_all(&mut text).await;
    assert!(text.starts_with("HTTP/1.1 200") && text.ends_with("\r\n\r\n"), "{text}");
}
