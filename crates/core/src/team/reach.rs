//! How far somebody reaches by their teams. Whoever manages teams must not widen it for themself: rights with the scopes
//! TEAM and `TEAM_AND_BELOW` would be as good as rights to all records.

use std::collections::BTreeSet;

use sea_orm::{ColumnTrait as _, QueryFilter as _};
use shoal_graphql::error::{Error, Refusal};
use shoal_graphql::message;
use uuid::Uuid;

use super::rules::{Tree, is_below};
use super::{member, service};
use crate::access::{Access, forbidden};
use crate::module::Scope;
use crate::unit_of_work::UnitOfWork;

/// The teams by which who makes a change reaches records, as they are before it.
#[derive(Debug)]
pub(crate) struct Reach {
    /// They hold a right whose scope is their teams, and one whose scope is those below, too.
    by_team: bool,
    by_teams_below: bool,
    /// The company's teams.
    pub tree: Tree,
    /// Those they are in.
    pub own: BTreeSet<Uuid>,
}

impl Reach {
    /// Of who makes the change. Read it when changes before this one have ended.
    ///
    /// # Errors
    /// Faults of the database.
    pub(crate) async fn of_actor(unit: &UnitOfWork, access: &Access) -> Result<Self, Error> {
        let own = match unit.context().caller.actor.user() {
            Some(user) => {
                let mine = unit.find::<member::Entity>().filter(member::Column::UserId.eq(user));
                mine.all(unit.transaction()).await?.into_iter().map(|member| member.team_id).collect()
            }
            None => BTreeSet::new(),
        };
        let tree = service::tree(unit).await?;
        let by_teams_below = access.actor.has_scope(Scope::TeamAndBelow);
        Ok(Self { by_team: by_teams_below || access.actor.has_scope(Scope::Team), by_teams_below, tree, own })
    }

    /// Refuses a change after which they would be in the teams `own` of this tree, if they reached further then. A team
    /// that is made by the change has no records, and counts for nothing.
    ///
    /// # Errors
    /// `FORBIDDEN` about the field.
    pub(crate) fn expect_no_wider(
        &self,
        tree: &Tree,
        own: &BTreeSet<Uuid>,
        field: &str,
    ) -> Result<(), Refusal> {
        let known = |team: &&Uuid| self.tree.contains_key(*team);
        let joins = self.by_team && own.iter().filter(known).any(|team| !self.own.contains(team));
        let reaches = |tree: &Tree, own: &BTreeSet<Uuid>, team: Uuid| {
            own.iter().any(|above| is_below(tree, team, *above))
        };
        let gains = |team: &Uuid| reaches(tree, own, *team) && !reaches(&self.tree, &self.own, *team);
        if joins || (self.by_teams_below && self.tree.keys().any(gains)) {
            let message = message!(
                "team-widens-reach",
                "your own rights would reach the records of more teams; ask somebody whose rights reach all"
            );
            return Err(forbidden(&[field], message));
        }
        Ok(())
    }
}
