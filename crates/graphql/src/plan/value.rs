//! Values of Rust: how to write what is selected of them, and which records they refer to.

use std::collections::HashMap;

use apollo_compiler::executable::Field as Selected;

use super::arguments::Template;
use super::shape::Planner;
use super::{Keyed, Load, MoneyField, RootField, Shape};
use crate::catalog::{Catalog, EntityIndex};
use crate::declare::{OutputForm, OutputRef};

/// A query that answers a value.
#[derive(Debug)]
pub(crate) struct ValuePlan {
    /// Position in the catalogue's queries.
    pub query: usize,
    pub arguments: Vec<(String, Template)>,
    pub shape: ValueShape,
    pub records: Vec<RecordLoad>,
}

/// How to write a value.
#[derive(Debug, Clone)]
pub(crate) struct ValueShape {
    /// True if null may stand here.
    pub nullable: bool,
    pub form: ValueForm,
}

#[derive(Debug, Clone)]
pub(crate) enum ValueForm {
    Leaf,
    Money(Vec<Keyed<MoneyField>>),
    Object(Vec<Keyed<ValueField>>),
    List(Box<ValueShape>),
    /// Position in the plan's records.
    Record(usize, Shape),
    /// Of whichever entity: table, position in the plan's records.
    AnyRecord(Vec<(String, usize, Shape)>),
    /// Of a list whose records are left out where they are hidden.
    Records(usize, Shape),
}

#[derive(Debug, Clone)]
pub(crate) enum ValueField {
    Typename(&'static str),
    /// Position in the object.
    Field(usize, ValueShape),
}

/// The records of an entity at one place of a value.
#[derive(Debug, Clone)]
pub(crate) struct RecordLoad {
    /// Positions in objects from the outside in; lists are passed through.
    pub path: Vec<usize>,
    /// True if the path goes through a list.
    pub listed: bool,
    pub load: Load,
}

/// Where in a value the planner is, and what it has found so far.
#[derive(Default)]
pub(super) struct Place {
    path: Vec<usize>,
    lists: usize,
    pub records: Vec<RecordLoad>,
}

impl Place {
    /// The position of the load of an entity's records at this place.
    fn load_of(&mut self, entity: EntityIndex) -> usize {
        let is_same = |known: &RecordLoad| known.path == self.path && known.load.entity == entity;
        self.records.iter().position(is_same).unwrap_or_else(|| {
            let (path, listed) = (self.path.clone(), self.lists > 0);
            self.records.push(RecordLoad { path, listed, load: Load::of(entity) });
            self.records.len() - 1
        })
    }
}

impl<'d> Planner<'d> {
    /// A query that answers a value.
    pub(super) fn value_root(&mut self, index: usize, places: &[&'d Selected]) -> RootField {
        let query = &self.catalog.queries[index];
        self.needs(places, [query.right]);
        let names = places.first().map(|field| field.definition.arguments.iter()).into_iter().flatten();
        let arguments = names
            .filter_map(|argument| {
                let template = self.argument(places, &argument.name)?;
                Some((argument.name.to_string(), template))
            })
            .collect();
        let mut place = Place::default();
        let mut shape = self.value(&query.answer, &mut place, places);
        shape.nullable = true;
        RootField::Value(Box::new(ValuePlan { query: index, arguments, shape, records: place.records }))
    }

    /// The value of the field at `position` of an object.
    pub(super) fn value_field(
        &mut self,
        position: usize,
        ty: &'d OutputRef,
        place: &mut Place,
        places: &[&'d Selected],
    ) -> ValueShape {
        place.path.push(position);
        let shape = self.value(ty, place, places);
        place.path.pop();
        shape
    }

    /// How to write a value of this type.
    pub(super) fn value(
        &mut self,
        ty: &'d OutputRef,
        place: &mut Place,
        places: &[&'d Selected],
    ) -> ValueShape {
        if let Some(any_of) = rights_of(self.catalog, ty, &mut Vec::new()) {
            self.noting.field(any_of, self.location(places));
        }
        let mut nullable = ty.nullable;
        let form = match &ty.form {
            OutputForm::Leaf(_) => ValueForm::Leaf,
            OutputForm::Money => ValueForm::Money(self.money(places)),
            OutputForm::Object(name) => ValueForm::Object(self.object(name, place, places)),
            OutputForm::Record(table) => {
                nullable = true;
                let (load, shape) = self.record(table, place, places);
                ValueForm::Record(load, shape)
            }
            OutputForm::AnyRecord => {
                nullable = true;
                ValueForm::AnyRecord(self.any_record(place, places))
            }
            OutputForm::List(item) => {
                place.lists += 1;
                let form = match &item.form {
                    OutputForm::Record(table) if !item.nullable => {
                        let (load, shape) = self.record(table, place, places);
                        ValueForm::Records(load, shape)
                    }
                    _ => ValueForm::List(Box::new(self.value(item, place, places))),
                };
                place.lists -= 1;
                form
            }
        };
        ValueShape { nullable, form }
    }

    fn object(
        &mut self,
        name: &'static str,
        place: &mut Place,
        places: &[&'d Selected],
    ) -> Vec<Keyed<ValueField>> {
        let declared = self.catalog.outputs.get(name).map_or(&[][..], |declared| &declared.fields);
        let positions: HashMap<&str, usize> =
            declared.iter().enumerate().map(|(position, field)| (field.name.as_str(), position)).collect();
        self.each(places, name, |planner, field, places| match positions.get(field) {
            Some(position) => {
                let shape = planner.value_field(*position, &declared[*position].ty, place, places);
                ValueField::Field(*position, shape)
            }
            None => ValueField::Typename(name),
        })
    }

    /// The records at a place share one load, whatever the aliases.
    fn record(&mut self, table: &str, place: &mut Place, places: &[&'d Selected]) -> (usize, Shape) {
        let entity = self.catalog.entity_of_table(table).unwrap_or_default();
        let position = place.load_of(entity);
        let shape = self.row(&mut place.records[position].load, places);
        (position, shape)
    }

    /// The records at a place that may be of any entity: a load for each.
    fn any_record(&mut self, place: &mut Place, places: &[&'d Selected]) -> Vec<(String, usize, Shape)> {
        let entities = self.catalog.entities.iter().enumerate();
        entities
            .map(|(entity, declared)| {
                let position = place.load_of(entity);
                let loads = std::slice::from_mut(&mut place.records[position].load);
                let shape = self.arms(loads, places).pop().unwrap_or_default();
                (declared.table().to_owned(), position, shape)
            })
            .collect()
    }
}

/// A value of nothing but records can be used by who may read one of them: the rights to that. `None` if it holds
/// something else too, or itself.
fn rights_of(catalog: &Catalog, ty: &OutputRef, behind: &mut Vec<&'static str>) -> Option<Vec<&'static str>> {
    match &ty.form {
        OutputForm::Leaf(_) | OutputForm::Money | OutputForm::AnyRecord => None,
        OutputForm::List(item) => rights_of(catalog, item, behind),
        OutputForm::Record(table) => {
            let entity = &catalog.entities[catalog.entity_of_table(table)?];
            entity.declaration.right.map(|right| vec![right])
        }
        OutputForm::Object(name) if behind.contains(name) => None,
        OutputForm::Object(name) => {
            behind.push(name);
            let fields = &catalog.outputs.get(name)?.fields;
            let rights: Option<Vec<_>> =
                fields.iter().map(|field| rights_of(catalog, &field.ty, behind)).collect();
            behind.pop();
            rights.map(|rights| rights.concat())
        }
    }
}
