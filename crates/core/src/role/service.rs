//! Use cases of roles.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use sea_orm::{ColumnTrait as _, QueryFilter as _};
use serde_json::{Value as Json, json};
use shoal_graphql::context::Context;
use shoal_graphql::declare::{Done, Handled, NoArguments};
use shoal_graphql::error::{Error, FieldError, Refusal, code};
use shoal_graphql::message;
use shoal_graphql::value::Choice as _;
use uuid::Uuid;

use super::graphql::{RightDescription, RoleCreate, RoleDelete, RoleUpdate};
use super::rights::Rights;
use super::{Entity, Model, NOT_FOUND, right, rules};
use crate::access::{Access, IN_USE};
use crate::batch::{Tracked as _, expect_version, load, one_by_one};
use crate::context::RequestContext;
use crate::module::{Scope, text_key};
use crate::permission::ROLE_MANAGE;
use crate::sign_in::link;
use crate::unit_of_work::UnitOfWork;
use crate::{api_key, naming, user};

/// Every right there is, by name.
///
/// # Errors
/// A fault if the engine was given another kind of context.
pub async fn rights(context: Arc<dyn Context>, _: NoArguments) -> Result<Vec<RightDescription>, Error> {
    let context = RequestContext::of(&context)?;
    let described = context.kernel.modules.rights().map(|(module, right)| RightDescription {
        name: right.name.to_owned(),
        module: module.manifest.id.to_owned(),
        title: module.text(context.language(), &text_key("right", right.name)),
        scoped: right.scoped,
        employee_scope: right.employee,
        held_scope: context.caller.scope(right.name),
    });
    Ok(described.collect())
}

/// Makes roles.
///
/// # Errors
/// Faults of the database; refusals are per input.
pub async fn create(context: Arc<dyn Context>, inputs: Vec<RoleCreate>) -> Result<Handled, Error> {
    one_by_one(&context, inputs, |unit, input| Box::pin(create_one(unit, input))).await
}

/// Changes roles.
///
/// # Errors
/// Faults of the database; refusals are per input.
pub async fn update(context: Arc<dyn Context>, inputs: Vec<RoleUpdate>) -> Result<Handled, Error> {
    one_by_one(&context, inputs, |unit, input| Box::pin(update_one(unit, input))).await
}

/// Deletes roles.
///
/// # Errors
/// Faults of the database; refusals are per input.
pub async fn delete(context: Arc<dyn Context>, inputs: Vec<RoleDelete>) -> Result<Handled, Error> {
    one_by_one(&context, inputs, |unit, input| Box::pin(delete_one(unit, input))).await
}

async fn create_one(unit: &mut UnitOfWork, input: &RoleCreate) -> Result<Done, Error> {
    let access = Access::take(unit, ROLE_MANAGE).await?;
    let name = free_name(&access, None, &input.name)?;
    let description = rules::clean_description(input.description.as_deref())?;
    let rights = rules::clean_rights(&unit.context().kernel.modules, &input.rights)?;
    rules::expect_held(&access.actor, &input.rights)?;
    let (now, actor) = (unit.now(), unit.actor());
    let role = Model {
        tenant_id: unit.tenant(),
        id: unit.new_id(),
        name_sort: naming::key(&name),
        name,
        description,
        built_in: None,
        created_at: now,
        created_by: actor,
        updated_at: now,
        updated_by: actor,
        version: 1,
    };
    let id = role.id;
    unit.insert::<Entity>(role);
    set_rights(unit, id, &HashMap::new(), &rights);
    unit.access_changed();
    Ok(id.into())
}

/// The name, cleaned.
fn free_name(access: &Access, own: Option<Uuid>, name: &str) -> Result<String, Refusal> {
    let name = naming::clean(name)?;
    let key = naming::key(&name);
    let same = |role: &Model| role.name_sort == key && Some(role.id) != own;
    if access.roles.values().any(|role| same(&role.model)) {
        let message = message!("role-name-taken", "another role has this name");
        let field = FieldError::new(["name"], code::DUPLICATE, message.clone());
        return Err(Refusal { fields: vec![field], ..Refusal::new(code::DUPLICATE, message) });
    }
    Ok(name)
}

