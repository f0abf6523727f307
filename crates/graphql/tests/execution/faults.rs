//! What breaks on our side is in the log, under the request that met it.

use std::fmt::{Debug, Write as _};
use std::sync::{Arc, Mutex};

use shoal_graphql::request::Request;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Metadata, Subscriber, span};

use crate::common::on_both;

/// The errors in the log, as `name=value` words.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() == Level::ERROR && metadata.target().starts_with("shoal_graphql")
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = Line(String::new());
        event.record(&mut line);
        self.0.lock().expect("nobody panicked").push(line.0);
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let _ = write!(self.0, " {field}={value:?}");
    }
}

#[tokio::test]
async fn faults_are_logged_under_their_request() {
    on_both(async |library| {
        let log = Log::default();
        let _guard = tracing::subscriber::set_default(log.clone());
        let query = "mutation { a: tagCreate(input: {name: \"fault\"}) { id } b: tagCreate(input: {name: \"\"}) { id } }";
        let request = Request { query: query.to_owned(), id: Some("req-7".to_owned()), ..Request::default() };
        library.execute(&request).await;
        let lines = log.0.lock().expect("nobody panicked").clone();
        let expected = r#" message=a field could not be answered fault="secret text" request_id="req-7""#;
        assert_eq!(lines, [expected], "{}", library.backend);
    })
    .await;
}
