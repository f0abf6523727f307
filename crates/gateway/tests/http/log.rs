//! One line per request, with what helps and nothing that is private.

use std::io;
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tracing_subscriber::fmt::MakeWriter;

use crate::support::start;

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

// The subscriber holds for this thread, on which the server of the test runs as well.
#[tokio::test(flavor = "current_thread")]
async fn one_line_per_request_without_private_data() {
    let lines = Lines::default();
    let subscriber = tracing_subscriber::fmt().json().flatten_event(true).with_writer(lines.clone()).finish();
    let guard = tracing::subscriber::set_default(subscriber);
    let server = start().await;
    let body = r#"{"query":"query Find { a }","operationName":"Find","variables":{"x":"private"}}"#;
    server.post("application/json", body).await;
    server.get("/graphql?query=%7Bbroken%7D&variables=%7B%22x%22:%22private%22%7D").await;
    server.get("/health/live").await;
    server.get("/auth/link/private").await;
    server.get("/public/company/module/private").await;
    server.post("application/json", r#"{"query":"{ panicLater }"}"#).await;
    drop(guard);

    let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    assert!(!text.contains("private"), "{text}");
    let all: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let requests: Vec<&Value> = all.iter().filter(|line| line["target"] == "shoal::request").collect();
    assert_eq!(requests.len(), 5, "health is not worth a line\n{text}");
    let first = requests[0];
    assert_eq!(
        (&first["method"], &first["path"], &first["status"]),
        (&"POST".into(), &"/graphql".into(), &200.into())
    );
    assert_eq!(
        (&first["operation"], &first["statements"], &first["errors"]),
        (&"Find".into(), &3.into(), &0.into())
    );
    assert_eq!((&first["tenant"], &first["cost"]), (&"main".into(), &1.into()));
    assert_eq!(first["bytes"], 31);
    assert_eq!(first["request_id"], "00000000-0000-0000-0000-000000000001");
    assert!(first["duration_ms"].as_f64().unwrap() > 0.0);
    assert_eq!((&requests[1]["path"], &requests[1]["errors"]), (&"/graphql".into(), &1.into()));
    assert_eq!(requests[2]["path"], "/auth/link/", "what is behind it opens a door");
    assert_eq!(requests[3]["path"], "/public/", "so may this");
    assert!(requests.iter().all(|line| line["client"] == "127.0.0.1"), "{text}");
    assert_eq!((&requests[4]["status"], &requests[4]["level"]), (&500.into(), &"WARN".into()));
    let panic = all.iter().find(|line| line["level"] == "ERROR").unwrap();
    assert_eq!(panic["request_id"], requests[4]["request_id"]);
}
