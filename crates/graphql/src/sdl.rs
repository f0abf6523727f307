//! Writes the catalogue as a schema in the schema definition language.

mod aggregate;
pub(crate) mod change;
mod leaves;
mod mutation;
mod value;
mod writer;

use std::sync::Arc;

use self::aggregate::has_groups;
use self::writer::{GRAPHQL, Writer};
use crate::catalog::{Abstract, Entity, Field, Relation, lower_first};
use crate::compose::{ComposeError, Inputs, Outputs};
use crate::declare::{
    EntityDeclaration, MutationDeclaration, QueryDeclaration, RelationDeclaration, RelationKind,
};
use crate::value::{Choices, Kind};

/// What a schema is made of.
pub(crate) struct Parts<'a> {
    pub entities: &'a [Entity],
    pub abstracts: &'a [Abstract],
    pub mutations: &'a [MutationDeclaration],
    pub queries: &'a [QueryDeclaration],
    pub inputs: &'a Inputs,
    pub outputs: &'a Outputs,
    /// Of a part that is cut to rights: entities whose records may not be read. What nothing leads to is left out then.
    pub unread: Option<&'a [Arc<EntityDeclaration>]>,
}

/// Writes the whole schema. Types come in the order of the declarations, so that the text is stable.
pub(crate) fn write(parts: &Parts<'_>) -> Result<String, ComposeError> {
    let mut out = Writer::new();
    leaves::write(&mut out);
    change::write_kind(&mut out, parts);
    for (choices, module) in all_choices(parts)? {
        out.by(module).enumeration(choices.name, choices.description, choices.values.iter().copied());
        leaves::write_choice_filter(&mut out, choices.name);
    }
    for declaration in parts.abstracts {
        write_abstract(out.by(declaration.module), declaration, parts)?;
    }
    for entity in parts.entities {
        out.by(entity.declaration.module);
        write_object(&mut out, entity, parts);
        write_connection(&mut out, entity);
        write_inputs(&mut out, entity, parts);
        aggregate::write(&mut out, entity, parts);
        change::write_type(&mut out, entity);
    }
    mutation::write_types(&mut out, parts);
    value::write_types(&mut out, parts);
    write_query(out.by(GRAPHQL), parts);
    mutation::write_roots(&mut out, parts);
    change::write_roots(&mut out, parts);
    if parts.unread.is_some() {
        out.finish_reached(&["Query", "Mutation", "Subscription"])
    } else {
        out.finish()
    }
}

/// Every closed list that a field or an input uses, once, with the module that has it first.
fn all_choices(parts: &Parts<'_>) -> Result<Vec<(&'static Choices, &'static str)>, ComposeError> {
    let of_columns = parts.entities.iter().flat_map(|entity| {
        let columns = entity.declaration.columns.iter();
        let kinds = columns.filter_map(|column| column.kind);
        kinds.chain(entity.computed.iter().map(|computed| computed.kind)).filter_map(|kind| match kind {
            Kind::Choice(choices) => Some((choices, entity.declaration.module)),
            _ => None,
        })
    });
    let of_inputs = parts.inputs.choices.iter().chain(&parts.outputs.types.choices).copied();
    let mut all: Vec<(&'static Choices, &'static str)> = Vec::new();
    for (choices, second) in of_columns.chain(of_inputs) {
        match all.iter().find(|(known, _)| known.name == choices.name) {
            None => all.push((choices, second)),
            Some((known, first)) if *known != choices => {
                let name = choices.name.to_owned();
                return Err(ComposeError::DuplicateType { name, first, second });
            }
            Some(_) => {}
        }
    }
    Ok(all)
}

fn bang(type_name: &str, nullable: bool) -> String {
    if nullable { type_name.to_owned() } else { format!("{type_name}!") }
}

/// The GraphQL type of an entity's field.
fn field_type(entity: &Entity, name: &str, parts: &Parts<'_>) -> Option<String> {
    Some(match *entity.fields.get(name)? {
        Field::Column(index) => {
            let column = &entity.declaration.columns[index];
            bang(column.kind?.type_name(), column.nullable)
        }
        Field::Money(index) => bang("Money", entity.declaration.money[index].nullable),
        Field::Computed(index) => value::type_ref(&entity.computed[index].ty, parts),
        Field::Relation(index) => relation_type(&entity.relations[index], parts),
    })
}

fn relation_type(relation: &Relation, parts: &Parts<'_>) -> String {
    use crate::declare::RelationTarget;
    if let RelationTarget::Abstract(name) = relation.declaration.target {
        return name.to_owned();
    }
    let target = relation.targets.first().map_or("Node", |target| parts.entities[*target].name());
    match () {
        () if relation.declaration.kind.is_to_one() => target.to_owned(),
        () if relation.declaration.as_list => format!("[{target}!]!"),
        () => format!("{target}Connection!"),
    }
}

