//! The show: a company enables, suspends and disables a module while everybody works, over two processes of an integrator's
//! program on one PostgreSQL. Nobody else notices, and nobody is told anything wrong.

mod clients;
mod people;

use std::convert::Infallible;
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};
use shoal_testkit::{Backend, Program, Template, TestDatabase};
use tokio::time::sleep;

use clients::{Asked, CONTACTS, Ear, REPAIRS, Work, Writer};
use people::{Company, PROGRAM, Person};

use crate::staff::within_a_second;

/// What people of the other company see: the same, always.
const EVERYTHING: &str = "{ contacts(first: 1, orderBy: {displayName: ASC}) { nodes { displayName repairRequests { totalCount } } }
    repairRequests { totalCount } Contact: __type(name: \"Contact\") { fields { name } } Query: __type(name: \"Query\") { fields { name } } }";

/// What people of the company see that is not of the module.
const FIRST: &str = "{ contacts(first: 1, orderBy: {displayName: ASC}) { nodes { displayName } } }";

/// What is of the module.
const OF_MODULE: &str = "{ repairRequests { totalCount } }";

/// A mutation of the module, for what is not there.
const REPORT: &str = "mutation { repairRequestReport(input: {
    unitId: \"00000000-0000-7000-8000-00000000ffff\", contactId: \"00000000-0000-7000-8000-00000000ffff\", description: \"?\"
}) { id } }";

