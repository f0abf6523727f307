//! Clients that are at it all the time: some ask, some listen, some write.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value as Json, json};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use super::people::{Person, code};
use crate::subscriptions::client::{Events, Socket};

/// A subscription that has nothing to do with the module, and one that reads a field of it.
pub const CONTACTS: &str = "subscription { contactChanged { record: contact { displayName } } }";
pub const REPAIRS: &str =
    "subscription { contactChanged { record: contact { displayName repairRequests { totalCount } } } }";

/// The id of a query that is answered once all before it has begun.
const BEGUN: &str = "begun";

/// What a subscription has told: names of contacts, and the code with which it has ended.
#[derive(Debug, Clone, Default)]
pub struct Heard {
    pub names: Vec<String>,
    pub ending: Option<String>,
}

/// One who listens.
pub struct Ear {
    /// Who, where and how.
    pub name: String,
    pub query: &'static str,
    heard: Arc<Mutex<Heard>>,
}

impl Ear {
    fn new(person: &Person, how: &str, query: &'static str) -> Self {
        Self { name: format!("{} by {how}", person.name), query, heard: Arc::default() }
    }

    pub fn heard(&self) -> Heard {
        self.heard.lock().unwrap().clone()
    }

    /// A message: what came, or with which errors it ended.
    fn note(heard: &Mutex<Heard>, payload: &Json, errors: &Json) {
        let mut heard = heard.lock().unwrap();
        match payload["data"]["contactChanged"]["record"]["displayName"].as_str() {
            Some(name) if errors.is_null() => heard.names.push(name.to_owned()),
            _ => heard.ending = Some(code(&json!({"errors": errors}))),
        }
    }

    /// Listens to several subscriptions over one web socket, until it is closed.
    pub async fn by_socket(person: &Person, queries: &[&'static str]) -> Vec<Self> {
        let mut socket = Socket::of(person).await;
        for (id, query) in queries.iter().enumerate() {
            socket.subscribe(&id.to_string(), query, Json::Null).await;
        }
        // A query behind them, as what came before has begun when it is answered.
        sleep(Duration::from_millis(100)).await;
        socket.subscribe(BEGUN, "{ __typename }", Json::Null).await;
        let ears: Vec<Self> = queries.iter().map(|query| Self::new(person, "web socket", query)).collect();
        let all: Vec<_> = ears.iter().map(|ear| Arc::clone(&ear.heard)).collect();
        let (begun, has_begun) = oneshot::channel();
        tokio::spawn(async move {
            let mut begun = Some(begun);
            loop {
                let message = match socket.hear_or_end().await {
                    Ok(message) => message,
                    Err(closed) => {
                        let close = |heard: &Arc<Mutex<Heard>>| {
                            heard.lock().unwrap().ending.get_or_insert(format!("closed with {closed}"));
                        };
                        return all.iter().for_each(close);
                    }
                };
                let (id, payload) = (message["id"].as_str().unwrap(), &message["payload"]);
                if id == BEGUN {
                    begun.take().map(|begun| begun.send(()));
                    continue;
                }
                let errors = if message["type"] == "next" { &payload["errors"] } else { payload };
                Self::note(&all[id.parse::<usize>().unwrap()], payload, errors);
            }
        });
        has_begun.await.unwrap();
        ears
    }

    /// Listens to a subscription by server-sent events, until it ends.
    pub async fn by_events(person: &Person, query: &'static str) -> Self {
        let mut events = Events::of(person, query, Json::Null).await;
        let ear = Self::new(person, "server-sent events", query);
        let heard = Arc::clone(&ear.heard);
        tokio::spawn(async move {
            while let Some(event) = events.next().await {
                if event.name == "next" {
                    Self::note(&heard, &event.data, &event.data["errors"]);
                }
            }
            heard.lock().unwrap().ending.get_or_insert("the stream ended".to_owned());
        });
        ear
    }

    /// Both ways of hearing these, at one place.
    pub async fn both_ways(person: &Person, queries: &[&'static str]) -> Vec<Self> {
        let mut ears = Self::by_socket(person, queries).await;
        for query in queries {
            ears.push(Self::by_events(person, query).await);
        }
        ears
    }
}

/// Clients at work until they are told to stop.
#[derive(Default)]
pub struct Work {
    stop: Arc<AtomicBool>,
    asking: Vec<JoinHandle<Asked>>,
}

/// What somebody was answered.
#[derive(Debug)]
pub struct Asked {
    /// Who and where.
    pub name: String,
    pub query: &'static str,
    /// The different answers, each with how often it came.
    pub answers: Vec<(Json, usize)>,
}

impl Work {
    /// Somebody asks the same again and again.
    pub fn ask(&mut self, person: &Person, query: &'static str) {
        let (person, stop) = (person.clone(), Arc::clone(&self.stop));
        self.asking.push(tokio::spawn(async move {
            let mut answers: Vec<(Json, usize)> = Vec::new();
            while !stop.load(Ordering::Relaxed) {
                let Some(answer) = person.try_ask(query, Json::Null).await else {
                    answers.push((json!({"errors": [{"code": "no answer"}]}), 1));
                    break;
                };
                // What it says of costs and requests is different each time.
                let errors =
                    answer["errors"].as_array().map(|errors| errors.iter().map(unnumbered).collect());
                let answer = json!({"data": answer["data"], "errors": errors.unwrap_or(Json::Null)});
                match answers.iter_mut().find(|(known, _)| *known == answer) {
                    Some((_, times)) => *times += 1,
                    None => answers.push((answer, 1)),
                }
                sleep(Duration::from_millis(100)).await;
            }
            Asked { name: person.name, query, answers }
        }));
    }

    /// Somebody makes contacts, called by their number, at one node and the other by turns.
    pub fn write(&self, places: [Person; 2]) -> Writer {
        let (stop, written) = (Arc::clone(&self.stop), Arc::<Mutex<Vec<String>>>::default());
        let names = Arc::clone(&written);
        let task = tokio::spawn(async move {
            for (number, person) in places.iter().cycle().enumerate() {
                if stop.load(Ordering::Relaxed) {
                    return;
                }
                let name = format!("N{number:05}");
                let create = "mutation($name: String!) { contactCreate(input: {givenName: $name}) { id } }";
                let made = person.try_ask(create, json!({"name": name})).await;
                if made.is_none_or(|made| !made["errors"].is_null()) {
                    // It is missed where the test waits for more of them.
                    return;
                }
                names.lock().unwrap().push(name);
                sleep(Duration::from_millis(20)).await;
            }
        });
        Writer { written, task }
    }

    /// Everybody stops: what those who asked were answered.
    pub async fn stopped(self) -> Vec<Asked> {
        self.stop.store(true, Ordering::Relaxed);
        let mut asked = Vec::new();
        for task in self.asking {
            asked.push(task.await.unwrap());
        }
        asked
    }
}

/// Somebody who makes contacts.
pub struct Writer {
    written: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

impl Writer {
    /// How many there are by now.
    pub fn count(&self) -> usize {
        self.written.lock().unwrap().len()
    }

    /// The names of all, once it has stopped.
    pub async fn all(self) -> Vec<String> {
        self.task.await.unwrap();
        self.written.lock().unwrap().clone()
    }
}

/// An error by its code and the module that it is about.
fn unnumbered(error: &Json) -> Json {
    json!({"code": error["extensions"]["code"], "module": error["extensions"]["module"]})
}
