//! The records that interactions name.

use std::collections::HashSet;

use shoal_core::batch::present;
use shoal_core::{UnitOfWork, team};
use shoal_graphql::declare::Patch;
use shoal_graphql::error::{Error, Refusal, code};
use shoal_graphql::message;
use uuid::Uuid;

use super::graphql::InteractionDetails;
use super::rules::CONTACTS;
use crate::save::{active_users, kept_teams};
use crate::{account, contact};

/// What one interaction names, as far as it is given.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Names<'i> {
    pub contacts: &'i [Uuid],
    pub account: Option<Uuid>,
    pub owner: Option<Uuid>,
    pub team: Option<Uuid>,
}

impl<'i> From<&'i InteractionDetails> for Names<'i> {
    fn from(details: &'i InteractionDetails) -> Self {
        let one = |given: &Patch<Option<Uuid>>| given.given().copied().flatten();
        Self {
            contacts: details.contact_ids.given().map_or(&[], Vec::as_slice),
            account: one(&details.account_id),
            owner: one(&details.owner_id),
            team: one(&details.team_id),
        }
    }
}

/// Those of the records that a batch names which are there for the caller.
pub(super) struct Named {
    contacts: HashSet<Uuid>,
    accounts: HashSet<Uuid>,
    users: HashSet<Uuid>,
    teams: HashSet<Uuid>,
}

impl Named {
    /// Looks up what these name, and `others` of the contacts.
    pub(super) async fn load(
        unit: &UnitOfWork,
        names: &[Names<'_>],
        others: impl Iterator<Item = Uuid>,
    ) -> Result<Self, Error> {
        let each = |of: fn(&Names<'_>) -> Option<Uuid>| names.iter().filter_map(of).collect();
        let contacts = names.iter().flat_map(|names| names.contacts).copied().chain(others);
        Ok(Self {
            contacts: present::<contact::Entity>(unit, contacts).await?,
            accounts: present::<account::Entity>(unit, names.iter().filter_map(|names| names.account))
                .await?,
            users: active_users(unit, each(|names| names.owner)).await?,
            teams: kept_teams(unit, each(|names| names.team)).await?,
        })
    }

    /// Whether a contact is there for the caller.
    pub(super) fn has_contact(&self, id: Uuid) -> bool {
        self.contacts.contains(&id)
    }

    /// Refuses what names a record that is not there.
    pub(super) fn check(&self, names: Names<'_>) -> Result<(), Refusal> {
        let Names { contacts, account, owner, team } = names;
        if contacts.len() > CONTACTS {
            let message = message!("contacts-list-too-long", "at most {most}", most = CONTACTS);
            return Err(Refusal::field(["contactIds"], code::LIMIT_EXCEEDED, message));
        }
        if let Some(position) = contacts.iter().position(|id| !self.contacts.contains(id)) {
            let mut refusal = Refusal::not_found(contact::NOT_FOUND, ["contactIds"]);
            refusal.fields[0].path.push(position.to_string());
            return Err(refusal);
        }
        let absent =
            |given: Option<Uuid>, there: &HashSet<Uuid>| given.is_some_and(|id| !there.contains(&id));
        if absent(account, &self.accounts) {
            return Err(Refusal::not_found(account::NOT_FOUND, ["accountId"]));
        }
        if absent(owner, &self.users) {
            let message = message!("contacts-owner-not-found", "active user not found");
            return Err(Refusal::not_found(message, ["ownerId"]));
        }
        if absent(team, &self.teams) {
            return Err(Refusal::not_found(team::NOT_FOUND, ["teamId"]));
        }
        Ok(())
    }
}
