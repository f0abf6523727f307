//! Links that work once: to come in the first time, to accept an invitation, to choose another password.

mod entity;

pub use entity::{Column, Entity, Model};

use std::sync::Arc;

use chrono::Duration;
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _, Select,
};
use shoal_graphql::error::{Error, Refusal};
use shoal_graphql::message;
use uuid::Uuid;

use super::token::{Kind, Token};
use crate::kernel::Kernel;
use crate::tenancy::Tenant;
use crate::unit_of_work::UnitOfWork;
use crate::user;
use crate::user::credential;

shoal_graphql::choices! {
    /// What a link is for.
    pub enum Purpose {
        /// To sign in at once.
        Start => "START",
        /// To choose a first password.
        Invitation => "INVITATION",
        /// To choose another password.
        Reset => "RESET",
    }
}

impl Purpose {
    /// How long such a link works.
    pub fn lasts(self) -> Duration {
        match self {
            Self::Start => Duration::hours(1),
            Self::Invitation => Duration::days(7),
            Self::Reset => Duration::hours(2),
        }
    }

    /// Whether its user chooses a password.
    pub fn wants_password(self) -> bool {
        self != Self::Start
    }
}

/// A link that could be used now, and whose it is.
#[derive(Debug, Clone)]
pub struct Opened {
    /// What it is for.
    pub purpose: Purpose,
    /// Whose it is.
    pub user: user::Model,
    /// Their company.
    pub tenant: Arc<Tenant>,
}

/// Stages a link for a user. What it answers is shown once.
pub fn make(unit: &mut UnitOfWork, user: Uuid, purpose: Purpose) -> Token {
    use shoal_graphql::value::Choice as _;
    let (tenant, id, now) = (unit.tenant(), unit.new_id(), unit.now());
    let token = Token::new(Kind::Link, tenant, id, &*unit.context().kernel.randomness);
    unit.insert::<Entity>(Model {
        tenant_id: tenant,
        id,
        user_id: user,
        purpose: purpose.code().to_owned(),
        secret_hash: token.hash(),
        created_at: now,
        expires_at: now + purpose.lasts(),
        used_at: None,
    });
    token
}

/// The answer to a link that is not one, was used, or is too old.
pub fn void() -> Refusal {
    let message = message!("link-void", "this link has been used or is too old; ask for a new one");
    Refusal::new(super::LINK_VOID, message)
}

/// Looks at a link without using it, as programs that read mail do.
///
/// # Errors
/// `LINK_VOID`; faults of the database.
pub async fn look(kernel: &Kernel, text: &str) -> Result<Opened, Error> {
    use shoal_graphql::value::Choice as _;
    let token = Token::read(text).filter(|token| token.kind == Kind::Link).ok_or_else(void)?;
    let connection = kernel.database.reader().connection();
    let found = Entity::find_by_id((token.tenant, token.id)).one(connection).await?;
    let now = kernel.clock.now();
    let works =
        |link: &Model| token.matches(&link.secret_hash) && link.used_at.is_none() && link.expires_at > now;
    let link = found.filter(works).ok_or_else(void)?;
    let user = user::Entity::find_by_id((token.tenant, link.user_id)).one(connection).await?;
    let user = user.filter(|user| user.active).ok_or_else(void)?;
    let purpose = Purpose::from_code(&link.purpose).ok_or_else(void)?;
    let tenant = kernel.tenant(token.tenant).await?.ok_or_else(void)?;
    Ok(Opened { purpose, user, tenant })
}

/// Uses a link up, with all others of its user for the same purpose; with all others if its user chooses a password: who
/// does so wants nobody else to come in.
///
/// # Errors
/// `LINK_VOID` if somebody else was faster; faults of the database.
pub(crate) async fn take(unit: &mut UnitOfWork, token: &Token) -> Result<Model, Error> {
    use shoal_graphql::value::Choice as _;
    let links = unit.find::<Entity>().filter(Column::Id.eq(token.id));
    let known = links.one(unit.transaction()).await?.filter(|link| token.matches(&link.secret_hash));
    let known = known.ok_or_else(void)?;
    hold(unit, vec![known.user_id]).await?;
    let mut open = unit.find::<Entity>().filter(Column::UserId.eq(known.user_id));
    if !Purpose::from_code(&known.purpose).is_some_and(Purpose::wants_password) {
        open = open.filter(Column::Purpose.eq(&known.purpose));
    }
    let open = use_up(unit, open).await?;
    let mine = open.into_iter().find(|link| link.id == known.id && link.expires_at > unit.now());
    mine.ok_or_else(|| void().into())
}

/// Holds what these users sign in by to the end of the transaction. Whoever makes links and whoever uses them up waits here,
/// so that none comes into being while a password is chosen, which no link made before may outlive.
///
/// # Errors
/// Faults of the database.
pub(crate) async fn hold(unit: &UnitOfWork, users: Vec<Uuid>) -> Result<(), Error> {
    let theirs = unit.any_of(credential::Column::UserId, users);
    let theirs = unit.find::<credential::Entity>().filter(theirs).order_by_asc(credential::Column::UserId);
    theirs.lock_exclusive().all(unit.transaction()).await?;
    Ok(())
}

/// Uses all links of these users up.
///
/// # Errors
/// Faults of the database.
pub(crate) async fn void_all(unit: &mut UnitOfWork, users: Vec<Uuid>) -> Result<(), Error> {
    if users.is_empty() {
        return Ok(());
    }
    hold(unit, users.clone()).await?;
    let theirs = unit.find::<Entity>().filter(unit.any_of(Column::UserId, users));
    use_up(unit, theirs).await?;
    Ok(())
}

/// Uses those of these links up that were not; what they were before.
async fn use_up(unit: &mut UnitOfWork, links: Select<Entity>) -> Result<Vec<Model>, Error> {
    let open = links.filter(Column::UsedAt.is_null()).order_by_asc(Column::Id).lock_exclusive();
    let open = open.all(unit.transaction()).await?;
    let now = unit.now();
    for link in &open {
        unit.update::<Entity>(link, Model { used_at: Some(now), ..link.clone() });
    }
    Ok(open)
}
