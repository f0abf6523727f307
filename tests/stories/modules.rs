//! Modules are switched on and off, company by company, while people work.

use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};
use shoal_core::role;
use shoal_testkit::TestApp;

use crate::search::hits;
use crate::support::{Record, both_databases, contact, with_property};

both_databases!(
    with with_property,
    a_company_has_what_it_has_enabled,
    a_plan_says_what_a_change_does,
    a_change_needs_the_plan_of_now,
    a_suspended_module_can_be_read,
    a_disabled_module_keeps_its_records_until_it_is_purged,
    a_pilot_is_for_some_teams,
    every_node_follows_within_a_second,
    an_event_of_one_module_is_handled_by_another,
    settings_are_checked,
    records_are_found_by_their_declarations_alone,
);

const BUILDINGS: &str = "{ buildings { nodes { name units { nodes { number residencies { nodes { kind validTo contact { displayName } } } } } } } }";

/// What a change would do.
async fn plan(app: &TestApp, module: &str, action: &str) -> Json {
    let document =
        "query($module: String!, $action: ModuleAction!) { modulePlan(module: $module, action: $action) {
        id module from to along records { name count } fields waitingEvents
    } }";
    app.data(document, json!({"module": module, "action": action})).await["modulePlan"].clone()
}

async fn fields_of(app: &TestApp, ty: &str) -> Vec<String> {
    let document = format!("{{ __type(name: \"{ty}\") {{ fields {{ name }} }} }}");
    let data = app.data(&document, json!({})).await;
    let fields = data["__type"]["fields"].as_array().cloned().unwrap_or_default();
    fields.iter().map(|field| field["name"].as_str().unwrap().to_owned()).collect()
}

pub async fn demo(app: &TestApp) {
    contact(app, json!({"givenName": "Anna", "familyName": "Owner"})).await;
    let module = app.kernel().modules.module("property").unwrap();
    let tenant = app.kernel().tenant(app.tenant_id()).await.unwrap().unwrap();
    let context = shoal_core::RequestContext::operator(app.kernel(), &tenant);
    module.module.demo(&context).await.unwrap();
}

async fn a_company_has_what_it_has_enabled(app: TestApp) {
    let other = app.tenant(2).await;
    let refused = app.graphql(BUILDINGS, json!({})).await;
    assert_eq!((refused.status, refused.code()), (400, "MODULE_DISABLED"));
    assert_eq!(refused.error()["extensions"]["module"], "property");
    assert!(!fields_of(&app, "Contact").await.contains(&"residencies".to_owned()));
    app.enable("property").await;
    assert_eq!(app.data(BUILDINGS, json!({})).await["buildings"]["nodes"], json!([]));
    let fields = fields_of(&app, "Contact").await;
    assert!(
        fields.contains(&"residencies".to_owned()) && fields.contains(&"repairRequests".to_owned()),
        "{fields:?}"
    );
    // For the other company nothing has changed.
    assert_eq!(other.graphql(BUILDINGS, json!({})).await.code(), "MODULE_DISABLED");
    assert!(fields_of(&other, "Building").await.is_empty());
    let filtered = "query($filter: ContactFilter) { contacts(filter: $filter) { totalCount } }";
    let filter = json!({"filter": {"residencies": {"some": {"kind": {"eq": "OWNER"}}}}});
    assert_eq!(other.graphql(filtered, filter.clone()).await.code(), "MODULE_DISABLED");
    assert_eq!(app.data(filtered, filter).await["contacts"]["totalCount"], 0);
    let catalog = "{ moduleCatalog { name title state availableToYou requires record { name } } }";
    let mine = app.data(catalog, json!({})).await["moduleCatalog"].clone();
    assert_eq!(
        mine[1],
        json!({"name": "property", "title": "Property management", "state": "ENABLED", "availableToYou": true, "requires": ["contacts"], "record": {"name": "property"}})
    );
    let theirs = other.data(catalog, json!({})).await["moduleCatalog"].clone();
    assert_eq!((&theirs[0]["state"], &theirs[1]["state"]), (&json!("ENABLED"), &json!("AVAILABLE")));
}

