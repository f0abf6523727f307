//! Signing in with an address and a password.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _};
use shoal_graphql::error::Error;

use super::guess::{self, Bucket, Buckets, Locks};
use super::password;
use super::secret::secret;
use super::service::{Place, SignedIn, begin};
use crate::kernel::Kernel;
use crate::user::credential;
use crate::user::rules::email_key;
use crate::{tenant, user};

/// An address is tried in so many companies, the oldest first.
pub(super) const MOST_COMPANIES: u64 = 10;

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

/// A company that an address and password fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Its name on the command line and in addresses.
    pub slug: String,
    /// Its name.
    pub name: String,
}

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

impl SignInError {
    pub(super) fn locked(until: DateTime<Utc>, now: DateTime<Utc>) -> Self {
        Self::Locked { seconds: (until - now).num_seconds().max(1) }
    }
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
    let Some(secret) = secret(kernel).await? else { return Err(SignInError::Invalid) };
    let buckets = Buckets::new(secret, &key, place.address.as_deref(), place.known(secret));
    let elsewhere = |user: &user::Model| Bucket::elsewhere(secret, user);
    let asked: Vec<_> =
        buckets.all().into_iter().chain(found.iter().map(|(user, ..)| elsewhere(user))).collect();
    let locks = guess::locks(kernel, secret, &asked).await?;
    let now = kernel.clock.now();
    let mut tried = Tried::default();
    if found.is_empty() {
        tried.locked = guess::until(&locks, &buckets.strange);
        if tried.locked.is_none() {
            kernel.passwords.verify(attempt.password.clone(), None).await?;
            tried.count(&buckets.strange);
        }
    }
    for (user, credential, company) in found {
        let buckets = buckets.of(&user, &credential, now);
        if let Some(until) = guess::until(&locks, buckets) {
            tried.locked = tried.locked.max(Some(until));
        } else if kernel.passwords.verify(attempt.password.clone(), credential.password_hash.clone()).await? {
            tried.emptied.extend(buckets);
            tried.right.push((user, credential, company));
        } else {
            tried.count(buckets);
        }
    }
    tried.settle_companies(elsewhere, &locks);
    let Tried { mut right, locked, counted, emptied } = tried;
    if let Some(until) = guess::settle(kernel, secret, counted, emptied).await? {
        return Err(SignInError::locked(until, now));
    }
    match (right.len(), right.pop(), locked) {
        (1, Some((user, credential, _)), _) => {
            let begun = begin(kernel, user, credential.password_hash, place).await?;
            begun.ok_or(SignInError::Invalid)
        }
        (0, None, Some(until)) => Err(SignInError::locked(until, now)),
        (0, None, None) => Err(SignInError::Invalid),
        (_, last, _) => {
            let all = right.into_iter().chain(last);
            Err(SignInError::CompanyNeeded(all.map(|(.., company)| company).collect()))
        }
    }
}

/// What became of an attempt.
#[derive(Default)]
struct Tried {
    right: Vec<(user::Model, credential::Model, Candidate)>,
    /// Until when nobody may try what was not tried.
    locked: Option<DateTime<Utc>>,
    /// What a wrong password is counted for.
    counted: Vec<Bucket>,
    /// What a right one empties.
    emptied: Vec<Bucket>,
}

impl Tried {
    /// Once, in however many companies it is wrong.
    fn count(&mut self, buckets: &[Bucket]) {
        let new = buckets.iter().filter(|bucket| !self.counted.contains(bucket)).copied().collect::<Vec<_>>();
        self.counted.extend(new);
    }

    /// A password that fits somewhere is right, and is counted for nobody but who has it: for how often it was tried on
    /// others of the address. After a few times the others are left out, whether it fits them or not.
    fn settle_companies(&mut self, elsewhere: impl Fn(&user::Model) -> Bucket, locks: &Locks) {
        let is_locked = |user: &user::Model| guess::until(locks, &[elsewhere(user)]).is_some();
        if let Some(alone) = self.right.iter().position(|(user, ..)| is_locked(user)) {
            self.right = vec![self.right.swap_remove(alone)];
            (self.counted, self.emptied) = (Vec::new(), Vec::new());
        } else if !self.right.is_empty() && !self.counted.is_empty() {
            self.counted = self.right.iter().map(|(user, ..)| elsewhere(user)).collect();
            self.emptied.clear();
        }
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
        // Whoever has no password yet is known as little as somebody who is not there.
        if let Some(credential) = credential.filter(|credential| credential.password_hash.is_some()) {
            found.push((user, credential, Candidate { slug: company.slug, name: company.name }));
        }
    }
    Ok(found)
}
