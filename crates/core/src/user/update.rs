//! People change: what is known of them, what they may do, whether they may come in.

use std::collections::{BTreeSet, HashMap, HashSet};

use shoal_graphql::declare::{Handled, Patch};
use shoal_graphql::error::{Error, FieldError, Refusal};
use shoal_graphql::message;
use uuid::Uuid;

use super::directory::{self, Addresses, ByUser, set_roles, set_teams};
use super::graphql::UserUpdate;
use super::rules::{Details, email_key};
use super::service::taken;
use super::{Entity, Model, NOT_FOUND};
use crate::access::{Access, LAST_ADMINISTRATOR, differing};
use crate::batch::{Tracked as _, expect_version, load};
use crate::permission::{ROLE_MANAGE, TEAM_MANAGE, USER_MANAGE};
use crate::sign_in::link;
use crate::team::Reach;
use crate::unit_of_work::UnitOfWork;
use crate::{role, session};

/// What changes are decided on.
struct Known {
    access: Access,
    administrator: Uuid,
    users: HashMap<Uuid, Model>,
    roles: ByUser,
    teams: ByUser,
    present_teams: HashSet<Uuid>,
    addresses: Addresses,
    /// Who makes the change, and who has never come in: they own nothing that the change would lead to.
    no_others: HashSet<Uuid>,
    /// How far who makes the change reaches, if they change their own teams.
    reach: Option<(Uuid, Reach)>,
    /// Active users who may do everything, as the rows before have left them.
    administrators: HashSet<Uuid>,
    seen: HashSet<Uuid>,
}

/// What is to become of one user.
struct Change {
    before: Model,
    after: Model,
    roles: (BTreeSet<Uuid>, BTreeSet<Uuid>),
    teams: (BTreeSet<Uuid>, BTreeSet<Uuid>),
    /// They may do more than before.
    rises: bool,
}

impl Change {
    fn is_none(&self) -> bool {
        self.before == self.after && self.roles.0 == self.roles.1 && self.teams.0 == self.teams.1
    }

    fn gives_email(&self) -> bool {
        self.before.email_key != self.after.email_key
    }

    fn turns(&self) -> bool {
        self.before.active != self.after.active
    }
}

/// Changes people.
///
/// # Errors
/// `FORBIDDEN`; faults of the database. Refusals are per row.
pub(super) async fn update(unit: &mut UnitOfWork, inputs: &[UserUpdate]) -> Result<Handled, Error> {
    let mut known = know(unit, inputs).await?;
    let (mut handled, mut changes) = (Vec::with_capacity(inputs.len()), Vec::new());
    for input in inputs {
        let decided = decide(&mut known, input);
        handled.push(decided.map(|change| {
            changes.extend(change);
            input.id.into()
        }));
    }
    // Whoever may not come in any more, or comes by another address, does so by none of the old links; whoever made one
    // for somebody with few rights must not hold one for somebody with many. And what somebody began who was faster than
    // their end does not go on when they are back.
    let unlinked = changes.iter().filter(|change| change.gives_email() || change.turns() || change.rises);
    link::void_all(unit, unlinked.map(|change| change.before.id).collect()).await?;
    let ended = changes.iter().filter(|change| change.turns()).map(|change| change.before.id);
    session::service::end_all(unit, ended.collect(), None).await?;
    for change in changes {
        stage(unit, change);
    }
    Ok(handled)
}

async fn know(unit: &UnitOfWork, inputs: &[UserUpdate]) -> Result<Known, Error> {
    let access = Access::take(unit, USER_MANAGE).await?;
    let administrator = access.built_in(role::ADMINISTRATOR)?;
    let users = load::<Entity>(unit, inputs.iter().map(|input| input.id)).await?;
    let roles = directory::roles_of(unit, users.keys().copied()).await?;
    let teams = directory::teams_of(unit, users.keys().copied()).await?;
    let keys = inputs.iter().filter_map(|input| input.email.given()).map(|email| email_key(email));
    let addresses = directory::addresses(unit, keys.collect()).await?;
    let named = inputs.iter().filter_map(|input| input.team_ids.given()).flatten().copied();
    let present_teams = directory::known_teams(unit, named.collect()).await?;
    let rights = |input: &UserUpdate| input.active.given().is_some() || input.role_ids.given().is_some();
    let administrators =
        if inputs.iter().any(rights) { access.administrators(unit).await? } else { HashSet::new() };
    let me = unit.context().caller.actor.user();
    let renamed = inputs.iter().filter(|input| input.email.given().is_some()).map(|input| input.id);
    let mut no_others = directory::newcomers(unit, renamed.collect()).await?;
    no_others.extend(me);
    let moves = |me: &Uuid| inputs.iter().any(|input| input.id == *me && input.team_ids.given().is_some());
    let reach = match me.filter(moves) {
        Some(me) => Some((me, Reach::of_actor(unit, &access).await?)),
        None => None,
    };
    Ok(Known {
        access,
        administrator,
        users,
        roles,
        teams,
        present_teams,
        addresses,
        no_others,
        reach,
        administrators,
        seen: HashSet::new(),
    })
}