async fn a_plan_says_what_a_change_does(app: TestApp) {
    contact(&app, json!({"givenName": "A"})).await;
    let enabling = plan(&app, "property", "ENABLE").await;
    assert_eq!(
        (&enabling["from"], &enabling["to"], &enabling["along"]),
        (&json!("AVAILABLE"), &json!("ENABLED"), &json!([]))
    );
    let fields =
        ["Account.buildings", "Contact.residencies", "Contact.repairRequests"].map(|name| json!(name));
    assert!(fields.iter().all(|field| enabling["fields"].as_array().unwrap().contains(field)), "{enabling}");
    app.enable("property").await;
    demo(&app).await;
    // What requires a module goes with it, and comes back by itself only.
    let disabling = plan(&app, "contacts", "DISABLE").await;
    assert_eq!(disabling["along"], json!(["property"]));
    let count = |name: &str| {
        let records = disabling["records"].as_array().unwrap();
        records.iter().find(|record| record["name"] == name).unwrap()["count"].clone()
    };
    assert_eq!((count("Contact"), count("Building"), count("Unit")), (json!(2), json!(1), json!(2)));
    assert_eq!(app.change_module("contacts", "DISABLE", json!({})).await, "DISABLED");
    let both = "{ contacts { totalCount } buildings { totalCount } }";
    let refused = app.graphql(both, json!({})).await;
    let mut modules: Vec<&str> =
        refused.errors().iter().map(|error| error["extensions"]["module"].as_str().unwrap()).collect();
    modules.sort_unstable();
    assert_eq!(modules, ["contacts", "property"], "{refused}");
    let again = plan(&app, "property", "ENABLE").await;
    assert_eq!(again["along"], json!(["contacts"]));
    app.enable("property").await;
    assert_eq!(app.data(both, json!({})).await["contacts"]["totalCount"], 2);
}

async fn a_change_needs_the_plan_of_now(app: TestApp) {
    let document = "mutation($input: ModuleChangeInput!) { moduleChange(input: $input) { id } }";
    let with =
        |plan: &Json| json!({"input": {"module": "property", "action": "ENABLE", "planId": plan["id"]}});
    let old = plan(&app, "property", "ENABLE").await;
    app.change_module("contacts", "SUSPEND", json!({})).await;
    assert_eq!(app.graphql(document, with(&old)).await.refusal(), "CONFLICT: input.planId PLAN_STALE");
    assert_eq!(
        app.graphql(document, with(&json!({"id": "x"}))).await.refusal(),
        "CONFLICT: input.planId PLAN_STALE"
    );
    let query = "query($module: String!, $action: ModuleAction!) { modulePlan(module: $module, action: $action) { id } }";
    for (module, action, refusal) in [
        ("nonsense", "ENABLE", "NOT_FOUND: module NOT_FOUND"),
        ("core", "DISABLE", "NOT_FOUND: module NOT_FOUND"),
        ("property", "SUSPEND", "VALIDATION: action MODULE_STATE"),
        ("property", "DISABLE", "VALIDATION: action MODULE_STATE"),
        ("property", "PURGE", "VALIDATION: action MODULE_STATE"),
    ] {
        assert_eq!(app.graphql(query, json!({"module": module, "action": action})).await.refusal(), refusal);
    }
    // Nobody but who manages modules.
    let employee = app.user("e@company.example", role::EMPLOYEE).await;
    assert_eq!(
        employee.graphql(query, json!({"module": "property", "action": "ENABLE"})).await.code(),
        "FORBIDDEN"
    );
    assert_eq!(employee.graphql(document, with(&old)).await.code(), "FORBIDDEN");
    // Two at once: one of them is told to look again.
    let fresh = plan(&app, "property", "ENABLE").await;
    let (one, other) = tokio::join!(app.graphql(document, with(&fresh)), app.graphql(document, with(&fresh)));
    let refused = [one, other].iter().filter(|answer| !answer.errors().is_empty()).count();
    assert_eq!(refused, 1);
}

