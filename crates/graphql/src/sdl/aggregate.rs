//! Types of aggregates: groups and what is said of each.

use super::writer::Writer;
use super::{Parts, group_target};
use crate::catalog::{Entity, upper_case};
use crate::value::Kind;

/// True if some column can stand in `groupBy` by itself.
pub(super) fn has_groups(entity: &Entity) -> bool {
    entity.declaration.columns.iter().any(|column| column.filterable)
}

pub(super) fn write(out: &mut Writer, entity: &Entity, parts: &Parts<'_>) {
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
