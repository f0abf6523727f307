//! What is measured: a GraphQL document with variables, and the route of the hand-written handler that answers alike.

use serde_json::{Value as Json, json};

use crate::data::{Random, Sizes, account_id, contact_id, person};

/// One kind of request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scenario {
    /// One contact by its id.
    OneContact,
    /// 50 contacts, each with its account.
    ContactsWithAccount,
    /// An account, 20 contacts of it, 5 tags of each.
    AccountTree,
    /// 50 contacts, filtered by a field of their account.
    GoldContacts,
    /// The first page of ten, ordered by name.
    FirstPage,
    /// The last page of ten in the same order.
    LastPage,
    /// The number of contacts at each stage.
    ByStage,
    /// One new contact.
    Create,
    /// Many new contacts.
    CreateMany,
}

/// Rows of a `createMany`.
pub const ROWS: usize = 500;

/// What requests are made from.
#[derive(Debug, Clone)]
pub struct World {
    /// How much data there is.
    pub sizes: Sizes,
    /// What Shoal is presented to know who asks.
    pub token: String,
    /// Shoal's cursor in front of the last page.
    pub shoal_cursor: String,
    /// The hand-written handler's cursor at the same place.
    pub hand_written_cursor: String,
}

/// One request, in the forms of both servers.
#[derive(Debug, Clone)]
pub struct Call {
    /// Variables of the document.
    pub variables: Json,
    method: &'static str,
    path: String,
    body: Option<Json>,
}

impl Scenario {
    /// What only reads.
    pub const READS: [Self; 7] = [
        Self::OneContact,
        Self::ContactsWithAccount,
        Self::AccountTree,
        Self::GoldContacts,
        Self::FirstPage,
        Self::LastPage,
        Self::ByStage,
    ];
    /// What writes.
    pub const WRITES: [Self; 2] = [Self::Create, Self::CreateMany];

