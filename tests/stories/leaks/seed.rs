//! Companies with something of everything.

use serde_json::{Value as Json, json};
use shoal_core::clock::Ids as _;
use shoal_core::module::Modules;
use shoal_testkit::{Backend, Options, TestApp};
use uuid::Uuid;

use crate::bulk::{execute, literal};
use crate::files::upload;
use crate::staff::{invite, role, team};
use crate::support::{Record, change, contact};

/// What each company has of everything is told apart by its mark, which is in all its texts.
pub const SECRET: &str = "Zq";

/// Shoal with everything there is: the module of an integrator, and one that cannot be told everything.
fn all_modules() -> Modules {
    Modules::new().with(shoal_contacts::Contacts).with(shoal_property::Property).with(shoal_tests::Witness)
}

/// The first company, with every module.
pub async fn start(backend: Backend) -> TestApp {
    let mut options = Options { modules: all_modules, ..Options::default() };
    let limits = &mut options.config.graphql;
    (limits.max_tokens, limits.max_aliases, limits.max_root_fields) = (1_000_000, 1_000, 1_000);
    (limits.max_cost, limits.max_depth, limits.rate_limit_per_minute) = (u64::from(u32::MAX), 40, 0);
    let app = TestApp::start_with(backend, options).await;
    enable_all(&app).await;
    app
}

/// Another company, with every module.
pub async fn company(app: &TestApp, number: u16) -> TestApp {
    let other = app.tenant(number).await;
    enable_all(&other).await;
    other
}

async fn enable_all(app: &TestApp) {
    let catalog = app.data("{ moduleCatalog { name state } }", json!({})).await;
    for module in catalog["moduleCatalog"].as_array().unwrap() {
        if module["state"] == "AVAILABLE" {
            app.enable(module["name"].as_str().unwrap()).await;
        }
    }
}

/// Whose a record is.
#[derive(Debug, Clone, Default)]
pub struct Whose {
    pub owner: Option<Uuid>,
    pub team: Option<String>,
}

impl Whose {
    /// A user's, and a team's.
    pub fn new(owner: Option<Uuid>, team: Option<&Record>) -> Self {
        Self { owner, team: team.map(|team| team.id.clone()) }
    }

    fn with(&self, fields: Json) -> Json {
        let mut input = json!({"ownerId": self.owner, "teamId": self.team});
        input.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        input
    }
}

/// A customer with all that can be said of one.
#[derive(Debug, Clone)]
pub struct Customer {
    pub account: Record,
    pub contact: Record,
}

/// A unit in a building, which is managed for an account. The module has no mutation for either.
pub async fn unit(app: &TestApp, mark: &str, account: Option<&Record>) -> Uuid {
    let (building, unit) = (app.ids().next(), app.ids().next());
    let [tenant, building, id] = [app.tenant_id(), building, unit].map(|id| literal(app, id));
    let account = account.map_or("NULL".to_owned(), |account| literal(app, account.id.parse().unwrap()));
    let name = mark.to_lowercase();
    let sql = format!(
        "INSERT INTO property_building (tenant_id, id, name, name_sort, city, account_id, updated_at, version)
         VALUES ({tenant}, {building}, '{mark} street', '{name} street', '{mark}ville', {account}, CURRENT_TIMESTAMP, 1)"
    );
    execute(app, &sql).await;
    let sql = format!(
        "INSERT INTO property_unit (tenant_id, id, building_id, number, floor)
         VALUES ({tenant}, {id}, {building}, '{mark} 7', 7)"
    );
    execute(app, &sql).await;
    unit
}

/// What hangs on accounts and contacts.
fn details(app: &TestApp, mark: &str) -> Json {
    let small = mark.to_lowercase();
    json!({
        // The same for all: whoever reads tags reads each.
        "tags": ["red", "blue"],
        "emails": [{"address": format!("{small}@{small}.example"), "label": "WORK"}, {"address": format!("b@{small}.example")}],
        "phones": [{"number": "+49 30 123457", "label": "MOBILE"}, {"number": "+49 30 123458"}],
        "addresses": [{"street": format!("{mark} street"), "postalCode": format!("{mark} 7"), "city": format!("{mark}ville"),
            "region": format!("{mark}shire"), "country": "DE", "label": "HOME"}],
        "externalIds": [{"system": format!("{small} system"), "key": format!("{small} {}", app.ids().next())}],
    })
}

fn merged(mut one: Json, other: Json) -> Json {
    one.as_object_mut().unwrap().extend(other.as_object().unwrap().clone());
    one
}

