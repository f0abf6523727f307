//! Everything that can be asked of a schema: each list with its relations, each filter, order, group and measure.

use std::collections::BTreeMap;

use super::schema::{Field, Input, Place, Schema, Type};

/// A field of the query type, as it is asked.
#[derive(Debug, Clone)]
pub struct Question {
    /// The name of the field.
    pub root: String,
    /// With its arguments and what is selected.
    pub text: String,
    /// The arguments are made up: it may be refused.
    pub guessed: bool,
}

/// So deep are relations followed.
const DEPTH: usize = 2;

const PAGE: &str = "pageInfo { hasNextPage hasPreviousPage startCursor endCursor }";

/// Everything that can be asked without knowing an id.
pub fn questions(schema: &Schema) -> Vec<Question> {
    let mut texts = Vec::new();
    for root in schema.queries() {
        if schema.listed(&root.of).is_some() {
            of_list(schema, root, &mut texts);
        } else if root.argument("groupBy").is_some() {
            of_aggregate(schema, root, &mut texts);
        } else if root.argument("id").is_none() {
            of_value(schema, root, &mut texts);
        }
    }
    texts
}

/// Records by their ids: those of a type at the roots that answer with it, and `others` as `node`.
pub fn by_ids(schema: &Schema, known: &BTreeMap<String, Vec<String>>, others: &[String]) -> Vec<Question> {
    let mut found = Vec::new();
    for root in schema.queries().iter().filter(|root| root.argument("id").is_some()) {
        let ids =
            if root.name == "node" { Some(others) } else { known.get(&root.of.name).map(Vec::as_slice) };
        found.extend(ids.into_iter().flatten().map(|id| Question {
            root: root.name.clone(),
            text: format!("{}(id: \"{id}\") {{ __typename id }}", root.name),
            guessed: false,
        }));
    }
    found
}

/// The filters that name ids, of records and of those behind relations, with these ids.
pub fn filters_by_id(schema: &Schema, ids: &[String]) -> Vec<Question> {
    let ids =
        format!("{{ in: [{}] }}", ids.iter().map(|id| format!("\"{id}\"")).collect::<Vec<_>>().join(", "));
    let mut found = Vec::new();
    for (root, _) in schema.lists() {
        let Some(filter) = root.argument("filter") else { continue };
        for input in schema.ty(&filter.of.name).inputs.iter().filter(|input| !is_logic(&input.name)) {
            let target = schema.ty(&input.of.name);
            let condition = if input.of.name == "IDFilter" {
                ids.clone()
            } else if target.input("and").is_some() {
                format!("{{ id: {ids} }}")
            } else if target.input("some").is_some_and(|some| schema.ty(&some.of.name).input("id").is_some())
            {
                format!("{{ some: {{ id: {ids} }} }}")
            } else {
                continue;
            };
            found.push(list_question(&root.name, &format!("{{ {}: {condition} }}", input.name)));
        }
    }
    found
}

fn list_question(root: &str, filter: &str) -> Question {
    let text = format!("{root}(filter: {filter}, first: 5) {{ totalCount {PAGE} nodes {{ id }} }}");
    Question { root: root.to_owned(), text, guessed: false }
}

fn of_list(schema: &Schema, root: &Field, found: &mut Vec<Question>) {
    let name = &root.name;
    let mut ask = |arguments: &str, inner: &str| {
        found.push(Question {
            root: name.clone(),
            text: format!("{name}({arguments}) {{ {inner} }}"),
            guessed: false,
        });
    };
    let deleted = if root.argument("deleted").is_some() { ", deleted: INCLUDE" } else { "" };
    let nodes = schema.listed(&root.of).map(|ty| record(schema, schema.ty(ty), DEPTH));
    let nodes = nodes.unwrap_or_default();
    ask(&format!("first: 50{deleted}"), &format!("totalCount {PAGE} nodes {{ {nodes} }}"));
    let ids = format!("totalCount {PAGE} edges {{ cursor }} nodes {{ id }}");
    if !deleted.is_empty() {
        ask("first: 5, deleted: ONLY", &ids);
    }
    if let Some(order) = root.argument("orderBy") {
        for step in &schema.ty(&order.of.name).inputs {
            for direction in ["ASC", "DESC"] {
                for page in ["first: 2", "last: 2"] {
                    ask(&format!("orderBy: [{{ {}: {direction} }}], {page}", step.name), &ids);
                }
            }
        }
    }
    if let Some(filter) = root.argument("filter") {
        let conditions = conditions(schema, schema.ty(&filter.of.name), 0);
        found.extend(conditions.iter().map(|condition| list_question(name, condition)));
    }
}