/// What is to become of the user of a row; `None` if nothing.
fn decide(known: &mut Known, input: &UserUpdate) -> Result<Option<Change>, Refusal> {
    let before = known.users.get(&input.id).ok_or_else(|| Refusal::not_found(NOT_FOUND, ["id"]))?.clone();
    if !known.seen.insert(before.id) {
        return Err(Refusal::field(
            ["id"],
            "TWICE",
            message!("user-twice", "another row is about the same user"),
        ));
    }
    let mut details = Details::of(&before);
    input.email.clone().apply(&mut details.email);
    input.name.clone().apply(&mut details.name);
    input.language.clone().apply(&mut details.language);
    input.time_zone.clone().apply(&mut details.time_zone);
    let mut after = before.clone();
    let cleaned = details.clean().map(|details| details.put(&mut after));
    input.active.clone().apply(&mut after.active);
    expect_version(&before, &after, input.expected_version).map_err(without_key)?;
    cleaned.map_err(Refusal::validation)?;
    let roles = known.roles.remove(&before.id).unwrap_or_default();
    let teams = known.teams.remove(&before.id).unwrap_or_default();
    let given = |patch: &Patch<Vec<Uuid>>, before: &BTreeSet<Uuid>| {
        patch.given().map_or_else(|| before.clone(), |ids| ids.iter().copied().collect())
    };
    let roles = (roles.clone(), given(&input.role_ids, &roles));
    let teams = (teams.clone(), given(&input.team_ids, &teams));
    let rises = !known.access.rights_of(&roles.0).cover(&known.access.rights_of(&roles.1));
    let change = Change { before, after, roles, teams, rises };
    if change.is_none() {
        return Ok(None);
    }
    expect_allowed(known, input, &change)?;
    keep_administrator(known, &change)?;
    if change.gives_email() {
        known.addresses.insert(change.after.email_key.clone(), (change.after.id, change.after.active));
    }
    Ok(Some(change))
}

/// The conflict without the key of the address, which is no field of the API.
fn without_key(mut conflict: Refusal) -> Refusal {
    conflict.fields.retain(|field| field.path != ["emailKey"]);
    conflict
}

/// Refuses addresses that others have, and changes by who may not make them.
fn expect_allowed(known: &Known, input: &UserUpdate, change: &Change) -> Result<(), Refusal> {
    let Change { before, after, roles, teams, .. } = change;
    let holder = known.addresses.get(&after.email_key).filter(|(holder, _)| *holder != before.id);
    if let Some((_, active)) = holder.filter(|_| change.gives_email()) {
        return Err(taken(*active));
    }
    let rights = || known.access.rights_of(&roles.0);
    if before.email != after.email && known.no_others.contains(&before.id) {
        known.access.expect_cover(&rights(), "email")?;
    } else if before.email != after.email {
        known.access.expect_cover_records(&rights(), "email")?;
    }
    if change.turns() && after.active {
        known.access.expect_cover(&rights(), "active")?;
    }
    if roles.0 != roles.1 {
        known.access.expect_right(ROLE_MANAGE, "roleIds")?;
        let given = input.role_ids.given().map_or(&[][..], Vec::as_slice);
        known.access.expect_roles(&differing(&roles.0, given))?;
    }
    if teams.0 != teams.1 {
        known.access.expect_right(TEAM_MANAGE, "teamIds")?;
        directory::expect_teams(&known.present_teams, input.team_ids.given().map_or(&[], Vec::as_slice))?;
        if let Some((_, reach)) = known.reach.as_ref().filter(|(me, _)| *me == before.id) {
            reach.expect_no_wider(&reach.tree, &teams.1, "teamIds")?;
        }
    }
    Ok(())
}

/// Refuses a change after which nobody may do everything.
fn keep_administrator(known: &mut Known, change: &Change) -> Result<(), Refusal> {
    let id = change.before.id;
    if change.after.active && change.roles.1.contains(&known.administrator) {
        known.administrators.insert(id);
        return Ok(());
    }
    if known.administrators.len() == 1 && known.administrators.contains(&id) {
        let field = if change.turns() { "active" } else { "roleIds" };
        let message = message!(
            "last-administrator",
            "this is the last active administrator; make somebody else one first"
        );
        let fields = vec![FieldError::new([field], LAST_ADMINISTRATOR, message.clone())];
        return Err(Refusal { fields, ..Refusal::new(LAST_ADMINISTRATOR, message) });
    }
    known.administrators.remove(&id);
    Ok(())
}

fn stage(unit: &mut UnitOfWork, change: Change) {
    let turns = change.turns();
    let Change { before, mut after, roles, teams, .. } = change;
    after.touch(unit.now(), unit.actor());
    set_roles(unit, before.id, &roles.0, &roles.1);
    set_teams(unit, before.id, &teams.0, &teams.1);
    unit.update::<Entity>(&before, after);
    if turns {
        unit.access_changed();
    }
}