const SIGHT: &str = "{ __schema { types { name } } Account: __type(name: \"Account\") { fields { name } }
    Contact: __type(name: \"Contact\") { fields { name } } Query: __type(name: \"Query\") { fields { name } }
    Mutation: __type(name: \"Mutation\") { fields { name } } Subscription: __type(name: \"Subscription\") { fields { name } } }";

/// Fields of the module.
const FIELDS: [(&str, &str); 7] = [
    ("Account", "buildings"),
    ("Contact", "residencies"),
    ("Contact", "repairRequests"),
    ("Query", "buildings"),
    ("Query", "repairRequests"),
    ("Mutation", "repairRequestReport"),
    ("Subscription", "repairRequestChanged"),
];

/// Those that are there for people with few rights.
const FEW_FIELDS: [&str; 3] =
    ["Contact.repairRequests", "Query.repairRequests", "Subscription.repairRequestChanged"];

/// What introspection shows: how many types, and which fields of the module.
#[derive(Debug, Clone, PartialEq)]
struct Sight {
    types: usize,
    fields: Vec<String>,
}

async fn sight(person: &Person) -> Sight {
    let data = person.data(SIGHT, Json::Null).await;
    let is_there = |(ty, field): &&(&str, &str)| {
        let fields = data[ty]["fields"].as_array();
        fields.is_some_and(|fields| fields.iter().any(|known| known["name"] == *field))
    };
    let fields = FIELDS.iter().filter(is_there).map(|(ty, field)| format!("{ty}.{field}")).collect();
    Sight { types: data["__schema"]["types"].as_array().unwrap().len(), fields }
}

/// What a company's administrator and employee see; it is the same at both nodes.
async fn sights(company: &Company) -> [Sight; 2] {
    let mut seen = Vec::new();
    for places in [&company.administrator, &company.employee] {
        let (a, b) = (sight(&places[0]).await, sight(&places[1]).await);
        assert_eq!(a, b, "{} and {}", places[0].name, places[1].name);
        seen.push(a);
    }
    seen.try_into().unwrap()
}

/// Does something with the module, at the person's node.
async fn change(person: &Person, action: &str) {
    let plan = "query($action: ModuleAction!) { modulePlan(module: \"property\", action: $action) { id } }";
    let plan = person.data(plan, json!({"action": action})).await["modulePlan"]["id"].take();
    let input = json!({"module": "property", "action": action, "planId": plan});
    let change = "mutation($input: ModuleChangeInput!) { moduleChange(input: $input) { id } }";
    person.data(change, json!({"input": input})).await;
}

/// Waits until everybody of a company is answered so at both nodes.
async fn all_are_answered(company: &Company, query: &str, expected: &str) {
    for person in company.people() {
        let what = format!("{}: {query} is {expected}", person.name);
        within_a_second(&what, async || person.code(query, Json::Null).await == expected).await;
    }
}

/// Waits until a writer has made so many more.
async fn written(writer: &Writer, more: usize) {
    let (begun, end) = (Instant::now(), writer.count() + more);
    while writer.count() < end {
        assert!(begun.elapsed() < Duration::from_secs(10), "nothing is written any more");
        sleep(Duration::from_millis(10)).await;
    }
}

/// Waits until all of these have ended so.
async fn ended(ears: &[Ear], expected: &str) {
    for ear in ears {
        within_a_second(&format!("{} ends with {expected}", ear.name), async || ear.heard().ending.is_some())
            .await;
        assert_eq!(ear.heard().ending.as_deref(), Some(expected), "{}", ear.name);
    }
}

/// Waits until all of these have heard all of it, in its order, and go on.
async fn have_heard(ears: &[Ear], all: &[String]) {
    for ear in ears {
        let begun = Instant::now();
        while ear.heard().names.len() < all.len() && begun.elapsed() < Duration::from_secs(5) {
            sleep(Duration::from_millis(20)).await;
        }
        let heard = ear.heard();
        let (count, lost) = (heard.names.len(), all.iter().find(|name| !heard.names.contains(name)));
        assert!(
            heard.names == all && heard.ending.is_none(),
            "{}: {count} of {}, first lost {lost:?}, {:?}",
            ear.name,
            all.len(),
            heard.ending
        );
    }
}

/// They have heard a part of it without gaps.
fn have_heard_a_part(ears: &[Ear], all: &[String]) {
    for ear in ears {
        let names = ear.heard().names;
        let first = names.first().and_then(|first| all.iter().position(|name| name == first));
        let first = first.unwrap_or_else(|| panic!("{} has heard nothing", ear.name));
        assert_eq!(names, all[first..first + names.len()], "{}", ear.name);
    }
}

/// Whoever asked this was answered `ok`, always with the same, and otherwise by one of these refusals.
fn were_answered(asked: &[Asked], whose: &str, query: &str, refusals: &[&str]) {
    let theirs = asked.iter().filter(|asked| asked.name.starts_with(whose) && asked.query == query);
    let mut people = 0;
    for Asked { name, answers, .. } in theirs {
        people += 1;
        let mut outcomes: Vec<String> = answers.iter().map(|(answer, _)| outcome(answer)).collect();
        let times: usize = answers.iter().map(|(_, times)| times).sum();
        assert!(times > 10, "{name} was answered {times} times only");
        let good = outcomes.iter().position(|outcome| outcome == "ok");
        assert!(good.is_some_and(|good| outcomes.remove(good) == "ok"), "{name}: {answers:#?}");
        assert!(outcomes.iter().all(|outcome| refusals.contains(&outcome.as_str())), "{name}: {answers:#?}");
        outcomes.sort_unstable();
        outcomes.dedup();
        assert_eq!(outcomes.len() + 1, answers.len(), "{name}: {answers:#?}");
    }
    assert_eq!(people, 2, "{whose}");
}

/// `ok`, or the code with the module.
fn outcome(answer: &Json) -> String {
    match &answer["errors"] {
        Json::Null => "ok".to_owned(),
        errors => {
            let module = errors[0]["module"].as_str().map(|module| format!(" {module}"));
            format!("{}{}", errors[0]["code"].as_str().unwrap_or("no code"), module.unwrap_or_default())
        }
    }
}

/// Takes from the employee's role the right to read contacts, and then ends their session: both at the first node.
async fn the_employee_goes(company: &Company, ears: &[Ear]) {
    let [administrator, _] = &company.administrator;
    let [_, employee] = &company.employee;
    let sessions = "{ sessions(filter: {user: {name: {eq: \"Few\"}}}) { nodes { id } } }";
    let session = administrator.data(sessions, Json::Null).await["sessions"]["nodes"][0].take();
    let update = "mutation($input: RoleUpdate!) { roleUpdate(input: $input) { id } }";
    let rights = json!([{"name": "property.repair.read"}]);
    let input =
        json!({"id": company.role["id"], "expectedVersion": company.role["version"], "rights": rights});
    administrator.data(update, json!({"input": input})).await;
    within_a_second("the right is gone at B", async || employee.code(FIRST, Json::Null).await == "FORBIDDEN")
        .await;
    ended(ears, "FORBIDDEN").await;
    let revoke = "mutation($input: SessionRevoke!) { sessionRevoke(input: $input) { id } }";
    administrator.data(revoke, json!({"input": session})).await;
    let is_over = async || employee.code("{ __typename }", Json::Null).await == "UNAUTHENTICATED";
    within_a_second("the session is over at B", is_over).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn postgres_a_module_comes_and_goes_while_everybody_works() {
    let template = Template { key: "empty", version: "1" };
    let database = TestDatabase::create(Backend::Postgres, template, async |_| Ok::<_, Infallible>(())).await;
    let links = [("north", "contacts"), ("south", "contacts,property")]
        .map(|(name, modules)| Company::found(&database, name, modules));
    let nodes = [(); 2].map(|()| Program::of(PROGRAM, database.url(), ["serve"]).serve());
    let north = Company::begin("north", &links[0], &nodes).await;
    let south = Company::begin("south", &links[1], &nodes).await;
    let before = sights(&north).await;
    let theirs = sights(&south).await;
    assert_eq!((before[0].fields.len(), before[1].fields.len()), (0, 0), "{before:?}");
    assert_eq!(
        (theirs[0].fields.len(), &theirs[1].fields[..]),
        (FIELDS.len(), &FEW_FIELDS.map(str::to_owned)[..])
    );

    // Everybody listens and asks, while both administrators write at both nodes.
    let (mut bosses, mut employees, mut others) = (Vec::new(), Vec::new(), Vec::new());
    for at in 0..2 {
        bosses.extend(Ear::both_ways(&north.administrator[at], &[CONTACTS]).await);
        employees.extend(Ear::both_ways(&north.employee[at], &[CONTACTS]).await);
    }
    for person in south.people() {
        others.extend(Ear::both_ways(person, &[CONTACTS, REPAIRS]).await);
    }
    let mut work = Work::default();
    let writers = [&north, &south].map(|company| work.write(company.administrator.clone()));
    for writer in &writers {
        written(writer, 2).await;
    }
    for person in north.people() {
        work.ask(person, FIRST);
        work.ask(person, OF_MODULE);
    }
    for person in south.people() {
        work.ask(person, EVERYTHING);
    }

    // The module comes …
    written(&writers[0], 20).await;
    assert_eq!(north.administrator[1].code(REPORT, Json::Null).await, "MODULE_DISABLED");
    change(&north.administrator[0], "ENABLE").await;
    all_are_answered(&north, OF_MODULE, "ok").await;
    assert_eq!(sights(&north).await, theirs);
    assert_eq!(north.administrator[1].code(REPORT, Json::Null).await, "NOT_FOUND");
    // Over one web socket one subscription of the module, and one that goes on without it.
    let mut ears = Vec::new();
    for person in north.people() {
        ears.extend(Ear::both_ways(person, &[CONTACTS, REPAIRS]).await);
    }
    let (of_module, late): (Vec<Ear>, Vec<Ear>) = ears.into_iter().partition(|ear| ear.query == REPAIRS);
    written(&writers[0], 20).await;

    // … can only be read …
    change(&north.administrator[0], "SUSPEND").await;
    let suspended = async || north.administrator[1].code(REPORT, Json::Null).await == "MODULE_SUSPENDED";
    within_a_second("the module is suspended at B", suspended).await;
    all_are_answered(&north, OF_MODULE, "ok").await;
    assert_eq!(sights(&north).await, theirs);
    let heard: Vec<usize> = of_module.iter().map(|ear| ear.heard().names.len()).collect();
    written(&writers[0], 20).await;
    for (ear, heard) in of_module.iter().zip(heard) {
        let now = ear.heard();
        assert!(now.names.len() > heard && now.ending.is_none(), "{}: {now:?}", ear.name);
    }

    // … and goes.
    change(&north.administrator[0], "DISABLE").await;
    all_are_answered(&north, OF_MODULE, "MODULE_DISABLED").await;
    ended(&of_module, "MODULE_DISABLED").await;
    assert_eq!(sights(&north).await, before);
    assert_eq!(sights(&south).await, theirs);
    written(&writers[0], 20).await;

    let (late_employees, late): (Vec<Ear>, Vec<Ear>) =
        late.into_iter().partition(|ear| ear.name.contains("employee"));
    employees.extend(late_employees);
    the_employee_goes(&north, &employees).await;
    written(&writers[0], 20).await;

    let asked = work.stopped().await;
    let [north_writer, south_writer] = writers;
    let (all, theirs) = (north_writer.all().await, south_writer.all().await);
    have_heard(&bosses, &all).await;
    have_heard(&others, &theirs).await;
    for ears in [&of_module, &employees, &late] {
        have_heard_a_part(ears, &all);
    }
    assert!(late.iter().all(|ear| ear.heard().ending.is_none() && ear.heard().names.last() == all.last()));
    were_answered(&asked, "south's administrator", EVERYTHING, &[]);
    were_answered(&asked, "south's employee", EVERYTHING, &[]);
    were_answered(&asked, "north's administrator", FIRST, &[]);
    were_answered(&asked, "north's administrator", OF_MODULE, &["MODULE_DISABLED property"]);
    were_answered(&asked, "north's employee", FIRST, &["FORBIDDEN", "UNAUTHENTICATED"]);
    were_answered(&asked, "north's employee", OF_MODULE, &["MODULE_DISABLED property", "UNAUTHENTICATED"]);
    drop(nodes);
}
