//! Root fields: records, pages, aggregates, mutations.

use apollo_compiler::executable::{Field as Selected, Operation};

use super::arguments::Template;
use super::given::Use;
use super::shape::Planner;
use super::value::Place;
use super::{
    AggregateField, AggregatePlan, FieldErrorField, Function, Keyed, Load, Measure, MeasureField,
    PayloadField, PayloadShape, Plan, RelationLoad, Root, RootField, RowErrorField,
};
use crate::catalog::{self, EntityIndex, Field, MutationRoot, lower_first};
use crate::declare::MutationDeclaration;
use crate::value::{Input, Kind};

/// What is asked of a mutation's answer.
struct PayloadPlan<'d> {
    declared: &'d MutationDeclaration,
    load: Load,
    place: Place,
}

impl<'d> Planner<'d> {
    /// The plan of the whole operation.
    pub(super) fn operation(&mut self, operation: &'d Operation) -> Plan {
        let root_type = operation.object_type().as_str();
        let fields = self.scope.fields([&operation.selection_set], root_type);
        let mut roots: Vec<Root> = Vec::with_capacity(fields.len());
        for (key, places) in &fields {
            let Some(name) = places.first().map(|field| field.name.as_str()) else { continue };
            let catalog = self.catalog;
            let planned = self.below(key, |planner| match name {
                "__typename" => Some(RootField::Typename(root_type.to_owned())),
                "__schema" | "__type" => Some(RootField::Introspection),
                _ if operation.is_mutation() => {
                    catalog.mutation_roots.get(name).map(|root| planner.mutation(*root, places))
                }
                _ if operation.is_subscription() => {
                    catalog.subscription_roots.get(name).map(|entity| planner.change(*entity, places))
                }
                _ => catalog.roots.get(name).map(|root| planner.query(*root, places)),
            });
            if let Some(planned) = planned {
                roots.push(self.keyed(key, places, planned));
            }
        }
        Plan { roots, needs: self.noting.finish() }
    }

