//! Pages of modules: `/modules/<module>/…` for those who are signed in, `/public/<company>/<module>/…` for anybody.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, Method, Request, Response, header};
use axum::routing::{MethodFilter, MethodRouter, on};
use bytes::Bytes;
use shoal_core::module::{Access, COMPANY, Composed, Language, Route, RouteAnswer, RouteRequest};
use shoal_core::tenancy::tenant_by_slug;
use shoal_core::{RequestContext, rate_limit};
use shoal_graphql::context::Context as _;
use shoal_graphql::error::{Refusal, code};
use shoal_graphql::message;
use tokio::time::Instant;

use crate::app::{App, id_of};
use crate::credentials::{Credential, credential};
use crate::edge::Facts;
use crate::graphql::Media;
use crate::graphql::rate_limit::tell_left;
use crate::problem::Problem;
use crate::{Application, RequestId, work};

/// Where the pages are that anybody may ask for.
pub(crate) const PUBLIC: &str = "/public/";

/// A path, with its parameters as the router reads them.
type Parameters = Result<Path<BTreeMap<String, String>>, PathRejection>;

/// A page and what it needs.
#[derive(Clone)]
struct Page {
    app: Arc<App>,
    application: Arc<Application>,
    module: &'static str,
    route: Route,
}

/// The routes of all modules, whoever has them enabled.
pub(crate) fn routes(app: &Arc<App>, application: &Arc<Application>) -> Router {
    let mut paths: BTreeMap<String, (MethodRouter, Vec<&str>)> = BTreeMap::new();
    for Composed { manifest, routes, .. } in application.kernel().modules.modules() {
        for route in routes {
            let Ok(method) = MethodFilter::try_from(route.method.clone()) else { continue };
            let path = match route.access {
                Access::Right(_) => format!("/modules/{}{}", manifest.id, route.path),
                Access::Public => format!("{PUBLIC}{{{COMPANY}}}/{}{}", manifest.id, route.path),
            };
            let page = Page {
                app: Arc::clone(app),
                application: Arc::clone(application),
                module: manifest.id,
                route: route.clone(),
            };
            let handler =
                on(method, move |path: Parameters, request: Request<Body>| page.answer(path, request));
            let (pages, methods) = paths.entry(path).or_default();
            *pages = std::mem::take(pages).merge(handler);
            methods.extend(if route.method == Method::GET { &["GET", "HEAD"][..] } else { &[] });
            methods.extend((route.method != Method::GET).then_some(route.method.as_str()));
        }
    }
    paths.into_iter().fold(Router::new(), |router, (path, (pages, methods))| {
        let allowed: Arc<str> = methods.join(", ").into();
        router.route(&path, pages.fallback(async move |request| not_allowed(&allowed, &request)))
    })
}

fn not_allowed(allowed: &str, request: &Request<Body>) -> Response<Body> {
    Problem::method_not_allowed(format!("Use {allowed}."), allowed)
        .into_response(Media::Json, &id_of(request))
}

impl Page {
    /// Answers under the same limits as GraphQL.
    async fn answer(self, path: Parameters, request: Request<Body>) -> Response<Body> {
        let id = id_of(&request);
        let app = Arc::clone(&self.app);
        let deadline = Instant::now() + Duration::from_secs(app.server.request_timeout_seconds);
        let operation = format!("{} {}", self.module, self.route);
        let result = async {
            let (parts, body) = work::read(&app, request, deadline).await?;
            let limits = (body.len(), deadline);
            // Looking who asks takes a large future.
            let working = Box::pin(self.work(path, (&parts, body), &id));
            work::run(&app, &id, limits, working).await
        };
        let mut response = result.await.unwrap_or_else(|problem| problem.into_response(Media::Json, &id));
        response.extensions_mut().get_or_insert_default::<Facts>().operation = Some(operation);
        response
    }

