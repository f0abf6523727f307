//! Pages of modules.

use serde_json::json;
use shoal_core::module::{Access, Modules, Route, RouteAnswer};
use shoal_core::role;
use shoal_property::Property;
use shoal_testkit::{Backend, Exchange, Options, TestApp};
use shoal_tests::{Bell, HEAR};

use crate::modules::demo;
use crate::support::both_databases;

fn with_pages() -> Modules {
    Modules::new().with(shoal_contacts::Contacts).with(Property).with(Bell::default())
}

async fn start(backend: Backend) -> TestApp {
    let mut options = Options { modules: with_pages, ..Options::default() };
    options.config.server.request_timeout_seconds = 3;
    options.config.server.max_body_bytes = 1_000;
    TestApp::start_with(backend, options).await
}

both_databases!(
    with start,
    repair_requests_as_a_file,
    a_page_of_a_module_needs_the_module_and_the_right,
    a_public_page_is_for_anybody,
    pages_that_fail,
    a_cookie_does_not_send_from_other_sites,
    a_page_is_paid_for,
);

const CSV: &str = "/modules/property/repair_requests.csv";

async fn get(app: &TestApp, path: &str) -> Exchange {
    app.http("GET", path, &[], b"").await
}

/// Status and code of a refusal.
fn refusal(exchange: &Exchange) -> (u16, String) {
    let extensions = &exchange.json()["errors"][0]["extensions"];
    assert_eq!(extensions["requestId"].as_str(), exchange.header("x-request-id"), "{extensions}");
    (exchange.status, extensions["code"].as_str().unwrap().to_owned())
}

