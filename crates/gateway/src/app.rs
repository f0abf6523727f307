//! The parts of a running gateway and its routes.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::routing::{any, get};
use axum::{body::Body, http::Request, http::Response};
use shoal_core::Kernel;

use crate::auth::{self, Door};
use crate::config::{Config, GraphqlConfig, ServerConfig};
use crate::graphql::{self, Gate, Media};
use crate::problem::Problem;
use crate::{Application, IdSource, RequestId, Service, Shutdown, files, pages, routes};

/// Everything that is needed to serve: the engine, the settings, the source of ids, and routes of other crates.
pub struct Gateway {
    pub(crate) service: Arc<dyn Service>,
    pub(crate) config: Config,
    pub(crate) kernel: Option<Arc<Kernel>>,
    pub(crate) application: Option<Arc<Application>>,
    pub(crate) ids: IdSource,
    pub(crate) routes: Router,
}

impl Gateway {
    /// A gateway in front of `service`.
    pub fn new(service: Arc<dyn Service>, config: &Config, ids: IdSource) -> Self {
        Self { service, config: config.clone(), kernel: None, application: None, ids, routes: Router::new() }
    }

    /// Adds the ways to come in, `/auth/…`, and lets browsers present a cookie.
    #[must_use]
    pub fn with_sign_in(self, kernel: Arc<Kernel>) -> Self {
        Self { kernel: Some(kernel), ..self }
    }

    /// Adds the pages of modules, `/modules/…` and `/public/…`, and `/files`.
    #[must_use]
    pub fn with_routes(self, application: Arc<Application>) -> Self {
        Self { application: Some(application), ..self }
    }

    /// Adds routes of another crate, such as the console's. They get the id, the log line and the panic guard, but
    /// neither the time-out nor the concurrency limit of GraphQL.
    #[must_use]
    pub fn merge(mut self, routes: Router) -> Self {
        self.routes = self.routes.merge(routes);
        self
    }
}

/// What every handler can see.
pub(crate) struct App {
    pub(crate) service: Arc<dyn Service>,
    pub(crate) server: ServerConfig,
    pub(crate) graphql: GraphqlConfig,
    pub(crate) ids: IdSource,
    pub(crate) gate: Gate,
    pub(crate) shutdown: Shutdown,
    pub(crate) schema: pages::SchemaPage,
    pub(crate) door: Option<Arc<Door>>,
}

/// Puts the parts together. `address` is what the server listens on.
pub(crate) fn build(gateway: Gateway, shutdown: Shutdown, address: Option<SocketAddr>) -> (Arc<App>, Router) {
    let Gateway { service, config, kernel, application, ids, routes: others } = gateway;
    let door = kernel.map(|kernel| Arc::new(Door::new(kernel, &config, address)));
    let Config { server, graphql, .. } = config;
    let gate = Gate::new(server.max_concurrency, server.max_queue);
    let schema = pages::SchemaPage::default();
    let app = Arc::new(App { service, server, graphql, ids, gate, shutdown, schema, door });
    let mut router = router(&app).with_state(Arc::clone(&app)).merge(others);
    if let Some(application) = &application {
        router = router.merge(routes::routes(&app, application)).merge(files::routes(&app, application));
    }
    if let Some(door) = &app.door {
        router = router.merge(auth::routes(&app, Arc::clone(door)));
    }
    (app, router)
}

fn router(app: &App) -> Router<Arc<App>> {
    let router = Router::new()
        .route("/", get(pages::root))
        .route("/graphql", any(graphql::handle))
        .route("/health/live", get(pages::live))
        .route("/health/ready", get(pages::ready))
        .method_not_allowed_fallback(method_not_allowed)
        .fallback(not_found);
    let router =
        if app.graphql.introspection { router.route("/schema.graphql", get(pages::schema)) } else { router };
    if app.graphql.graphiql {
        router.route("/graphiql", get(pages::graphiql)).route("/graphiql/{version}/{file}", get(pages::asset))
    } else {
        router
    }
}

async fn not_found(request: Request<Body>) -> Response<Body> {
    Problem::not_found().into_response(Media::Json, &id_of(&request))
}

async fn method_not_allowed(request: Request<Body>) -> Response<Body> {
    // Every page but GraphQL is for reading; axum knows no better list here.
    Problem::method_not_allowed("This page can only be read.", "GET, HEAD")
        .into_response(Media::Json, &id_of(&request))
}

/// The id that `edge` gave to the request.
pub(crate) fn id_of<B>(request: &Request<B>) -> RequestId {
    // `edge` always sets it; without it the answer still goes out, only nameless.
    request.extensions().get().cloned().unwrap_or_else(|| RequestId::from(uuid::Uuid::nil()))
}
