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
    set_in(app, "property", settings).await
}

async fn set_in(app: &TestApp, module: &str, settings: Json) -> shoal_testkit::Answer {
    let document = "mutation($input: ModuleSettingsUpdate!) { moduleSettingsUpdate(input: $input) { module { version } } }";
    let known = "query($name: String) { modules(filter: {name: {eq: $name}}) { nodes { version } } }";
    let version = app.data(known, json!({"name": module})).await["modules"]["nodes"][0]["version"].take();
    let input = json!({"module": module, "expectedVersion": version, "settings": settings});
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

#[tokio::test]
async fn secrets_of_a_company_are_not_shown_either() {
    for backend in Backend::ALL {
        let app = start(backend, json!({})).await;
        app.enable("bell").await;
        let knows = async || {
            app.http("GET", "/modules/bell/rings/front", &[], b"").await.json()["knowsTheKey"].take()
        };
        let set = async |settings: Json| set_in(&app, "bell", settings).await.expect_data();
        assert_eq!(knows().await, false);
        set(json!({"volume": 7, "exchangeKey": "hunter2"})).await;
        assert_eq!(knows().await, true);
        // What is shown is all that a front end sends back: the secret stays.
        let record = "{ modules(filter: {name: {eq: \"bell\"}}) { nodes { id settings } } }";
        let module = app.data(record, json!({})).await["modules"]["nodes"][0].take();
        assert_eq!(module["settings"], json!({"volume": 7}), "{backend}");
        set(json!({"volume": 8})).await;
        assert_eq!(knows().await, true, "{backend}");
        let catalog = "{ moduleCatalog { name settings settingsTitles { name source } } }";
        let told = app.data(catalog, json!({})).await["moduleCatalog"][2].take();
        let titles =
            json!([{"name": "volume", "source": "COMPANY"}, {"name": "exchangeKey", "source": "COMPANY"}]);
        assert_eq!(
            (&told["settings"], &told["settingsTitles"]),
            (&json!({"volume": 8}), &titles),
            "{backend}"
        );
        for wrong in [
            json!({"exchangeKey": 12_345}),
            json!({"exchangeKey": "hunter3", "volume": "x"}),
            json!(["hunter3"]),
        ] {
            let refused = set_in(&app, "bell", wrong).await;
            assert!(
                !refused.json.to_string().contains("hunter") && !refused.errors().is_empty(),
                "{refused}"
            );
            assert!(!refused.json.to_string().contains("12345"), "{refused}");
        }
        set(json!({"exchangeKey": "hunter4"})).await;
        set(json!({"exchangeKey": null})).await;
        assert_eq!(knows().await, false, "{backend}");
        // Only the names are written down.
        let changes = "query($id: ID!) { auditEntries(filter: {recordId: {eq: $id}}, first: 50) { nodes { changes } } }";
        let entries = app.data(changes, json!({"id": module["id"]})).await.to_string();
        assert!(entries.contains("exchangeKey") && !entries.contains("hunter"), "{backend}: {entries}");
        for table in crate::catalogue::tables(&app).await.into_iter().filter(|table| table != "core_module") {
            let columns = crate::catalogue::columns(&app, &table).await;
            let texts = columns.iter().map(|name| format!("coalesce(CAST(\"{name}\" AS text), '')"));
            let sql = format!("SELECT {} FROM {table}", texts.collect::<Vec<_>>().join(" || "));
            for row in crate::catalogue::rows(&app, &sql).await {
                let text: String = row.try_get_by_index(0).unwrap_or_default();
                assert!(!text.contains("hunter"), "{table}: {text}");
            }
        }
    }
}
