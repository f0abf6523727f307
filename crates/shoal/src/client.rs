//! What commands do through the API, as its other clients.

use std::future::Future;
use std::sync::Arc;

use serde_json::Value as Json;
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
