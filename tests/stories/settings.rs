//! What a company, or the installation, has set in a module.

use serde_json::{Value as Json, json};
use shoal_core::module::Modules;
use shoal_property::Property;
use shoal_testkit::{Backend, Options, TestApp};
use shoal_tests::Bell;

use crate::modules::demo;
use crate::support::contact;

fn with_settings() -> Modules {
    Modules::new().with(shoal_contacts::Contacts).with(Property).with(Bell::default())
}

async fn start(backend: Backend, installed: Json) -> TestApp {
    let mut options = Options { modules: with_settings, ..Options::default() };
    options.config.modules = serde_json::from_value(installed).unwrap();
    let app = TestApp::start_with(backend, options).await;
    app.enable("property").await;
    app
}

async fn set(app: &TestApp, settings: Json) -> shoal_testkit::Answer {
    let document = "mutation($input: ModuleSettingsUpdate!) { moduleSettingsUpdate(input: $input) { module { version } } }";
    let known = "{ modules(filter: {name: {eq: \"property\"}}) { nodes { version } } }";
    let version = app.data(known, json!({})).await["modules"]["nodes"][0]["version"].take();
    let input = json!({"module": "property", "expectedVersion": version, "settings": settings});
    app.graphql(document, json!({"input": input})).await
}

/// What holds in a module, and where its first setting comes from.
async fn holds(app: &TestApp, module: usize) -> (Json, Json) {
    let catalog = "{ moduleCatalog { settings settingsTitles { name source } } }";
    let module = app.data(catalog, json!({})).await["moduleCatalog"][module].take();
    (module["settings"].clone(), module["settingsTitles"][0]["source"].clone())
}

/// Reports something in a flat that the reporter has nothing to do with.
async fn neighbour_reports(app: &TestApp) -> String {
    let unit = app.data("{ units(first: 1) { nodes { id } } }", json!({})).await["units"]["nodes"][0].take();
    reports(app, &unit["id"]).await
}

async fn reports(app: &TestApp, unit: &Json) -> String {
    let neighbour = contact(app, json!({"givenName": "Neighbour"})).await;
    let document = "mutation($input: RepairRequestReport!) { repairRequestReport(input: $input) { id } }";
    let input = json!({"unitId": unit, "contactId": neighbour.id, "description": "Water everywhere"});
    let answer = app.graphql(document, json!({"input": input})).await;
    if answer.errors().is_empty() { "ok".to_owned() } else { answer.refusal() }
}

#[tokio::test]
async fn a_company_goes_before_the_installation_and_that_before_the_module() {
    for backend in Backend::ALL {
        const REFUSED: &str = "VALIDATION: input.contactId NO_RESIDENT";
        let app = start(backend, json!({})).await;
        demo(&app).await;
        assert_eq!(neighbour_reports(&app).await, REFUSED);
        assert_eq!(holds(&app, 1).await, (json!({"residentsOnly": true}), json!("DEFAULT")));
        set(&app, json!({"residentsOnly": false})).await.expect_data();
        assert_eq!(neighbour_reports(&app).await, "ok");
        let nowhere = json!("00000000-0000-7000-8000-00000000ffff");
        assert_eq!(reports(&app, &nowhere).await, "NOT_FOUND: input.unitId NOT_FOUND");
        assert_eq!(holds(&app, 1).await, (json!({"residentsOnly": false}), json!("COMPANY")));
        let refused = set(&app, json!({"residentsOnly": "no"})).await;
        assert_eq!(refused.refusal(), "VALIDATION: input.settings.residentsOnly SETTING");

        let app = start(backend, json!({"property": {"residentsOnly": false}})).await;
        demo(&app).await;
        assert_eq!(neighbour_reports(&app).await, "ok");
        assert_eq!(holds(&app, 1).await, (json!({"residentsOnly": false}), json!("INSTALLATION")));
        set(&app, json!({"residentsOnly": true})).await.expect_data();
        assert_eq!(neighbour_reports(&app).await, REFUSED);
        set(&app, json!({})).await.expect_data();
        assert_eq!(neighbour_reports(&app).await, "ok");
    }
}

#[tokio::test]
async fn secrets_of_the_installation_are_not_shown() {
    let app = start(Backend::Sqlite, json!({"bell": {"exchangeKey": "hunter2"}})).await;
    assert_eq!(holds(&app, 2).await, (json!({"volume": 5}), json!("DEFAULT")));
    // Its pages know them.
    let told = app.http("GET", "/modules/bell/rings/front", &[], b"").await.json();
    assert_eq!(told["knowsTheKey"], true);
}