/// A role that can be changed, locked.
async fn changeable(unit: &UnitOfWork, access: &Access, id: Uuid) -> Result<Model, Error> {
    let role = load::<Entity>(unit, [id]).await?.remove(&id);
    let role = role.ok_or_else(|| Refusal::not_found(NOT_FOUND, ["id"]))?;
    if role.built_in.is_some() {
        return Err(Refusal::field(
            ["id"],
            "BUILT_IN",
            message!("role-built-in", "a built-in role stays as it is; make one of your own"),
        )
        .into());
    }
    access.expect_cover(&access.rights_of([&id]), "id")?;
    Ok(role)
}

async fn update_one(unit: &mut UnitOfWork, input: &RoleUpdate) -> Result<Done, Error> {
    let access = Access::take(unit, ROLE_MANAGE).await?;
    let before = changeable(unit, &access, input.id).await?;
    let mut after = before.clone();
    let name = input.name.given().map(|name| free_name(&access, Some(before.id), name));
    if let Some(Ok(name)) = &name {
        after.name_sort = naming::key(name);
        after.name.clone_from(name);
    }
    let description = input.description.given().map(|given| rules::clean_description(given.as_deref()));
    if let Some(Ok(description)) = &description {
        after.description.clone_from(description);
    }
    expect_version(&before, &after, input.expected_version)?;
    name.transpose()?;
    description.transpose()?;
    let known = known_rights(unit, before.id).await?;
    let rights = match input.rights.given() {
        Some(given) => {
            let clean = rules::clean_rights(&unit.context().kernel.modules, given)?;
            rules::expect_held(&access.actor, given)?;
            Some(clean)
        }
        None => None,
    };
    if let Some(rights) = &rights {
        let more = rights.iter().map(|(name, scope)| (*name, *scope)).collect();
        void_links_to_more(unit, &access.rights_of([&before.id]), &more, before.id).await?;
    }
    let changes = rights.is_some_and(|rights| set_rights(unit, before.id, &known, &rights));
    if changes || before != after {
        after.touch(unit.now(), unit.actor());
        unit.update::<Entity>(&before, after);
        unit.access_changed();
    }
    Ok(input.id.into())
}

/// Whoever made a link for somebody with few rights must not hold one for somebody with many: if a role's rights grow,
/// open links of those who have it do not work any more.
async fn void_links_to_more(
    unit: &mut UnitOfWork,
    before: &Rights,
    after: &Rights,
    role: Uuid,
) -> Result<(), Error> {
    if before.cover(after) {
        return Ok(());
    }
    let users = Holders::of(unit, role).await?.users;
    link::void_all(unit, users.into_iter().collect()).await
}

/// The rows of a role's rights by name.
async fn known_rights(unit: &UnitOfWork, role: Uuid) -> Result<HashMap<String, right::Model>, Error> {
    let rows = unit.find::<right::Entity>().filter(right::Column::RoleId.eq(role));
    Ok(rows.all(unit.transaction()).await?.into_iter().map(|row| (row.name.clone(), row)).collect())
}

/// Stages that a role has these rights and no others; whether anything changes. For the audit only what differs is said.
fn set_rights(
    unit: &mut UnitOfWork,
    role_id: Uuid,
    known: &HashMap<String, right::Model>,
    wanted: &BTreeMap<&'static str, Scope>,
) -> bool {
    let said = |name: &str, scope: &str| json!({"name": name, "scope": scope});
    let (mut taken, mut given): (Vec<Json>, Vec<Json>) = (Vec::new(), Vec::new());
    let mut rows: Vec<&right::Model> = known.values().collect();
    rows.sort_by(|one, other| one.name.cmp(&other.name));
    for row in rows {
        if wanted.get(row.name.as_str()).is_none_or(|scope| scope.code() != row.scope) {
            taken.push(said(&row.name, &row.scope));
            unit.remove::<right::Entity>(row);
        }
    }
    for (name, scope) in wanted {
        if known.get(*name).is_none_or(|row| row.scope != scope.code()) {
            given.push(said(name, scope.code()));
            let (tenant_id, id) = (unit.tenant(), unit.new_id());
            let (name, scope) = ((*name).to_owned(), scope.code().to_owned());
            unit.insert::<right::Entity>(right::Model { tenant_id, id, role_id, name, scope });
        }
    }
    let changes = !(taken.is_empty() && given.is_empty());
    if changes {
        unit.note::<Entity>(role_id, "rights", json!(taken), json!(given));
    }
    changes
}

