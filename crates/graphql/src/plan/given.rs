//! What the arguments of a field touch: fields in filters, orders and groupings, and fields that are written.

use super::arguments::{Template, Variables};
use crate::catalog::{Catalog, Entity, EntityIndex, Field, Relation, upper_case};
use crate::value::Input;

/// What an argument is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    Filter,
    Order,
    Group,
    /// The input of a mutation of one record.
    Write,
    /// The inputs of a mutation of many.
    WriteMany,
}

/// A value of an argument, as it stands in a plan or as it came with a variable. Looked at, never copied.
#[derive(Clone, Copy)]
pub(super) enum Given<'g> {
    Input(&'g Input),
    Template(&'g Template),
}

/// A place in an argument, as a list from the inside out.
#[derive(Clone, Copy)]
pub(super) enum Trail<'t> {
    Root,
    Name(&'t Trail<'t>, &'t str),
    Position(&'t Trail<'t>, usize),
}

impl Trail<'_> {
    /// From the argument down.
    pub(super) fn segments(&self) -> Vec<String> {
        match self {
            Self::Root => Vec::new(),
            Self::Name(behind, name) => [behind.segments(), vec![(*name).to_owned()]].concat(),
            Self::Position(behind, position) => [behind.segments(), vec![position.to_string()]].concat(),
        }
    }
}

/// Calls `found` with each right that an argument needs, and where it needs it.
pub(super) fn walk(
    catalog: &Catalog,
    variables: &Variables,
    (usage, entity): (Use, EntityIndex),
    (name, given): (&str, Given<'_>),
    found: &mut dyn FnMut(&'static str, &Trail<'_>),
) {
    let mut walk = Walk { catalog, variables, found };
    let Some(given) = given.settled(variables) else { return };
    let entity = &catalog.entities[entity];
    let named = Trail::Name(&Trail::Root, name);
    match usage {
        Use::Filter => walk.filter(entity, given, &named),
        Use::Order => walk.order(entity, given, &named),
        Use::Group => given.items(variables, |position, step| {
            walk.group(entity, step, &Trail::Position(&named, position));
        }),
        Use::Write => walk.write(entity, given, &named),
        // The paths of a batch begin with the row.
        Use::WriteMany => given.items(variables, |position, row| {
            walk.write(entity, row, &Trail::Position(&Trail::Root, position));
        }),
    }
}

struct Walk<'w> {
    catalog: &'w Catalog,
    variables: &'w Variables,
    found: &'w mut dyn FnMut(&'static str, &Trail<'_>),
}

impl Walk<'_> {
    fn needs(&mut self, right: Option<&'static str>, trail: &Trail<'_>) {
        if let Some(right) = right {
            (self.found)(right, trail);
        }
    }

    /// Going through a relation needs its right and that to read the other side.
    fn through(&mut self, relation: &Relation, trail: &Trail<'_>) -> Option<EntityIndex> {
        self.needs(relation.declaration.right, trail);
        let target = *relation.targets.first()?;
        self.needs(self.catalog.entities[target].declaration.right, trail);
        Some(target)
    }

    fn filter(&mut self, entity: &Entity, given: Given<'_>, behind: &Trail<'_>) {
        let (catalog, variables) = (self.catalog, self.variables);
        given.fields(variables, |name, value| {
            let trail = Trail::Name(behind, name);
            match (name, entity.fields.get(name)) {
                ("and" | "or", _) => value.items(variables, |position, part| {
                    self.filter(entity, part, &Trail::Position(&trail, position));
                }),
                ("not", _) => self.filter(entity, value, &trail),
                (_, Some(Field::Column(index))) => {
                    self.needs(entity.declaration.columns[*index].right, &trail);
                }
                (_, Some(Field::Money(index))) => self.needs(entity.declaration.money[*index].right, &trail),
                (_, Some(Field::Relation(index))) => {
                    let relation = &entity.relations[*index];
                    let Some(target) = self.through(relation, &trail) else { return };
                    let target = &catalog.entities[target];
                    if relation.declaration.kind.is_to_one() {
                        return self.filter(target, value, &trail);
                    }
                    value.fields(variables, |name, inner| {
                        self.filter(target, inner, &Trail::Name(&trail, name));
                    });
                }
                _ => {}
            }
        });
    }

    fn order(&mut self, entity: &Entity, given: Given<'_>, behind: &Trail<'_>) {
        let variables = self.variables;
        given.items(variables, |position, step| {
            let at = Trail::Position(behind, position);
            step.fields(variables, |name, _| {
                self.needs(entity.column(name).and_then(|column| column.right), &Trail::Name(&at, name));
            });
        });
    }

    fn group(&mut self, entity: &Entity, step: Given<'_>, behind: &Trail<'_>) {
        let catalog = self.catalog;
        step.fields(self.variables, |name, value| {
            let trail = Trail::Name(behind, name);
            match (value.text(), entity.fields.get(name)) {
                (Some(code), _) if name == "field" => {
                    let restricted = |column: &&crate::declare::ColumnDeclaration| column.right.is_some();
                    let mut columns = entity.declaration.columns.iter().filter(restricted);
                    let named = columns.find(|column| upper_case(&column.name) == code);
                    self.needs(named.and_then(|column| column.right), &trail);
                }
                (_, Some(Field::Column(index))) => {
                    self.needs(entity.declaration.columns[*index].right, &trail);
                }
                (_, Some(Field::Relation(index))) => {
                    if let Some(target) = self.through(&entity.relations[*index], &trail) {
                        self.group(&catalog.entities[target], value, &trail);
                    }
                }
                _ => {}
            }
        });
    }

    fn write(&mut self, entity: &Entity, row: Given<'_>, behind: &Trail<'_>) {
        row.fields(self.variables, |name, _| {
            let trail = Trail::Name(behind, name);
            if let Some(column) = entity.column(name) {
                self.needs(column.right, &trail);
                self.needs(column.write_right, &trail);
            } else if let Some(money) = entity.money(name) {
                self.needs(money.right, &trail);
                self.needs(money.write_right, &trail);
            }
        });
    }
}

impl<'g> Given<'g> {
    /// The value behind a variable; `None` if that is absent.
    fn settled(self, variables: &'g Variables) -> Option<Self> {
        match self {
            Self::Template(Template::Variable(position, _)) => {
                variables.get(*position)?.as_ref().map(Self::Input)
            }
            Self::Template(Template::Constant(input)) => Some(Self::Input(input)),
            other => Some(other),
        }
    }

    /// The fields of an object that are given.
    fn fields(self, variables: &'g Variables, mut each: impl FnMut(&'g str, Self)) {
        match self {
            Self::Input(Input::Object(fields)) => {
                fields.iter().for_each(|(name, value)| each(name, Self::Input(value)));
            }
            Self::Template(Template::Object(fields)) => {
                for (name, template) in fields {
                    if let Some(value) = Self::Template(template).settled(variables) {
                        each(name, value);
                    }
                }
            }
            _ => {}
        }
    }

    /// The items of a list.
    fn items(self, variables: &'g Variables, mut each: impl FnMut(usize, Self)) {
        match self {
            Self::Input(Input::List(items)) => {
                items.iter().enumerate().for_each(|(position, item)| each(position, Self::Input(item)));
            }
            Self::Template(Template::List(items)) => {
                for (position, template) in items.iter().enumerate() {
                    if let Some(value) = Self::Template(template).settled(variables) {
                        each(position, value);
                    }
                }
            }
            _ => {}
        }
    }

    fn text(self) -> Option<&'g str> {
        match self {
            Self::Input(Input::Text(text)) => Some(text),
            _ => None,
        }
    }
}
