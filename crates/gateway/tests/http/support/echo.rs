//! A tiny engine: it looks at the text of the document and answers accordingly. It is just good enough for the tests
//! here, for the audits of the specification and for `GraphiQL`.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::json;
use shoal_gateway::{Denied, Opened, RequestId, Service};
use shoal_graphql::request::{Outcome, Request, Response};

/// The SDL that the engine claims to have.
pub const SDL: &str = "type Query {\n  accounts(first: Int): AccountConnection!\n}\n";

/// The engine, and what it saw.
pub struct Echo {
    /// Requests that were begun.
    pub begun: AtomicUsize,
    /// Requests that were dropped before they had an answer.
    pub dropped: AtomicUsize,
    /// What `ready` answers.
    pub ready: Mutex<Result<(), String>>,
    /// What `sdl` answers.
    pub sdl: Mutex<Arc<str>>,
}

impl Default for Echo {
    fn default() -> Self {
        Self {
            begun: AtomicUsize::new(0),
            dropped: AtomicUsize::new(0),
            ready: Mutex::new(Ok(())),
            sdl: Mutex::new(SDL.into()),
        }
    }
}

impl Service for Echo {
    fn execute<'s>(
        &'s self,
        request: Request,
        _: Option<&'s str>,
        id: RequestId,
    ) -> BoxFuture<'s, Result<Response, Denied>> {
        self.begun.fetch_add(1, Ordering::SeqCst);
        assert!(!request.query.contains("panicAtOnce"), "secret text of a panic");
        let running = Running { echo: self, finished: false };
        async move {
            let mut running = running;
            if request.query.contains("forever") {
                std::future::pending::<()>().await;
            }
            if request.query.contains("slow") {
                tokio::time::sleep(Duration::from_millis(300)).await;
            }
            assert!(!request.query.contains("panicLater"), "secret text of a panic");
            running.finished = true;
            Ok(answer(&request, &id))
        }
        .boxed()
    }

    fn knows<'s>(&'s self, _: Option<&'s str>) -> BoxFuture<'s, Result<(), Denied>> {
        async move { Ok(()) }.boxed()
    }

    fn open<'s>(
        &'s self,
        request: Request,
        token: Option<&'s str>,
        id: RequestId,
        _: Option<i64>,
    ) -> BoxFuture<'s, Result<Opened, Denied>> {
        async move { self.execute(request, token, id).await.map(Opened::Answer) }.boxed()
    }

    fn sdl<'s>(&'s self, _: Option<&'s str>) -> BoxFuture<'s, Result<Arc<str>, Denied>> {
        let sdl = self.sdl.lock().unwrap_or_else(PoisonError::into_inner).clone();
        async move { Ok(sdl) }.boxed()
    }

    fn ready(&self) -> BoxFuture<'_, Result<(), String>> {
        let answer = self.ready.lock().unwrap_or_else(PoisonError::into_inner).clone();
        async move { answer }.boxed()
    }
}

struct Running<'a> {
    echo: &'a Echo,
    finished: bool,
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        if !self.finished {
            self.echo.dropped.fetch_add(1, Ordering::SeqCst);
        }
    }
}

fn answer(request: &Request, id: &RequestId) -> Response {
    let query = request.query.trim();
    let refused =
        query == "{" || query.contains("8f31403dfe404bccbb0e835f2629c6a7") || query.contains("CoerceFailure");
    let (outcome, body) = if query.starts_with("mutation") && request.read_only {
        (Outcome::MutationRefused, json!({ "errors": [{ "message": "read only" }] }).to_string())
    } else if query.contains("limited") {
        (
            Outcome::RateLimited { retry_after: Some(7) },
            json!({ "errors": [{ "message": "later" }] }).to_string(),
        )
    } else if refused {
        (Outcome::Refused, json!({ "errors": [{ "message": "refused" }] }).to_string())
    } else {
        (Outcome::Executed, executed(query, request, id))
    };
    Response {
        outcome,
        errors: u32::from(body.contains("\"errors\"")),
        body: body.into_bytes(),
        operation_name: request.operation_name.clone(),
        statements: 3,
        cost: 1,
        spent: 1,
        allowance: None,
        whose: Some("main".to_owned()),
    }
}

fn executed(query: &str, request: &Request, id: &RequestId) -> String {
    if query.contains("__schema") {
        return format!("{{\"data\":{}}}", include_str!("introspection.json"));
    }
    let data = if query.contains("accounts") {
        json!({ "accounts": { "nodes": [{ "id": "1", "name": "Acme" }, { "id": "2", "name": "Blue Water Ltd." }] } })
    } else if query.contains("__type(") {
        json!({ "__type": null })
    } else if query.contains("big") {
        json!({ "big": "x".repeat(100_000) })
    } else if query.contains("broken") {
        return json!({ "data": null, "errors": [{ "message": "broken", "path": ["broken"] }] }).to_string();
    } else if query.contains("echo") {
        json!({
            "query": request.query,
            "operationName": request.operation_name,
            "variables": request.variables,
            "readOnly": request.read_only,
            "id": id.as_str(),
        })
    } else {
        json!({ "__typename": "Query" })
    };
    json!({ "data": data }).to_string()
}
