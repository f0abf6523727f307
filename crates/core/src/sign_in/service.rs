//! Signing in and out.

use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _};
use shoal_graphql::error::{Error, FieldError, Refusal};
use shoal_graphql::message;
use uuid::Uuid;

use super::token::{Kind, Token};
use super::{link, lock, password};
use crate::context::RequestContext;
use crate::kernel::Kernel;
use crate::tenancy::{Known, Tenant};
use crate::unit_of_work::UnitOfWork;
use crate::user::credential;
use crate::user::rules::email_key;
use crate::{session, tenant, user};

/// What somebody signs in with.
#[derive(Clone)]
pub struct SignIn {
    /// The address.
    pub email: String,
    /// The password.
    pub password: String,
    /// The slug of the company, where the address is known in several.
    pub company: Option<String>,
}

/// Where somebody signs in from.
#[derive(Debug, Clone, Default)]
pub struct Place {
    /// What the browser or program calls itself.
    pub device: Option<String>,
    /// The internet address.
    pub address: Option<String>,
}

/// A new session.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// What the client presents from now on.
    pub token: Token,
    /// When the session ends by itself.
    pub expires_at: DateTime<Utc>,
    /// Who signed in.
    pub user: user::Model,
    /// The company.
    pub tenant: Arc<Tenant>,
}

/// A company that an address and password fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Its name on the command line and in addresses.
    pub slug: String,
    /// Its name.
    pub name: String,
}

/// A session ends by itself after so many days.
const SESSION_DAYS: i64 = 30;

/// An address is tried in so many companies, the oldest first.
pub(super) const MOST_COMPANIES: u64 = 10;

/// Characters of a device's name that are kept.
const DEVICE: usize = 200;

/// Why somebody is not signed in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// E-mail and password do not fit, whichever of the two is wrong.
    #[error("e-mail and password do not fit")]
    Invalid,
    /// There were too many wrong passwords.
    #[error("too many wrong passwords; try again in {seconds} seconds")]
    Locked {
        /// How long to wait.
        seconds: i64,
    },
    /// E-mail and password fit in several companies.
    #[error("this address is known in several companies; name one")]
    CompanyNeeded(Vec<Candidate>),
    /// Something else.
    #[error(transparent)]
    Other(#[from] Error),
}

/// Signs in with an address and a password.
///
/// # Errors
/// [`SignInError`]
pub async fn sign_in(
    kernel: &Arc<Kernel>,
    mut attempt: SignIn,
    place: Place,
) -> Result<SignedIn, SignInError> {
    let key = email_key(&attempt.email);
    if attempt.password.len() > password::LONGEST {
        // Nobody's, and as wrong as any other: it is counted, but not worked on.
        attempt.password.clear();
    }
    let found = known(kernel, &key, &attempt).await?;
    if found.is_empty() {
        // Of each company by itself: one that is not theirs must not tell whether somebody is known in another.
        let key = format!("{key} {}", attempt.company.unwrap_or_default());
        return Err(strange(kernel, &key, attempt.password).await?);
    }
    let now = kernel.clock.now();
    let mut right = Vec::new();
    let mut locked: Option<DateTime<Utc>> = None;
    for (user, credential, company) in found {
        if let Some(until) = credential.locked_until.filter(|until| *until > now) {
            locked = locked.max(Some(until));
            continue;
        }
        let hash = credential.password_hash.clone();
        if kernel.passwords.verify(attempt.password.clone(), hash).await? {
            right.push((user, company));
        } else {
            locked = locked.max(failed(kernel, &user).await?);
        }
    }
    match (right.len(), locked) {
        (0, Some(until)) => Err(wait(until, now)),
        (0, None) => Err(SignInError::Invalid),
        (1, _) => match right.pop() {
            Some((user, _)) => begin(kernel, user, place).await,
            None => Err(SignInError::Invalid),
        },
        _ => Err(SignInError::CompanyNeeded(right.into_iter().map(|(_, company)| company).collect())),
    }
}

/// Users with this address who may sign in, in the company that was named or in any.
async fn known(
    kernel: &Kernel,
    key: &str,
    attempt: &SignIn,
) -> Result<Vec<(user::Model, credential::Model, Candidate)>, Error> {
    // No address has one, and PostgreSQL takes none.
    if key.contains('\0') {
        return Ok(Vec::new());
    }
    let connection = kernel.database.reader().connection();
    // Who signs in has no company yet: this and the company's name are looked for in all of them.
    let users = user::Entity::find()
        .filter(user::Column::EmailKey.eq(key))
        .filter(user::Column::Active.eq(true))
        .order_by_asc(user::Column::TenantId)
        .limit(MOST_COMPANIES)
        .all(connection)
        .await?;
    let mut found = Vec::with_capacity(users.len());
    for user in users {
        let company = tenant::Entity::find_by_id((user.tenant_id, user.tenant_id)).one(connection).await?;
        let named =
            |company: &tenant::Model| attempt.company.as_ref().is_none_or(|slug| *slug == company.slug);
        let Some(company) = company.filter(named) else { continue };
        let credential = credential::Entity::find_by_id((user.tenant_id, user.id)).one(connection).await?;
        if let Some(credential) = credential {
            found.push((user, credential, Candidate { slug: company.slug, name: company.name }));
        }
    }
    Ok(found)
}

/// The answer for an address that nobody has: the same, and as slow, as for a wrong password.
async fn strange(kernel: &Kernel, key: &str, password: String) -> Result<SignInError, Error> {
    let now = kernel.clock.now();
    let locked = || kernel.strangers.locked_until(key).filter(|until| *until > now);
    if let Some(until) = locked() {
        return Ok(wait(until, now));
    }
    kernel.passwords.verify(password, None).await?;
    if let Some(until) = locked() {
        return Ok(wait(until, now));
    }
    kernel.strangers.failed(key, now);
    Ok(SignInError::Invalid)
}

