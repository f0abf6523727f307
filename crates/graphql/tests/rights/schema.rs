//! A schema as a list of what can be named in it, and a document for each.

use std::collections::{BTreeMap, BTreeSet, HashSet, VecDeque};

use apollo_compiler::ast::{InputValueDefinition, Type};
use apollo_compiler::schema::{Component, ExtendedType, FieldDefinition};
use apollo_compiler::validation::Valid;
use apollo_compiler::{Name, Schema};
use serde_json::{Map, Value as Json, json};

const ID: &str = "00000000-0000-0000-0000-0000000000ff";

/// What can be named in a schema.
pub struct Coordinates {
    schema: Valid<Schema>,
}

/// A request, and everything of the schema that it names.
#[derive(Debug, Clone)]
pub struct Probe {
    pub query: String,
    pub variables: Json,
    pub names: Vec<String>,
}

/// Where a document stands: what is written in front of a selection, and what closes it.
#[derive(Clone)]
struct Path {
    before: String,
    after: String,
    names: Vec<String>,
}

/// A value of an argument as JSON and as it is written in a document.
#[derive(Clone)]
struct Value {
    json: Json,
    text: String,
    names: Vec<String>,
}

/// Puts a value of an input type where it belongs.
type Wrap<'w> = dyn Fn(Value) -> Value + 'w;

impl Coordinates {
    pub fn of(sdl: &str) -> Self {
        Self { schema: Schema::parse_and_validate(sdl, "sdl").expect("a schema") }
    }

