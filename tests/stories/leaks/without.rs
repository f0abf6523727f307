//! People who lack one right each: what it is for is refused wherever it is named, and is left out of the audit.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};
use shoal_testkit::TestApp;

use super::ask::{ask_refused, shown};
use super::questions::{Question, questions};
use super::schema::Schema;
use super::seed::{SECRET, Whose, customer, rewrite, staff, unit};
use crate::staff::with_rights;

pub async fn what_a_right_is_for_is_refused_without_it(app: TestApp) {
    staff(&app, SECRET).await;
    let flat = unit(&app, SECRET, None).await;
    let customer = customer(&app, SECRET, &Whose::new(Some(app.user_id()), None), flat).await;
    rewrite(&app, &customer, "Zq2").await;
    let rights = app.data("{ rights { name } }", json!({})).await;
    let rights: Vec<&str> =
        rights["rights"].as_array().unwrap().iter().map(|right| right["name"].as_str().unwrap()).collect();
    let all = questions(&Schema::of(&app).await);
    let told = audited(&app).await;
    let (mut refused, mut withheld) = (0, 0);
    for (number, without) in rights.iter().enumerate() {
        let others: Vec<&str> = rights.iter().filter(|right| *right != without).copied().collect();
        let person = with_rights(&app, &format!("person{number}"), &others).await;
        let schema = Schema::of(&person).await;
        let own: BTreeSet<String> = questions(&schema).into_iter().map(|question| question.text).collect();
        // What is shown of a record is less, too: of a list only filters, orders and groups are told apart by their text.
        let gone: Vec<Question> =
            all.iter().filter(|question| !own.contains(&question.text)).cloned().collect();
        for (question, answer) in gone.iter().zip(ask_refused(&person, &gone).await) {
            let forbidden = |error: &Json| error["extensions"]["code"] == "FORBIDDEN";
            let errors = answer["errors"].as_array().unwrap();
            let is_refused = !errors.is_empty() && errors.iter().all(forbidden) && answer["data"].is_null();
            assert!(
                is_refused,
                "without {without}: {} {}",
                shown(&question.text),
                shown(&answer.to_string())
            );
            refused += 1;
        }
        if schema.queries().iter().any(|root| root.name == "auditEntries") {
            let seen = audited(&person).await;
            for (ty, field) in &seen {
                assert!(
                    schema.ty(ty).field(field).is_some(),
                    "without {without}: the audit tells {ty}.{field}"
                );
            }
            withheld += told.difference(&seen).count();
        }
    }
    assert!(refused > 1_000 && withheld > 10, "{refused} {withheld}");
}

/// Types and fields whose changes the audit tells.
async fn audited(app: &TestApp) -> BTreeSet<(String, String)> {
    let entries = app.data("{ auditEntries(first: 500) { nodes { recordType changes } } }", json!({})).await;
    let entries = entries["auditEntries"]["nodes"].as_array().unwrap().clone();
    let fields = |entry: &Json| {
        let ty = entry["recordType"].as_str().unwrap().to_owned();
        let names = entry["changes"].as_object().into_iter().flat_map(|changes| changes.keys().cloned());
        names.map(|name| (ty.clone(), name)).collect::<Vec<_>>()
    };
    entries.iter().flat_map(fields).collect()
}
