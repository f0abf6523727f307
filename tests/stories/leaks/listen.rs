//! Every subscription at once.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};
use shoal_testkit::TestApp;

use super::schema::Schema;
use crate::subscriptions::client::Socket;

/// Somebody who listens to all there is.
pub struct Listener {
    socket: Socket,
    roots: Vec<String>,
}

impl Listener {
    /// Subscribes to everything in the schema.
    pub async fn of(app: &TestApp, schema: &Schema) -> Self {
        let mut socket = Socket::of(app).await;
        let mut roots = Vec::new();
        for root in schema.subscriptions() {
            let name = &root.name;
            socket
                .subscribe(name, &format!("subscription {{ {name} {{ __typename kind id }} }}"), Json::Null)
                .await;
            roots.push(name.clone());
        }
        socket.settle().await;
        Self { socket, roots }
    }

    /// The ids that were told by now, by subscription.
    pub async fn told(&mut self) -> BTreeMap<String, Vec<String>> {
        let mut told: BTreeMap<String, Vec<String>> =
            self.roots.iter().map(|root| (root.clone(), Vec::new())).collect();
        while let Some(message) = self.socket.heard().await {
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
            let name = &root.name;
            socket
                .subscribe(name, &format!("subscription {{ {name} {{ __typename kind id }} }}"), Json::Null)
                .await;
            assert_eq!(socket.refused(name).await, "FORBIDDEN", "{name}");
        }
    }
}
