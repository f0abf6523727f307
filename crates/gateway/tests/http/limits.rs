//! Body size, time-outs, concurrency, slow clients, panics.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use tokio::time::sleep;

use crate::support::{Server, start, start_with};

const JSON: &str = "POST /graphql HTTP/1.1\nContent-Type: application/json";

async fn until(what: &str, check: impl Fn() -> bool) {
    let start = Instant::now();
    while !check() {
        assert!(start.elapsed() < Duration::from_secs(5), "{what}");
        sleep(Duration::from_millis(5)).await;
    }
}

fn query(text: &str) -> String {
    serde_json::json!({ "query": text }).to_string()
}

#[tokio::test]
async fn an_announced_large_body_is_refused_before_it_is_read() {
    let server = start_with(|config| config.server.max_body_bytes = 1000).await;
    let mut client = server.connect().await;
    client.send(&format!("{JSON}\nContent-Length: 1001"), b"").await;
    let reply = client.read().await;
    assert_eq!(reply.refusal(413, "LIMIT_EXCEEDED"), "The request body is larger than 1000 bytes.");
    assert_eq!(reply.header("connection"), Some("close"));
    assert!(client.is_closed_within(Duration::from_secs(2)).await);
}

#[tokio::test]
async fn a_chunked_body_is_refused_when_it_grows_too_large() {
    let server = start_with(|config| config.server.max_body_bytes = 1000).await;
    let mut client = server.connect().await;
    client.send(&format!("{JSON}\nTransfer-Encoding: chunked"), b"").await;
    for _ in 0..11 {
        client.write(format!("64\r\n{}\r\n", "x".repeat(100)).as_bytes()).await;
    }
    client.read().await.refusal(413, "LIMIT_EXCEEDED");
}

#[tokio::test]
async fn bodies_up_to_the_limit_are_read_in_any_framing() {
    let body = query("{ echo }");
    let server = start_with(|config| config.server.max_body_bytes = body.len()).await;
    assert_eq!(server.send(JSON, body.as_bytes()).await.status, 200);
    let mut client = server.connect().await;
    client.send(&format!("{JSON}\nTransfer-Encoding: chunked"), b"").await;
    for byte in body.chars() {
        client.write(format!("1\r\n{byte}\r\n").as_bytes()).await;
    }
    client.write(b"0\r\n\r\n").await;
    assert_eq!(client.read().await.json()["data"]["query"], "{ echo }");
}

#[tokio::test]
async fn a_long_request_is_stopped() {
    let server = start_with(|config| config.server.request_timeout_seconds = 1).await;
    let mut client = server.connect().await;
    client.send(JSON, query("{ forever }").as_bytes()).await;
    client.read().await.refusal(504, "TIMEOUT");
    assert_eq!(server.echo.dropped.load(Ordering::SeqCst), 1, "the work was dropped");
    client.send(JSON, query("{ a }").as_bytes()).await;
    assert_eq!(client.read().await.status, 200, "the connection lives on");
}

#[tokio::test]
async fn a_request_is_dropped_when_its_client_goes() {
    let server = start().await;
    let mut client = server.connect().await;
    client.send(JSON, query("{ forever }").as_bytes()).await;
    until("begun", || server.echo.begun.load(Ordering::SeqCst) == 1).await;
    drop(client);
    until("dropped", || server.echo.dropped.load(Ordering::SeqCst) == 1).await;
}

#[tokio::test]
async fn a_slow_body_times_out() {
    let server = start_with(|config| config.server.request_timeout_seconds = 1).await;
    let mut client = server.connect().await;
    client.send(&format!("{JSON}\nContent-Length: 100"), b"{").await;
    let reply = client.read().await;
    reply.refusal(408, "TIMEOUT");
    assert!(client.is_closed_within(Duration::from_secs(2)).await);
}

#[tokio::test]
async fn a_slow_head_is_cut_off_but_an_idle_connection_is_kept() {
    let server = start_with(|config| config.server.header_timeout_seconds = 1).await;
    let mut idle = server.connect().await;
    idle.send("GET /health/live HTTP/1.1", b"").await;
    assert_eq!(idle.read().await.status, 200);
    let mut slow = server.connect().await;
    let begin = Instant::now();
    for byte in b"GET / HTTP/1.1\r\n" {
        slow.write(&[*byte]).await;
        sleep(Duration::from_millis(100)).await;
    }
    assert!(slow.is_closed_within(Duration::from_secs(1)).await);
    assert!(begin.elapsed() >= Duration::from_secs(1));
    idle.send("GET /health/live HTTP/1.1", b"").await;
    assert_eq!(idle.read().await.status, 200, "idle for longer than a head may take");
}

