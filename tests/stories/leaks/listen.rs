//! Every subscription at once.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};
use shoal_testkit::TestApp;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::timeout;

use super::schema::Schema;
use crate::subscriptions::client::{QUIET, Socket};

/// Somebody who listens to all there is, all the time: who does not answer is given up.
pub struct Listener {
    heard: UnboundedReceiver<Json>,
    roots: Vec<String>,
}

impl Listener {
    /// Subscribes to everything in the schema.
    pub async fn of(app: &TestApp, schema: &Schema) -> Self {
        let mut socket = Socket::of(app).await;
        let roots: Vec<String> = schema.subscriptions().iter().map(|root| root.name.clone()).collect();
        for name in &roots {
            socket.subscribe(name, &document(name), Json::Null).await;
        }
        socket.settle().await;
        let (sender, heard) = unbounded_channel();
        tokio::spawn(async move {
            while !sender.is_closed() {
                if let Some(message) = socket.heard().await {
                    let _ = sender.send(message);
                }
            }
        });
        Self { heard, roots }
    }

    /// The ids that were told by now, by subscription.
    pub async fn told(&mut self) -> BTreeMap<String, Vec<String>> {
        let mut told: BTreeMap<String, Vec<String>> =
            self.roots.iter().map(|root| (root.clone(), Vec::new())).collect();
        while let Ok(message) = timeout(QUIET, self.heard.recv()).await {
            let message = message.unwrap_or_else(|| panic!("the connection was closed"));
            let root = message["id"].as_str().unwrap();
            assert_eq!(message["type"], json!("next"), "{message}");
            let id = &message["payload"]["data"][root]["id"];
            told.get_mut(root).unwrap().push(id.as_str().unwrap_or_else(|| panic!("{message}")).to_owned());
        }
        told
    }

    /// Everything is refused.
    pub async fn expect_refused(app: &TestApp, schema: &Schema) {
        let mut socket = Socket::of(app).await;
        for root in schema.subscriptions() {
            socket.subscribe(&root.name, &document(&root.name), Json::Null).await;
            assert_eq!(socket.refused(&root.name).await, "FORBIDDEN", "{}", root.name);
        }
    }
}

fn document(root: &str) -> String {
    format!("subscription {{ {root} {{ __typename kind id }} }}")
}
