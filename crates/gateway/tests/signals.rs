//! SIGTERM and SIGINT. In a file of its own, because signals are for the whole process.
#![cfg(unix)]

use std::process::Command;
use std::time::Duration;

use shoal_gateway::Shutdown;
use tokio::time::timeout;

fn send(signal: &str) {
    let status = Command::new("kill").args([signal, &std::process::id().to_string()]).status();
    assert!(status.is_ok_and(|status| status.success()), "kill {signal}");
}

#[tokio::test]
async fn a_signal_begins_the_end() {
    let shutdown = Shutdown::new();
    shutdown.on_signals().unwrap();
    assert!(timeout(Duration::from_millis(50), shutdown.begun()).await.is_err());
    send("-TERM");
    timeout(Duration::from_secs(5), shutdown.begun()).await.expect("SIGTERM is heard");
}