async fn a_suspended_module_can_be_read(app: TestApp) {
    let one = contact(&app, json!({"givenName": "A"})).await;
    assert_eq!(app.change_module("contacts", "SUSPEND", json!({})).await, "SUSPENDED");
    let document = "mutation($input: ContactUpdate!) { contactUpdate(input: $input) { id } }";
    let refused = app.graphql(document, json!({"input": one.update(&json!({"givenName": "B"}))})).await;
    assert_eq!(
        (refused.code(), &refused.error()["extensions"]["module"]),
        ("MODULE_SUSPENDED", &json!("contacts"))
    );
    assert!(refused.error()["message"].as_str().unwrap().starts_with("Contacts is suspended"), "{refused}");
    assert_eq!(
        app.data("{ contacts { nodes { givenName } } }", json!({})).await["contacts"]["nodes"][0]["givenName"],
        "A"
    );
    app.enable("contacts").await;
    app.data(document, json!({"input": one.update(&json!({"givenName": "B"}))})).await;
}

async fn a_disabled_module_keeps_its_records_until_it_is_purged(app: TestApp) {
    app.enable("property").await;
    demo(&app).await;
    app.change_module("property", "DISABLE", json!({})).await;
    app.enable("property").await;
    assert_eq!(app.data(BUILDINGS, json!({})).await["buildings"]["nodes"][0]["name"], "Garden Street 12");
    app.change_module("property", "DISABLE", json!({})).await;
    let plan = plan(&app, "property", "PURGE").await;
    let document =
        "mutation($input: ModuleChangeInput!) { moduleChange(input: $input) { module { state } } }";
    let mut input = json!({"module": "property", "action": "PURGE", "planId": plan["id"]});
    assert_eq!(
        app.graphql(document, json!({"input": input})).await.refusal(),
        "VALIDATION: input.confirmation REQUIRED"
    );
    input["confirmation"] = json!("property");
    app.data(document, json!({"input": input})).await;
    app.work().await;
    let state = "{ moduleCatalog { name state } }";
    assert_eq!(app.data(state, json!({})).await["moduleCatalog"][1]["state"], "AVAILABLE");
    app.enable("property").await;
    assert_eq!(app.data(BUILDINGS, json!({})).await["buildings"]["nodes"], json!([]));
    assert_eq!(app.data("{ contacts { totalCount } }", json!({})).await["contacts"]["totalCount"], 1);
    // With accounts that refer to each other, and all that hangs on contacts.
    let parent =
        app.data("mutation { accountCreate(input: {name: \"P\"}) { id } }", json!({})).await["accountCreate"]
            ["id"]
            .clone();
    let child = "mutation($parent: ID!) { accountCreate(input: {name: \"C\", parentId: $parent, tags: [\"t\"], emails: [{address: \"a@b.example\"}]}) { id } }";
    app.data(child, json!({"parent": parent})).await;
    app.change_module("contacts", "DISABLE", json!({})).await;
    app.change_module("contacts", "PURGE", json!({"confirmation": "contacts"})).await;
    app.work().await;
    app.enable("contacts").await;
    let counts = app
        .data(
            "{ contacts { totalCount } accounts(deleted: INCLUDE) { totalCount } tags { totalCount } }",
            json!({}),
        )
        .await;
    assert_eq!(
        counts,
        json!({"contacts": {"totalCount": 0}, "accounts": {"totalCount": 0}, "tags": {"totalCount": 0}})
    );
}

async fn a_pilot_is_for_some_teams(app: TestApp) {
    let (team, outside) = (app.team("Pilot", None).await, app.team("Outside", None).await);
    let below = app.team("Below", Some(team)).await;
    let pilot = app.member("p@company.example", role::EMPLOYEE, below).await;
    let outsider = app.member("o@company.example", role::EMPLOYEE, outside).await;
    app.change_module("property", "ENABLE", json!({"pilotTeamIds": []})).await;
    outsider.data(BUILDINGS, json!({})).await;
    let query = "query($teams: [ID!]) { modulePlan(module: \"property\", action: ENABLE, pilotTeamIds: $teams) { id } }";
    let plan = app.data(query, json!({"teams": [team]})).await["modulePlan"]["id"].clone();
    let document = "mutation($input: ModuleChangeInput!) { moduleChange(input: $input) { module { state pilotTeams { name } } } }";
    let input = json!({"module": "property", "action": "ENABLE", "planId": plan, "pilotTeamIds": [team]});
    let changed = app.data(document, json!({"input": input})).await;
    assert_eq!(changed["moduleChange"]["module"]["pilotTeams"], json!([{"name": "Pilot"}]));
    pilot.data(BUILDINGS, json!({})).await;
    app.data(BUILDINGS, json!({})).await;
    assert_eq!(outsider.graphql(BUILDINGS, json!({})).await.code(), "MODULE_DISABLED");
    let sees = "{ moduleCatalog { name availableToYou } }";
    assert_eq!(outsider.data(sees, json!({})).await["moduleCatalog"][1]["availableToYou"], false);
    let nobody = json!({"teams": ["01900000-0000-7000-8000-00000000ffff"]});
    let plan = app.data(query, nobody.clone()).await["modulePlan"]["id"].clone();
    let input =
        json!({"module": "property", "action": "ENABLE", "planId": plan, "pilotTeamIds": nobody["teams"]});
    assert_eq!(
        app.graphql(document, json!({"input": input})).await.refusal(),
        "NOT_FOUND: input.pilotTeamIds.0 NOT_FOUND"
    );
}

