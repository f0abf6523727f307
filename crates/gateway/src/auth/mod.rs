//! Coming in: `/auth/…`. JSON for programs and front ends, and a page for people who open a link.

pub(crate) mod cookie;
mod forgotten;
pub(crate) mod guard;
mod link;
mod page;
mod session;
mod sign_in;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Request, Response, header};
use axum::routing::{MethodRouter, get, post};
use bytes::Bytes;
use serde::de::DeserializeOwned;
use shoal_core::Kernel;
use shoal_core::module::Composition;
use shoal_core::sign_in::Place;
use shoal_core::tenancy::{Known, tenants};
use tokio::sync::{OnceCell, Semaphore};
use tokio::time::{Instant, sleep_until};

pub(crate) use guard::Silence;

use crate::app::{App, id_of};
use crate::client::Client;
use crate::config::Config;
use crate::credentials::{Credential, credential};
use crate::graphql::{Media, content_type};
use crate::mail::Mailer;
use crate::problem::Problem;
use crate::{RequestId, work};

/// Passwords that are being reset at once; each may wait for a mail server.
const RESETS: usize = 64;

/// What a sign-in needs beside the gateway.
pub(crate) struct Door {
    kernel: Arc<Kernel>,
    /// Where links lead.
    public_url: String,
    /// Whether that is a setting.
    is_public: bool,
    /// Where people go who came in by the page.
    home: &'static str,
    mailer: Option<Mailer>,
    resets: Arc<Semaphore>,
    instance: OnceCell<String>,
}

impl Door {
    /// The modules, for their words.
    pub(crate) fn modules(&self) -> &Composition {
        &self.kernel.modules
    }

    /// A door to what the kernel has. `address` is what the server listens on.
    pub(crate) fn new(kernel: Arc<Kernel>, config: &Config, address: Option<SocketAddr>) -> Self {
        let server = &config.server;
        let listening = format!("http://{}", address.unwrap_or_else(|| server.address()));
        let public_url = server.public_url.as_deref().unwrap_or(&listening).trim_end_matches('/');
        Self {
            kernel,
            public_url: public_url.to_owned(),
            is_public: server.public_url.is_some(),
            home: if config.graphql.graphiql { "/graphiql" } else { "/" },
            mailer: Mailer::new(&config.mail),
            resets: Arc::new(Semaphore::new(RESETS)),
            instance: OnceCell::new(),
        }
    }

    /// Scheme and host of the public address, if that is a setting.
    fn site(&self) -> Option<(&str, &str)> {
        self.public_url.split_once("://").filter(|_| self.is_public)
    }

    /// Whether the client reaches us by HTTPS.
    pub(crate) fn is_secure(&self, client: &Client) -> bool {
        self.site().is_some_and(|(scheme, _)| scheme == "https") || client.scheme.as_deref() == Some("https")
    }

    /// The name of the session's cookie; `None` while there is no company.
    pub(crate) async fn cookie_name(&self, secure: bool) -> Result<Option<String>, Problem> {
        Ok(self.instance().await?.map(|instance| cookie::name(instance, secure)))
    }

    /// What the names of the cookies have in them; `None` while there is no company. It is the end of the oldest company's
    /// id: the same on every node, and another one for another Shoal on the same host.
    async fn instance(&self) -> Result<Option<&str>, Problem> {
        if let Some(instance) = self.instance.get() {
            return Ok(Some(instance));
        }
        let companies = tenants(&self.kernel).await.map_err(Problem::failed)?;
        let Some((oldest, _)) = companies.first() else { return Ok(None) };
        let id = oldest.simple().to_string();
        Ok(Some(self.instance.get_or_init(|| async { id[id.len() - 8..].to_owned() }).await))
    }
}

/// What the handlers here see.
#[derive(Clone)]
struct Entry {
    app: Arc<App>,
    door: Arc<Door>,
}

/// A request that was read.
struct Visit {
    parts: Parts,
    client: Client,
    id: RequestId,
    body: Bytes,
}

type Answer = Result<Response<Body>, Problem>;