fn write_abstract(out: &mut Writer, declaration: &Abstract, parts: &Parts<'_>) -> Result<(), ComposeError> {
    let Some(fields) = &declaration.fields else {
        let members: Vec<_> =
            declaration.members.iter().map(|member| parts.entities[*member].name()).collect();
        out.union(declaration.name, declaration.description, &members);
        return Ok(());
    };
    let mismatch = |entity: &Entity, problem: String| ComposeError::InterfaceMismatch {
        module: entity.declaration.module,
        entity: entity.name(),
        interface: declaration.name,
        interface_module: declaration.module,
        problem,
    };
    let is_node = declaration.name == "Node";
    let implements: &[&str] = if is_node { &[] } else { &["Node"] };
    out.open_type("interface", declaration.name, declaration.description, implements);
    let mut names: Vec<&str> = fields.iter().map(String::as_str).collect();
    if !is_node && !names.contains(&"id") {
        names.insert(0, "id");
    }
    for name in names {
        // Without members nobody says what the fields are, but for the id.
        if declaration.members.is_empty() && name != "id" {
            continue;
        }
        let mut shared: Option<String> = None;
        for entity in declaration.members.iter().map(|member| &parts.entities[*member]) {
            let own = field_type(entity, name, parts)
                .ok_or_else(|| mismatch(entity, format!("it has no field {name}")))?;
            match &shared {
                Some(first) if *first != own => {
                    return Err(mismatch(
                        entity,
                        format!("field {name} is {own} here and {first} elsewhere"),
                    ));
                }
                _ => shared = Some(own),
            }
        }
        let type_ref = shared.unwrap_or_else(|| "ID!".to_owned());
        let member = declaration.members.first().map(|member| &parts.entities[*member]);
        let description = member.map_or("Stays the same for ever.", |entity| description_of(entity, name));
        let arguments = member.map_or_else(Vec::new, |entity| field_arguments(entity, name, parts));
        out.field(name, description, &arguments, &type_ref);
    }
    out.close();
    Ok(())
}

fn description_of<'a>(entity: &'a Entity, name: &str) -> &'a str {
    match entity.fields.get(name) {
        Some(Field::Column(index)) => entity.declaration.columns[*index].description,
        Some(Field::Money(index)) => entity.declaration.money[*index].description,
        Some(Field::Computed(index)) => entity.computed[*index].description,
        Some(Field::Relation(index)) => entity.relations[*index].declaration.description,
        None => "",
    }
}

fn write_object(out: &mut Writer, entity: &Entity, parts: &Parts<'_>) {
    let mut interfaces = vec!["Node"];
    interfaces.extend(&entity.declaration.interfaces);
    out.open_type("type", entity.name(), entity.declaration.description, &interfaces);
    for column in &entity.declaration.columns {
        let kind = column.kind.unwrap_or(Kind::Text);
        out.field(&column.name, column.description, &[], &bang(kind.type_name(), column.nullable));
    }
    for money in &entity.declaration.money {
        out.field(money.name, money.description, &[], &bang("Money", money.nullable));
    }
    for computed in &entity.computed {
        out.field(computed.name, computed.description, &[], &value::type_ref(&computed.ty, parts));
    }
    for relation in &entity.relations {
        let declaration = &relation.declaration;
        let arguments = field_arguments(entity, declaration.name, parts);
        let type_ref = relation_type(relation, parts);
        out.by(relation.module).field(declaration.name, declaration.description, &arguments, &type_ref);
    }
    out.by(entity.declaration.module).close();
}

/// The arguments of an entity's field: lists have some.
fn field_arguments(entity: &Entity, name: &str, parts: &Parts<'_>) -> Vec<Argument> {
    let Some(relation) = entity.relation(name) else { return Vec::new() };
    match relation.targets.first() {
        Some(target) if !relation.declaration.kind.is_to_one() => {
            list_arguments(&parts.entities[*target], relation.declaration.as_list)
        }
        _ => Vec::new(),
    }
}

/// An argument or input field: name, description, type with default.
type Argument = (String, String, String);

fn argument(name: &str, description: &str, type_ref: &str) -> Argument {
    (name.to_owned(), description.to_owned(), type_ref.to_owned())
}

fn list_arguments(entity: &Entity, as_list: bool) -> Vec<Argument> {
    let name = entity.name();
    let mut arguments = vec![
        argument("filter", "Only those for which this holds.", &format!("{name}Filter")),
        argument(
            "orderBy",
            "Order, most important first; ids break ties, nulls come last.",
            &format!("[{name}Order!]"),
        ),
    ];
    if as_list {
        arguments.push(argument("first", "At most this many.", "Int = 100"));
    } else {
        arguments.extend([
            argument("first", "The first so many, 20 if neither `first` nor `last` is given.", "Int"),
            argument("after", "Those behind this cursor.", "String"),
            argument("last", "The last so many.", "Int"),
            argument("before", "Those in front of this cursor.", "String"),
        ]);
    }
    if entity.declaration.deleted.is_some() {
        arguments.push(argument("deleted", "Whether deleted ones are there.", "Deleted! = EXCLUDE"));
    }
    arguments
}

