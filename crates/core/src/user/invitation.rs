//! People are invited.

use std::collections::{BTreeSet, HashSet};

use shoal_graphql::declare::{Done, Handled};
use shoal_graphql::error::{Error, Refusal};
use uuid::Uuid;

use super::directory::{self, Addresses, set_roles, set_teams};
use super::graphql::UserInvite;
use super::rules::{Details, email_key};
use super::service::{link_path, stage, taken};
use crate::access::{Access, differing};
use crate::permission::{ROLE_MANAGE, TEAM_MANAGE, USER_MANAGE};
use crate::role;
use crate::sign_in::link::{self, Purpose};
use crate::unit_of_work::UnitOfWork;

/// What invitations are decided on.
struct Known {
    access: Access,
    /// The role that everybody has who was given no other.
    employee: Uuid,
    addresses: Addresses,
    teams: HashSet<Uuid>,
}

/// Adds people with a link each.
///
/// # Errors
/// `FORBIDDEN`; faults of the database. Refusals are per row.
pub(super) async fn invite(unit: &mut UnitOfWork, inputs: &[UserInvite]) -> Result<Handled, Error> {
    let access = Access::take(unit, USER_MANAGE).await?;
    let employee = access.built_in(role::EMPLOYEE)?;
    let keys = inputs.iter().map(|input| email_key(&input.email)).collect();
    let addresses = directory::addresses(unit, keys).await?;
    let teams = inputs.iter().flat_map(|input| input.team_ids.iter().flatten().copied()).collect();
    let teams = directory::known_teams(unit, teams).await?;
    let mut known = Known { access, employee, addresses, teams };
    Ok(inputs.iter().map(|input| invite_one(unit, &mut known, input)).collect())
}

fn invite_one(unit: &mut UnitOfWork, known: &mut Known, input: &UserInvite) -> Result<Done, Refusal> {
    let UserInvite { email, name, language, time_zone, role_ids, team_ids } = input.clone();
    let details = Details { email, name, language, time_zone }.clean().map_err(Refusal::validation)?;
    if let Some((_, active)) = known.addresses.get(&details.email_key()) {
        return Err(taken(*active));
    }
    let roles = role_ids.unwrap_or_else(|| vec![known.employee]);
    let teams = team_ids.unwrap_or_default();
    if roles.iter().any(|role| *role != known.employee) {
        known.access.expect_right(ROLE_MANAGE, "roleIds")?;
    }
    let nothing = BTreeSet::new();
    known.access.expect_roles(&differing(&nothing, &roles))?;
    if !teams.is_empty() {
        known.access.expect_right(TEAM_MANAGE, "teamIds")?;
        directory::expect_teams(&known.teams, &teams)?;
    }
    let user = stage(unit, details);
    set_roles(unit, user.id, &nothing, &roles.into_iter().collect());
    set_teams(unit, user.id, &nothing, &teams.into_iter().collect());
    known.addresses.insert(user.email_key, (user.id, true));
    let token = link::make(unit, user.id, Purpose::Invitation);
    Ok(Done::from(user.id).with("link", link_path(&token)))
}
