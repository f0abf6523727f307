//! What an operation may cost, from its plan and variables, before anything runs. The README has the rules.

use super::arguments::{Template, Variables};
use super::limits::Limits;
use super::{Load, PayloadShape, Plan, RecordLoad, RelationLoad, RootField};
use crate::catalog::{Catalog, MutationRoot};
use crate::declare::RelationKind;
use crate::read::list::{LIST, PAGE};
use crate::value::Input;

/// An aggregate, as it reads many rows for few groups.
const AGGREGATE: u64 = 10;
/// A mutation, as it takes a transaction.
const MUTATION: u64 = 10;
/// `__schema` or `__type`, as they write much.
const INTROSPECTION: u64 = 10;

/// What an operation may cost.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Estimate {
    /// For what it may read.
    reading: u64,
    /// For what is known before.
    fixed: u64,
}

impl Estimate {
    fn reading(reading: u64) -> Self {
        Self { reading, fixed: 0 }
    }

    fn fixed(fixed: u64) -> Self {
        Self { reading: 0, fixed }
    }

    fn and(self, other: Self) -> Self {
        Self {
            reading: self.reading.saturating_add(other.reading),
            fixed: self.fixed.saturating_add(other.fixed),
        }
    }

    /// All that it may cost.
    pub(crate) fn total(self) -> u64 {
        self.reading.saturating_add(self.fixed)
    }

    /// What it has cost, when it has read so much: never more than all.
    pub(crate) fn settled(self, read: u64) -> u64 {
        self.fixed.saturating_add(self.reading.min(read))
    }
}

/// The cost of an operation.
pub(crate) fn cost(plan: &Plan, catalog: &Catalog, variables: &Variables, limits: &Limits) -> Estimate {
    let meter = Meter { catalog, variables, limits };
    plan.roots.iter().fold(Estimate::default(), |sum, root| sum.and(meter.root(&root.value)))
}

/// What reading costs. Records grow with the number of parents, statements do not.
#[derive(Debug, Clone, Copy, Default)]
struct Reading {
    statements: u64,
    records: u64,
}

impl Reading {
    fn new(statements: u64, records: u64) -> Self {
        Self { statements, records }
    }

    fn and(self, other: Self) -> Self {
        Self {
            statements: self.statements.saturating_add(other.statements),
            records: self.records.saturating_add(other.records),
        }
    }

    /// Of records of which each is one or the other.
    fn or(self, other: Self) -> Self {
        Self { records: self.records.max(other.records), ..self.and(other) }
    }

    fn total(self) -> u64 {
        self.statements.saturating_add(self.records)
    }
}

struct Meter<'a> {
    catalog: &'a Catalog,
    variables: &'a Variables,
    limits: &'a Limits,
}

impl Meter<'_> {
    fn root(&self, root: &RootField) -> Estimate {
        match root {
            RootField::Typename(_) => Estimate::default(),
            RootField::Introspection => Estimate::fixed(INTROSPECTION),
            RootField::One { load, .. } => Estimate::reading(self.some(load, 1).total()),
            RootField::Change(plan) => Estimate::reading(self.some(&plan.load, 1).total()),
            RootField::Page { load, .. } => Estimate::reading(self.list(load, 1, PAGE).total()),
            RootField::Aggregate(plan) => Estimate::fixed(AGGREGATE.saturating_add(plan.money.len() as u64)),
            RootField::Node { arms, .. } => {
                let most = arms.iter().map(|(load, _)| self.some(load, 1).total()).max();
                // One statement finds out which type it is.
                Estimate::reading(most.unwrap_or_default().saturating_add(1))
            }
            RootField::Value(plan) => {
                let declared = Estimate::fixed(self.catalog.queries[plan.query].cost);
                declared.and(Estimate::reading(self.referred(&plan.records, 1)))
            }
            RootField::Mutation { root, input, load, shape } => self.mutation(*root, input, load, shape),
        }
    }

    fn mutation(&self, root: MutationRoot, input: &Template, load: &Load, shape: &PayloadShape) -> Estimate {
        let rows = if root.many { self.length(input).min(self.limits.rows as u64) } else { 1 };
        let read = if shape.wants_records() { self.some(load, rows).total() } else { 0 };
        let referred = self.referred(&shape.records, rows);
        Estimate { reading: read.saturating_add(referred), fixed: MUTATION.saturating_add(rows) }
    }

    /// Records of values: how many stand in a list is only known when it is there.
    fn referred(&self, places: &[RecordLoad], parents: u64) -> u64 {
        let each = |place: &RecordLoad| {
            let records = if place.listed { parents.saturating_mul(LIST.into()) } else { parents };
            self.some(&place.load, records)
        };
        // Each record is of one type.
        let places = places.chunk_by(|one, next| one.path == next.path);
        let of_place = |loads: &[RecordLoad]| loads.iter().map(each).fold(Reading::default(), Reading::or);
        places.map(of_place).fold(Reading::default(), Reading::and).total()
    }

    /// So many records, read in one statement, with what hangs on them.
    fn some(&self, load: &Load, records: u64) -> Reading {
        Reading::new(1, records).and(self.below(load, records))
    }

    /// What hangs on so many records.
    fn below(&self, load: &Load, records: u64) -> Reading {
        let relations = &self.catalog.entities[load.entity].relations;
        let each = |below: &RelationLoad| {
            let Some(declared) = below.relation.and_then(|position| relations.get(position)) else {
                return Reading::default();
            };
            match &declared.declaration.kind {
                RelationKind::AnyRecord { .. } => {
                    let statements = (below.targets.len() as u64).min(records.max(1));
                    let hanging = below.targets.iter().map(|load| self.below(load, records));
                    Reading::new(statements, records).and(hanging.fold(Reading::default(), Reading::or))
                }
                kind if kind.is_to_one() => {
                    let hanging = below.targets.first().map(|load| self.some(load, records));
                    hanging.unwrap_or_default()
                }
                _ => self.list(below, records, if declared.declaration.as_list { LIST } else { PAGE }),
            }
        };
        load.relations.iter().map(each).fold(Reading::default(), Reading::and)
    }

    /// A list for each of so many parents.
    fn list(&self, below: &RelationLoad, parents: u64, otherwise: u32) -> Reading {
        let mut reading = Reading::new(u64::from(below.count), 0);
        if let (true, Some(load)) = (below.rows, below.targets.first()) {
            let arguments = &below.arguments;
            let named = arguments.last.as_ref().and_then(|last| self.number(last));
            let named = named.or_else(|| arguments.first.as_ref().and_then(|first| self.number(first)));
            let each = named.unwrap_or_else(|| otherwise.into());
            reading = reading.and(self.some(load, parents.saturating_mul(each)));
        }
        reading
    }

    /// The number that an argument holds; what is refused anyway counts as the most that is not.
    fn number(&self, template: &Template) -> Option<u64> {
        match self.value(template)? {
            Input::Int(number) => {
                Some(u64::try_from(*number).unwrap_or_default().min(self.limits.page.into()))
            }
            _ => None,
        }
    }

    /// The number of rows of an input.
    fn length(&self, template: &Template) -> u64 {
        match (template, self.value(template)) {
            (Template::List(items), _) => items.len() as u64,
            (_, Some(Input::List(items))) => items.len() as u64,
            _ => 1,
        }
    }

    fn value<'v>(&'v self, template: &'v Template) -> Option<&'v Input> {
        match template {
            Template::Constant(input) => Some(input),
            Template::Variable(position, _) => self.variables.get(*position)?.as_ref(),
            _ => None,
        }
    }
}
