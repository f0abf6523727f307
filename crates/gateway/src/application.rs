//! The engine over a database, as a [`Service`].

use std::sync::{Arc, Weak};
use std::time::Duration;

use futures::future::BoxFuture;
use quick_cache::sync::Cache;
use shoal_core::database::{ConnectError, Database, Options};
use shoal_core::file::{Files, OpenError};
use shoal_core::module::Api;
use shoal_core::rate_limit::RateLimiter;
use shoal_core::tenancy::Known;
use shoal_core::{Kernel, RequestContext, text_rules};
use shoal_graphql::compose::ModuleSet;
use shoal_graphql::context::Context;
use shoal_graphql::engine::{Engine, Limits};
use shoal_graphql::request::{Request, Response};

use crate::config::{Config, DatabaseConfig, FilesConfig, GraphqlConfig};
use crate::service::{Denied, Opened};
use crate::subscriptions::{Hub, NotBegun, Subscriber};
use crate::{RequestId, Service};

/// Sets of modules whose engines are kept. A company has one set, and perhaps one for its pilots.
const ENGINES: usize = 64;

/// Everything that answers requests: the kernel, and an engine for each set of modules.
pub struct Application {
    kernel: Arc<Kernel>,
    limits: Limits,
    engines: Cache<ModuleSet, Arc<Engine>>,
    hub: Arc<Hub>,
    /// What callers' operations are paid from, if that is limited.
    limiter: Option<Arc<RateLimiter>>,
    /// What the changes that subscribers are told are paid from: what happens in a company is not for one of its people to pay
    /// from what they need for queries.
    told_limiter: Option<Arc<RateLimiter>>,
    itself: Weak<Self>,
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

/// Opens the store of files of the configuration.
///
/// # Errors
/// [`OpenError`]
pub fn open_files(config: &FilesConfig) -> Result<Files, OpenError> {
    Files::in_folder(config.folder(), config.limits())
}

impl Application {
    /// Answers requests with what the kernel has.
    pub fn new(kernel: Arc<Kernel>, config: &Config) -> Arc<Self> {
        let hub = Hub::new(Arc::clone(&kernel), config.server.max_subscriptions);
        let (limits, engines) = (limits(&config.graphql), Cache::new(ENGINES));
        let rate = config.graphql.rate_limit();
        let buckets = || rate.map(|rate| Arc::new(RateLimiter::new(rate, Arc::clone(&kernel.clock))));
        let (limiter, told_limiter) = (buckets(), buckets());
        Arc::new_cyclic(|itself| Self {
            kernel,
            limits,
            engines,
            hub,
            limiter,
            told_limiter,
            itself: Weak::clone(itself),
        })
    }

    pub(crate) fn told_limiter(&self) -> Option<&Arc<RateLimiter>> {
        self.told_limiter.as_ref()
    }

    pub(crate) fn hub(&self) -> &Arc<Hub> {
        &self.hub
    }

    /// The kernel.
    pub fn kernel(&self) -> &Arc<Kernel> {
        &self.kernel
    }

    /// The database.
    pub fn database(&self) -> &Database {
        &self.kernel.database
    }

    /// The engine of a set of modules.
    pub fn engine(&self, modules: &ModuleSet) -> Arc<Engine> {
        if let Some(engine) = self.engines.get(modules) {
            return engine;
        }
        let schemas = Arc::clone(self.kernel.modules.schemas());
        let engine = Arc::new(Engine::new(schemas, modules.clone(), self.limits, text_rules()));
        self.engines.insert(modules.clone(), Arc::clone(&engine));
        engine
    }

    /// Answers a request in these surroundings.
    pub async fn answer(&self, request: &Request, context: RequestContext) -> Response {
        let engine = self.engine(&context.caller.modules);
        let whose = Some(context.tenant.slug.clone());
        let context: Arc<dyn Context> = Arc::new(context);
        Response { whose, ..engine.execute(request, &context).await }
    }

    /// Who comes with this token.
    pub(crate) async fn known(&self, token: Option<&str>) -> Result<Arc<Known>, Denied> {
        let Some(token) = token else { return Err(Denied::Unauthenticated) };
        match self.kernel.caller(token).await {
            Ok(Some(known)) => Ok(known),
            Ok(None) => Err(Denied::Unauthenticated),
            Err(error) => Err(Denied::of(&error)),
        }
    }

    /// The surroundings of what somebody asks for, who pays for it.
    pub(crate) fn context(&self, known: &Known, id: &RequestId) -> RequestContext {
        RequestContext {
            kernel: Arc::clone(&self.kernel),
            tenant: Arc::clone(&known.tenant),
            caller: Arc::clone(&known.caller),
            request_id: Some(Arc::from(id.as_str())),
            limiter: self.limiter.clone(),
            snapshot: None,
        }
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

impl Api for Application {
    fn answer<'a>(&'a self, request: &'a Request, context: RequestContext) -> BoxFuture<'a, Response> {
        Box::pin(self.answer(request, context))
    }
}

impl Service for Application {
    fn execute<'s>(
        &'s self,
        mut request: Request,
        token: Option<&'s str>,
        id: RequestId,
    ) -> BoxFuture<'s, Result<Response, Denied>> {
        Box::pin(async move {
            let known = self.known(token).await?;
            request.id = Some(id.as_str().to_owned());
            Ok(self.answer(&request, self.context(&known, &id)).await)
        })
    }

    fn knows<'s>(&'s self, token: Option<&'s str>) -> BoxFuture<'s, Result<(), Denied>> {
        Box::pin(async move { self.known(token).await.map(drop) })
    }

    fn open<'s>(
        &'s self,
        mut request: Request,
        token: Option<&'s str>,
        id: RequestId,
        after: Option<i64>,
    ) -> BoxFuture<'s, Result<Opened, Denied>> {
        Box::pin(async move {
            let known = self.known(token).await?;
            request.id = Some(id.as_str().to_owned());
            let engine = self.engine(&known.caller.modules);
            let (Some(token), Some(application)) = (token, self.itself.upgrade()) else {
                return Err(Denied::Unauthenticated);
            };
            if !engine.is_subscription(&request) {
                return Ok(Opened::Answer(self.answer(&request, self.context(&known, &id)).await));
            }
            match Subscriber::begin(application, request, token.to_owned(), id, after).await {
                Ok(subscriber) => {
                    let allowance = subscriber.allowance();
                    Ok(Opened::Stream { told: subscriber.into_stream(), allowance })
                }
                Err(NotBegun::Refused(response)) => Ok(Opened::Answer(response)),
                Err(NotBegun::Denied(denied)) => Err(denied),
            }
        })
    }

    fn sdl<'s>(&'s self, token: Option<&'s str>) -> BoxFuture<'s, Result<Arc<str>, Denied>> {
        Box::pin(async move {
            let known = self.known(token).await?;
            let catalog = self.kernel.modules.schemas().catalog(&known.caller.modules);
            Ok(catalog.sdl_for(&known.caller.rights))
        })
    }

    fn ready(&self) -> BoxFuture<'_, Result<(), String>> {
        Box::pin(async move { self.database().ping().await.map_err(|error| error.to_string()) })
    }
}