    async fn work(
        &self,
        path: Parameters,
        (parts, body): (&Parts, Bytes),
        id: &RequestId,
    ) -> Result<Response<Body>, Problem> {
        let unreadable = |_| Problem::bad_request("The path is not UTF-8.");
        let mut parameters = path.map(|Path(parameters)| parameters).map_err(unreadable)?;
        let context = match self.route.access {
            Access::Right(_) => self.signed_in(parts, id).await?,
            Access::Public => {
                let company = parameters.remove(COMPANY).unwrap_or_default();
                self.anybody(&company, id).await?
            }
        };
        let known = self.route.access != Access::Public;
        let language = known.then(|| context.language());
        let told = |problem: Problem| match language {
            Some(language) => problem.in_language(language),
            None => problem,
        };
        let query = parts.uri.query().unwrap_or_default();
        let request = RouteRequest {
            parameters,
            query: form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
            headers: parts.headers.clone(),
            body: body.into(),
            api: Arc::clone(&self.application) as _,
        };
        let answer = match self.expect_allowed(&context) {
            Ok(()) => self.route.answer(context.clone(), request).await,
            Err(refusal) => Err(refusal.into()),
        };
        let answer = answer.map(respond).map_err(Problem::failed);
        let mut response = answer.unwrap_or_else(|problem| told(problem).into_response(Media::Json, id));
        tell_left(response.headers_mut(), context.allowance());
        let facts = response.extensions_mut().get_or_insert_default::<Facts>();
        facts.tenant = Some(context.tenant.slug.clone());
        facts.cost = known.then_some(rate_limit::PAGE);
        Ok(response)
    }

    /// The context of a caller.
    async fn signed_in(&self, parts: &Parts, id: &RequestId) -> Result<RequestContext, Problem> {
        let credential = credential(self.app.door.as_ref(), parts).await?;
        let token = credential.as_ref().map(Credential::token);
        let known = self.application.known(token).await.map_err(Problem::denied)?;
        Ok(self.application.context(&known, id))
    }

    /// Refuses what the caller may not ask for, and takes what it costs.
    fn expect_allowed(&self, context: &RequestContext) -> Result<(), Refusal> {
        if let Access::Right(right) = self.route.access {
            if !context.caller.modules.contains(self.module) {
                let title = self.title(context.language());
                let message = message!("module-not-enabled", "{title} is not enabled", title);
                return Err(Refusal::new(code::MODULE_DISABLED, message).of_module(self.module));
            }
            if !context.caller.rights.holds(right) {
                let message = message!("page-right-missing", "this needs the right {right}", right);
                return Err(Refusal::new(code::FORBIDDEN, message));
            }
        }
        if self.route.method != Method::GET {
            context.may_change(self.module)?;
        }
        context.spend(rate_limit::PAGE)
    }

    /// The context of Shoal at work for a company. To strangers, a company that has not enabled the module is none.
    async fn anybody(&self, company: &str, id: &RequestId) -> Result<RequestContext, Problem> {
        let kernel = self.application.kernel();
        let found = tenant_by_slug(kernel, company).await.map_err(Problem::failed)?;
        let open = found.filter(|tenant| tenant.state(self.module).is_readable());
        let tenant = open.ok_or_else(Problem::not_found)?;
        let request_id = Some(Arc::from(id.as_str()));
        Ok(RequestContext { request_id, ..RequestContext::system(kernel, &tenant) })
    }

    fn title(&self, language: Language) -> String {
        let module = self.application.kernel().modules.module(self.module);
        module.map_or_else(|| self.module.to_owned(), |module| module.title(language))
    }
}

/// What holds unless the page says otherwise.
const DEFAULTS: [(HeaderName, HeaderValue); 2] = [
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        ),
    ),
];

fn respond(answer: RouteAnswer) -> Response<Body> {
    let RouteAnswer { status, headers, body } = answer;
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    for (name, value) in DEFAULTS {
        response.headers_mut().entry(name).or_insert(value);
    }
    response
}