fn company_details(mark: &str) -> Json {
    let small = mark.to_lowercase();
    json!({
        "name": format!("{mark} company"), "legalName": format!("{mark} legal"), "domain": format!("{small}.example"),
        "industry": format!("{mark} industry"), "taxId": format!("{mark} tax"), "tier": "GOLD", "lifecycleStage": "CUSTOMER",
        "employees": 7, "foundedYear": 1907, "annualBudget": {"amount": "7", "currency": "EUR"},
    })
}

fn person_details(mark: &str) -> Json {
    json!({
        "givenName": format!("{mark} given"), "familyName": format!("{mark} family"), "honorific": format!("{mark} Dr."),
        "displayName": format!("{mark} person"), "jobTitle": format!("{mark} job"), "birthday": "1990-01-01",
        "language": "de", "timeZone": "Europe/Berlin", "lifecycleStage": "CUSTOMER",
    })
}

/// An account below another, and a contact at it, with deleted ones beside them and a repair request in a unit.
pub async fn customer(app: &TestApp, mark: &str, whose: &Whose, unit: Uuid) -> Customer {
    let make = async |mutation: &str, fields: Json| {
        Record::of(&change(app, mutation, whose.with(fields), "id version").await)
    };
    let parent = make("accountCreate", merged(company_details(mark), details(app, mark))).await;
    let below = merged(company_details(mark), json!({"parentId": parent.id}));
    let account = make("accountCreate", merged(below, details(app, mark))).await;
    let at = merged(person_details(mark), json!({"accountId": account.id}));
    let one = make("contactCreate", merged(at, details(app, mark))).await;
    let input = json!({"contactId": one.id, "accountId": parent.id, "role": "USER", "validFrom": "2020-01-01", "validTo": "2040-01-01"});
    change(app, "contactRoleCreate", input, "id").await;
    let gone = [
        make("accountCreate", company_details(mark)).await,
        make("contactCreate", person_details(mark)).await,
    ];
    change(app, "accountDelete", gone[0].input(), "id").await;
    change(app, "contactDelete", gone[1].input(), "id").await;
    let attached = file(app, mark).await;
    change(app, "fileAttach", json!({"fileId": attached, "recordId": one.id}), "id").await;
    talk(app, mark, whose, &Customer { account: account.clone(), contact: one.clone() }).await;
    reside(app, &one, unit).await;
    report(app, mark, whose, &one, unit).await;
    Customer { account: now(app, "account", &account).await, contact: now(app, "contact", &one).await }
}

/// A visit to a customer, and a call that is deleted.
async fn talk(app: &TestApp, mark: &str, whose: &Whose, with: &Customer) {
    let details = json!({"contactIds": [with.contact.id], "accountId": with.account.id, "direction": "OUT",
        "durationSeconds": 7, "subject": format!("{mark} subject"), "body": format!("{mark} said"),
        "outcome": format!("{mark} outcome")});
    let place =
        json!({"kind": "VISIT", "place": format!("{mark}ville"), "latitude": "7.5", "longitude": "7"});
    let visit = whose.with(merged(details.clone(), place));
    change(app, "interactionCreate", visit, "id").await;
    let call = whose.with(merged(details, json!({"kind": "CALL"})));
    let call = Record::of(&change(app, "interactionCreate", call, "id version").await);
    change(app, "interactionDelete", call.input(), "id").await;
}

async fn now(app: &TestApp, root: &str, record: &Record) -> Record {
    let document = format!("query($id: ID!) {{ {root}(id: $id) {{ id version }} }}");
    Record::of(&app.data(&document, json!({"id": record.id})).await[root])
}

/// Somebody lives there. The module has no mutation for it.
async fn reside(app: &TestApp, of: &Record, unit: Uuid) {
    let ids = [app.tenant_id(), app.ids().next(), unit, of.id.parse().unwrap()];
    let ids = ids.map(|id| literal(app, id)).join(", ");
    let sql = format!(
        "INSERT INTO property_residency (tenant_id, id, unit_id, contact_id, kind, valid_from, valid_to)
         VALUES ({ids}, 'USER', '2020-01-01', '2040-01-01')"
    );
    execute(app, &sql).await;
}