fn wait(until: DateTime<Utc>, now: DateTime<Utc>) -> SignInError {
    SignInError::Locked { seconds: (until - now).num_seconds().max(1) }
}

/// Counts a wrong password. Many guesses at once are all read before the first is counted: those behind the lock count
/// for nothing and are told of it, as the right one is.
async fn failed(kernel: &Arc<Kernel>, user: &user::Model) -> Result<Option<DateTime<Utc>>, Error> {
    let context = system(kernel, user.tenant_id).await?;
    let id = user.id;
    UnitOfWork::run(&context, |unit| {
        Box::pin(async move {
            let mine = unit.find::<credential::Entity>().filter(credential::Column::UserId.eq(id));
            if let Some(before) = mine.lock_exclusive().one(unit.transaction()).await? {
                if let Some(until) = before.locked_until.filter(|until| *until > unit.now()) {
                    return Ok(Some(until));
                }
                let failures = before.failures.saturating_add(1);
                let locked_until = lock::until(failures, unit.now());
                let after = credential::Model { failures, locked_until, ..before.clone() };
                unit.update::<credential::Entity>(&before, after);
            }
            Ok(None)
        })
    })
    .await
}

pub(super) async fn system(kernel: &Arc<Kernel>, tenant: Uuid) -> Result<RequestContext, Error> {
    let tenant = kernel.tenant(tenant).await?.ok_or_else(|| Error::fault("the company is gone"))?;
    Ok(RequestContext::system(kernel, &tenant))
}

/// Begins a session of somebody whose right to it has been checked.
async fn begin(kernel: &Arc<Kernel>, user: user::Model, place: Place) -> Result<SignedIn, SignInError> {
    let context = system(kernel, user.tenant_id).await?;
    let id = user.id;
    let begun = UnitOfWork::run(&context, |unit| {
        let place = place.clone();
        Box::pin(async move {
            let mine = unit.find::<credential::Entity>().filter(credential::Column::UserId.eq(id));
            let known = mine.lock_exclusive().one(unit.transaction()).await?;
            // As in `failed`.
            let now = unit.now();
            if let Some(until) =
                known.as_ref().and_then(|known| known.locked_until).filter(|until| *until > now)
            {
                return Ok(Err(wait(until, now)));
            }
            if let Some(before) = known.filter(|known| known.failures > 0) {
                let after = credential::Model { failures: 0, locked_until: None, ..before.clone() };
                unit.update::<credential::Entity>(&before, after);
            }
            Ok(Ok(start(unit, id, place)))
        })
    })
    .await?;
    let (token, expires_at) = begun?;
    Ok(SignedIn { token, expires_at, user, tenant: context.tenant })
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

/// Signs in by a link, which is used up. An invitation or a reset needs a new password; a reset ends all other sessions.
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
    let (token, expires_at) = UnitOfWork::run(&context, |unit| {
        let (token, hash, place) = (token.clone(), hash.clone(), place.clone());
        Box::pin(async move {
            let link = link::take(unit, &token).await?;
            if let Some(hash) = hash {
                set_password(unit, link.user_id, hash, None).await?;
            }
            Ok(start(unit, link.user_id, place))
        })
    })
    .await?;
    Ok(SignedIn { token, expires_at, user, tenant: context.tenant })
}

/// Changes one's own password. All other sessions of the user end.
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
    let now = kernel.clock.now();
    if let Some(until) = credential.locked_until.filter(|until| *until > now) {
        return Err(wait(until, now));
    }
    if current.len() > password::LONGEST
        || !kernel.passwords.verify(current, credential.password_hash).await?
    {
        let locked = failed(kernel, user).await?;
        return Err(locked.map_or(SignInError::Invalid, |until| wait(until, now)));
    }
    password::check(&new, &user.email, &user.name)
        .map_err(|wrong| Refusal::validation(vec![FieldError { path: vec!["new".to_owned()], ..wrong }]))
        .map_err(Error::from)?;
    let hash = kernel.passwords.hash(new, &*kernel.randomness).await?;
    let (id, kept) = (user.id, known.caller.session);
    UnitOfWork::run(&known.context(kernel), |unit| {
        let hash = hash.clone();
        Box::pin(async move {
            let mine = unit.find::<credential::Entity>().filter(credential::Column::UserId.eq(id));
            let credential = mine.lock_exclusive().one(unit.transaction()).await?;
            let until = credential.and_then(|credential| credential.locked_until);
            if let Some(until) = until.filter(|until| *until > unit.now()) {
                return Ok(Err(wait(until, unit.now())));
            }
            set_password(unit, id, hash, kept).await.map(Ok)
        })
    })
    .await?
}

/// Stages a new password, and the end of all sessions of its user but one.
pub(crate) async fn set_password(
    unit: &mut UnitOfWork,
    user: Uuid,
    hash: String,
    kept: Option<Uuid>,
) -> Result<(), Error> {
    let mine = unit.find::<credential::Entity>().filter(credential::Column::UserId.eq(user));
    let known = mine.lock_exclusive().one(unit.transaction()).await?;
    let before = known.ok_or_else(|| Error::fault("the user has no credential"))?;
    let now = unit.now();
    let after = credential::Model {
        password_hash: Some(hash),
        failures: 0,
        locked_until: None,
        changed_at: now,
        ..before.clone()
    };
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
