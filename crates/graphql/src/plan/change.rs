//! Changes of records, as subscriptions tell them.

use apollo_compiler::executable::Field as Selected;

use super::arguments::Template;
use super::given::Use;
use super::shape::Planner;
use super::{Keyed, Load, RootField, Shape};
use crate::catalog::{EntityIndex, lower_first};

/// What is asked of a changed record.
#[derive(Debug)]
pub(crate) struct ChangePlan {
    pub filter: Option<Template>,
    pub load: Load,
    pub fields: Vec<Keyed<ChangeField>>,
}

#[derive(Debug)]
pub(crate) enum ChangeField {
    Typename(String),
    Kind,
    Id,
    ChangedFields,
    Record(Shape),
}

impl<'d> Planner<'d> {
    /// A root field of the subscription type.
    pub(super) fn change(&mut self, entity: EntityIndex, places: &[&'d Selected]) -> RootField {
        self.needs(places, [self.right_of(entity)]);
        let filter = self.checked(places, "filter", (Use::Filter, entity));
        let name = self.catalog.entities[entity].name();
        let (type_name, record) = (format!("{name}Change"), lower_first(name));
        let mut load = Load::of(entity);
        let fields = self.each(places, &type_name, |planner, field, places| match field {
            "kind" => ChangeField::Kind,
            "id" => ChangeField::Id,
            "changedFields" => ChangeField::ChangedFields,
            _ if field == record => ChangeField::Record(planner.row(&mut load, places)),
            _ => ChangeField::Typename(type_name.clone()),
        });
        RootField::Change(Box::new(ChangePlan { filter, load, fields }))
    }
}