    fn required(&mut self, places: &[&'d Selected], name: &str) -> Template {
        self.argument(places, name).unwrap_or(Template::Constant(Input::Null))
    }

    fn query(&mut self, root: catalog::Root, places: &[&'d Selected]) -> RootField {
        match root {
            catalog::Root::One(entity) => {
                self.needs(places, [self.right_of(entity)]);
                let id = self.required(places, "id");
                let mut load = Load::of(entity);
                let shape = self.row(&mut load, places);
                RootField::One { id, load, shape }
            }
            catalog::Root::List(entity) => {
                self.needs(places, [self.right_of(entity)]);
                let mut load = Box::new(RelationLoad {
                    arguments: self.list_arguments(entity, places),
                    targets: vec![Load::of(entity)],
                    ..RelationLoad::default()
                });
                let shape = self.page(&mut load, places);
                RootField::Page { load, shape }
            }
            catalog::Root::Aggregate(entity) => {
                self.needs(places, [self.right_of(entity)]);
                RootField::Aggregate(Box::new(self.aggregate(entity, places)))
            }
            catalog::Root::Value(query) => self.value_root(query, places),
            catalog::Root::Node => {
                let id = self.required(places, "id");
                let mut loads: Vec<_> = (0..self.catalog.entities.len()).map(Load::of).collect();
                let shapes = self.arms(&mut loads, places);
                RootField::Node { id, arms: loads.into_iter().zip(shapes).collect() }
            }
        }
    }

    fn mutation(&mut self, root: MutationRoot, places: &[&'d Selected]) -> RootField {
        let declared = &self.catalog.mutations[root.mutation];
        self.needs(places, [Some(declared.right)]);
        let usage = if root.many { Use::WriteMany } else { Use::Write };
        let input = self.checked(places, "input", (usage, root.entity));
        let input = input.unwrap_or(Template::Constant(Input::Null));
        let name = declared.payload(self.catalog.entities[root.entity].name());
        let mut answer = PayloadPlan { declared, load: Load::of(root.entity), place: Place::default() };
        let fields = if root.many {
            self.each(places, &format!("{name}ManyPayload"), |planner, field, places| match field {
                "results" => {
                    PayloadField::Results(planner.payload(&format!("{name}Result"), &mut answer, places))
                }
                _ => PayloadField::Typename(format!("{name}ManyPayload")),
            })
        } else {
            self.payload(&format!("{name}Payload"), &mut answer, places)
        };
        let PayloadPlan { load, place, .. } = answer;
        RootField::Mutation { root, input, load, shape: PayloadShape { fields, records: place.records } }
    }

    fn payload(
        &mut self,
        type_name: &str,
        answer: &mut PayloadPlan<'d>,
        places: &[&'d Selected],
    ) -> Vec<Keyed<PayloadField>> {
        let record = lower_first(self.catalog.entities[answer.load.entity].name());
        let extras = &answer.declared.extras;
        self.each(places, type_name, |planner, field, places| match field {
            "id" => PayloadField::Id,
            "error" => PayloadField::Error(planner.row_error(places)),
            _ if field == record => {
                planner.needs(places, [planner.right_of(answer.load.entity)]);
                PayloadField::Record(planner.row(&mut answer.load, places))
            }
            _ => match extras.iter().position(|extra| extra.name == field) {
                Some(position) => {
                    let ty = &extras[position].ty;
                    let shape = planner.value_field(position, ty, &mut answer.place, places);
                    PayloadField::Value(position, shape)
                }
                None => PayloadField::Typename(type_name.to_owned()),
            },
        })
    }

    fn row_error(&mut self, places: &[&'d Selected]) -> Vec<Keyed<RowErrorField>> {
        self.each(places, "RowError", |planner, field, places| match field {
            "code" => RowErrorField::Code,
            "message" => RowErrorField::Message,
            "fields" => {
                RowErrorField::Fields(planner.each(places, "FieldError", |_, field, _| match field {
                    "path" => FieldErrorField::Path,
                    "code" => FieldErrorField::Code,
                    "message" => FieldErrorField::Message,
                    _ => FieldErrorField::Typename,
                }))
            }
            _ => RowErrorField::Typename,
        })
    }

    fn aggregate(&mut self, entity: EntityIndex, places: &[&'d Selected]) -> AggregatePlan {
        let mut plan = AggregatePlan {
            entity,
            filter: self.checked(places, "filter", (Use::Filter, entity)),
            group_by: self.checked(places, "groupBy", (Use::Group, entity)),
            first: self.argument(places, "first"),
            measures: Vec::new(),
            money: Vec::new(),
            fields: Vec::new(),
        };
        let name = self.catalog.entities[entity].name();
        let fields = self.each(places, &format!("{name}Aggregate"), |planner, field, places| match field {
            "keys" => AggregateField::Keys,
            "count" => AggregateField::Count,
            "sum" => planner.measures(&mut plan, Function::Sum, &format!("{name}Sum"), places),
            "avg" => planner.measures(&mut plan, Function::Average, &format!("{name}Average"), places),
            "min" => planner.measures(&mut plan, Function::Minimum, &format!("{name}Minimum"), places),
            "max" => planner.measures(&mut plan, Function::Maximum, &format!("{name}Maximum"), places),
            _ => AggregateField::Typename(format!("{name}Aggregate")),
        });
        plan.fields = fields;
        plan
    }

    fn measures(
        &mut self,
        plan: &mut AggregatePlan,
        function: Function,
        type_name: &str,
        places: &[&'d Selected],
    ) -> AggregateField {
        let entity = &self.catalog.entities[plan.entity];
        AggregateField::Measures(self.each(places, type_name, |planner, field, places| {
            match entity.fields.get(field) {
                Some(Field::Column(index)) => {
                    let column = &entity.declaration.columns[*index];
                    planner.needs(places, [column.right]);
                    let kind = column.kind.unwrap_or(Kind::Long);
                    let measure = Measure { function, column: column.column.clone(), kind };
                    MeasureField::Column(position_or_push(&mut plan.measures, measure))
                }
                Some(Field::Money(index)) => {
                    planner.needs(places, [entity.declaration.money[*index].right]);
                    MeasureField::Money {
                        money: position_or_push(&mut plan.money, *index),
                        function,
                        fields: planner.money(places),
                    }
                }
                _ => MeasureField::Typename(type_name.to_owned()),
            }
        }))
    }
}

fn position_or_push<T: PartialEq>(list: &mut Vec<T>, item: T) -> usize {
    list.iter().position(|known| *known == item).unwrap_or_else(|| {
        list.push(item);
        list.len() - 1
    })
}