async fn every_node_follows_within_a_second(app: TestApp) {
    let second = app.second_node().await;
    assert_eq!(second.graphql(BUILDINGS, json!({})).await.code(), "MODULE_DISABLED");
    for (action, enabled) in [("ENABLE", true), ("DISABLE", false), ("ENABLE", true)] {
        app.change_module("property", action, json!({})).await;
        let changed = Instant::now();
        while second.graphql(BUILDINGS, json!({})).await.errors().is_empty() != enabled {
            assert!(changed.elapsed() < Duration::from_secs(5), "the second node does not follow");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

async fn an_event_of_one_module_is_handled_by_another(app: TestApp) {
    app.enable("property").await;
    demo(&app).await;
    let kinds =
        async || app.data(BUILDINGS, json!({})).await["buildings"]["nodes"][0]["units"]["nodes"].clone();
    let units = kinds().await;
    assert_eq!(
        units[0]["residencies"]["nodes"][0],
        json!({"kind": "OWNER", "validTo": null, "contact": {"displayName": "Anna Owner"}})
    );
    let anna = Record::of(
        &app.data("{ contacts { nodes { id version } } }", json!({})).await["contacts"]["nodes"][0],
    );
    let delete = "mutation($input: RecordVersion!) { contactDelete(input: $input) { id } }";
    app.data(delete, json!({"input": anna.input()})).await;
    // A suspended module's events wait until it is used again.
    app.change_module("property", "SUSPEND", json!({})).await;
    app.deliver().await;
    assert_eq!(plan(&app, "property", "ENABLE").await["waitingEvents"], 1);
    app.enable("property").await;
    assert_eq!(app.deliver().await, 1);
    let restored = "mutation($input: RecordVersion!) { contactRestore(input: $input) { id } }";
    let anna = Record { version: anna.version + 1, ..anna };
    app.data(restored, json!({"input": anna.input()})).await;
    assert_eq!(kinds().await[0]["residencies"]["nodes"][0]["validTo"], app.day(-1));
    assert_eq!(app.deliver().await, 0);
}

async fn settings_are_checked(app: TestApp) {
    let document = "mutation($input: ModuleSettingsUpdate!) { moduleSettingsUpdate(input: $input) { module { version settings } } }";
    let with =
        |settings: Json| json!({"input": {"module": "contacts", "expectedVersion": 1, "settings": settings}});
    let refused = app.graphql(document, with(json!({"nonsense": 1}))).await;
    assert_eq!(refused.refusal(), "VALIDATION: input.settings.nonsense SETTING");
    assert_eq!(app.graphql(document, with(json!([]))).await.code(), "VALIDATION");
    assert_eq!(app.data(document, with(json!({}))).await["moduleSettingsUpdate"]["module"]["version"], 1);
}

/// What the module's demo makes.
const GARDEN: &str = "Garden Street 12 Building.name";

async fn records_are_found_by_their_declarations_alone(app: TestApp) {
    app.enable("property").await;
    demo(&app).await;
    assert_eq!(hits(&app, "gard").await, [GARDEN]);
    assert_eq!(hits(&app, "treet 12").await, [GARDEN]);
    let data = app.data("{ buildings(filter: {search: \"street\"}) { totalCount } }", json!({})).await;
    assert_eq!(data["buildings"]["totalCount"], 1);
}
