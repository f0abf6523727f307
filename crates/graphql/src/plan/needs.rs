//! The rights that a plan needs. A plan is shared by all callers: it lists what is needed where, and each request is
//! checked against that before anything runs.

use std::collections::HashSet;
use std::sync::Arc;

use super::arguments::{Template, Variables};
use super::given::{Given, Use, walk};
use crate::catalog::{Catalog, EntityIndex};
use crate::context::RightSet;
use crate::error::{FieldError, Location, PathSegment, ResponseError, code};
use crate::message;

/// A field of the response, without list positions.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Place {
    path: Box<[Arc<str>]>,
    location: Option<Location>,
    /// The rights to read the types that the field is planned for: records of interfaces and unions that may not be
    /// read are left out, and with them what is selected of them.
    types: Box<[&'static str]>,
}

/// Something that needs one of several rights.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Need {
    place: Place,
    any_of: Box<[&'static str]>,
    /// Where in the field's arguments; empty for the field itself.
    argument: Vec<String>,
}

/// An argument that a variable stands in: what it needs is known when it is given.
#[derive(Debug)]
struct Open {
    place: Place,
    name: &'static str,
    entity: EntityIndex,
    usage: Use,
    template: Template,
}

/// Everything a plan needs.
#[derive(Debug, Default)]
pub(crate) struct Needs {
    /// Every right that `known` names, once: who holds them all need not be asked further.
    rights: Vec<&'static str>,
    known: Vec<Need>,
    open: Vec<Open>,
}

impl Needs {
    /// Refuses a caller who lacks something: one error for each field.
    pub(crate) fn check(
        &self,
        catalog: &Catalog,
        rights: &RightSet,
        variables: &Variables,
    ) -> Result<(), Vec<ResponseError>> {
        if rights.is_all() {
            return Ok(());
        }
        let mut errors = Vec::new();
        if !self.rights.iter().all(|right| rights.holds(right)) {
            for need in self.known.iter().filter(|need| need.place.is_met_by(rights)) {
                if !need.any_of.iter().any(|right| rights.holds(right)) {
                    add(&mut errors, &need.place, &need.any_of, need.argument.clone());
                }
            }
        }
        for open in self.open.iter().filter(|open| open.place.is_met_by(rights)) {
            let given = Given::Template(&open.template);
            walk(catalog, variables, (open.usage, open.entity), (open.name, given), &mut |right, trail| {
                if !rights.holds(right) {
                    add(&mut errors, &open.place, &[right], trail.segments());
                }
            });
        }
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }
}

impl Place {
    /// False if all of it is left out for this caller.
    fn is_met_by(&self, rights: &RightSet) -> bool {
        self.types.iter().all(|right| rights.holds(right))
    }
}

/// Adds to the error of this place, or begins it.
fn add(errors: &mut Vec<ResponseError>, place: &Place, any_of: &[&str], argument: Vec<String>) {
    let message = match any_of {
        [right] => message!("right-missing", "this needs the right `{right}`", right = *right),
        several => {
            let rights = several.join("`, `");
            message!("right-missing-of-several", "this needs one of the rights `{rights}`", rights)
        }
    };
    let path: Vec<_> = place.path.iter().map(|key| PathSegment::Key(key.to_string())).collect();
    let position = errors.iter().position(|error| error.path == path).unwrap_or_else(|| {
        let error = ResponseError::request(code::FORBIDDEN, message.clone());
        errors.push(ResponseError { path, locations: place.location.into_iter().collect(), ..error });
        errors.len() - 1
    });
    let fields = &mut errors[position].fields;
    if !argument.is_empty() && !fields.iter().any(|field| field.path == argument) {
        fields.push(FieldError::new(argument, code::FORBIDDEN, message));
    }
}

/// Notes needs while a plan is made.
#[derive(Default)]
pub(super) struct Noting {
    path: Vec<Arc<str>>,
    types: Vec<&'static str>,
    seen: HashSet<Need>,
    needs: Needs,
}

impl Noting {
    /// Goes below the field with this response key.
    pub(super) fn enter(&mut self, key: &Arc<str>) {
        self.path.push(Arc::clone(key));
    }

    /// Comes back from it.
    pub(super) fn leave(&mut self) {
        self.path.pop();
    }

    /// What follows is for records of a type that is left out without this right.
    pub(super) fn enter_type(&mut self, right: Option<&'static str>) {
        self.types.extend(right);
    }

    /// The end of that.
    pub(super) fn leave_type(&mut self, right: Option<&'static str>) {
        self.types.truncate(self.types.len() - usize::from(right.is_some()));
    }

    fn place(&self, location: Option<Location>) -> Place {
        let mut types = self.types.clone();
        types.sort_unstable();
        types.dedup();
        Place { path: self.path.clone().into(), location, types: types.into() }
    }

    /// The field needs one of these rights. None at all: it needs nothing.
    pub(super) fn field(&mut self, mut any_of: Vec<&'static str>, location: Option<Location>) {
        any_of.sort_unstable();
        any_of.dedup();
        if any_of.is_empty() || any_of.iter().any(|right| self.types.contains(right)) {
            return;
        }
        let need = Need { place: self.place(location), any_of: any_of.into(), argument: Vec::new() };
        self.note(need);
    }

    fn note(&mut self, need: Need) {
        for right in need.place.types.iter().chain(&need.any_of) {
            if !self.needs.rights.contains(right) {
                self.needs.rights.push(right);
            }
        }
        if self.seen.insert(need.clone()) {
            self.needs.known.push(need);
        }
    }

    /// An argument of the field says something about this entity.
    pub(super) fn argument(
        &mut self,
        catalog: &Catalog,
        (usage, entity): (Use, EntityIndex),
        (name, template): (&'static str, Option<&Template>),
        location: Option<Location>,
    ) {
        let Some(template) = template else { return };
        let place = self.place(location);
        if template.has_variables() {
            self.needs.open.push(Open { place, name, entity, usage, template: template.clone() });
            return;
        }
        let mut found = Vec::new();
        let given = Given::Template(template);
        walk(catalog, &Vec::new(), (usage, entity), (name, given), &mut |right, trail| {
            found.push((right, trail.segments()));
        });
        for (right, argument) in found {
            self.note(Need { place: place.clone(), any_of: [right].into(), argument });
        }
    }

    /// All that was noted.
    pub(super) fn finish(&mut self) -> Needs {
        std::mem::take(&mut self.needs)
    }
}
