//! The engine over a database, as a [`Service`].

use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use shoal_core::clock::{Clock, Ids, System};
use shoal_core::context::Tenant;
use shoal_core::database::{ConnectError, Database, Options};
use shoal_core::{RequestContext, text_rules};
use shoal_graphql::catalog::Catalog;
use shoal_graphql::context::Context;
use shoal_graphql::engine::{Engine, Limits};
use shoal_graphql::request::{Request, Response};

use crate::config::{Config, DatabaseConfig, GraphqlConfig};
use crate::{RequestId, Service};

/// Everything that answers requests: the engine, the database, the tenant, clock and ids.
pub struct Application {
    engine: Engine,
    context: RequestContext,
}

/// Opens the database of the configuration.
///
/// # Errors
/// [`ConnectError`]
pub async fn open_database(config: &DatabaseConfig) -> Result<Database, ConnectError> {
    let options = Options {
        url: config.url.expose().to_owned(),
        max_connections: config.max_connections,
        statement_timeout: Duration::from_secs(config.statement_timeout_seconds.into()),
    };
    Database::connect(&options).await
}

impl Application {
    /// Answers requests against `catalog` from `database`, with the machine's clock and ids.
    pub fn new(catalog: Arc<Catalog>, database: Database, config: &Config) -> Self {
        Self::with_clock(catalog, database, config, Arc::new(System), Arc::new(System))
    }

    /// The same with a clock and ids of one's own.
    pub fn with_clock(
        catalog: Arc<Catalog>,
        database: Database,
        config: &Config,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn Ids>,
    ) -> Self {
        let tenant = Arc::new(Tenant::first());
        let context = RequestContext { database, tenant, actor: None, clock, ids };
        Self { engine: Engine::new(catalog, limits(&config.graphql), text_rules()), context }
    }

    /// The same application for another tenant.
    #[must_use]
    pub fn for_tenant(mut self, tenant: Tenant) -> Self {
        self.context.tenant = Arc::new(tenant);
        self
    }

    /// The database.
    pub fn database(&self) -> &Database {
        &self.context.database
    }

    /// Answers one request.
    pub async fn answer(&self, request: &Request) -> Response {
        let context: Arc<dyn Context> = Arc::new(self.context.clone());
        self.engine.execute(request, &context).await
    }
}

fn limits(config: &GraphqlConfig) -> Limits {
    let wide = |value: u32| usize::try_from(value).unwrap_or(usize::MAX);
    Limits {
        depth: wide(config.max_depth),
        aliases: wide(config.max_aliases),
        root_fields: wide(config.max_root_fields),
        directives: wide(config.max_directives),
        tokens: wide(config.max_tokens),
        page: config.max_page,
        cost: config.max_cost,
        introspection: config.introspection,
        ..Limits::default()
    }
}

impl Service for Application {
    fn execute(&self, mut request: Request, id: RequestId) -> BoxFuture<'_, Response> {
        request.id = Some(id.as_str().to_owned());
        Box::pin(async move { self.answer(&request).await })
    }

    fn sdl(&self) -> Arc<str> {
        self.engine.catalog().sdl()
    }

    fn ready(&self) -> BoxFuture<'_, Result<(), String>> {
        Box::pin(async move { self.context.database.ping().await.map_err(|error| error.to_string()) })
    }
}
