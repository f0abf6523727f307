//! Selections of entities, pages and money as loads and shapes.

use std::sync::Arc;

use apollo_compiler::executable::Field as Selected;

use super::arguments::{Template, Variable, literal};
use super::coerce::constant;
use super::collect::{Fields, Scope};
use super::given::Use;
use super::needs::Noting;
use super::value::Place;
use super::{
    EdgeField, Keyed, ListArguments, Load, MoneyField, Output, PageField, PageInfoField, PageShape,
    RelationLoad, Shape, Veil,
};
use crate::catalog::{Catalog, Entity, EntityIndex, Field, Relation};
use crate::declare::RelationKind;
use crate::error::{FieldError, Location, Refusal, ResponseError, code};
use crate::value::Kind;

/// Makes plans of one operation.
pub(super) struct Planner<'d> {
    pub catalog: &'d Catalog,
    pub scope: Scope<'d>,
    pub variables: &'d [Variable],
    /// Mistakes in arguments, and what is too large.
    pub errors: Vec<ResponseError>,
    /// Shapes of rows so far.
    shapes: usize,
    /// The rights that are needed so far.
    pub noting: Noting,
}

/// A plan has at most this many shapes of rows. An operation within its limits has fewer, but a field of an interface
/// is planned for each of its types, and again below each of them.
const MOST_SHAPES: usize = 10_000;

impl<'d> Planner<'d> {
    pub(super) fn new(catalog: &'d Catalog, scope: Scope<'d>, variables: &'d [Variable]) -> Self {
        Self { catalog, scope, variables, errors: Vec::new(), shapes: 0, noting: Noting::default() }
    }

