//! Writes the catalogue as a schema in the schema definition language.

mod leaves;
mod writer;

use std::collections::BTreeSet;

use self::writer::Writer;
use crate::catalog::{Abstract, Entity, Field, Relation, lower_first, upper_case};
use crate::compose::ComposeError;
use crate::declare::{InputTypes, MutationDeclaration, RelationKind};
use crate::value::{Choices, Kind};

/// What a schema is made of.
pub(crate) struct Parts<'a> {
    pub entities: &'a [Entity],
    pub abstracts: &'a [Abstract],
    pub mutations: &'a [MutationDeclaration],
    pub inputs: &'a InputTypes,
}

/// Writes the whole schema. Types come in the order of the declarations, so that the text is stable.
pub(crate) fn write(parts: &Parts<'_>) -> Result<String, ComposeError> {
    let mut out = Writer::default();
    leaves::write(&mut out);
    let choices = all_choices(parts);
    for choices in &choices {
        out.enumeration(choices.name, choices.description, choices.values.iter().copied());
        leaves::write_choice_filter(&mut out, choices.name);
    }
    for declaration in parts.abstracts {
        write_abstract(&mut out, declaration, parts)?;
    }
    for entity in parts.entities {
        write_object(&mut out, entity, parts);
        write_connection(&mut out, entity);
        write_inputs(&mut out, entity, parts);
        write_aggregate(&mut out, entity, parts);
    }
    write_mutation_types(&mut out, parts);
    write_query(&mut out, parts);
    write_mutations(&mut out, parts);
    Ok(out.finish())
}

/// Every closed list that a column or an input uses, once.
fn all_choices(parts: &Parts<'_>) -> Vec<&'static Choices> {
    let of_columns = parts.entities.iter().flat_map(|entity| &entity.declaration.columns).filter_map(
        |column| match column.kind {
            Some(Kind::Choice(choices)) => Some(choices),
            _ => None,
        },
    );
    let mut seen = BTreeSet::new();
    of_columns
        .chain(parts.inputs.choices.values().copied())
        .filter(|choices| seen.insert(choices.name))
        .collect()
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
        Field::Computed(index) => {
            bang(entity.computed[index].kind.type_name(), entity.computed[index].nullable)
        }
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
        out.field(name, description, &[], &type_ref);
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
        out.field(
            computed.name,
            computed.description,
            &[],
            &bang(computed.kind.type_name(), computed.nullable),
        );
    }
    for relation in &entity.relations {
        let declaration = &relation.declaration;
        let arguments = match relation.targets.first() {
            Some(target) if !declaration.kind.is_to_one() => {
                list_arguments(&parts.entities[*target], declaration.as_list)
            }
            _ => Vec::new(),
        };
        out.field(declaration.name, declaration.description, &arguments, &relation_type(relation, parts));
    }
    out.close();
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

fn write_inputs(out: &mut Writer, entity: &Entity, parts: &Parts<'_>) {
    let name = entity.name();
    let filter = format!("{name}Filter");
    out.open_input(
        &filter,
        &format!("Conditions on {}; all given ones must hold.", entity.declaration.plural),
        false,
    );
    out.input_field("and", "All of these hold.", &format!("[{filter}!]"));
    out.input_field("or", "At least one of these holds.", &format!("[{filter}!]"));
    out.input_field("not", "This does not hold.", &filter);
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

/// Relations to any record have no filter of their own: the types behind them differ.
pub(crate) fn is_filterable(relation: &Relation) -> bool {
    !matches!(relation.declaration.kind, RelationKind::AnyRecord { .. }) && !relation.targets.is_empty()
}

/// The entity that a grouping may go through: the other side of a relation to one.
pub(crate) fn group_target(relation: &Relation) -> Option<usize> {
    match (is_filterable(relation) && relation.declaration.kind.is_to_one(), relation.targets.as_slice()) {
        (true, [target]) => Some(*target),
        _ => None,
    }
}

/// True if some column can stand in `groupBy` by itself.
fn has_groups(entity: &Entity) -> bool {
    entity.declaration.columns.iter().any(|column| column.filterable)
}

fn write_aggregate(out: &mut Writer, entity: &Entity, parts: &Parts<'_>) {
    let name = entity.name();
    let columns = &entity.declaration.columns;
    if has_groups(entity) {
        let fields = columns.iter().filter(|column| column.filterable);
        let values: Vec<_> = fields.map(|column| (upper_case(&column.name), column.description)).collect();
        out.enumeration(
            &format!("{name}GroupField"),
            "What can be grouped by.",
            values.iter().map(|(name, description)| (name.as_str(), *description)),
        );
        let dates: Vec<_> =
            columns.iter().filter(|column| column.filterable && column.kind == Some(Kind::Date)).collect();
        out.open_input(&format!("{name}GroupBy"), "One step of a grouping.", true);
        out.input_field("field", "By the values of a field.", &format!("{name}GroupField"));
        for column in &dates {
            out.input_field(&column.name, "By the day, week, month, quarter or year.", "DateBucket");
        }
        for relation in &entity.relations {
            if let Some(target) = group_target(relation).map(|target| &parts.entities[target])
                && has_groups(target)
            {
                let (name, description) = (relation.declaration.name, relation.declaration.description);
                out.input_field(name, description, &format!("{}GroupBy", target.name()));
            }
        }
        out.close();
    }
    out.open_type(
        "type",
        &format!("{name}Aggregate"),
        &format!("Numbers over a group of {}.", entity.declaration.plural),
        &[],
    );
    out.field(
        "keys",
        "The group's value for each step of `groupBy`, written as in JSON without quotes.",
        &[],
        "[String]!",
    );
    out.field("count", "How many there are.", &[], "Int!");
    for (field, of) in AGGREGATES {
        if aggregate_fields(entity, field).next().is_some() {
            out.field(field, of, &[], &format!("{name}{}!", aggregate_suffix(field)));
        }
    }
    out.close();
    for (field, of) in AGGREGATES {
        let fields: Vec<_> = aggregate_fields(entity, field).collect();
        if !fields.is_empty() {
            out.open_type("type", &format!("{name}{}", aggregate_suffix(field)), of, &[]);
            for (name, description, type_ref) in fields {
                out.field(name, description, &[], &type_ref);
            }
            out.close();
        }
    }
}

/// The functions of an aggregate and what they say. Money answers one amount per currency.
const AGGREGATES: [(&str, &str); 4] = [
    ("sum", "Sums; null where no row has a value."),
    ("avg", "Averages over the rows that have a value."),
    ("min", "The smallest values."),
    ("max", "The largest values."),
];

fn aggregate_suffix(field: &str) -> &'static str {
    match field {
        "sum" => "Sum",
        "avg" => "Average",
        "min" => "Minimum",
        _ => "Maximum",
    }
}

fn aggregate_fields<'a>(
    entity: &'a Entity,
    function: &'static str,
) -> impl Iterator<Item = (&'a str, &'a str, String)> {
    let columns = entity.declaration.columns.iter().filter_map(move |column| {
        let kind = column.kind?;
        let type_ref = aggregate_type(function, kind)?;
        (column.filterable || column.orderable)
            .then(|| (column.name.as_str(), column.description, type_ref.to_owned()))
    });
    let money = entity.declaration.money.iter();
    columns.chain(money.map(|money| (money.name, money.description, "[Money!]!".to_owned())))
}