fn refused(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

/// Reports something in the first unit of the demo.
async fn report(app: &TestApp, description: &str) {
    let residency = "{ units(first: 1) { nodes { id residencies { nodes { contact { id } } } } } }";
    let unit = app.data(residency, json!({})).await["units"]["nodes"][0].clone();
    let contact = &unit["residencies"]["nodes"][0]["contact"]["id"];
    let document = "mutation($input: RepairRequestReport!) { repairRequestReport(input: $input) { id } }";
    let input = json!({"unitId": unit["id"], "contactId": contact, "description": description});
    app.data(document, json!({"input": input})).await;
}

async fn repair_requests_as_a_file(app: TestApp) {
    app.enable("property").await;
    demo(&app).await;
    let (here, there) = (app.team("Here", None).await, app.team("There", None).await);
    let one = app.member("one@company.example", role::EMPLOYEE, here).await;
    let other = app.member("other@company.example", role::EMPLOYEE, there).await;
    report(&one, "The lift, \"again\"").await;
    app.clock().advance(std::time::Duration::from_secs(1));
    report(&other, "=HYPERLINK(\"http://evil.example\"); \"+1").await;
    let file = get(&app, CSV).await;
    assert_eq!(file.status, 200);
    assert_eq!(file.header("content-type"), Some("text/csv; charset=utf-8"));
    assert_eq!(file.header("content-disposition"), Some("attachment; filename=\"repair_requests.csv\""));
    assert_eq!(
        (file.header("cache-control"), file.header("x-content-type-options")),
        (Some("no-store"), Some("nosniff"))
    );
    assert!(file.header("content-security-policy").unwrap().starts_with("default-src 'none'"));
    assert_eq!(
        String::from_utf8(file.body).unwrap(),
        "\"reported at\",\"building\",\"unit\",\"reported by\",\"description\"\n\
         \"2026-03-02T09:30:01Z\",\"Garden Street 12\",\"0A\",\"Anna Owner\",\
         \"'=HYPERLINK(\"\"http://evil.example\"\"); \"\"'+1\"\n\
         \"2026-03-02T09:30:00Z\",\"Garden Street 12\",\"0A\",\"Anna Owner\",\"The lift, \"\"again\"\"\"\n"
    );
    // Each sees what they see everywhere, and more than fits a page of the API.
    for _ in 0..200 {
        report(&one, "A lamp").await;
    }
    let lines =
        async |app: &TestApp| String::from_utf8(get(app, CSV).await.body).unwrap().lines().count() - 1;
    assert_eq!((lines(&app).await, lines(&one).await, lines(&other).await), (202, 201, 1));
    let stranger = app.tenant(2).await;
    stranger.enable("property").await;
    assert_eq!(lines(&stranger).await, 0);
}

async fn a_page_of_a_module_needs_the_module_and_the_right(app: TestApp) {
    let ringing = "/modules/bell/rings/front";
    assert_eq!(refusal(&app.http_as_nobody("GET", CSV, &[], b"").await), refused(401, "UNAUTHENTICATED"));
    let disabled = get(&app, CSV).await;
    assert_eq!(refusal(&disabled), refused(404, "MODULE_DISABLED"));
    let error = &disabled.json()["errors"][0];
    assert_eq!(
        (&error["message"], &error["extensions"]["module"]),
        (&json!("Property management is not enabled"), &json!("property"))
    );
    app.enable("property").await;
    assert_eq!(get(&app, CSV).await.status, 200);
    let nobody = app.nobody("n@company.example").await;
    let forbidden = get(&nobody, CSV).await;
    assert_eq!(refusal(&forbidden), refused(403, "FORBIDDEN"));
    assert_eq!(forbidden.json()["errors"][0]["message"], "this needs the right property.repair.read");
    assert_eq!(app.http("HEAD", CSV, &[], b"").await.body, b"");
    let wrong = app.http("POST", CSV, &[], b"x").await;
    assert_eq!(
        (refusal(&wrong), wrong.header("allow")),
        (refused(405, "METHOD_NOT_ALLOWED"), Some("GET, HEAD"))
    );
    let wrong = app.http("DELETE", ringing, &[], b"").await;
    assert_eq!(
        (refusal(&wrong), wrong.header("allow")),
        (refused(405, "METHOD_NOT_ALLOWED"), Some("GET, HEAD, POST"))
    );
    assert_eq!(refusal(&get(&app, "/modules/bell/rings").await), refused(404, "NOT_FOUND"));
    let told = get(&app, "/modules/bell/rings/Front%20door?by=a&by=b%20c").await.json();
    assert_eq!(
        (&told["door"], &told["by"], &told["actor"]),
        (&json!("Front door"), &json!("a"), &json!("USER"))
    );
    assert_eq!(refusal(&get(&app, "/modules/bell/rings/%FF").await), refused(400, "BAD_REQUEST"));
    // A suspended module is read only, a disabled one gone.
    assert_eq!(app.http("POST", ringing, &[], b"x").await.json()["body"], "x");
    app.change_module("bell", "SUSPEND", json!({})).await;
    app.change_module("property", "SUSPEND", json!({})).await;
    assert_eq!((get(&app, CSV).await.status, get(&app, ringing).await.status), (200, 200));
    let suspended = app.http("POST", ringing, &[], b"x").await;
    assert_eq!(refusal(&suspended), refused(403, "MODULE_SUSPENDED"));
    assert_eq!(suspended.json()["errors"][0]["extensions"]["module"], "bell");
    app.change_module("bell", "DISABLE", json!({})).await;
    assert_eq!(refusal(&get(&app, ringing).await), refused(404, "MODULE_DISABLED"));
}

async fn a_public_page_is_for_anybody(app: TestApp) {
    let page = "/public/company-1/bell/rings/front?by=post";
    let sent = [("x-signature", "v1,abc"), ("x-request-id", "ring-1")];
    let told = app.http_as_nobody("POST", page, &sent, b"ding").await.json();
    assert_eq!(
        told,
        json!({"door": "front", "by": "post", "body": "ding", "signature": "v1,abc", "company": "company-1", "actor": "SYSTEM", "knowsTheKey": false, "request": "ring-1"})
    );
    let latest = async |company: &str| {
        app.http_as_nobody("GET", &format!("/public/{company}/bell/rings/front/latest"), &[], b"").await
    };
    let other = app.tenant(2).await;
    assert_eq!(latest("company-2").await.json()["company"], "company-2");
    other.change_module("bell", "SUSPEND", json!({})).await;
    assert_eq!(latest("company-2").await.status, 200);
    let suspended = app.http_as_nobody("POST", "/public/company-2/bell/rings/front", &[], b"ding").await;
    assert_eq!(refusal(&suspended), refused(403, "MODULE_SUSPENDED"));
    other.change_module("bell", "DISABLE", json!({})).await;
    // A stranger cannot tell a company without the module from none.
    let (without, none) = (latest("company-2").await, latest("nonsense").await);
    assert_eq!(refusal(&without), refused(404, "NOT_FOUND"));
    assert_eq!(without.json()["errors"][0]["message"], none.json()["errors"][0]["message"]);
    // Pages with a right are not public, and public ones are nowhere else.
    let secret = app.http_as_nobody("GET", "/public/company-1/bell/nothing", &[], b"").await;
    assert_eq!(refusal(&secret), refused(404, "NOT_FOUND"));
    assert_eq!(refusal(&get(&app, "/modules/bell/rings/front/latest").await), refused(404, "NOT_FOUND"));
}

async fn pages_that_fail(app: TestApp) {
    assert_eq!(get(&app, "/modules/bell/nothing").await.status, 204);
    for path in ["/modules/bell/panic", "/modules/bell/fault"] {
        let failed = get(&app, path).await;
        assert_eq!(refusal(&failed), refused(500, "INTERNAL"));
        assert!(!String::from_utf8_lossy(&failed.body).contains("secret"), "{path}");
    }
    assert_eq!(refusal(&get(&app, "/modules/bell/wait").await), refused(504, "TIMEOUT"));
    let wrong = app.http("POST", "/modules/bell/refuse", &[], b"").await;
    assert_eq!(refusal(&wrong), refused(422, "VALIDATION"));
    assert_eq!(wrong.json()["errors"][0]["extensions"]["fields"][0]["path"], json!(["door"]));
    for path in ["/modules/bell/rings/front", "/public/company-1/bell/rings/front"] {
        let large = app.http("POST", path, &[], &[b'x'; 1_001]).await;
        assert_eq!(refusal(&large), refused(413, "LIMIT_EXCEEDED"));
    }
}

async fn a_cookie_does_not_send_from_other_sites(app: TestApp) {
    let id = app.tenant_id().simple().to_string();
    let cookie = format!("shoal-{}={}", &id[id.len() - 8..], app.token());
    let with = async |method: &str, more: &[(&str, &str)]| {
        let headers = [&[("cookie", cookie.as_str())], more].concat();
        app.http_as_nobody(method, "/modules/bell/rings/front", &headers, b"").await
    };
    assert_eq!(with("GET", &[]).await.status, 200);
    assert_eq!(refusal(&with("POST", &[("sec-fetch-site", "cross-site")]).await), refused(403, "CSRF"));
    assert_eq!(with("POST", &[("sec-fetch-site", "same-origin")]).await.status, 200);
}

async fn a_page_is_paid_for(app: TestApp) {
    let mut options = Options { modules: with_pages, ..Options::default() };
    let graphql = &mut options.config.graphql;
    (graphql.max_cost, graphql.rate_limit_burst, graphql.rate_limit_per_minute) = (200, 200, 60);
    let app = TestApp::start_with(app.backend(), options).await;
    app.enable("bell").await;
    app.clock().advance(std::time::Duration::from_secs(1_000));
    let path = "/modules/bell/rings/front";
    let left = |exchange: &Exchange| exchange.header("ratelimit").map(str::to_owned);
    let told = |remaining: u32| Some(format!("\"cost\";r={remaining};t={}", 200 - remaining));
    let first = get(&app, path).await;
    assert_eq!((first.status, left(&first)), (200, told(190)));
    assert_eq!(first.header("ratelimit-policy"), Some("\"cost\";q=200;qu=\"points\";w=200"));
    // What fails has cost as much, and what does not run nothing.
    assert_eq!(left(&app.http("POST", "/modules/bell/refuse", &[], b"").await), told(180));
    assert_eq!(left(&get(&app, CSV).await), told(180), "a module that is not enabled");
    let nobody = app.nobody("n@company.example").await;
    assert_eq!(left(&get(&nobody, path).await), told(200), "without the right");
    for _ in 0..18 {
        assert_eq!(get(&app, path).await.status, 200);
    }
    let empty = get(&app, path).await;
    assert_eq!((refusal(&empty), left(&empty)), (refused(429, "RATE_LIMITED"), told(0)));
    assert_eq!(empty.header("retry-after"), Some("10"));
    assert_eq!(app.http_as_nobody("POST", "/public/company-1/bell/rings/front", &[], b"").await.status, 200);
    app.clock().advance(std::time::Duration::from_secs(10));
    assert_eq!(get(&app, path).await.status, 200);
}

/// What composing says of a module with these pages.
fn composed(pages: fn() -> Vec<Route>) -> String {
    let composed = Modules::new().with(Bell(pages)).compose();
    composed.err().map(|error| error.to_string()).unwrap_or_default()
}

fn page(method: shoal_core::module::Method, path: &'static str, access: impl Into<Access>) -> Route {
    Route::new(method, path, access, async |_, _| Ok(RouteAnswer::nothing()))
}

#[test]
fn pages_that_cannot_be_mounted_are_told_at_the_start() {
    use shoal_core::module::Method;
    const GET: Method = Method::GET;
    for path in
        ["", "a", "/", "/a/", "//a", "/..", "/a b", "/ä", "/{", "/{}", "/{a}{b}", "/a{b}", "/{*a}", "/{A}"]
    {
        // A function cannot capture the path.
        static PATH: std::sync::Mutex<&str> = std::sync::Mutex::new("");
        *PATH.lock().unwrap() = path;
        let said = composed(|| vec![page(GET, *PATH.lock().unwrap(), HEAR)]);
        assert!(
            said.starts_with(&format!("the route GET {path} of module bell cannot be used: ")),
            "{path}: {said}"
        );
    }
    let said = composed(|| vec![page(Method::TRACE, "/a", HEAR)]);
    assert!(said.ends_with("the method must be GET, POST, PUT, PATCH or DELETE"), "{said}");
    for pages in [(|| vec![page(GET, "/{a}/{a}", HEAR)]) as fn() -> Vec<Route>, || {
        vec![page(GET, "/{company}", Access::Public)]
    }] {
        assert!(composed(pages).ends_with("each parameter needs a name of its own, and `company` is taken"));
    }
    assert_eq!(
        composed(|| vec![page(GET, "/a/{b}", HEAR), page(GET, "/a/{c}", HEAR)]),
        "the routes GET /a/{b} and GET /a/{c} of module bell have the same address; give one of them another path, or, \
         if the methods differ, the same names to the parameters"
    );
    assert!(
        composed(|| vec![page(GET, "/a/{b}", HEAR), page(Method::PUT, "/a/{c}", HEAR)])
            .contains("same address")
    );
    assert!(composed(|| vec![page(GET, "/a", HEAR), page(GET, "/a", HEAR)]).contains("same address"));
    let fine = composed(|| {
        let own = [page(GET, "/a/{b}", HEAR), page(Method::PATCH, "/a/{b}", HEAR), page(GET, "/a/c", HEAR)];
        own.into_iter().chain([page(GET, "/a/{x}", Access::Public)]).collect()
    });
    assert_eq!(fine, "");
    assert_eq!(
        composed(|| vec![page(GET, "/a", "bell.ring.ear")]),
        "module bell names the right bell.ring.ear (route GET /a), which no module declares; add it to the rights of the module"
    );
}
