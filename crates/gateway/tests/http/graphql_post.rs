//! The body of a POST.

use serde_json::json;

use crate::support::start;

#[tokio::test]
async fn parameters_reach_the_engine() {
    let server = start().await;
    let body = json!({
        "query": "query Q { echo }",
        "operationName": "Q",
        "variables": { "a": [1, null], "b": "ü" },
        "extensions": { "x": { "y": 1 } },
        "other": true,
    });
    let data = &server.post("application/json", &body.to_string()).await.json()["data"];
    assert_eq!(data["operationName"], "Q");
    assert_eq!(data["variables"], body["variables"]);
    assert_eq!(data["readOnly"], false);
}

#[tokio::test]
async fn null_is_like_absent() {
    let server = start().await;
    let body = r#"{"query":"{ echo }","operationName":null,"variables":null,"extensions":null}"#;
    let reply = server.post("application/json", body).await;
    assert_eq!(reply.json()["data"]["variables"], json!(null));
    assert_eq!(reply.status, 200);
}

#[tokio::test]
async fn malformed_requests_say_what_is_wrong() {
    let server = start().await;
    let mut answers = Vec::new();
    for body in [
        "",
        "   ",
        "NONSENSE",
        r#"{"query":"#,
        "7",
        r#"[{"query":"{ a }"}]"#,
        "{}",
        r#"{"qeury":"{ a }"}"#,
        r#"{"query":null}"#,
        r#"{"query":["{ a }"]}"#,
        r#"{"query":"{ a }","operationName":1}"#,
        r#"{"query":"{ a }","variables":"{}"}"#,
        r#"{"query":"{ a }","variables":[7]}"#,
        r#"{"query":"{ a }","extensions":false}"#,
        r#"{"query":"{ a }","query":"{ b }"}"#,
        r#"{"query":"\ud800"}"#,
        r#"{"query":"{ a }"} trailing"#,
    ] {
        for accept in ["application/json", "application/graphql-response+json"] {
            let message = server.post(accept, body).await.refusal(400, "BAD_REQUEST");
            if accept == "application/json" {
                answers.push(format!("{body}\n    {message}"));
            }
        }
    }
    insta::assert_snapshot!(answers.join("\n"));
}

#[tokio::test]
async fn broken_utf8_is_refused_wherever_it_is() {
    let server = start().await;
    for body in [&b"{\"query\":\"{ a\xff }\"}"[..], b"{\"query\":\"{ a }\",\"extensions\":{\"x\":\"\xc3\"}}"]
    {
        let reply = server.send("POST /graphql HTTP/1.1\nContent-Type: application/json", body).await;
        assert_eq!(reply.refusal(400, "BAD_REQUEST"), "The request body is not valid UTF-8.");
    }
}

#[tokio::test]
async fn deep_nesting_does_not_overflow() {
    let server = start().await;
    let body =
        format!(r#"{{"query":"{{ a }}","variables":{{"a":{}1{}}}}}"#, "[".repeat(5000), "]".repeat(5000));
    server.post("*/*", &body).await.refusal(400, "BAD_REQUEST");
}