    /// The name in tables and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::OneContact => "one-contact",
            Self::ContactsWithAccount => "contacts+account",
            Self::AccountTree => "account>20>5",
            Self::GoldContacts => "filtered",
            Self::FirstPage => "page-first",
            Self::LastPage => "page-last",
            Self::ByStage => "aggregate",
            Self::Create => "create",
            Self::CreateMany => "create-many",
        }
    }

    /// What it asks, for a person.
    pub fn title(self, sizes: Sizes) -> String {
        match self {
            Self::OneContact => "one contact by its id".to_owned(),
            Self::ContactsWithAccount => "50 contacts, each with its account".to_owned(),
            Self::AccountTree => "an account, 20 contacts of it, 5 tags of each".to_owned(),
            Self::GoldContacts => "50 contacts whose account is gold".to_owned(),
            Self::FirstPage => "page 1 of ten contacts, by name".to_owned(),
            Self::LastPage => format!("page {} of ten contacts, by name", sizes.contacts / 10),
            Self::ByStage => "number of contacts by stage".to_owned(),
            Self::Create => "one new contact with name, e-mail and account".to_owned(),
            Self::CreateMany => format!("{ROWS} new contacts with name, e-mail and account"),
        }
    }

    /// True if it changes the database.
    pub fn is_write(self) -> bool {
        Self::WRITES.contains(&self)
    }

    /// Records that one request reads or writes at the most, for rates in rows.
    pub fn rows(self) -> usize {
        if self == Self::CreateMany { ROWS } else { 1 }
    }

    /// The GraphQL document.
    pub fn document(self) -> &'static str {
        match self {
            Self::OneContact => {
                "query Contact($id: ID!) { contact(id: $id) { id displayName givenName familyName jobTitle language lifecycleStage createdAt version } }"
            }
            Self::ContactsWithAccount => {
                "query Contacts { contacts(first: 50) { nodes { id displayName jobTitle lifecycleStage account { id name tier } } } }"
            }
            Self::AccountTree => {
                "query Account($id: ID!) { account(id: $id) { id name contacts(first: 20) { nodes { id displayName tags(first: 5) { id name } } } } }"
            }
            Self::GoldContacts => {
                "query Gold { contacts(first: 50, filter: {account: {tier: {eq: GOLD}}}) { nodes { id displayName lifecycleStage } } }"
            }
            Self::FirstPage | Self::LastPage => {
                "query Page($after: String) { contacts(first: 10, after: $after, orderBy: [{displayName: ASC}]) { nodes { id displayName familyName } pageInfo { hasNextPage endCursor } } }"
            }
            Self::ByStage => {
                "query Stages { contactsAggregate(groupBy: [{field: LIFECYCLE_STAGE}]) { keys count } }"
            }
            Self::Create => {
                "mutation Create($input: ContactCreate!) { contactCreate(input: $input) { id contact { displayName lifecycleStage version } } }"
            }
            Self::CreateMany => {
                "mutation CreateMany($input: [ContactCreate!]!) { contactCreateMany(input: $input) { results { id error { code message } } } }"
            }
        }
    }

    /// Different requests of the kind; all connections take from them at random.
    pub fn calls(self, world: &World) -> Vec<Call> {
        let mut random = Random::new(0x5eed);
        let sizes = world.sizes;
        match self {
            Self::OneContact => {
                let ids = (0..1_000).map(|_| contact_id(random.below(sizes.contacts)));
                ids.map(|id| Call::get(json!({ "id": id }), format!("/contacts/{id}"))).collect()
            }
            Self::AccountTree => {
                let ids = (0..sizes.accounts).map(account_id);
                ids.map(|id| Call::get(json!({ "id": id }), format!("/accounts/{id}"))).collect()
            }
            Self::ContactsWithAccount => vec![Call::get(json!({}), "/contacts")],
            Self::GoldContacts => vec![Call::get(json!({}), "/contacts/gold")],
            Self::ByStage => vec![Call::get(json!({}), "/contacts/by-stage")],
            Self::FirstPage => vec![Call::get(json!({}), "/contacts/by-name")],
            Self::LastPage => {
                let path = format!("/contacts/by-name?after={}", world.hand_written_cursor);
                vec![Call::get(json!({ "after": world.shoal_cursor }), path)]
            }
            Self::Create => {
                let inputs = (0..1_000).map(|number| input(&mut random, sizes, number));
                inputs.map(|input| Call::post(json!({ "input": input }), "/contacts", input)).collect()
            }
            Self::CreateMany => {
                let batch = |first: usize| {
                    let mut random = Random::new(first as u64);
                    Json::from(
                        (0..ROWS).map(|row| input(&mut random, sizes, first + row)).collect::<Vec<_>>(),
                    )
                };
                let batches = (0..16).map(|number| batch(number * ROWS));
                batches.map(|rows| Call::post(json!({ "input": rows }), "/contacts/many", rows)).collect()
            }
        }
    }
}

/// A new contact.
fn input(random: &mut Random, sizes: Sizes, number: usize) -> Json {
    let person = person(random);
    let account = account_id(random.below(sizes.accounts));
    json!({
        "givenName": person.given,
        "familyName": person.family,
        "emails": [{ "address": format!("Person.{number}@Company-{}.example", random.below(100)) }],
        "accountId": account,
    })
}

impl Call {
    pub(crate) fn get(variables: Json, path: impl Into<String>) -> Self {
        Self { variables, method: "GET", path: path.into(), body: None }
    }

    fn post(variables: Json, path: &str, body: Json) -> Self {
        Self { variables, method: "POST", path: path.to_owned(), body: Some(body) }
    }

    /// The bytes that Shoal gets.
    pub fn for_shoal(&self, document: &str, token: &str) -> Vec<u8> {
        let body = json!({ "query": document, "variables": self.variables });
        http("POST", "/graphql", Some(&body), &format!("authorization: Bearer {token}\r\n"))
    }

    /// The bytes that the hand-written handler gets.
    pub fn for_hand_written(&self) -> Vec<u8> {
        http(self.method, &self.path, self.body.as_ref(), "")
    }

    /// The same for a handler in this process: method, path and body.
    pub fn parts(&self) -> (&'static str, &str, String) {
        (self.method, &self.path, self.body.as_ref().map(Json::to_string).unwrap_or_default())
    }
}

/// A request on a connection that stays open.
fn http(method: &str, path: &str, body: Option<&Json>, headers: &str) -> Vec<u8> {
    let body = body.map(Json::to_string).unwrap_or_default();
    let content = if body.is_empty() {
        String::new()
    } else {
        format!("content-type: application/json\r\ncontent-length: {}\r\n", body.len())
    };
    format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\naccept: application/json\r\n{headers}{content}\r\n{body}")
        .into_bytes()
}
