//! What commands do through the API, as its other clients.

use std::future::Future;
use std::io::IsTerminal as _;
use std::sync::Arc;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::{Value as Json, json};
use shoal_core::tenancy::Tenant;
use shoal_core::{Kernel, RequestContext, job};
use shoal_gateway::Application;
use shoal_graphql::request::Request;

use crate::cli::Failure;

/// The company that a command works on.
pub(crate) type Place<'p> = (&'p Application, &'p Arc<Tenant>);

/// The data of a request that has no limits; its first error otherwise.
pub(crate) async fn ask(
    (application, company): Place<'_>,
    document: &str,
    variables: Json,
) -> Result<Json, Failure> {
    let variables = variables.as_object().cloned();
    let context = RequestContext::operator(application.kernel(), company);
    let request = Request { query: document.to_owned(), variables, ..Request::default() };
    let response: Json = serde_json::from_slice(&Box::pin(application.answer(&request, context)).await.body)?;
    match response["errors"][0]["message"].as_str() {
        Some(message) => Err(message.to_owned().into()),
        None => Ok(response["data"].clone()),
    }
}

/// How often the progress is looked at.
const LOOK: Duration = Duration::from_millis(150);

/// Waits until the job of a record is over, and answers these fields of the record as it is then. `bar` shows how far it is.
pub(crate) async fn followed(
    place: Place<'_>,
    (name, fields): (&str, &str),
    id: &Json,
    bar: &ProgressBar,
) -> Result<Json, Failure> {
    let look = || {
        let document =
            format!("query($id: ID!) {{ {name}(id: $id) {{ {fields} job {{ state done total error }} }} }}");
        async move { Ok::<_, Failure>(ask(place, &document, json!({ "id": id })).await?[name].take()) }
    };
    loop {
        let record = look().await?;
        let job = &record["job"];
        bar.set_length(job["total"].as_u64().unwrap_or_default());
        bar.set_position(job["done"].as_u64().unwrap_or_default());
        if !matches!(job["state"].as_str(), Some("QUEUED" | "RUNNING")) {
            bar.finish_and_clear();
            // The record was read before its job.
            return look().await;
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// A bar for people who look, with so much on its left, and what it counts.
pub(crate) fn progress(quiet: bool, doing: &'static str, what: &str) -> Result<ProgressBar, Failure> {
    let bar = ProgressBar::new(0).with_message(doing);
    if quiet || !std::io::stderr().is_terminal() {
        bar.set_draw_target(ProgressDrawTarget::hidden());
    }
    let template = format!("{{msg}} {{bar:40}} {{pos}}/{{len}} {what}, {{per_sec}}, {{eta}} left");
    bar.set_style(ProgressStyle::with_template(&template)?);
    Ok(bar)
}

/// Runs what waits for jobs beside a worker that does them.
pub(crate) async fn with_worker<T>(
    kernel: &Arc<Kernel>,
    waiting: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    let (end, ended) = tokio::sync::oneshot::channel::<()>();
    let kernel = Arc::clone(kernel);
    let worker = tokio::spawn(async move { job::run(kernel, 1, async { drop(ended.await) }).await });
    let outcome = waiting.await;
    drop(end);
    worker.await?;
    outcome
}
