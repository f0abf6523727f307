//! The graceful end.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use crate::support::{Server, start, start_with};

const JSON: &str = "POST /graphql HTTP/1.1\nContent-Type: application/json";

async fn begun(server: &Server) {
    while server.echo.begun.load(Ordering::SeqCst) == 0 {
        sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn what_is_under_way_is_finished() {
    let server = start().await;
    let mut idle = server.connect().await;
    idle.send("GET /health/live HTTP/1.1", b"").await;
    idle.read().await;
    let mut busy = server.connect().await;
    busy.send(JSON, br#"{"query":"{ slow }"}"#).await;
    begun(&server).await;
    let mut late = server.connect().await;
    late.write(b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n").await;
    sleep(Duration::from_millis(50)).await;

    server.shutdown.begin();
    sleep(Duration::from_millis(50)).await;
    assert!(TcpStream::connect(server.address).await.is_err(), "no new connections");
    assert!(idle.is_closed_within(Duration::from_secs(1)).await, "idle connections are closed");
    late.write(b"Content-Length: 15\r\n\r\n{\"query\":\"{a}\"}").await;
    late.read().await.refusal(503, "UNAVAILABLE");
    let reply = busy.read().await;
    assert_eq!((reply.status, reply.header("connection")), (200, Some("close")));
    assert_eq!(server.running.await.unwrap().aborted, 0);
}

#[tokio::test]
async fn a_load_balancer_gets_time_to_turn_away() {
    let server = start_with(|config| config.server.shutdown_delay_seconds = 1).await;
    server.shutdown.begin();
    sleep(Duration::from_millis(50)).await;
    let ready = server.get("/health/ready").await;
    assert_eq!((ready.status, ready.text()), (503, r#"{"status":"shutting_down"}"#));
    assert_eq!(server.get("/health/live").await.status, 200);
    assert_eq!(server.post("*/*", r#"{"query":"{ a }"}"#).await.status, 200, "requests are still taken");
    assert_eq!(server.running.await.unwrap().aborted, 0);
}

#[tokio::test]
async fn patience_ends() {
    let server = start_with(|config| config.server.shutdown_seconds = 1).await;
    let mut busy = server.connect().await;
    busy.send(JSON, br#"{"query":"{ forever }"}"#).await;
    begun(&server).await;
    let start = Instant::now();
    server.shutdown.begin();
    assert_eq!(server.running.await.unwrap().aborted, 1);
    assert!(start.elapsed() >= Duration::from_secs(1));
    assert_eq!(server.echo.dropped.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_second_call_ends_at_once() {
    let server = start_with(|config| config.server.shutdown_delay_seconds = 60).await;
    let mut busy = server.connect().await;
    busy.send(JSON, br#"{"query":"{ forever }"}"#).await;
    begun(&server).await;
    server.shutdown.begin();
    sleep(Duration::from_millis(50)).await;
    server.shutdown.abort();
    let drained = timeout(Duration::from_secs(2), server.running).await.unwrap().unwrap();
    assert_eq!(drained.aborted, 1);
}