/// What a function answers for a kind, `None` if it makes no sense.
pub(crate) fn aggregate_type(function: &str, kind: Kind) -> Option<&'static str> {
    match (function, kind) {
        ("sum", Kind::Int | Kind::Long) => Some("Long"),
        ("avg", Kind::Int | Kind::Long | Kind::Float) => Some("Float"),
        ("sum" | "avg", Kind::Float | Kind::Decimal { .. }) => Some(kind.type_name()),
        ("min" | "max", kind) if kind.is_ordered() && kind != Kind::Id => Some(kind.type_name()),
        _ => None,
    }
}

fn write_mutation_types(out: &mut Writer, parts: &Parts<'_>) {
    for (name, (description, fields)) in &parts.inputs.objects {
        out.open_input(name, description, false);
        for field in fields {
            out.input_field(&field.name, &field.description, &field.type_ref);
        }
        out.close();
    }
    let mut done = BTreeSet::new();
    for mutation in parts.mutations {
        let Some(entity) = parts.entities.iter().find(|entity| entity.table() == mutation.table) else {
            continue;
        };
        let (name, field) = (entity.name(), lower_first(entity.name()));
        if done.insert((name, false)) {
            out.open_type("type", &format!("{name}Payload"), "What a mutation of one record answers.", &[]);
            out.field("id", "The record's id, also of a deleted one.", &[], "ID!");
            out.field(&field, "The record after the change; null once it is deleted.", &[], name);
            out.close();
        }
        if mutation.many.is_some() && done.insert((name, true)) {
            out.open_type(
                "type",
                &format!("{name}ManyPayload"),
                "What a mutation of many records answers.",
                &[],
            );
            out.field(
                "results",
                "One for each row of the input, in its order.",
                &[],
                &format!("[{name}Result!]!"),
            );
            out.close();
            out.open_type("type", &format!("{name}Result"), "What became of one row.", &[]);
            out.field("id", "The record's id; null if the row was refused.", &[], "ID");
            out.field(&field, "The record after the change; null if the row was refused.", &[], name);
            out.field("error", "Why the row was refused; null if it was not.", &[], "RowError");
            out.close();
        }
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
    out.close();
}

fn write_mutations(out: &mut Writer, parts: &Parts<'_>) {
    if parts.mutations.is_empty() {
        return;
    }
    out.open_type("type", "Mutation", "What can be changed. Each field is one transaction.", &[]);
    for mutation in parts.mutations {
        let Some(entity) = parts.entities.iter().find(|entity| entity.table() == mutation.table) else {
            continue;
        };
        let one = argument("input", "The values.", &format!("{}!", mutation.input));
        out.field(mutation.name, mutation.description, &[one], &format!("{}Payload", entity.name()));
        if let Some((name, description)) = mutation.many {
            let rows = argument("input", "Up to 1,000 rows.", &format!("[{}!]!", mutation.input));
            out.field(name, description, &[rows], &format!("{}ManyPayload", entity.name()));
        }
    }
    out.close();
}