async fn delete_one(unit: &mut UnitOfWork, input: &RoleDelete) -> Result<Done, Error> {
    let access = Access::take(unit, ROLE_MANAGE).await?;
    let role = changeable(unit, &access, input.id).await?;
    expect_version(&role, &role, input.expected_version)?;
    let holders = Holders::of(unit, role.id).await?;
    match input.replacement_id {
        None => holders.expect_none()?,
        Some(other) if other == role.id => {
            return Err(Refusal::field(
                ["replacementId"],
                "SAME",
                message!("role-replaces-itself", "this is the role that is to be deleted"),
            )
            .into());
        }
        Some(other) if !access.roles.contains_key(&other) => {
            return Err(Refusal::not_found(NOT_FOUND, ["replacementId"]).into());
        }
        Some(other) => {
            access.expect_cover(&access.rights_of([&other]), "replacementId")?;
            let (less, more) = (access.rights_of([&role.id]), access.rights_of([&other]));
            void_links_to_more(unit, &less, &more, role.id).await?;
            let others = Holders::of(unit, other).await?;
            holders.replace(unit, (role.id, other), &others);
        }
    }
    unit.delete_where::<user::role::Entity>(user::role::Column::RoleId, role.id);
    unit.delete_where::<api_key::role::Entity>(api_key::role::Column::RoleId, role.id);
    unit.delete_where::<right::Entity>(right::Column::RoleId, role.id);
    unit.remove::<Entity>(&role);
    unit.access_changed();
    Ok(input.id.into())
}

/// Who has a role. Keys that are revoked for ever do not count.
struct Holders {
    users: BTreeSet<Uuid>,
    keys: BTreeSet<Uuid>,
}

impl Holders {
    async fn of(unit: &UnitOfWork, role: Uuid) -> Result<Self, Error> {
        let users = unit.find::<user::role::Entity>().filter(user::role::Column::RoleId.eq(role));
        let users = users.all(unit.transaction()).await?.into_iter().map(|held| held.user_id).collect();
        let keys = unit.find::<api_key::role::Entity>().filter(api_key::role::Column::RoleId.eq(role));
        let keys = keys.all(unit.transaction()).await?.into_iter().map(|held| held.api_key_id);
        let keys = unit
            .find::<api_key::Entity>()
            .filter(unit.any_of(api_key::Column::Id, keys))
            .filter(api_key::Column::RevokedAt.is_null());
        let keys = keys.all(unit.transaction()).await?.into_iter().map(|key| key.id).collect();
        Ok(Self { users, keys })
    }

    fn expect_none(&self) -> Result<(), Refusal> {
        let (users, keys) = (self.users.len(), self.keys.len());
        let mut reasons = Vec::new();
        if users > 0 {
            reasons.push(message!("role-of-users", "{users} users have this role", users));
        }
        if keys > 0 {
            reasons.push(message!("role-of-api-keys", "{keys} API keys have this role", keys));
        }
        let message = match reasons.as_slice() {
            [] => return Ok(()),
            [one] => message!("role-in-use", "{reason}; name a replacement", reason = one.clone()),
            [one, other, ..] => message!(
                "role-in-use-by-both",
                "{one}, {other}; name a replacement",
                one = one.clone(),
                other = other.clone(),
            ),
        };
        let fields = reasons.into_iter().map(|reason| FieldError::new(["id"], IN_USE, reason)).collect();
        Err(Refusal { fields, ..Refusal::new(IN_USE, message) })
    }

    /// Stages that they have another role instead; `others` have it already.
    fn replace(&self, unit: &mut UnitOfWork, (old, new): (Uuid, Uuid), others: &Self) {
        let tenant_id = unit.tenant();
        let given = |has: bool| if has { json!([]) } else { json!([new]) };
        for user_id in self.users.iter().copied() {
            let has = others.users.contains(&user_id);
            if !has {
                unit.insert::<user::role::Entity>(user::role::Model { tenant_id, user_id, role_id: new });
            }
            unit.note::<user::Entity>(user_id, "roles", json!([old]), given(has));
        }
        for api_key_id in self.keys.iter().copied() {
            let has = others.keys.contains(&api_key_id);
            if !has {
                unit.insert::<api_key::role::Entity>(api_key::role::Model {
                    tenant_id,
                    api_key_id,
                    role_id: new,
                });
            }
            unit.note::<api_key::Entity>(api_key_id, "roles", json!([old]), given(has));
        }
    }
}
