//! Who may give which rights to whom.
//!
//! One rule keeps rights from growing: **nobody gives or takes what they do not hold**. Whoever gives a role, puts a right
//! into one, makes a key, or could come in as somebody else (by a link, or by another address for theirs), holds every
//! right in question himself, with at least that scope. To come in as somebody who has been here takes it for all records:
//! what others own, or their teams, is not one's own.
//!
//! All changes of a company's people, roles and keys go one after the other, and what decides them (the roles, and the
//! rights of who makes the change) is read after the one before has ended: not from what a request brought along.

use std::collections::{BTreeSet, HashMap, HashSet};

use sea_orm::{ColumnTrait as _, QueryFilter as _};
use shoal_graphql::error::{Error, FieldError, Refusal, code};
use shoal_graphql::message;
use shoal_graphql::message::Message;
use shoal_graphql::value::Choice as _;
use uuid::Uuid;

use crate::caller::Actor;
use crate::module::Scope;
use crate::role::rights::Rights;
use crate::unit_of_work::UnitOfWork;
use crate::{api_key, role, user};

/// A change would leave the company without anybody who may do everything.
pub const LAST_ADMINISTRATOR: &str = "LAST_ADMINISTRATOR";

/// Something cannot be deleted as others go by it.
pub const IN_USE: &str = "IN_USE";

/// The codes with their meanings, for the documentation.
pub const CODES: &[(&str, &str)] = &[
    (LAST_ADMINISTRATOR, "The company would have no active administrator; make somebody else one first."),
    (IN_USE, "It cannot be deleted, as others go by it; `extensions.fields` says which and how many."),
];

/// What makes changes of people, teams, roles and keys go one after the other.
const LOCK: &str = "core.access";

/// A role as it is now.
#[derive(Debug)]
pub(crate) struct KnownRole {
    pub model: role::Model,
    pub rights: Rights,
}

/// The company's roles, and the rights of who makes a change, as they are while the change is made.
#[derive(Debug)]
pub(crate) struct Access {
    pub roles: HashMap<Uuid, KnownRole>,
    pub actor: Rights,
}

impl Access {
    /// Waits for changes before this one, and looks who makes it: they must hold `right`. Take it before any row is
    /// locked.
    ///
    /// # Errors
    /// `FORBIDDEN`; faults of the database.
    pub(crate) async fn take(unit: &UnitOfWork, right: &'static str) -> Result<Self, Error> {
        unit.lock(LOCK).await?;
        let roles = roles(unit).await?;
        let own = own_roles(unit).await?;
        let mut access = Self { roles, actor: Rights::All };
        if let Some(own) = own {
            access.actor = access.rights_of(&own);
        }
        if access.actor.holds(right) { Ok(access) } else { Err(forbidden(&[], needs(right)).into()) }
    }

    /// The rights of these roles together.
    pub(crate) fn rights_of<'r>(&self, roles: impl IntoIterator<Item = &'r Uuid>) -> Rights {
        let known = roles.into_iter().filter_map(|role| self.roles.get(role));
        known.fold(Rights::default(), |all, role| all.with(&role.rights))
    }

    /// The built-in role of this kind.
    ///
    /// # Errors
    /// A fault if the company has none.
    pub(crate) fn built_in(&self, kind: &str) -> Result<Uuid, Error> {
        let mut roles = self.roles.values();
        let found = roles.find(|role| role.model.built_in.as_deref() == Some(kind));
        found.map(|role| role.model.id).ok_or_else(|| Error::fault(format!("the company has no role {kind}")))
    }

    /// Refuses what needs a right that whoever makes the change does not hold.
    ///
    /// # Errors
    /// `FORBIDDEN` about the field.
    pub(crate) fn expect_right(&self, right: &str, field: &str) -> Result<(), Refusal> {
        if self.actor.holds(right) { Ok(()) } else { Err(forbidden(&[field], needs(right))) }
    }

    /// Refuses a change by which somebody could come in with more rights than who makes it.
    ///
    /// # Errors
    /// `FORBIDDEN` about the field.
    pub(crate) fn expect_cover(&self, rights: &Rights, field: &str) -> Result<(), Refusal> {
        if self.actor.cover(rights) {
            return Ok(());
        }
        let message = message!("rights-beyond-own", "this is about more rights than you hold yourself");
        Err(forbidden(&[field], message))
    }

    /// Refuses a change by which who makes it could come in as somebody else who has been at work. Equal rights are not
    /// enough: what others own is not one's own, so every right of theirs must be held for all records.
    ///
    /// # Errors
    /// `FORBIDDEN` about the field.
    pub(crate) fn expect_cover_records(&self, rights: &Rights, field: &str) -> Result<(), Refusal> {
        self.expect_cover(rights, field)?;
        if self.actor.cover_records(rights) {
            return Ok(());
        }
        let message = message!(
            "records-beyond-own",
            "this is somebody with records of their own that your rights do not reach; they can choose another password by \
             mail",
        );
        Err(forbidden(&[field], message))
    }

    /// Refuses roles that are not there, or that have more rights than who gives or takes them. The positions are those
    /// in the input.
    ///
    /// # Errors
    /// `NOT_FOUND`, `FORBIDDEN` about the role.
    pub(crate) fn expect_roles<'r>(
        &self,
        roles: impl IntoIterator<Item = &'r Place<'r>>,
    ) -> Result<(), Refusal> {
        for (position, id) in roles {
            let position = position.map(|position| position.to_string());
            let path: Vec<&str> = ["roleIds"].into_iter().chain(position.as_deref()).collect();
            let Some(role) = self.roles.get(id) else {
                return Err(Refusal::not_found(role::NOT_FOUND, path));
            };
            if !self.actor.cover(&role.rights) {
                let message = message!(
                    "role-beyond-own",
                    "the role {role} has more rights than you hold yourself",
                    role = &role.model.name,
                );
                return Err(forbidden(&path, message));
            }
        }
        Ok(())
    }

    /// Active users who may do everything.
    ///
    /// # Errors
    /// Faults of the database.
    pub(crate) async fn administrators(&self, unit: &UnitOfWork) -> Result<HashSet<Uuid>, Error> {
        let role = self.built_in(role::ADMINISTRATOR)?;
        let holders = unit.find::<user::role::Entity>().filter(user::role::Column::RoleId.eq(role));
        let holders: Vec<Uuid> =
            holders.all(unit.transaction()).await?.into_iter().map(|holder| holder.user_id).collect();
        let active = unit
            .find::<user::Entity>()
            .filter(unit.any_of(user::Column::Id, holders))
            .filter(user::Column::Active.eq(true));
        Ok(active.all(unit.transaction()).await?.into_iter().map(|user| user.id).collect())
    }
}

