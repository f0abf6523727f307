//! Signing in and out.

use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QuerySelect as _};
use shoal_graphql::error::{Error, FieldError, Refusal};
use shoal_graphql::message;
use uuid::Uuid;

use super::by_password::SignInError;
use super::device_cookie::DeviceCookie;
use super::guess::{self, Bucket};
use super::secret::{Secret, secret};
use super::token::{Kind, Token};
use super::{link, password};
use crate::context::RequestContext;
use crate::kernel::Kernel;
use crate::tenancy::{Known, Tenant};
use crate::unit_of_work::UnitOfWork;
use crate::user::credential;
use crate::{session, user};

/// Where somebody signs in from.
#[derive(Debug, Clone, Default)]
pub struct Place {
    /// What the browser or program calls itself.
    pub device: Option<String>,
    /// The internet address.
    pub address: Option<String>,
    /// What a browser kept when somebody signed in with it before: [`SignedIn::device_cookie`].
    pub device_cookie: Option<String>,
}

impl Place {
    /// Who has signed in here before.
    pub(super) fn known(&self, secret: &Secret) -> Option<DeviceCookie> {
        self.device_cookie.as_deref().and_then(|text| DeviceCookie::read(secret, text))
    }
}

/// A new session.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// What the client presents from now on.
    pub token: Token,
    /// When the session ends by itself.
    pub expires_at: DateTime<Utc>,
    /// What the client's browser keeps beyond the session, so that others do not lock it out by wrong passwords.
    pub device_cookie: String,
    /// Who signed in.
    pub user: user::Model,
    /// The company.
    pub tenant: Arc<Tenant>,
}

/// A browser keeps for so many seconds that somebody has signed in with it: 400 days, which is as long as browsers keep
/// anything.
pub const DEVICE_COOKIE_SECONDS: i64 = 400 * 24 * 3_600;

/// A session ends by itself after so many days.
const SESSION_DAYS: i64 = 30;

/// Characters of a device's name that are kept.
const DEVICE: usize = 200;

pub(super) async fn system(kernel: &Arc<Kernel>, tenant: Uuid) -> Result<RequestContext, Error> {
    let tenant = kernel.tenant(tenant).await?.ok_or_else(|| Error::fault("the company is gone"))?;
    Ok(RequestContext::system(kernel, &tenant))
}

/// What its client is given of a new session.
async fn welcome(
    kernel: &Arc<Kernel>,
    (token, expires_at): (Token, DateTime<Utc>),
    user: user::Model,
    place: &Place,
) -> Result<SignedIn, Error> {
    let tenant = kernel.tenant(user.tenant_id).await?.ok_or_else(|| Error::fault("the company is gone"))?;
    let secret = secret(kernel).await?.ok_or_else(|| Error::fault("the company is gone"))?;
    let cookie = DeviceCookie::renewed(place.known(secret), &user, kernel.clock.now(), &*kernel.randomness);
    Ok(SignedIn { token, expires_at, device_cookie: cookie.text(secret), user, tenant })
}

/// Begins a session of somebody whose password was right; `None` if it has been changed meanwhile, which ends sessions.
pub(super) async fn begin(
    kernel: &Arc<Kernel>,
    user: user::Model,
    hash: Option<String>,
    place: Place,
) -> Result<Option<SignedIn>, Error> {
    let context = system(kernel, user.tenant_id).await?;
    let id = user.id;
    let begun = UnitOfWork::run(&context, |unit| {
        let (hash, place) = (hash.clone(), place.clone());
        Box::pin(async move {
            let mine = unit.find::<credential::Entity>().filter(credential::Column::UserId.eq(id));
            let known = mine.lock_exclusive().one(unit.transaction()).await?;
            let same = known.is_some_and(|known| known.password_hash == hash);
            Ok(same.then(|| start(unit, id, place)))
        })
    });
    match begun.await? {
        Some(begun) => welcome(kernel, begun, user, &place).await.map(Some),
        None => Ok(None),
    }
}

/// Stages a session.
fn start(unit: &mut UnitOfWork, user: Uuid, place: Place) -> (Token, DateTime<Utc>) {
    let (tenant, id, now) = (unit.tenant(), unit.new_id(), unit.now());
    let token = Token::new(Kind::Session, tenant, id, &*unit.context().kernel.randomness);
    let expires_at = now + Duration::days(SESSION_DAYS);
    unit.insert::<session::Entity>(session::Model {
        tenant_id: tenant,
        id,
        user_id: user,
        secret_hash: token.hash(),
        device: place.device.map(|device| device.chars().filter(|c| !c.is_control()).take(DEVICE).collect()),
        address: place.address,
        created_at: now,
        used_at: now,
        expires_at,
        revoked_at: None,
    });
    (token, expires_at)
}