fn of_aggregate(schema: &Schema, root: &Field, found: &mut Vec<Question>) {
    let measures = record(schema, schema.ty(&root.of.name), 0);
    let mut ask = |arguments: String| {
        let arguments = if arguments.is_empty() { arguments } else { format!("({arguments})") };
        let text = format!("{}{arguments} {{ {measures} }}", root.name);
        found.push(Question { root: root.name.clone(), text, guessed: false });
    };
    ask(String::new());
    if let Some(filter) = root.argument("filter") {
        let filter = schema.ty(&filter.of.name);
        let leaves = filter.inputs.iter().filter(|input| schema.ty(&input.of.name).input("isNull").is_some());
        leaves.for_each(|leaf| ask(format!("filter: {{ {}: {{ isNull: false }} }}", leaf.name)));
    }
    if let Some(group) = root.argument("groupBy") {
        for group in groups(schema, schema.ty(&group.of.name), 0) {
            ask(format!("groupBy: [{group}]"));
        }
    }
}

fn of_value(schema: &Schema, root: &Field, found: &mut Vec<Question>) {
    let mut given = vec![String::new()];
    for argument in root.arguments.iter().filter(|argument| argument.is_needed()) {
        let values = values(schema, &argument.of);
        let with = |before: &String| {
            let name = &argument.name;
            values.iter().map(|value| format!("{before} {name}: {value}")).collect::<Vec<_>>()
        };
        given = given.iter().flat_map(with).collect();
    }
    let inner = selection(schema, &root.of, 1);
    for arguments in given {
        let guessed = !arguments.is_empty();
        let arguments = if guessed { format!("({arguments})") } else { arguments };
        let text = format!("{}{arguments} {{ {inner} }}", root.name);
        found.push(Question { root: root.name.clone(), text, guessed });
    }
}

/// What is selected of a field of this type.
pub fn selection(schema: &Schema, of: &Place, depth: usize) -> String {
    record(schema, schema.ty(&of.name), depth)
}

/// All fields of a type, and of its relations down to `depth`.
fn record(schema: &Schema, ty: &Type, depth: usize) -> String {
    let mut fields = vec!["__typename".to_owned()];
    for field in &ty.fields {
        let target = schema.ty(&field.of.name);
        let name = &field.name;
        let deleted = if field.argument("deleted").is_some() { ", deleted: INCLUDE" } else { "" };
        if field.arguments.iter().any(Input::is_needed) {
            continue;
        }
        if target.is_leaf() {
            fields.push(name.clone());
        } else if let Some(listed) = schema.listed(&field.of) {
            if depth > 0 {
                let inner = record(schema, schema.ty(listed), depth - 1);
                fields
                    .push(format!("{name}(first: 20{deleted}) {{ totalCount {PAGE} nodes {{ {inner} }} }}"));
            }
        } else if target.kind == "INTERFACE" || target.kind == "UNION" {
            fields.push(format!("{name} {{ __typename }}"));
        } else if !target.is_record {
            fields.push(format!("{name} {{ {} }}", record(schema, target, depth)));
        } else if depth > 0 {
            fields.push(format!("{name} {{ {} }}", record(schema, target, depth - 1)));
        }
    }
    fields.join(" ")
}

fn is_logic(name: &str) -> bool {
    ["and", "or", "not"].contains(&name)
}