/// An id with its position in the input; one that is no longer given has none.
pub(crate) type Place<'i> = (Option<usize>, &'i Uuid);

/// The ids that are given now and were not, and those that were and are not.
pub(crate) fn differing<'i>(before: &'i BTreeSet<Uuid>, given: &'i [Uuid]) -> Vec<Place<'i>> {
    let added = given.iter().enumerate().filter(|(_, id)| !before.contains(id));
    let taken = before.iter().filter(|id| !given.contains(id));
    added.map(|(position, id)| (Some(position), id)).chain(taken.map(|id| (None, id))).collect()
}

/// `FORBIDDEN` about a field; about the whole if the path is empty.
pub(crate) fn forbidden(path: &[&str], message: Message) -> Refusal {
    let fields = if path.is_empty() {
        Vec::new()
    } else {
        vec![FieldError::new(path.iter().copied(), code::FORBIDDEN, message.clone())]
    };
    Refusal { fields, ..Refusal::new(code::FORBIDDEN, message) }
}

fn needs(right: &str) -> Message {
    message!("right-missing", "this needs the right `{right}`", right)
}

async fn roles(unit: &UnitOfWork) -> Result<HashMap<Uuid, KnownRole>, Error> {
    let models = unit.find::<role::Entity>().all(unit.transaction()).await?;
    let rows = unit.find::<role::right::Entity>().all(unit.transaction()).await?;
    let mut given: HashMap<Uuid, Vec<(String, Scope)>> = HashMap::new();
    for row in rows {
        if let Some(scope) = Scope::from_code(&row.scope) {
            given.entry(row.role_id).or_default().push((row.name, scope));
        }
    }
    let known = models.into_iter().map(|model| {
        let rights = match model.built_in.as_deref() {
            Some(role::ADMINISTRATOR) => Rights::All,
            Some(_) => employee_rights(unit),
            None => given.remove(&model.id).unwrap_or_default().into_iter().collect(),
        };
        (model.id, KnownRole { model, rights })
    });
    Ok(known.collect())
}

fn employee_rights(unit: &UnitOfWork) -> Rights {
    let rights = unit.context().kernel.modules.rights();
    rights.filter_map(|(_, right)| Some((right.name, right.employee?))).collect()
}

/// The roles of who makes the change; `None` for Shoal itself and its operator, who may do everything.
async fn own_roles(unit: &UnitOfWork) -> Result<Option<Vec<Uuid>>, Error> {
    match unit.context().caller.actor {
        Actor::System | Actor::Operator => Ok(None),
        Actor::User(id) => {
            let user =
                unit.find::<user::Entity>().filter(user::Column::Id.eq(id)).one(unit.transaction()).await?;
            if user.is_none_or(|user| !user.active) {
                return Ok(Some(Vec::new()));
            }
            let held = unit.find::<user::role::Entity>().filter(user::role::Column::UserId.eq(id));
            let held = held.all(unit.transaction()).await?;
            Ok(Some(held.into_iter().map(|held| held.role_id).collect()))
        }
        Actor::ApiKey(id) => {
            let key = unit.find::<api_key::Entity>().filter(api_key::Column::Id.eq(id));
            if key.one(unit.transaction()).await?.is_none_or(|key| key.revoked_at.is_some()) {
                return Ok(Some(Vec::new()));
            }
            let held = unit.find::<api_key::role::Entity>().filter(api_key::role::Column::ApiKeyId.eq(id));
            let held = held.all(unit.transaction()).await?;
            Ok(Some(held.into_iter().map(|held| held.role_id).collect()))
        }
    }
}