    /// The field that is being planned needs each of these rights.
    pub(super) fn needs<const N: usize>(
        &mut self,
        places: &[&'d Selected],
        rights: [Option<&'static str>; N],
    ) {
        for right in rights.into_iter().flatten() {
            self.noting.field(vec![right], self.location(places));
        }
    }

    /// Plans what lies below the field with this response key.
    pub(super) fn below<T>(&mut self, key: &str, plan: impl FnOnce(&mut Self) -> T) -> T {
        self.noting.enter(&Arc::from(key));
        let planned = plan(self);
        self.noting.leave();
        planned
    }

    /// A field with its key and place.
    pub(super) fn keyed<T>(&self, key: &str, fields: &[&'d Selected], value: T) -> Keyed<T> {
        Keyed { key: Arc::from(key), json: json_key(key), location: self.location(fields), value }
    }

    pub(super) fn location(&self, fields: &[&'d Selected]) -> Option<Location> {
        let field = fields.first()?;
        let start = field.alias.as_ref().unwrap_or(&field.name);
        super::locate::location(start.location(), &self.scope.document.sources)
    }

    /// The argument called `name` of a field, `None` if it is absent and has no default.
    pub(super) fn argument(&mut self, fields: &[&'d Selected], name: &str) -> Option<Template> {
        let field = *fields.first()?;
        let definition = field.definition.argument_by_name(name)?;
        let template = match (field.specified_argument_by_name(name), &definition.default_value) {
            (Some(value), _) => literal(self.scope.schema, &definition.ty, value, self.variables),
            (None, Some(default)) => {
                constant(self.scope.schema, &definition.ty, default).map(Template::Constant)
            }
            (None, None) => return None,
        };
        template.map_err(|found| self.refuse(fields, name, found)).ok()
    }

    /// An argument that may need rights of its own.
    pub(super) fn checked(
        &mut self,
        places: &[&'d Selected],
        name: &'static str,
        usage: (Use, EntityIndex),
    ) -> Option<Template> {
        let template = self.argument(places, name);
        let location = self.location(places);
        self.noting.argument(self.catalog, usage, (name, template.as_ref()), location);
        template
    }

    fn refuse(&mut self, fields: &[&'d Selected], argument: &str, found: Vec<FieldError>) {
        let refusal = Refusal::validation(found.into_iter().map(|error| error.under(argument)).collect());
        let locations = self.location(fields).into_iter().collect();
        let error = ResponseError::request(refusal.code, refusal.message);
        self.errors.push(ResponseError { locations, fields: refusal.fields, ..error });
    }

    /// The shape of a row of `entity`; what it needs is added to `load`.
    pub(super) fn entity(&mut self, entity: EntityIndex, load: &mut Load, fields: &Fields<'d>) -> Shape {
        let declared = &self.catalog.entities[entity];
        let mut shape = Vec::with_capacity(fields.len());
        for (key, places) in fields {
            let Some(name) = places.first().map(|field| field.name.as_str()) else { continue };
            let output = if name == "__typename" {
                Some(Output::Typename(declared.name()))
            } else {
                let field = declared.fields.get(name);
                self.below(key, |planner| field.map(|field| planner.output(declared, *field, load, places)))
            };
            if let Some(output) = output {
                shape.push(self.keyed(key, places, output));
            }
        }
        Shape { fields: shape }
    }

    fn output(
        &mut self,
        entity: &'d Entity,
        field: Field,
        load: &mut Load,
        places: &[&'d Selected],
    ) -> Output {
        match field {
            Field::Column(index) => {
                let column = &entity.declaration.columns[index];
                self.needs(places, [column.right]);
                let kind = column.kind.unwrap_or(Kind::Text);
                Output::Column { slot: load.slot(&column.column), kind, nullable: column.nullable }
            }
            Field::Money(index) => {
                let money = &entity.declaration.money[index];
                self.needs(places, [money.right]);
                Output::Money {
                    amount: load.slot(&money.amount),
                    currency: load.slot(&money.currency),
                    nullable: money.nullable,
                    fields: self.money(places),
                }
            }
            Field::Computed(index) => {
                let field = &entity.computed[index];
                self.needs(places, [field.right]);
                if let Some(other) = field.hidden {
                    return Output::Hidden(veil(entity, other, load));
                }
                let columns =
                    field.columns.iter().map(|column| (column.clone(), load.slot(column))).collect();
                let shape = self.value(&field.ty, &mut Place::default(), places);
                Output::Computed { field: field.clone(), columns, shape }
            }
            Field::Relation(index) => {
                let relation = &entity.relations[index];
                let output = self.relation(relation, index, load, places);
                match relation.declaration.told_with {
                    Some(other) => Output::Veiled(veil(entity, other, load), Box::new(output)),
                    None => output,
                }
            }
        }
    }

    /// The parts of an amount of money that are selected.
    pub(super) fn money(&mut self, places: &[&'d Selected]) -> Vec<Keyed<MoneyField>> {
        self.each(places, "Money", |_, name, _| match name {
            "amount" => MoneyField::Amount,
            "currency" => MoneyField::Currency,
            _ => MoneyField::Typename,
        })
    }

    /// Plans each field below `places` of an object type called `type_name`.
    pub(super) fn each<T>(
        &mut self,
        places: &[&'d Selected],
        type_name: &str,
        mut plan: impl FnMut(&mut Self, &str, &[&'d Selected]) -> T,
    ) -> Vec<Keyed<T>> {
        let fields = self.scope.below(places, type_name);
        let mut planned = Vec::with_capacity(fields.len());
        for (key, places) in &fields {
            let Some(name) = places.first().map(|field| field.name.as_str()) else { continue };
            let value = self.below(key, |planner| plan(planner, name, places));
            planned.push(self.keyed(key, places, value));
        }
        planned
    }

    fn relation(
        &mut self,
        relation: &'d Relation,
        index: usize,
        load: &mut Load,
        places: &[&'d Selected],
    ) -> Output {
        let kind = &relation.declaration.kind;
        self.needs(places, [relation.declaration.right]);
        let any_of = relation.targets.iter().filter_map(|target| self.right_of(*target)).collect();
        self.noting.field(any_of, self.location(places));
        let arguments = match relation.targets.first() {
            Some(target) if !kind.is_to_one() => self.list_arguments(*target, places),
            _ => ListArguments::default(),
        };
        let position = position_of(relation_load(relation, index, load, arguments), load);
        // Taken out while it is planned: the planner goes below it.
        let mut below = std::mem::take(&mut load.relations[position]);
        let output = if kind.is_to_one() {
            below.rows = true;
            let of_any = matches!(kind, RelationKind::AnyRecord { .. });
            let shapes = if of_any {
                self.arms(&mut below.targets, places)
            } else {
                vec![self.row(&mut below.targets[0], places)]
            };
            Output::ToOne { relation: position, shapes }
        } else if relation.declaration.as_list {
            below.rows = true;
            let shape = self.row(&mut below.targets[0], places);
            Output::List { relation: position, shape }
        } else {
            Output::Page { relation: position, shape: self.page(&mut below, places) }
        };
        load.relations[position] = below;
        output
    }

    /// The right that reading an entity needs.
    pub(super) fn right_of(&self, entity: EntityIndex) -> Option<&'static str> {
        self.catalog.entities[entity].declaration.right
    }

    /// One shape for each load, of the same selection. Those of types that may not be read are not used.
    pub(super) fn arms(&mut self, loads: &mut [Load], places: &[&'d Selected]) -> Vec<Shape> {
        let mut shapes = Vec::with_capacity(loads.len());
        for load in loads {
            let right = self.right_of(load.entity);
            self.noting.enter_type(right);
            shapes.push(self.row(load, places));
            self.noting.leave_type(right);
        }
        shapes
    }

    /// The shape of the rows of a load.
    pub(super) fn row(&mut self, load: &mut Load, places: &[&'d Selected]) -> Shape {
        self.shapes += 1;
        if self.shapes > MOST_SHAPES {
            if self.shapes == MOST_SHAPES + 1 {
                let message = "the operation selects too much of interfaces inside of interfaces";
                self.errors.push(ResponseError::request(code::LIMIT_EXCEEDED, message));
            }
            return Shape { fields: Vec::new() };
        }
        let fields = self.scope.below(places, self.catalog.entities[load.entity].name());
        self.entity(load.entity, load, &fields)
    }

    /// The arguments of a list of `entity`.
    pub(super) fn list_arguments(&mut self, entity: EntityIndex, places: &[&'d Selected]) -> ListArguments {
        ListArguments {
            filter: self.checked(places, "filter", (Use::Filter, entity)),
            order_by: self.checked(places, "orderBy", (Use::Order, entity)),
            first: self.argument(places, "first"),
            after: self.argument(places, "after"),
            last: self.argument(places, "last"),
            before: self.argument(places, "before"),
            deleted: self.argument(places, "deleted"),
        }
    }

    /// The shape of a connection.
    pub(super) fn page(&mut self, below: &mut RelationLoad, places: &[&'d Selected]) -> PageShape {
        let target = self.catalog.entities[below.targets[0].entity].name();
        let (connection, edge) = (format!("{target}Connection"), format!("{target}Edge"));
        let fields = self.each(places, &connection, |planner, name, places| match name {
            "totalCount" => {
                below.count = true;
                PageField::TotalCount
            }
            "pageInfo" => {
                PageField::PageInfo(planner.each(places, "PageInfo", |_, name, _| page_info(name, below)))
            }
            "edges" => {
                below.rows = true;
                PageField::Edges(planner.each(places, &edge, |planner, name, places| match name {
                    "cursor" => {
                        below.cursors = true;
                        EdgeField::Cursor
                    }
                    "node" => EdgeField::Node(planner.row(&mut below.targets[0], places)),
                    _ => EdgeField::Typename(edge.clone()),
                }))
            }
            "nodes" => {
                below.rows = true;
                PageField::Nodes(planner.row(&mut below.targets[0], places))
            }
            _ => PageField::Typename(connection.clone()),
        });
        PageShape { entity: target, fields }
    }
}

/// The relation of this name is read, whether or not it is selected; that needs no right, as nothing of it is written.
fn veil(entity: &Entity, name: &str, load: &mut Load) -> Veil {
    let Some(Field::Relation(index)) = entity.fields.get(name).copied() else { return None };
    let fresh = relation_load(&entity.relations[index], index, load, ListArguments::default());
    let id = fresh.parent_slots.last().copied()?;
    let position = position_of(fresh, load);
    load.relations[position].rows = true;
    Some((position, id))
}

/// A relation without anything that is selected of the other side.
fn relation_load(
    relation: &Relation,
    index: usize,
    load: &mut Load,
    arguments: ListArguments,
) -> RelationLoad {
    let parent_slots = match &relation.declaration.kind {
        RelationKind::ToOne { column } => vec![load.slot(column)],
        RelationKind::AnyRecord { type_column, id_column } => {
            vec![load.slot(type_column), load.slot(id_column)]
        }
        _ => vec![load.slot("id")],
    };
    RelationLoad {
        relation: Some(index),
        arguments,
        parent_slots,
        targets: relation.targets.iter().map(|target| Load::of(*target)).collect(),
        ..RelationLoad::default()
    }
}

/// Where a relation stands in a load; it is added if it is not read yet with the same arguments.
fn position_of(fresh: RelationLoad, load: &mut Load) -> usize {
    let same = |known: &RelationLoad| known.relation == fresh.relation && known.arguments == fresh.arguments;
    load.relations.iter().position(same).unwrap_or_else(|| {
        load.relations.push(fresh);
        load.relations.len() - 1
    })
}

fn page_info(name: &str, below: &mut RelationLoad) -> PageInfoField {
    below.rows |= name != "__typename";
    below.more |= matches!(name, "hasNextPage" | "hasPreviousPage");
    match name {
        "hasNextPage" => PageInfoField::HasNextPage,
        "hasPreviousPage" => PageInfoField::HasPreviousPage,
        "startCursor" | "endCursor" => {
            below.cursors = true;
            if name == "startCursor" { PageInfoField::StartCursor } else { PageInfoField::EndCursor }
        }
        _ => PageInfoField::Typename,
    }
}

fn json_key(key: &str) -> Arc<str> {
    // A GraphQL name needs no escapes.
    Arc::from(format!("\"{key}\":"))
}
