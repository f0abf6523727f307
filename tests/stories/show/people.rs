//! The companies of the show and their people, made by the program itself.

use std::net::SocketAddr;

use serde_json::{Value as Json, json};
use shoal_testkit::{Program, Running, TestDatabase};

use crate::kill::ask;
use crate::subscriptions::client::Seat;

/// The program.
pub const PROGRAM: &str = "shoal-property";

/// What the people with few rights may do.
pub const FEW: [&str; 2] = ["contacts.contact.read", "property.repair.read"];

/// Somebody at a node.
#[derive(Debug, Clone)]
pub struct Person {
    /// Who it is and where, for whoever reads that a test has failed.
    pub name: String,
    address: SocketAddr,
    token: String,
}

impl Seat for Person {
    fn address(&self) -> SocketAddr {
        self.address
    }

    fn token(&self) -> &str {
        &self.token
    }
}

impl Person {
    /// Whoever comes in by a link.
    pub fn by_link(node: &Running, name: &str, link: &str) -> Self {
        let (_, link) = link.split_once("/auth/link/").unwrap();
        let body = json!({"token": link, "password": "a herring in the fjord"});
        let answer = node.post("/auth/link", None, &body);
        let token = answer["token"].as_str().unwrap_or_else(|| panic!("{name}: {answer}")).to_owned();
        let address = node.address.parse().unwrap();
        Self { name: format!("{name} at A"), address, token }
    }

    /// The same person at the other node.
    pub fn at(&self, node: &Running) -> Self {
        let address = node.address.parse().unwrap();
        Self { name: self.name.replace(" at A", " at B"), address, token: self.token.clone() }
    }

    /// The whole answer; none when the node is gone.
    pub async fn try_ask(&self, query: &str, variables: Json) -> Option<Json> {
        let body = json!({"query": query, "variables": variables});
        ask(&self.address.to_string(), &self.token, &body).await
    }

    /// The whole answer.
    pub async fn ask(&self, query: &str, variables: Json) -> Json {
        let answer = self.try_ask(query, variables).await;
        answer.unwrap_or_else(|| panic!("{}: no answer to {query}", self.name))
    }

    /// The data of an answer without errors.
    pub async fn data(&self, query: &str, variables: Json) -> Json {
        let mut answer = self.ask(query, variables).await;
        assert!(answer["errors"].is_null(), "{}: {query}: {}", self.name, answer["errors"]);
        answer["data"].take()
    }

    /// The code of what is refused, or `ok`.
    pub async fn code(&self, query: &str, variables: Json) -> String {
        code(&self.ask(query, variables).await)
    }
}

/// The code of the first error of an answer, or `ok`.
pub fn code(answer: &Json) -> String {
    let errors = &answer["errors"];
    if errors.is_null() {
        return "ok".to_owned();
    }
    errors[0]["extensions"]["code"].as_str().unwrap_or("an error without a code").to_owned()
}

/// A company as the two who are in it see it, at each node.
pub struct Company {
    /// The administrator, at A and at B.
    pub administrator: [Person; 2],
    /// The one with few rights, at A and at B.
    pub employee: [Person; 2],
    /// The role of the one with few rights.
    pub role: Json,
}

impl Company {
    /// Founds a company with these modules: the link for its administrator.
    pub fn found(database: &TestDatabase, name: &str, modules: &str) -> String {
        let administrator = format!("admin@{name}.example");
        let arguments = [
            "tenant",
            "create",
            name,
            "--name",
            name,
            "--admin",
            &administrator,
            "--modules",
            modules,
            "--json",
        ];
        let output = Program::of(PROGRAM, database.url(), arguments).output();
        let failed = || String::from_utf8_lossy(&output.stderr).into_owned();
        let made: Json = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", failed()));
        made[0]["link"].as_str().unwrap().to_owned()
    }

    /// Its administrator comes in by the link, and brings in somebody with few rights.
    pub async fn begin(name: &str, link: &str, nodes: &[Running; 2]) -> Self {
        let administrator = Person::by_link(&nodes[0], &format!("{name}'s administrator"), link);
        let create = "mutation($rights: [RoleRightInput!]!) {
            roleCreate(input: {name: \"Few\", rights: $rights}) { role { id version } }
        }";
        let rights: Vec<Json> = FEW.iter().map(|right| json!({"name": right})).collect();
        let role = administrator.data(create, json!({"rights": rights})).await["roleCreate"]["role"].take();
        let invite = "mutation($input: UserInvite!) { userInvite(input: $input) { link } }";
        let input = json!({"email": format!("few@{name}.example"), "name": "Few", "roleIds": [role["id"]]});
        let link = administrator.data(invite, json!({"input": input})).await["userInvite"]["link"].take();
        let employee = Person::by_link(&nodes[0], &format!("{name}'s employee"), link.as_str().unwrap());
        let both = |person: Person| [person.clone(), person.at(&nodes[1])];
        Self { administrator: both(administrator), employee: both(employee), role }
    }

    /// Everybody, everywhere.
    pub fn people(&self) -> impl Iterator<Item = &Person> {
        self.administrator.iter().chain(&self.employee)
    }
}