#[tokio::test]
async fn an_idle_connection_is_closed_at_last() {
    let server = start_with(|config| config.server.keep_alive_seconds = 1).await;
    let mut used = server.connect().await;
    used.send("GET /health/live HTTP/1.1", b"").await;
    used.read().await;
    let mut silent = server.connect().await;
    assert!(used.is_closed_within(Duration::from_secs(3)).await);
    assert!(silent.is_closed_within(Duration::from_secs(3)).await);
}

async fn occupy(server: &Server) -> crate::support::Client {
    let begun = server.echo.begun.load(Ordering::SeqCst);
    let mut client = server.connect().await;
    client.send(JSON, query("{ slow }").as_bytes()).await;
    until("occupied", || server.echo.begun.load(Ordering::SeqCst) > begun).await;
    client
}

#[tokio::test]
async fn requests_wait_in_a_bounded_queue() {
    let settings = |queue| {
        move |config: &mut shoal_gateway::config::Config| {
            config.server.max_concurrency = 1;
            config.server.max_queue = queue;
        }
    };
    let server = start_with(settings(0)).await;
    let mut first = occupy(&server).await;
    let reply = server.send(JSON, query("{ a }").as_bytes()).await;
    reply.refusal(503, "UNAVAILABLE");
    assert_eq!(reply.header("retry-after"), Some("1"));
    assert_eq!(server.get("/health/live").await.status, 200, "only GraphQL is limited");
    assert_eq!(first.read().await.status, 200);

    let server = start_with(settings(1)).await;
    let mut first = occupy(&server).await;
    assert_eq!(server.send(JSON, query("{ a }").as_bytes()).await.status, 200, "it waited");
    assert_eq!(first.read().await.status, 200);
}

#[tokio::test]
async fn a_place_is_given_back_when_the_client_goes() {
    let server = start_with(|config| {
        config.server.max_concurrency = 1;
        config.server.max_queue = 1;
    })
    .await;
    let mut running = server.connect().await;
    running.send(JSON, query("{ forever }").as_bytes()).await;
    until("begun", || server.echo.begun.load(Ordering::SeqCst) == 1).await;
    let mut waiting = server.connect().await;
    waiting.send(JSON, query("{ forever }").as_bytes()).await;
    sleep(Duration::from_millis(100)).await;
    drop((waiting, running));
    assert_eq!(server.send(JSON, query("{ a }").as_bytes()).await.status, 200);
}

#[tokio::test]
async fn connections_are_bounded() {
    let server = start_with(|config| config.server.max_connections = 1).await;
    let mut first = server.connect().await;
    first.send("GET /health/live HTTP/1.1", b"").await;
    first.read().await;
    let mut second = server.connect().await;
    second.send("GET /health/live HTTP/1.1", b"").await;
    sleep(Duration::from_millis(100)).await;
    drop(first);
    assert_eq!(second.read().await.status, 200);
}

#[tokio::test]
async fn panics_are_caught_and_tell_nothing() {
    let server = start().await;
    let mut client = server.connect().await;
    for text in ["{ panicAtOnce }", "{ panicLater }"] {
        client.send(JSON, query(text).as_bytes()).await;
        let reply = client.read().await;
        assert_eq!(reply.refusal(500, "INTERNAL"), "Something went wrong on the server.");
        assert!(!reply.text().contains("secret"));
    }
    client.send(JSON, query("{ a }").as_bytes()).await;
    assert_eq!(client.read().await.status, 200);
}

#[tokio::test]
async fn large_heads_are_refused() {
    let server = start().await;
    let head = format!("GET / HTTP/1.1\nX-Large: {}", "x".repeat(70_000));
    assert_eq!(server.send(&head, b"").await.status, 431);
}

#[tokio::test]
async fn answers_are_compressed_only_when_that_is_configured() {
    let head = format!("{JSON}\nAccept-Encoding: gzip");
    let server = start().await;
    assert_eq!(server.send(&head, query("{ big }").as_bytes()).await.header("content-encoding"), None);
    let server = start_with(|config| config.server.compression = true).await;
    let reply = server.send(&head, query("{ big }").as_bytes()).await;
    assert_eq!(reply.header("content-encoding"), Some("gzip"));
    assert!(reply.body.starts_with(&[0x1f, 0x8b]) && reply.body.len() < 2_000, "{}", reply.body.len());
    assert_eq!(
        server.send(&head, query("{ a }").as_bytes()).await.header("content-encoding"),
        None,
        "too small"
    );
    assert_eq!(
        server.send(JSON, query("{ big }").as_bytes()).await.header("content-encoding"),
        None,
        "not asked for"
    );
}
