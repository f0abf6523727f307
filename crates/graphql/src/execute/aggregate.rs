//! Runs an aggregate: one statement for counts and columns, one for each amount of money.

use std::collections::HashMap;

use sea_orm::QueryResult;

use super::load::Loader;
use super::row;
use crate::error::Error;
use crate::plan::AggregatePlan;
use crate::plan::arguments::Template;
use crate::read::aggregate::slots;
use crate::value::{Input, Kind};

/// Groups of an aggregate in the order of their keys.
pub(crate) struct Groups {
    pub groups: Vec<Group>,
    /// First slot of each measure.
    pub measure_slots: Vec<usize>,
}

/// One group.
pub(crate) struct Group {
    pub keys: Vec<Option<String>>,
    pub count: i64,
    pub row: QueryResult,
    /// For each amount of money one entry per currency.
    pub money: Vec<Vec<Amounts>>,
}

/// Amounts in one currency, in minor units.
pub(crate) struct Amounts {
    pub currency: String,
    pub sum: i128,
    pub count: i64,
    pub smallest: i64,
    pub largest: i64,
}

/// Groups where the caller names no number.
const GROUPS: u32 = 100;

type Key = Vec<Option<String>>;

impl Loader<'_> {
    pub(crate) async fn aggregate(&self, plan: &AggregatePlan) -> Result<Groups, Error> {
        let entity = self.scope.entity(plan.entity);
        let fill = |template: &Option<Template>| match template {
            Some(template) => template.fill(self.variables),
            None => Ok(None),
        };
        let groups = self.scope.groups(entity, fill(&plan.group_by)?)?;
        let filter = match fill(&plan.filter)? {
            Some(Input::Object(filter)) => Some(filter),
            _ => None,
        };
        let first = self.scope.size(plan.first.as_ref(), "first", self.variables)?.unwrap_or(GROUPS);
        let kinds: Vec<Kind> = groups.iter().map(|group| group.kind).collect();
        let rows = self.rows(self.scope.aggregate(plan, &groups, filter.as_ref(), first)?).await?;
        let mut found = Vec::with_capacity(rows.len());
        for row in rows {
            let keys = keys(&row, &kinds)?;
            let count = row::value::<i64>(&row, kinds.len())?.unwrap_or_default();
            found.push(Group { keys, count, row, money: plan.money.iter().map(|_| Vec::new()).collect() });
        }
        let positions: HashMap<Key, usize> =
            found.iter().enumerate().map(|(position, group)| (group.keys.clone(), position)).collect();
        for (place, money) in plan.money.iter().enumerate() {
            let money = &entity.declaration.money[*money];
            let sql = self.scope.aggregate_money(entity, money, &groups, filter.as_ref(), first)?;
            for row in self.rows(sql).await? {
                if let Some(position) = positions.get(&keys(&row, &kinds)?) {
                    found[*position].money[place].extend(amounts(&row, kinds.len())?);
                }
            }
        }
        let mut slot = kinds.len() + 1;
        let measure_slots = plan.measures.iter().map(|measure| {
            slot += slots(measure);
            slot - slots(measure)
        });
        Ok(Groups { measure_slots: measure_slots.collect(), groups: found })
    }
}

fn keys(row: &QueryResult, kinds: &[Kind]) -> Result<Key, Error> {
    kinds.iter().enumerate().map(|(slot, kind)| row::plain(row, slot, *kind)).collect()
}

fn amounts(row: &QueryResult, first: usize) -> Result<Option<Amounts>, Error> {
    let Some(currency) = row::plain(row, first, Kind::Text)? else { return Ok(None) };
    Ok(Some(Amounts {
        currency,
        sum: whole(row, first + 1)?.unwrap_or_default(),
        count: row::value(row, first + 2)?.unwrap_or_default(),
        smallest: row::value(row, first + 3)?.unwrap_or_default(),
        largest: row::value(row, first + 4)?.unwrap_or_default(),
    }))
}

/// A sum, which leaves the database as text, on SQLite in two halves.
pub(crate) fn whole(row: &QueryResult, slot: usize) -> Result<Option<i128>, Error> {
    let parse = |text: &str| match text.split_once('|') {
        Some((upper, lower)) => Ok(upper.parse::<i128>()? * (1 << 32) + lower.parse::<i128>()?),
        None => text.parse::<i128>(),
    };
    row::text(row, slot, parse)?.transpose().map_err(Error::fault)
}