/// Conditions of a filter: each operator of each of its own leaves, and one of each leaf behind a relation.
fn conditions(schema: &Schema, filter: &Type, depth: usize) -> Vec<String> {
    let mut found = Vec::new();
    for input in filter.inputs.iter().filter(|input| !is_logic(&input.name)) {
        let (name, target) = (&input.name, schema.ty(&input.of.name));
        if target.input("isNull").is_some() {
            found.extend(
                leaf(schema, name, target, depth).into_iter().map(|leaf| format!("{{ {name}: {leaf} }}")),
            );
        } else if depth < DEPTH && target.input("and").is_some() {
            let inner = conditions(schema, target, depth + 1);
            found.extend(inner.iter().map(|inner| format!("{{ {name}: {inner} }}")));
            found.extend(inner.iter().take(1).map(|inner| format!("{{ not: {{ {name}: {inner} }} }}")));
        } else if let Some(some) = target.input("some").filter(|_| depth < DEPTH) {
            let inner = conditions(schema, schema.ty(&some.of.name), depth + 1);
            found.extend(inner.iter().map(|inner| format!("{{ {name}: {{ some: {inner} }} }}")));
            for quantifier in ["none", "every"] {
                let few = inner.iter().take(1);
                found.extend(few.map(|inner| format!("{{ {name}: {{ {quantifier}: {inner} }} }}")));
            }
        }
    }
    found
}

/// Conditions on a value: every operator nearby, the most telling one behind a relation, nothing but that there is
/// something (by its id) behind two.
fn leaf(schema: &Schema, name: &str, operators: &Type, depth: usize) -> Vec<String> {
    let with = |operator: &Input, most: usize| {
        let values =
            if operator.of.list { lists(schema, &operator.of) } else { values(schema, &operator.of) };
        let name = operator.name.clone();
        values.into_iter().take(most).map(move |value| format!("{{ {name}: {value} }}"))
    };
    if depth == 0 {
        return operators.inputs.iter().flat_map(|operator| with(operator, usize::MAX)).collect();
    }
    if depth > 1 && name != "id" {
        return Vec::new();
    }
    let telling = ["contains", "gt", "isNull"].into_iter().find_map(|name| operators.input(name));
    telling.into_iter().flat_map(|operator| with(operator, 1)).collect()
}

fn lists(schema: &Schema, of: &Place) -> Vec<String> {
    vec![format!("[{}]", values(schema, of).join(", "))]
}

/// Some values of a type that can be given.
fn values(schema: &Schema, of: &Place) -> Vec<String> {
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    match of.name.as_str() {
        "Boolean" => texts(&["false", "true"]),
        "String" => texts(&["\"zq\"", "\"contacts\""]),
        "ID" => texts(&["\"00000000-0000-7000-8000-00000000ffff\""]),
        "Int" | "Long" => texts(&["0", "7"]),
        "Float" => texts(&["0.5"]),
        "Decimal" => texts(&["\"7\""]),
        "Date" => texts(&["\"1990-01-01\"", "\"2026-03-02\""]),
        "DateTime" => texts(&["\"2026-03-02T09:30:00Z\""]),
        "JSON" => texts(&["{}"]),
        name => {
            let ty = schema.ty(name);
            if !ty.values.is_empty() {
                return ty.values.clone();
            }
            let fields = ty.inputs.iter().filter(|input| input.is_needed()).map(|input| {
                let value = match input.name.as_str() {
                    "currency" => Some("\"EUR\"".to_owned()),
                    _ => values(schema, &input.of).into_iter().next(),
                };
                format!("{}: {}", input.name, value.unwrap_or_else(|| "null".to_owned()))
            });
            vec![format!("{{ {} }}", fields.collect::<Vec<_>>().join(", "))]
        }
    }
}

/// Steps of a grouping, through relations down to one.
fn groups(schema: &Schema, group: &Type, depth: usize) -> Vec<String> {
    let mut found = Vec::new();
    for input in &group.inputs {
        let target = schema.ty(&input.of.name);
        let named = |inner: &String| format!("{{ {}: {inner} }}", input.name);
        if target.values.is_empty() {
            if depth < 1 {
                found.extend(groups(schema, target, depth + 1).iter().map(named));
            }
        } else {
            found.extend(target.values.iter().map(named));
        }
    }
    found
}