fn write_connection(out: &mut Writer, entity: &Entity) {
    let name = entity.name();
    out.open_type(
        "type",
        &format!("{name}Connection"),
        &format!("A page of {}.", entity.declaration.plural),
        &[],
    );
    out.field("edges", "The records with their cursors.", &[], &format!("[{name}Edge!]!"));
    out.field("nodes", "The records.", &[], &format!("[{name}!]!"));
    out.field("pageInfo", "What lies around this page.", &[], "PageInfo!");
    out.field("totalCount", "How many there are on all pages; counted only when asked for.", &[], "Int!");
    out.close();
    out.open_type("type", &format!("{name}Edge"), "A record and where it stands in the list.", &[]);
    out.field("cursor", "For `after` and `before`.", &[], "String!");
    out.field("node", "The record.", &[], &format!("{name}!"));
    out.close();
}

/// The condition that search terms answer.
const SEARCH: &str = "Found by all these words: parts of names, e-mail addresses and phone numbers, whatever the case and \
    the accents, Chinese names also by pinyin and initials. Text without letters and digits finds nothing.";

fn write_inputs(out: &mut Writer, entity: &Entity, parts: &Parts<'_>) {
    let name = entity.name();
    let filter = format!("{name}Filter");
    out.open_input(
        &filter,
        &format!("Conditions on {}; all given ones must hold.", entity.declaration.plural),
        false,
    );
    out.by(GRAPHQL).input_field("and", "All of these hold.", &format!("[{filter}!]"));
    out.input_field("or", "At least one of these holds.", &format!("[{filter}!]"));
    out.input_field("not", "This does not hold.", &filter);
    if !entity.search.is_empty() {
        out.input_field("search", SEARCH, "String");
    }
    out.by(entity.declaration.module);
    for column in entity.declaration.columns.iter().filter(|column| column.filterable) {
        if let Some(kind) = column.kind {
            out.input_field(&column.name, column.description, &format!("{}Filter", kind.type_name()));
        }
    }
    for money in &entity.declaration.money {
        out.input_field(money.name, money.description, "MoneyFilter");
    }
    for relation in entity.relations.iter().filter(|relation| is_filterable(relation)) {
        let target = parts.entities[relation.targets[0]].name();
        let suffix = if relation.declaration.kind.is_to_one() { "Filter" } else { "ListFilter" };
        out.input_field(
            relation.declaration.name,
            relation.declaration.description,
            &format!("{target}{suffix}"),
        );
    }
    out.close();
    out.open_input(&format!("{name}ListFilter"), "Conditions on a list of records.", false);
    out.input_field("some", "At least one is like this.", &filter);
    out.input_field("none", "None is like this.", &filter);
    out.input_field("every", "Each one is like this; also true of an empty list.", &filter);
    out.close();
    out.open_input(&format!("{name}Order"), "One step of an order.", true);
    for column in entity.declaration.columns.iter().filter(|column| column.orderable || column.name == "id") {
        out.input_field(&column.name, column.description, "OrderDirection");
    }
    out.close();
}

/// Relations to any record have no filter of their own, as the types behind them differ, and neither have those that are
/// not always told: a filter would tell.
pub(crate) fn is_filterable(relation: &Relation) -> bool {
    let RelationDeclaration { kind, told_with, .. } = &relation.declaration;
    !matches!(kind, RelationKind::AnyRecord { .. }) && told_with.is_none() && !relation.targets.is_empty()
}

/// The entity that a grouping may go through: the other side of a relation to one.
pub(crate) fn group_target(relation: &Relation) -> Option<usize> {
    match (is_filterable(relation) && relation.declaration.kind.is_to_one(), relation.targets.as_slice()) {
        (true, [target]) => Some(*target),
        _ => None,
    }
}

fn write_query(out: &mut Writer, parts: &Parts<'_>) {
    out.open_type("type", "Query", "What can be read.", &[]);
    let id = argument("id", "The id.", "ID!");
    out.field(
        "node",
        "Any record by its id; null if there is none that you may see.",
        std::slice::from_ref(&id),
        "Node",
    );
    for entity in parts.entities.iter().filter(|entity| entity.declaration.at_root) {
        let (name, plural) = (entity.name(), &entity.declaration.plural);
        out.field(
            &lower_first(name),
            &format!("One {name} by its id; null if there is none that you may see."),
            std::slice::from_ref(&id),
            name,
        );
        out.field(
            plural,
            &format!("A page of {plural}."),
            &list_arguments(entity, false),
            &format!("{name}Connection"),
        );
        let mut arguments =
            vec![argument("filter", "Only those for which this holds.", &format!("{name}Filter"))];
        if has_groups(entity) {
            arguments.push(argument(
                "groupBy",
                "One row for each combination of these; one row in all if absent.",
                &format!("[{name}GroupBy!]"),
            ));
        }
        arguments.push(argument("first", "At most this many groups, smallest keys first.", "Int = 100"));
        out.field(
            &format!("{plural}Aggregate"),
            &format!("Counts, sums, averages and extremes over {plural}."),
            &arguments,
            &format!("[{name}Aggregate!]"),
        );
    }
    value::write_roots(out, parts);
    out.close();
}