    /// Types, `Type.field`, `Type.field(argument)`, `Enum.VALUE` and `Union|Member`.
    pub fn names(&self) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        for (name, ty) in self.schema.types.iter().filter(|(name, _)| !name.starts_with("__")) {
            names.insert(name.to_string());
            for (field, definition) in fields(ty) {
                names.insert(format!("{name}.{field}"));
                names.extend(
                    definition.arguments.iter().map(|found| format!("{name}.{field}({})", found.name)),
                );
            }
            match ty {
                ExtendedType::InputObject(ty) => {
                    names.extend(ty.fields.keys().map(|field| format!("{name}.{field}")));
                }
                ExtendedType::Enum(ty) => {
                    names.extend(ty.values.keys().map(|value| format!("{name}.{value}")));
                }
                ExtendedType::Union(ty) => {
                    names.extend(ty.members.iter().map(|member| format!("{name}|{}", member.name)));
                }
                _ => {}
            }
        }
        names
    }

    /// A request for each field, argument, input field and value to group by.
    pub fn probes(&self) -> Vec<Probe> {
        let mut probes = Vec::new();
        for (root, path) in self.types() {
            let Some(ty) = self.schema.types.get(root.as_str()) else { continue };
            for (name, field) in fields(ty) {
                let path = self.step(&path, &root, field);
                probes.push(path.probe());
                let at_root = matches!(root.as_str(), "Query" | "Mutation" | "Subscription");
                for argument in &field.arguments {
                    let place = (format!("{root}.{name}"), &**argument);
                    self.arguments(&self.path_to(&root), (&root, field), place, at_root, &mut probes);
                }
            }
        }
        probes
    }

    /// Each object and interface with the shortest way to it.
    fn types(&self) -> BTreeMap<String, Path> {
        let begin = |keyword: &str| Path {
            before: format!("{keyword} {{ "),
            after: " }".to_owned(),
            names: Vec::new(),
        };
        let mut known = BTreeMap::new();
        let mut ahead = VecDeque::from([
            ("Query".to_owned(), begin("query")),
            ("Mutation".to_owned(), begin("mutation")),
            ("Subscription".to_owned(), begin("subscription")),
        ]);
        while let Some((name, path)) = ahead.pop_front() {
            let Some(ty) = self.schema.types.get(name.as_str()) else { continue };
            if known.contains_key(&name) || fields(ty).next().is_none() {
                continue;
            }
            for (_, field) in fields(ty) {
                let inner = field.ty.inner_named_type();
                let path = self.opened(&path, &name, field, &self.required(field), inner);
                ahead.push_back((inner.to_string(), path));
            }
            known.insert(name, path);
        }
        known
    }

    fn path_to(&self, name: &str) -> Path {
        self.types().remove(name).expect("it is reached")
    }

    /// The field, closed.
    fn step(&self, path: &Path, parent: &str, field: &FieldDefinition) -> Path {
        let inner = field.ty.inner_named_type();
        let mut path = self.opened(path, parent, field, &self.required(field), inner);
        if self.is_composite(inner) {
            path.before.push_str("__typename");
        }
        path
    }

    fn is_composite(&self, name: &Name) -> bool {
        self.schema.types.get(name).is_some_and(|ty| !ty.is_leaf())
    }

    fn opened(
        &self,
        path: &Path,
        parent: &str,
        field: &FieldDefinition,
        arguments: &[(String, Value)],
        inner: &Name,
    ) -> Path {
        let mut path = path.clone();
        path.names.push(format!("{parent}.{}", field.name));
        path.before.push_str(&field.name);
        let written: Vec<String> =
            arguments.iter().map(|(name, value)| format!("{name}: {}", value.text)).collect();
        if !written.is_empty() {
            path.before = format!("{}({})", path.before, written.join(", "));
        }
        path.names.extend(arguments.iter().flat_map(|(_, value)| value.names.clone()));
        if self.is_composite(inner) {
            path.before.push_str(" { ");
            path.after.insert_str(0, " }");
        }
        path
    }

    fn required(&self, field: &FieldDefinition) -> Vec<(String, Value)> {
        let required = field.arguments.iter().filter(|argument| argument.ty.is_non_null());
        required.map(|argument| (argument.name.to_string(), self.least(&argument.ty))).collect()
    }

    /// Requests for all that can be said in an argument: as a literal, and in a variable.
    fn arguments(
        &self,
        path: &Path,
        (parent, field): (&str, &FieldDefinition),
        (place, argument): (String, &InputValueDefinition),
        deep: bool,
        probes: &mut Vec<Probe>,
    ) {
        let place = format!("{place}({})", argument.name);
        let mut add = |value: Value| {
            let mut others = self.required(field);
            others.retain(|(name, _)| *name != argument.name.as_str());
            let inner = field.ty.inner_named_type();
            let end = if self.is_composite(inner) { "__typename" } else { "" };
            let mut with = |value: Value, declared: &str, variables: Json| {
                let mut arguments = others.clone();
                arguments.push((argument.name.to_string(), value));
                let mut path = self.opened(path, parent, field, &arguments, inner);
                path.names.push(place.clone());
                path.before = path.before.replacen(" {", &format!("{declared} {{"), 1);
                probes.push(Probe {
                    query: format!("{}{end}{}", path.before, path.after),
                    variables,
                    names: path.names,
                });
            };
            with(value.clone(), "", json!({}));
            let named = Value { text: "$v".to_owned(), ..value.clone() };
            with(named, &format!("($v: {})", argument.ty), json!({"v": value.json}));
        };
        add(self.least(&argument.ty));
        let listed = argument.ty.is_list();
        let wrap = move |value: Value| if listed { value.listed() } else { value };
        self.inputs(argument.ty.inner_named_type(), &wrap, deep, &mut HashSet::new(), &mut add);
    }

    /// Values of an input type with each of its fields, and of the types of those.
    fn inputs(
        &self,
        name: &Name,
        wrap: &Wrap<'_>,
        deep: bool,
        seen: &mut HashSet<Name>,
        add: &mut dyn FnMut(Value),
    ) {
        if !seen.insert(name.clone()) {
            return;
        }
        let ty = self.schema.types.get(name);
        if let Some(ExtendedType::Enum(ty)) = ty {
            for value in ty.values.keys() {
                let names = vec![format!("{name}.{value}")];
                add(wrap(Value { json: json!(value.as_str()), text: value.to_string(), names }));
            }
        }
        let Some(ExtendedType::InputObject(ty)) = ty else { return };
        let mut inner = Vec::new();
        for field in ty.fields.values() {
            let others: Vec<_> = ty
                .fields
                .values()
                .filter(|other| other.ty.is_non_null() && other.name != field.name)
                .collect();
            let here = |value: Value| {
                let others = others.iter().map(|other| (other.name.to_string(), self.least(&other.ty)));
                wrap(object(name, others.chain([(field.name.to_string(), value)])))
            };
            add(here(self.least(&field.ty)));
            let of_enum =
                matches!(self.schema.types.get(field.ty.inner_named_type()), Some(ExtendedType::Enum(_)));
            if deep || of_enum {
                inner.push((field.clone(), others));
            }
        }
        for (field, others) in inner {
            let listed = field.ty.is_list();
            let here = |value: Value| {
                let value = if listed { value.listed() } else { value };
                let others = others.iter().map(|other| (other.name.to_string(), self.least(&other.ty)));
                wrap(object(name, others.chain([(field.name.to_string(), value)])))
            };
            self.inputs(field.ty.inner_named_type(), &here, deep, seen, add);
        }
    }

    /// The smallest value of a type.
    fn least(&self, ty: &Type) -> Value {
        if ty.is_list() {
            return self.least(ty.item_type()).listed();
        }
        let name = ty.inner_named_type();
        let plain = |json: Json| Value { text: json.to_string(), json, names: Vec::new() };
        match self.schema.types.get(name) {
            Some(ExtendedType::Enum(ty)) => {
                let value = ty.values.keys().next().expect("a value");
                Value {
                    json: json!(value.as_str()),
                    text: value.to_string(),
                    names: vec![format!("{name}.{value}")],
                }
            }
            Some(ExtendedType::InputObject(ty)) => {
                let is_one_of = ty.directives.has("oneOf");
                let chosen = ty.fields.values().enumerate();
                let chosen =
                    chosen.filter(|(position, field)| field.ty.is_non_null() || is_one_of && *position == 0);
                object(name, chosen.map(|(_, field)| (field.name.to_string(), self.least(&field.ty))))
            }
            _ => plain(match name.as_str() {
                "ID" => json!(ID),
                "Boolean" => json!(true),
                "Int" | "Long" | "Float" => json!(1),
                "Decimal" => json!("1.00"),
                "Date" => json!("2026-01-01"),
                "DateTime" => json!("2026-01-01T00:00:00Z"),
                "JSON" => json!([]),
                _ => json!("x"),
            }),
        }
    }
}

