//! Every mutation with ids of records that are not there for who sends it.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};
use shoal_testkit::TestApp;

use super::ask::{plain, shown};
use super::questions::selection;
use super::schema::{Field, Input, Schema};
use crate::staff::NOTHING;

/// Ids of records by their types.
pub type Known = BTreeMap<String, Vec<String>>;

/// The ids of all records that somebody sees in lists, deleted ones too.
pub async fn known(app: &TestApp, schema: &Schema) -> Known {
    let mut known = Known::new();
    for (root, ty) in schema.lists() {
        let deleted = if root.argument("deleted").is_some() { ", deleted: INCLUDE" } else { "" };
        let name = &root.name;
        let data =
            app.data(&format!("{{ {name}(first: 200{deleted}) {{ nodes {{ id }} }} }}"), json!({})).await;
        let nodes = data[name]["nodes"].as_array().unwrap();
        known.insert(
            ty.to_owned(),
            nodes.iter().map(|node| node["id"].as_str().unwrap().to_owned()).collect(),
        );
    }
    known
}

/// A mutation, with one id in its input that is to be tried.
#[derive(Debug)]
pub struct Probe {
    mutation: String,
    document: String,
    input: Json,
    /// Where the id stands; `None` if the input has none.
    field: Option<Input>,
    many: bool,
    /// Types of which it may be the id.
    types: Vec<String>,
}

/// Every mutation, once for each id in its input. Others that it needs are of `own` records.
pub fn probes(schema: &Schema, own: &Known) -> Vec<Probe> {
    let mut probes = Vec::new();
    for mutation in schema.mutations() {
        let Some(argument) = mutation.argument("input") else { continue };
        let entity = record_of(schema, mutation);
        let input = schema.ty(&argument.of.name);
        let mut base = Map::new();
        for needed in input.inputs.iter().filter(|input| input.is_needed()) {
            base.insert(needed.name.clone(), value(schema, needed, own, &entity));
        }
        let list = if argument.of.list { ("[", "!]") } else { ("", "") };
        let document = format!(
            "mutation($input: {}{}{}!) {{ {}(input: $input) {{ {} }} }}",
            list.0,
            argument.of.name,
            list.1,
            mutation.name,
            selection(schema, &mutation.of, 1)
        );
        let probe = |field: Option<&Input>| Probe {
            mutation: mutation.name.clone(),
            document: document.clone(),
            input: Json::Object(base.clone()),
            field: field.cloned(),
            many: argument.of.list,
            types: field.map(|field| types_of(schema, field, &entity)).unwrap_or_default(),
        };
        let ids: Vec<&Input> = input.inputs.iter().filter(|input| input.of.name == "ID").collect();
        probes.extend(ids.iter().map(|field| probe(Some(field))));
        if ids.is_empty() {
            probes.push(probe(None));
        }
    }
    probes
}

/// The type of the records that a mutation is about.
fn record_of(schema: &Schema, mutation: &Field) -> String {
    let payload = schema.ty(&mutation.of.name);
    let rows = payload.field("results").map_or(payload, |results| schema.ty(&results.of.name));
    let record = rows.fields.iter().find(|field| schema.ty(&field.of.name).is_record);
    record.map(|field| field.of.name.clone()).unwrap_or_default()
}

/// The types of which a field may name an id: by its name, or else all.
fn types_of(schema: &Schema, field: &Input, entity: &str) -> Vec<String> {
    let stem = field.name.trim_end_matches('s').trim_end_matches("Id");
    if ["id", "parent", "replacement"].contains(&stem) {
        return vec![entity.to_owned()];
    }
    let all: Vec<String> = schema.lists().map(|(_, ty)| ty.to_owned()).collect();
    let named: Vec<String> = all.iter().filter(|ty| ty.eq_ignore_ascii_case(stem)).cloned().collect();
    if named.is_empty() { all } else { named }
}

fn value(schema: &Schema, field: &Input, own: &Known, entity: &str) -> Json {
    let ty = schema.ty(&field.of.name);
    let one = match field.of.name.as_str() {
        "ID" => {
            let types = types_of(schema, field, entity);
            json!(types.iter().find_map(|ty| own.get(ty)?.first()).map_or(NOTHING, String::as_str))
        }
        "Int" => json!(1),
        "Boolean" => json!(true),
        "Date" => json!("2026-03-02"),
        "DateTime" => json!("2026-03-02T09:30:00Z"),
        "Decimal" => json!("1"),
        "JSON" => json!({}),
        _ if !ty.values.is_empty() => json!(ty.values[0]),
        _ if !ty.inputs.is_empty() => {
            let needed = ty.inputs.iter().filter(|input| input.is_needed());
            needed.map(|input| (input.name.clone(), value(schema, input, own, entity))).collect()
        }
        _ => json!("probe"),
    };
    if field.of.list { json!([one]) } else { one }
}

impl Probe {
    async fn send(&self, app: &TestApp, id: &str) -> Json {
        let mut input = self.input.clone();
        if let Some(field) = &self.field {
            input[&field.name] = if field.of.list { json!([id]) } else { json!(id) };
        }
        let input = if self.many { json!([input]) } else { input };
        let answer = app.graphql(&self.document, json!({"input": input})).await;
        let errors: Vec<Json> = answer.errors().iter().map(plain).collect();
        json!({"data": answer.data(), "errors": errors})
    }

    /// Tries each of these ids: the answer is that to an id which nothing has.
    pub async fn expect_unknown(&self, app: &TestApp, foreign: &Known, found: &mut Vec<String>) -> usize {
        let Some(field) = &self.field else { return 0 };
        let expected = self.send(app, NOTHING).await.to_string().replace(NOTHING, "ID");
        let tried: Vec<&String> =
            self.types.iter().filter_map(|ty| foreign.get(ty)).flat_map(|ids| ids.iter().take(4)).collect();
        for id in &tried {
            let answer = self.send(app, id).await;
            let text = answer.to_string().replace(id.as_str(), "ID");
            if text != expected {
                let (is, was) = (shown(&text), shown(&expected));
                found.push(format!("{} {}: {is}\n  for nothing: {was}", self.mutation, field.name));
            }
        }
        tried.len()
    }

    /// Sends it with ids of one's own company: nothing but `FORBIDDEN`.
    pub async fn expect_forbidden(&self, app: &TestApp) {
        let id =
            self.field.as_ref().map_or(NOTHING, |field| self.input[&field.name].as_str().unwrap_or(NOTHING));
        let answer = self.send(app, id).await;
        let forbidden = |error: &Json| error["extensions"]["code"] == "FORBIDDEN";
        let errors = answer["errors"].as_array().unwrap();
        let all = !errors.is_empty() && errors.iter().all(forbidden) && answer["data"].is_null();
        assert!(all, "{}: {}", self.mutation, shown(&answer.to_string()));
    }
}
