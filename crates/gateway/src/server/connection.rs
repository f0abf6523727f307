//! One connection: HTTP/1.1, kept alive, with limits on what a slow or hostile client can hold.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioTimer;
use tokio::net::TcpStream;
use tokio::sync::OwnedSemaphorePermit;

use super::shutdown::Phase;
use super::stream::{GuardedStream, Marks};
use crate::app::App;
use crate::edge;

/// The largest request head. A larger one is 431.
const MAX_HEAD: usize = 64 * 1024;

/// What a connection holds of the server's: one of the places for connections. A web socket goes on holding it.
#[derive(Clone)]
pub(crate) struct Held(#[expect(dead_code, reason = "given back on drop")] Option<Arc<OwnedSemaphorePermit>>);

/// Serves the connection to its end. `place` is given back then.
pub(super) async fn run(
    (stream, peer): (TcpStream, SocketAddr),
    app: Arc<App>,
    router: Router,
    place: Option<OwnedSemaphorePermit>,
) {
    let held = Held(place.map(Arc::new));
    // Answers are written in one piece; waiting for more to send would only add delay.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY");
    }
    let settings = &app.server;
    let marks = Arc::new(Marks::default());
    let stream = GuardedStream::new(
        stream,
        Arc::clone(&marks),
        Duration::from_secs(settings.header_timeout_seconds),
        Duration::from_secs(settings.request_timeout_seconds),
    );
    let mut builder = http1::Builder::new();
    // hyper's time-out begins when the last answer is out, so that it also bounds the idle time between requests.
    // The shorter one, from the first byte of a head to its last, is kept by `GuardedStream`.
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_secs(settings.keep_alive_seconds))
        .max_header_size(MAX_HEAD)
        .max_buf_size(2 * MAX_HEAD);
    let service = service_fn(|mut request| {
        let busy = marks.busy();
        request.extensions_mut().insert(held.clone());
        let answer = edge::answer(Arc::clone(&app), router.clone(), request, peer);
        async move {
            let answer = answer.await;
            // From here on the connection is a web socket, which has its own ideas of who is slow.
            if matches!(&answer, Ok(answer) if answer.status() == StatusCode::SWITCHING_PROTOCOLS) {
                busy.for_ever();
            }
            answer
        }
    });
    let connection = builder.serve_connection(stream, service).with_upgrades();
    tokio::pin!(connection);
    let result = tokio::select! {
        biased;
        result = connection.as_mut() => result,
        () = app.shutdown.reached(Phase::Draining) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    // Clients that break off are their own business.
    if let Err(error) = result {
        tracing::debug!(error = %error, "connection");
    }
}