fn object(ty: &Name, fields: impl Iterator<Item = (String, Value)>) -> Value {
    let (mut json, mut texts, mut names) = (Map::new(), Vec::new(), Vec::new());
    for (name, value) in fields {
        names.push(format!("{ty}.{name}"));
        names.extend(value.names);
        texts.push(format!("{name}: {}", value.text));
        json.insert(name, value.json);
    }
    Value { json: json.into(), text: format!("{{{}}}", texts.join(", ")), names }
}

impl Value {
    fn listed(self) -> Self {
        Self { json: json!([self.json]), text: format!("[{}]", self.text), names: self.names }
    }
}

impl Path {
    fn probe(self) -> Probe {
        Probe { query: format!("{}{}", self.before, self.after), variables: json!({}), names: self.names }
    }
}

fn fields(ty: &ExtendedType) -> Box<dyn Iterator<Item = (&Name, &Component<FieldDefinition>)> + '_> {
    match ty {
        ExtendedType::Object(ty) => Box::new(ty.fields.iter().filter(|(name, _)| !name.starts_with("__"))),
        ExtendedType::Interface(ty) => Box::new(ty.fields.iter()),
        _ => Box::new(std::iter::empty()),
    }
}

/// The names of the types that introspection answers.
pub fn introspected(schema: &Json) -> BTreeSet<String> {
    let types = schema["__schema"]["types"].as_array().expect("types");
    let mut names = BTreeSet::new();
    for ty in types {
        let name = ty["name"].as_str().expect("a name");
        if name.starts_with("__") {
            continue;
        }
        names.insert(name.to_owned());
        for (list, sign) in
            [("fields", "."), ("inputFields", "."), ("enumValues", "."), ("possibleTypes", "|")]
        {
            for member in ty[list].as_array().into_iter().flatten() {
                let member = format!("{name}{sign}{}", member["name"].as_str().expect("a name"));
                if sign == "." || ty["kind"] == "UNION" {
                    names.insert(member);
                }
            }
        }
    }
    names
}