/// Signs in by a link, which is used up. An invitation or a reset needs a new password, which ends all other
/// sessions and links.
///
/// # Errors
/// `LINK_VOID`, `VALIDATION` of the password; faults of the database.
pub async fn use_link(
    kernel: &Arc<Kernel>,
    text: &str,
    new_password: Option<String>,
    place: Place,
) -> Result<SignedIn, Error> {
    let link::Opened { purpose, user, .. } = link::look(kernel, text).await?;
    let token = Token::read(text).ok_or_else(link::void)?;
    let hash = match new_password.filter(|_| purpose.wants_password()) {
        Some(password) => {
            password::check(&password, &user.email, &user.name)
                .map_err(|wrong| Refusal::validation(vec![wrong]))?;
            Some(kernel.passwords.hash(password, &*kernel.randomness).await?)
        }
        None if purpose.wants_password() => {
            return Err(Refusal::field(
                ["password"],
                "REQUIRED",
                message!("password-missing", "choose a password"),
            )
            .into());
        }
        None => None,
    };
    let context = system(kernel, user.tenant_id).await?;
    let begun = UnitOfWork::run(&context, |unit| {
        let (token, hash, place) = (token.clone(), hash.clone(), place.clone());
        Box::pin(async move {
            let link = link::take(unit, &token).await?;
            if let Some(hash) = hash {
                set_password(unit, link.user_id, hash, None).await?;
            }
            Ok(start(unit, link.user_id, place))
        })
    });
    let begun = begun.await?;
    let signed_in = welcome(kernel, begun, user, &place).await?;
    Ok(signed_in)
}

/// Changes one's own password. All other sessions of the user end, and no link works any more.
///
/// # Errors
/// [`SignInError::Invalid`] if the current password is wrong or an API key asks, `Locked` after too many wrong ones;
/// `VALIDATION` if the new one cannot be used; faults of the database.
pub async fn change_password(
    kernel: &Arc<Kernel>,
    known: &Known,
    current: String,
    new: String,
) -> Result<(), SignInError> {
    let Some(user) = known.user() else { return Err(SignInError::Invalid) };
    let connection = kernel.database.reader().connection();
    let credential = credential::Entity::find_by_id((user.tenant_id, user.id)).one(connection).await;
    let Some(credential) = credential.map_err(Error::from)? else { return Err(SignInError::Invalid) };
    let Some(secret) = secret(kernel).await? else { return Err(SignInError::Invalid) };
    let bucket = Bucket::of_session(secret, user);
    let locks = guess::locks(kernel, secret, &[bucket]).await?;
    let now = kernel.clock.now();
    if let Some(until) = guess::until(&locks, &[bucket]) {
        return Err(SignInError::locked(until, now));
    }
    let right = current.len() <= password::LONGEST
        && kernel.passwords.verify(current, credential.password_hash).await?;
    let counted = if right { (Vec::new(), vec![bucket]) } else { (vec![bucket], Vec::new()) };
    if let Some(until) = guess::settle(kernel, secret, counted.0, counted.1).await? {
        return Err(SignInError::locked(until, now));
    }
    if !right {
        return Err(SignInError::Invalid);
    }
    password::check(&new, &user.email, &user.name)
        .map_err(|wrong| Refusal::validation(vec![FieldError { path: vec!["new".to_owned()], ..wrong }]))
        .map_err(Error::from)?;
    let hash = kernel.passwords.hash(new, &*kernel.randomness).await?;
    let (id, kept) = (user.id, known.caller.session);
    UnitOfWork::run(&known.context(kernel), |unit| {
        let hash = hash.clone();
        Box::pin(async move {
            link::void_all(unit, vec![id]).await?;
            set_password(unit, id, hash, kept).await
        })
    })
    .await?;
    Ok(())
}

/// Stages a new password, and the end of all sessions of its user but one. Links of the user are used up by whoever calls
/// it, before: one that is opened just now waits, and its session ends with the others.
async fn set_password(
    unit: &mut UnitOfWork,
    user: Uuid,
    hash: String,
    kept: Option<Uuid>,
) -> Result<(), Error> {
    let mine = unit.find::<credential::Entity>().filter(credential::Column::UserId.eq(user));
    let known = mine.lock_exclusive().one(unit.transaction()).await?;
    let before = known.ok_or_else(|| Error::fault("the user has no credential"))?;
    let now = unit.now();
    let after = credential::Model { password_hash: Some(hash), changed_at: now, ..before.clone() };
    unit.update::<credential::Entity>(&before, after);
    session::service::end_all(unit, vec![user], kept).await
}

/// Ends the session of this token, if it is one.
///
/// # Errors
/// Faults of the database.
pub async fn sign_out(kernel: &Arc<Kernel>, text: &str) -> Result<(), Error> {
    let Some(known) = kernel.caller(text).await? else { return Ok(()) };
    let Some(id) = known.caller.session else { return Ok(()) };
    UnitOfWork::run(&known.context(kernel), |unit| {
        Box::pin(async move {
            let mine = unit.find::<session::Entity>().filter(session::Column::Id.eq(id));
            if let Some(before) = mine.one(unit.transaction()).await? {
                let after = session::Model { revoked_at: Some(unit.now()), ..before.clone() };
                unit.update::<session::Entity>(&before, after);
            }
            Ok(())
        })
    })
    .await?;
    kernel.forget_session(known.tenant.id, id);
    Ok(())
}
