//! What is there beside GraphQL.

use shoal_gateway::config::Config;

use crate::support::{Server, echo, start, start_with};

#[tokio::test]
async fn the_schema_is_served_with_a_tag() {
    let server = start().await;
    let reply = server.get("/schema.graphql").await;
    assert_eq!((reply.status, reply.text()), (200, echo::SDL));
    assert_eq!(reply.header("content-type"), Some("text/plain; charset=utf-8"));
    let tag = reply.header("etag").unwrap().to_owned();
    let again = format!("GET /schema.graphql HTTP/1.1\nIf-None-Match: \"x\", W/{tag}");
    assert_eq!(server.send(&again, b"").await.status, 304);
    *server.echo.sdl.lock().unwrap() = "type Query { other: Int }".into();
    let reply = server.send(&again, b"").await;
    assert_eq!((reply.status, reply.text()), (200, "type Query { other: Int }"));
}

#[tokio::test]
async fn health_follows_the_engine() {
    let server = start().await;
    let live = server.get("/health/live").await;
    assert_eq!((live.status, live.text()), (200, r#"{"status":"ok"}"#));
    let ready = server.get("/health/ready").await;
    assert_eq!((ready.status, ready.text()), (200, r#"{"status":"ready"}"#));
    *server.echo.ready.lock().unwrap() = Err("postgres://me@db is away".to_owned());
    let ready = server.get("/health/ready").await;
    assert_eq!((ready.status, ready.text()), (503, r#"{"status":"unavailable"}"#));
    assert_eq!(server.get("/health/live").await.status, 200);
}

fn closed(config: &mut Config) {
    config.graphql.graphiql = false;
    config.graphql.introspection = false;
}

#[tokio::test]
async fn pages_can_be_closed() {
    let server = start_with(closed).await;
    for path in ["/graphiql", "/schema.graphql", "/graphiql/1/start.js", "/nowhere"] {
        server.get(path).await.refusal(404, "NOT_FOUND");
    }
    let root = server.get("/").await;
    assert_eq!((root.status, root.header("content-type")), (200, Some("text/html; charset=utf-8")));
}

/// The addresses that the editor's page loads.
async fn assets(server: &Server) -> Vec<String> {
    let page = server.get("/graphiql").await;
    let text = page.text().replace("src=\"", "href=\"");
    text.split("href=\"/").skip(1).map(|rest| format!("/{}", rest.split('"').next().unwrap())).collect()
}

#[tokio::test]
async fn graphiql_is_served_from_the_binary_under_a_strict_policy() {
    let server = start().await;
    let root = server.get("/").await;
    assert_eq!((root.status, root.header("location")), (307, Some("/graphiql")));
    let page = server.get("/graphiql").await;
    assert!(page.header("content-security-policy").unwrap().starts_with("default-src 'self';"));
    assert!(!page.text().contains("http"), "nothing from elsewhere");
    let assets = assets(&server).await;
    assert_eq!(assets.len(), 6, "{assets:?}");
    for path in assets {
        let plain = server.get(&path).await;
        assert_eq!((plain.status, plain.header("content-encoding")), (200, None), "{path}");
        let head = format!("GET {path} HTTP/1.1\nAccept-Encoding: gzip, br");
        let packed = server.send(&head, b"").await;
        assert_eq!((packed.status, packed.header("content-encoding")), (200, Some("gzip")));
        assert!(packed.body.starts_with(&[0x1f, 0x8b]) && !plain.body.starts_with(&[0x1f, 0x8b]));
        for reply in [&plain, &packed] {
            assert_eq!(reply.header("cache-control"), Some("public, max-age=31536000, immutable"));
            assert_eq!(reply.header("vary"), Some("accept-encoding"));
        }
        let again = format!("GET {path} HTTP/1.1\nIf-None-Match: {}", plain.header("etag").unwrap());
        assert_eq!(server.send(&again, b"").await.status, 304);
    }
    server.get("/graphiql/0000000000000000/start.js").await.refusal(404, "NOT_FOUND");
}

#[tokio::test]
async fn request_ids_are_taken_or_made() {
    let server = start().await;
    let body = br#"{"query":"{ echo }"}"#;
    let head = "POST /graphql HTTP/1.1\nContent-Type: application/json\nX-Request-Id: ";
    let reply = server.send(&format!("{head}abc-1.2_3"), body).await;
    assert_eq!(reply.header("x-request-id"), Some("abc-1.2_3"));
    assert_eq!(reply.json()["data"]["id"], "abc-1.2_3");
    let reply = server.send(&format!("{head}a b"), body).await;
    assert_eq!(reply.header("x-request-id"), Some("00000000-0000-0000-0000-000000000001"));
    assert_eq!(
        server.get("/nowhere").await.header("x-request-id"),
        Some("00000000-0000-0000-0000-000000000002")
    );
}

#[tokio::test]
async fn a_request_says_once_which_host_it_asks() {
    let server = start().await;
    let asked = async |version: &str, hosts: &[&str]| {
        let mut client = server.connect().await;
        client.write(format!("GET /health/live HTTP/{version}\r\n").as_bytes()).await;
        for host in hosts {
            client.write(format!("Host: {host}\r\n").as_bytes()).await;
        }
        client.write(b"\r\n").await;
        client.read().await
    };
    for hosts in [&["crm.example"][..], &["10.0.0.5:8080"], &["[::1]:8080"]] {
        assert_eq!(asked("1.1", hosts).await.status, 200, "{hosts:?}");
    }
    assert_eq!(asked("1.0", &[]).await.status, 200);
    for (version, hosts) in [
        ("1.1", &[][..]),
        ("1.1", &["crm.example", "evil.example"]),
        ("1.1", &["crm.example", "crm.example"]),
        ("1.0", &["crm.example", "crm.example"]),
        ("1.1", &[""]),
        ("1.1", &["crm.example, evil.example"]),
        ("1.1", &["crm.example/evil"]),
        ("1.1", &["me@crm.example"]),
        ("1.1", &["crm.example:http"]),
    ] {
        let reply = asked(version, hosts).await;
        reply.refusal(400, "BAD_REQUEST");
        assert_eq!(reply.header("connection"), Some("close"), "{hosts:?}");
    }
}
