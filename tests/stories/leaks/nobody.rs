//! Somebody of the company without any right.

use serde_json::{Value as Json, json};
use shoal_testkit::TestApp;

use super::ask::{ask_refused, shown};
use super::listen::Listener;
use super::mutations::{known, probes};
use super::questions::{by_ids, questions};
use super::schema::Schema;
use super::seed::{SECRET, Whose, customer, staff, unit};
use super::stored;

/// What tells everybody of themself, and what is there for them.
const OPEN: [&str; 3] = ["node", "viewer", "search"];

pub async fn without_rights_everything_is_refused(app: TestApp) {
    let nobody = app.nobody("nobody@company.example").await;
    staff(&app, SECRET).await;
    let flat = unit(&app, SECRET, None).await;
    customer(&app, SECRET, &Whose::new(Some(nobody.user_id()), None), flat).await;
    app.deliver().await;
    let all = Schema::of(&app).await;
    let shown_to = Schema::of(&nobody).await;
    let roots: Vec<&str> = shown_to.queries().iter().map(|root| root.name.as_str()).collect();
    assert_eq!(roots, OPEN);
    assert!(shown_to.mutations().is_empty() && shown_to.subscriptions().is_empty());

    let mut questions = questions(&all);
    questions.retain(|question| question.root != "search");
    let search = "query($query: String!) { search(query: $query) { id } }";
    assert_eq!(nobody.data(search, json!({"query": SECRET})).await["search"], json!([]));
    let known = known(&app, &all).await;
    let with_id = by_ids(&all, &known, &[]);
    questions.extend(with_id.into_iter().filter(|question| question.root != "node"));
    for (question, answer) in questions.iter().zip(ask_refused(&nobody, &questions).await) {
        let forbidden = |error: &Json| error["extensions"]["code"] == "FORBIDDEN";
        let errors = answer["errors"].as_array().unwrap();
        let refused = !errors.is_empty() && errors.iter().all(forbidden) && answer["data"].is_null();
        assert!(refused, "{}: {}", shown(&question.text), shown(&answer.to_string()));
    }
    let node = "query($id: ID!) { node(id: $id) { __typename id } }";
    for id in stored::ids(&app).await {
        assert_eq!(nobody.data(node, json!({"id": id})).await["node"], Json::Null, "{id}");
    }
    let before = stored::of(&app).await;
    for probe in probes(&all, &known) {
        probe.expect_forbidden(&nobody).await;
    }
    stored::expect_same(&before, &stored::of(&app).await);
    Listener::expect_refused(&nobody, &all).await;
}
