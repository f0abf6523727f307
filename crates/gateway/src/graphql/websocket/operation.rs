//! One operation of a connection.

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use serde_json::json;
use shoal_core::module::Language;
use shoal_graphql::request::{Outcome, Request};
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::message::{complete, error, next};
use crate::app::App;
use crate::problem::{Problem, Tongue};
use crate::{Ending, Next, Opened, RequestId, work};

/// What an operation has to say.
pub(super) struct Saying {
    /// The number of the operation: a client may use an id again while something of the operation before is still on its way.
    pub(super) number: u64,
    /// The message.
    pub(super) text: String,
    /// Whether it is the operation's last.
    pub(super) last: bool,
}

/// An operation as it was asked for.
pub(super) struct Asked {
    pub(super) number: u64,
    /// The client's id for it.
    pub(super) id: String,
    pub(super) request: Request,
    pub(super) token: Option<String>,
    /// What the browser asked for when it came.
    pub(super) language: Language,
    /// Bytes of the message.
    pub(super) bytes: usize,
}

/// Runs an operation and says what it answers. Who says something waits until the client takes it.
pub(super) async fn perform(
    app: Arc<App>,
    request_id: RequestId,
    asked: Asked,
    sayings: mpsc::Sender<Saying>,
) {
    let Asked { number, id, request, token, language, bytes } = asked;
    let say = async |text: String, last: bool| sayings.send(Saying { number, text, last }).await.is_ok();
    let deadline = Instant::now() + Duration::from_secs(app.server.request_timeout_seconds);
    let opened = work::run(&app, &request_id, (bytes, deadline), async {
        let opened = app.service.open(request, token.as_deref(), request_id.clone(), None).await;
        opened.map_err(Problem::denied)
    });
    let mut told = match opened.await {
        Err(problem) => {
            say(error(&id, &problem.body(&request_id, Tongue::new(&app, language))), true).await;
            return;
        }
        Ok(Opened::Answer(response)) if response.outcome != Outcome::Executed => {
            say(error(&id, &response.body), true).await;
            return;
        }
        Ok(Opened::Answer(response)) => {
            if say(next(&id, &response.body), false).await {
                say(complete(&id), true).await;
            }
            return;
        }
        Ok(Opened::Stream { told, .. }) => told,
    };
    while let Some(event) = told.next().await {
        let goes_on = match event {
            Ok(Next::Change { body, .. }) => say(next(&id, &body), false).await,
            Ok(Next::Nothing { .. }) => true,
            Err(Ending { code, message }) => {
                let extensions = json!({ "code": code, "requestId": request_id.as_str() });
                let errors = json!({ "errors": [{ "message": message, "extensions": extensions }] });
                say(error(&id, errors.to_string().as_bytes()), true).await;
                false
            }
        };
        if !goes_on {
            return;
        }
    }
    say(complete(&id), true).await;
}
