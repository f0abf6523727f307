//! What makes an account valid: pure.

use std::collections::HashMap;

use shoal_core::value::currency::{Currency, minor_units};
use shoal_core::value::sort_key::sort_key;
use shoal_core::value::{domain, text};
use shoal_graphql::declare::{MoneyInput, Patch};
use shoal_graphql::message;
use shoal_graphql::value::Choice as _;
use uuid::Uuid;

use super::Model;
use super::graphql::AccountPatch;
use crate::rules::{LINE, Mistakes, NEGATIVE, optional_sort_key};

/// Puts the values into the account.
pub(crate) fn apply(model: &mut Model, patch: &AccountPatch, mistakes: &mut Mistakes) {
    let AccountPatch { name, details } = patch.clone();
    if let Patch::Set(name) = name
        && let Some(name) = mistakes.check("name", text::line(&name, LINE))
    {
        model.name = name;
    }
    if model.name.is_empty() && mistakes.0.is_empty() {
        mistakes.add(
            "name",
            "REQUIRED",
            message!("contacts-account-without-name", "an account needs a name"),
        );
    }
    model.name_sort = sort_key(&model.name);
    mistakes.line("legalName", details.legal_name, &mut model.legal_name);
    mistakes.parsed("domain", details.domain, &mut model.domain, domain::normalise);
    mistakes.line("industry", details.industry, &mut model.industry);
    model.industry_sort = optional_sort_key(model.industry.as_deref());
    mistakes.line("taxId", details.tax_id, &mut model.tax_id);
    if let Some(Some(employees)) = details.employees.given()
        && *employees < 0
    {
        mistakes.add("employees", "RANGE", NEGATIVE);
    }
    details.employees.apply(&mut model.employees);
    details.parent_id.apply(&mut model.parent_id);
    details.founded_year.apply(&mut model.founded_year);
    if let Patch::Set(tier) = details.tier {
        model.tier = tier.map(|tier| tier.code().to_owned());
    }
    if let Patch::Set(stage) = details.lifecycle_stage {
        stage.code().clone_into(&mut model.lifecycle_stage);
    }
    details.owner_id.apply(&mut model.owner_id);
    details.team_id.apply(&mut model.team_id);
    if let Patch::Set(budget) = details.annual_budget {
        let units = budget.and_then(|budget| money(&budget, mistakes));
        model.annual_budget_amount = units.map(|(amount, _)| amount);
        model.annual_budget_currency = units.map(|(_, currency)| currency.code().to_owned());
    }
}

fn money(given: &MoneyInput, mistakes: &mut Mistakes) -> Option<(i64, Currency)> {
    let currency = mistakes.check("annualBudget", Currency::parse(&given.currency))?;
    let units = mistakes.check("annualBudget", minor_units(given.amount, currency))?;
    if units < 0 {
        mistakes.add("annualBudget", "RANGE", NEGATIVE);
    }
    Some((units, currency))
}

/// Levels of the tree of accounts.
pub(crate) const DEEPEST: usize = 50;

/// True if `account` would be above itself, or the tree too deep, with these parents.
pub(crate) fn is_cycle(account: Uuid, parents: &HashMap<Uuid, Uuid>) -> bool {
    let mut at = account;
    for _ in 0..DEEPEST {
        match parents.get(&at) {
            None => return false,
            Some(parent) if *parent == account => return true,
            Some(parent) => at = *parent,
        }
    }
    true
}
