//! The schema as somebody is shown it, by introspection: whatever is added to the API is in it by itself.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};
use shoal_testkit::TestApp;

const INTROSPECTION: &str = "query {
    __schema {
        queryType { name } mutationType { name } subscriptionType { name }
        types {
            kind name interfaces { name } enumValues { name }
            fields { name type { ...of } args { ...input } }
            inputFields { ...input }
        }
    }
}
fragment input on __InputValue { name defaultValue type { ...of } }
fragment of on __Type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }";

/// A type at its place: `[Account!]!` is a required list of `Account`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub name: String,
    pub list: bool,
    pub required: bool,
}

/// An argument, or a field of an input.
#[derive(Debug, Clone)]
pub struct Input {
    pub name: String,
    pub of: Place,
    pub has_default: bool,
}

impl Input {
    /// Whether it must be given.
    pub fn is_needed(&self) -> bool {
        self.of.required && !self.has_default
    }
}

/// A field of an object.
#[derive(Debug, Clone)]
pub struct Field {
    pub name: String,
    pub of: Place,
    pub arguments: Vec<Input>,
}

impl Field {
    /// One of its arguments.
    pub fn argument(&self, name: &str) -> Option<&Input> {
        self.arguments.iter().find(|argument| argument.name == name)
    }
}

/// A type.
#[derive(Debug, Clone, Default)]
pub struct Type {
    pub kind: String,
    pub is_record: bool,
    pub fields: Vec<Field>,
    pub inputs: Vec<Input>,
    pub values: Vec<String>,
}

impl Type {
    /// Whether nothing is selected of it.
    pub fn is_leaf(&self) -> bool {
        self.kind == "SCALAR" || self.kind == "ENUM"
    }

    /// A field of an object.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// A field of an input.
    pub fn input(&self, name: &str) -> Option<&Input> {
        self.inputs.iter().find(|input| input.name == name)
    }
}

/// All types by their names.
#[derive(Debug)]
pub struct Schema {
    types: BTreeMap<String, Type>,
    nothing: Type,
    roots: [Option<String>; 3],
}

impl Schema {
    /// What somebody is shown.
    pub async fn of(app: &TestApp) -> Self {
        let answer = app.data(INTROSPECTION, json!({})).await;
        let schema = &answer["__schema"];
        let types = list(&schema["types"]).iter().map(|ty| (text(&ty["name"]), read_type(ty))).collect();
        let roots = ["queryType", "mutationType", "subscriptionType"];
        let roots = roots.map(|root| schema[root]["name"].as_str().map(str::to_owned));
        Self { types, nothing: Type::default(), roots }
    }

    /// A type; one without anything if it is not shown.
    pub fn ty(&self, name: &str) -> &Type {
        self.types.get(name).unwrap_or(&self.nothing)
    }

    /// The queries.
    pub fn queries(&self) -> &[Field] {
        self.root(0)
    }

    /// The mutations.
    pub fn mutations(&self) -> &[Field] {
        self.root(1)
    }

    /// The subscriptions.
    pub fn subscriptions(&self) -> &[Field] {
        self.root(2)
    }

    fn root(&self, position: usize) -> &[Field] {
        self.roots[position].as_ref().map_or(&[], |root| &self.ty(root).fields)
    }

    /// The lists at the root, each with the type of its records.
    pub fn lists(&self) -> impl Iterator<Item = (&Field, &str)> {
        self.queries().iter().filter_map(|root| Some((root, self.listed(&root.of)?)))
    }

    /// The type of the records of a connection.
    pub fn listed(&self, of: &Place) -> Option<&str> {
        let ty = self.ty(&of.name);
        let nodes = ty.field("nodes").filter(|_| ty.field("pageInfo").is_some())?;
        Some(&nodes.of.name)
    }
}

fn list(json: &Json) -> &[Json] {
    json.as_array().map_or(&[], Vec::as_slice)
}

fn text(json: &Json) -> String {
    json.as_str().unwrap_or_default().to_owned()
}

fn read_type(ty: &Json) -> Type {
    Type {
        kind: text(&ty["kind"]),
        is_record: list(&ty["interfaces"]).iter().any(|interface| interface["name"] == "Node"),
        fields: list(&ty["fields"]).iter().map(read_field).collect(),
        inputs: list(&ty["inputFields"]).iter().map(read_input).collect(),
        values: list(&ty["enumValues"]).iter().map(|value| text(&value["name"])).collect(),
    }
}

fn read_field(field: &Json) -> Field {
    let arguments = list(&field["args"]).iter().map(read_input).collect();
    Field { name: text(&field["name"]), of: read_place(&field["type"]), arguments }
}

fn read_input(input: &Json) -> Input {
    let has_default = !input["defaultValue"].is_null();
    Input { name: text(&input["name"]), of: read_place(&input["type"]), has_default }
}

fn read_place(ty: &Json) -> Place {
    let (mut at, mut list) = (ty, false);
    while !at["ofType"].is_null() {
        list |= at["kind"] == "LIST";
        at = &at["ofType"];
    }
    Place { name: text(&at["name"]), list, required: ty["kind"] == "NON_NULL" }
}