/// The routes.
pub(crate) fn routes(app: &Arc<App>, door: Arc<Door>) -> Router {
    type Request = axum::extract::Request;
    type E = State<Entry>;
    Router::new()
        .route("/auth/sign-in", posts(post(|State(e): E, r: Request| answer(e, r, sign_in::sign_in))))
        .route("/auth/sign-out", posts(post(|State(e): E, r: Request| answer(e, r, session::sign_out))))
        .route("/auth/session", get(|State(e): E, r: Request| answer(e, r, session::session)))
        .route("/auth/password", posts(post(|State(e): E, r: Request| answer(e, r, session::password))))
        .route("/auth/forgotten", posts(post(|State(e): E, r: Request| answer(e, r, forgotten::forgotten))))
        .route("/auth/link", posts(post(|State(e): E, r: Request| answer(e, r, link::take))))
        .route(
            "/auth/link/{token}",
            get(|State(e): E, Path(token): Path<String>, r: Request| {
                answer(e, r, |entry, visit| link::show(entry, visit, token))
            })
            .post(|State(e): E, Path(token): Path<String>, r: Request| {
                answer(e, r, |entry, visit| link::submit(entry, visit, token))
            })
            .fallback(read_or_post),
        )
        .with_state(Entry { app: Arc::clone(app), door })
}

fn posts(router: MethodRouter<Entry>) -> MethodRouter<Entry> {
    router.fallback(post_only)
}

async fn post_only(request: Request<Body>) -> Response<Body> {
    Problem::method_not_allowed("Use POST.", "POST").into_response(Media::Json, &id_of(&request))
}

async fn read_or_post(request: Request<Body>) -> Response<Body> {
    let problem = Problem::method_not_allowed("Use GET or POST.", "GET, HEAD, POST");
    problem.into_response(Media::Json, &id_of(&request))
}

/// Reads a request and works on it, under the same limits as GraphQL.
async fn answer<W, F>(entry: Entry, request: Request<Body>, handle: W) -> Response<Body>
where
    W: FnOnce(Entry, Visit) -> F,
    F: Future<Output = Answer>,
{
    let id = id_of(&request);
    let app = Arc::clone(&entry.app);
    let deadline = Instant::now() + Duration::from_secs(app.server.request_timeout_seconds);
    let result = async {
        let visit = Visit::read(&app, request, deadline).await?;
        let limits = (visit.body.len(), deadline);
        work::run(&app, &id, limits, async { handle(entry, visit).await }).await
    };
    let result = result.await;
    if let Some(earliest) = result.as_ref().err().and_then(Problem::earliest) {
        // Nobody else's place is taken meanwhile.
        sleep_until(earliest).await;
    }
    let mut response = result.unwrap_or_else(|problem| problem.into_response(Media::Json, &id));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

impl Visit {
    async fn read(app: &App, request: Request<Body>, deadline: Instant) -> Result<Self, Problem> {
        let id = id_of(&request);
        let (parts, body) = work::read(app, request, deadline).await?;
        let client = parts.extensions.get().cloned();
        let client = client.ok_or_else(Problem::internal)?;
        Ok(Self { parts, client, id, body })
    }

    /// The body as JSON.
    fn json<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        content_type::check(&self.parts.headers)?;
        let text = std::str::from_utf8(&self.body)
            .map_err(|_| Problem::bad_request("The request body is not valid UTF-8."))?;
        serde_json::from_str(text)
            .map_err(|error| Problem::bad_request(format!("The request body cannot be used: {error}.")))
    }

    /// Refuses what other sites make a browser send.
    fn check_origin(&self, door: &Door, silence: Silence) -> Result<(), Problem> {
        guard::check(door, (&self.parts.headers, &self.client), silence)
    }

    /// What the request presents.
    async fn credential(&self, entry: &Entry) -> Result<Option<Credential>, Problem> {
        credential(Some(&entry.door), &self.parts).await
    }

    /// Who asks, and by what.
    async fn known(&self, entry: &Entry) -> Result<(Arc<Known>, Credential), Problem> {
        let credential = self.credential(entry).await?.ok_or_else(Problem::unauthenticated)?;
        let known = entry.door.kernel.caller(credential.token()).await.map_err(Problem::failed)?;
        Ok((known.ok_or_else(Problem::unauthenticated)?, credential))
    }

    /// Where it comes from, for the list of sessions, and who has signed in there before.
    async fn place(&self, door: &Door) -> Result<Place, Problem> {
        let headers = &self.parts.headers;
        let device = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
        let name = door.instance().await?;
        let name = name.map(|instance| cookie::device_name(instance, door.is_secure(&self.client)));
        let device_cookie = name.and_then(|name| cookie::read(headers, &name)).map(str::to_owned);
        let address = Some(self.client.address.to_string());
        Ok(Place { device: device.map(str::to_owned), address, device_cookie })
    }
}