/// A repair request of somebody who lives there.
pub async fn report(app: &TestApp, mark: &str, whose: &Whose, of: &Record, unit: Uuid) -> Uuid {
    let tenant = literal(app, app.tenant_id());
    let input = json!({"unitId": unit, "contactId": of.id, "description": format!("{mark} is broken")});
    let document = "mutation($input: RepairRequestReport!) { repairRequestReport(input: $input) { id } }";
    let made = app.data(document, json!({"input": input})).await;
    let id: Uuid = made["repairRequestReport"]["id"].as_str().unwrap().parse().unwrap();
    // No mutation says whose it is.
    let set = |id: Option<Uuid>| id.map_or("NULL".to_owned(), |id| literal(app, id));
    let (owner, team) = (set(whose.owner), set(whose.team.as_ref().map(|team| team.parse().unwrap())));
    let request = literal(app, id);
    execute(
        app,
        &format!(
            "UPDATE property_repair_request SET owner_id = {owner}, team_id = {team}
        WHERE tenant_id = {tenant} AND id = {request}"
        ),
    )
    .await;
    id
}

/// Says everything otherwise of a customer.
pub async fn rewrite(app: &TestApp, customer: &Customer, mark: &str) {
    let account = merged(company_details(mark), details(app, mark));
    change(app, "accountUpdate", customer.account.update(&account), "id").await;
    let person = merged(person_details(mark), details(app, mark));
    change(app, "contactUpdate", customer.contact.update(&person), "id").await;
}

/// What a company has beside its customers: people, teams, roles, keys, settings, an event that nobody takes, a job, a file and an export.
pub async fn staff(app: &TestApp, mark: &str) {
    let small = mark.to_lowercase();
    let role = role(app, &format!("{mark} role"), &["core.user.read", "contacts.account.read:TEAM"]).await;
    let input = json!({"email": format!("{small}@{small}.example"), "name": format!("{mark} user"), "language": "de",
        "timeZone": "Europe/Berlin", "roleIds": [role.id]});
    let (user, _) = invite(app, input).await;
    let user_id: Uuid = user.id.parse().unwrap();
    app.with_session_of(user_id).await;
    let top = team(app, &format!("{mark} team"), None, &[user_id]).await;
    team(app, &format!("{mark} below"), Some(&top), &[user_id]).await;
    let key =
        json!({"name": format!("{mark} key"), "roleIds": [role.id], "expiresAt": "2027-01-01T00:00:00Z"});
    let document = "mutation($input: ApiKeyCreate!) { apiKeyCreate(input: $input) { apiKey { id } } }";
    let key = app.data(document, json!({"input": key})).await["apiKeyCreate"]["apiKey"]["id"].clone();
    change(app, "apiKeyRevoke", json!({"id": key}), "id").await;
    let company = app.data("{ viewer { tenant { version } } }", json!({})).await;
    let input =
        json!({"expectedVersion": company["viewer"]["tenant"]["version"], "name": format!("{mark} company")});
    change(app, "tenantUpdate", input, "id").await;
    contact(app, json!({"givenName": mark, "jobTitle": "refuse"})).await;
    app.deliver().await;
    job(app, mark).await;
    file(app, mark).await;
    export(app, mark).await;
    reschedule(app).await;
    bring_in(app, mark).await;
}

/// A file of whoever it is, attached to nothing.
pub async fn file(app: &TestApp, mark: &str) -> String {
    upload(app, &format!("{mark}.txt"), mark.as_bytes()).await
}

/// A job of whoever it is, done.
pub async fn job(app: &TestApp, mark: &str) {
    let document = "mutation($input: CountStart!) { countStart(input: $input) { id } }";
    app.data(document, json!({"input": {"to": 1, "note": mark}})).await;
    app.work().await;
}

/// Exports of somebody, done: with their files and manifests.
pub async fn export(app: &TestApp, mark: &str) {
    let filter = json!({"displayName": {"contains": mark}});
    for format in ["CSV", "VCARD"] {
        let input = json!({"recordType": "Contact", "format": format, "filter": filter});
        change(app, "exportCreate", input, "id").await;
    }
    app.work().await;
}

/// People out of a file, one of whom is refused.
pub async fn bring_in(app: &TestApp, mark: &str) {
    let file = format!("givenName,birthday\n{mark} imported,1990-01-01\n{mark} refused,soon\n");
    let import = crate::imports::read(app, "Contact", &format!("{mark}.csv"), file).await;
    crate::imports::bring(app, &import, json!({})).await;
}

/// Nothing begins by itself any more.
async fn reschedule(app: &TestApp) {
    let known = app.data("{ jobSchedules { nodes { id version } } }", json!({})).await;
    let document =
        "mutation($input: JobScheduleUpdate!) { jobScheduleUpdate(input: $input) { jobSchedule { id } } }";
    for schedule in known["jobSchedules"]["nodes"].as_array().unwrap() {
        let input = Record::of(schedule).update(&json!({"pattern": "45 4 * * 1", "active": false}));
        app.data(document, json!({ "input": input })).await;
    }
}
