//! Wrong passwords, counted so that nobody can guess on and on, nobody can lock others out, and nothing tells which
//! addresses there are.
//!
//! As in OWASP's "Slow Down Online Guessing Attacks with Device Cookies". Clients that nobody knows are counted for the
//! address they try: by their network, and more patiently in all networks together. A browser that the person has signed in
//! with before is counted for itself, and neither waits for others nor makes them wait. What is counted does not depend
//! on whether anybody has the address: there is no way to tell it from the waits.

mod entity;

pub use entity::{Column, Entity, Model};

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _};
use shoal_graphql::error::Error;
use uuid::Uuid;

use super::device_cookie::DeviceCookie;
use super::lock;
use super::secret::Secret;
use super::service::system;
use crate::kernel::Kernel;
use crate::unit_of_work::UnitOfWork;
use crate::user;
use crate::user::credential;

/// So long wrong passwords are counted together, from the first of them.
pub(crate) const COUNTED: TimeDelta = TimeDelta::hours(24);

/// More counts than this are not kept: the oldest go that lock nothing.
pub(crate) const MOST: u32 = 100_000;

/// Wrong passwords without a wait from one network, one browser or one session.
const FREE: i32 = 5;

/// Wrong passwords for an address without a wait from all networks together (NIST SP 800-63B, 5.2.2: no more than 100).
const FREE_FOR_ADDRESS: i32 = 100;

/// What wrong passwords are counted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bucket {
    id: Uuid,
    free: i32,
    /// Whether the right password empties it. Not that of an address: else whoever can come in by it somewhere, such as
    /// into a company of his own, could guess on and on what it takes elsewhere.
    emptied: bool,
}

impl Bucket {
    fn new(secret: &Secret, (free, emptied): (i32, bool), parts: &[&[u8]]) -> Self {
        let mac = secret.mac(parts);
        let mut id = [0; 16];
        id.copy_from_slice(&mac[..16]);
        Self { id: Uuid::from_bytes(id), free, emptied }
    }

    /// Of somebody whose password does not fit in all companies that know the address. It is right, and counts as no guess
    /// at it; but whoever makes such users could guess by them what fits in another company.
    pub(super) fn elsewhere(secret: &Secret, user: &user::Model) -> Self {
        let parts = [&b"elsewhere"[..], user.tenant_id.as_bytes(), user.id.as_bytes()];
        Self::new(secret, (FREE, false), &parts)
    }

    /// Of a session whose user changes the password.
    pub(super) fn of_session(secret: &Secret, user: &user::Model) -> Self {
        let parts = [&b"change"[..], user.tenant_id.as_bytes(), user.id.as_bytes()];
        Self::new(secret, (FREE, true), &parts)
    }
}

/// Until when nobody may try, by the ids of buckets.
pub(super) type Locks = HashMap<Uuid, DateTime<Utc>>;

/// Until when one of these buckets is locked.
pub(super) fn until(locks: &Locks, buckets: &[Bucket]) -> Option<DateTime<Utc>> {
    buckets.iter().filter_map(|bucket| locks.get(&bucket.id)).max().copied()
}

/// What an attempt to sign in is counted for.
#[derive(Debug)]
pub(super) struct Buckets {
    /// Of clients that nobody knows: the network, and the address.
    pub(super) strange: [Bucket; 2],
    known: Option<(DeviceCookie, [Bucket; 1])>,
}

impl Buckets {
    /// What an attempt on an address is counted for, from this internet address and with this device cookie.
    pub(super) fn new(
        secret: &Secret,
        email_key: &str,
        address: Option<&str>,
        cookie: Option<DeviceCookie>,
    ) -> Self {
        let email = email_key.as_bytes();
        let network = Bucket::new(secret, (FREE, true), &[b"network", email, &network(address)]);
        let all = Bucket::new(secret, (FREE_FOR_ADDRESS, false), &[b"address", email]);
        let device = |cookie: &DeviceCookie| Bucket::new(secret, (FREE, true), &[b"device", &cookie.device]);
        let known = cookie.map(|cookie| (cookie, [device(&cookie)]));
        Self { strange: [network, all], known }
    }

    /// What a guess at this user's password is counted for.
    pub(super) fn of(
        &self,
        user: &user::Model,
        credential: &credential::Model,
        now: DateTime<Utc>,
    ) -> &[Bucket] {
        match &self.known {
            Some((cookie, device)) if cookie.is_of(user, credential, now) => device,
            _ => &self.strange,
        }
    }

    /// All of them.
    pub(super) fn all(&self) -> Vec<Bucket> {
        self.strange.iter().chain(self.known.iter().flat_map(|(_, device)| device)).copied().collect()
    }
}

/// What belongs together: one address of IPv4, 64 bits of IPv6, of which a single client has all addresses.
fn network(address: Option<&str>) -> Vec<u8> {
    match address.and_then(|address| address.parse::<IpAddr>().ok()) {
        Some(IpAddr::V4(address)) => address.octets().to_vec(),
        Some(IpAddr::V6(address)) => address.octets()[..8].to_vec(),
        None => Vec::new(),
    }
}

/// Which of these buckets are locked now.
pub(super) async fn locks(kernel: &Kernel, secret: &Secret, buckets: &[Bucket]) -> Result<Locks, Error> {
    let now = kernel.clock.now();
    let found = Entity::find()
        .filter(Column::TenantId.eq(secret.tenant))
        .filter(Column::Id.is_in(buckets.iter().map(|bucket| bucket.id)))
        .all(kernel.database.reader().connection())
        .await?;
    Ok(found.iter().filter_map(|guess| Some((guess.id, locked(guess, now)?))).collect())
}

fn locked(guess: &Model, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    guess.locked_until.filter(|until| *until > now)
}

/// Counts wrong passwords, and empties the buckets of right ones. Many guesses at once are all read before the first is
/// counted: those behind the lock count for nothing and are told of it, as the right one is, by until when it is locked.
pub(super) async fn settle(
    kernel: &Arc<Kernel>,
    secret: &Secret,
    wrong: Vec<Bucket>,
    right: Vec<Bucket>,
) -> Result<Option<DateTime<Utc>>, Error> {
    let context = system(kernel, secret.tenant).await?;
    UnitOfWork::run(&context, |unit| {
        let (wrong, right) = (wrong.clone(), right.clone());
        Box::pin(async move {
            let now = unit.now();
            let ids = wrong.iter().chain(&right).map(|bucket| bucket.id);
            let rows = unit.find::<Entity>().filter(unit.any_of(Column::Id, ids)).order_by_asc(Column::Id);
            let rows = rows.lock_exclusive().all(unit.transaction()).await?;
            let locked = rows.iter().filter_map(|guess| locked(guess, now)).max();
            if locked.is_some() {
                return Ok(locked);
            }
            let mut known: HashMap<Uuid, Model> = rows.into_iter().map(|guess| (guess.id, guess)).collect();
            for bucket in wrong {
                count(unit, bucket, known.remove(&bucket.id));
            }
            for guess in right.iter().filter(|bucket| bucket.emptied).filter_map(|b| known.remove(&b.id)) {
                unit.remove::<Entity>(&guess);
            }
            Ok(None)
        })
    })
    .await
}

/// Stages one more wrong password.
fn count(unit: &mut UnitOfWork, bucket: Bucket, before: Option<Model>) {
    let now = unit.now();
    let counts = before.as_ref().filter(|guess| guess.since + COUNTED > now);
    let failures = counts.map_or(0, |guess| guess.failures).saturating_add(1);
    let after = Model {
        tenant_id: unit.tenant(),
        id: bucket.id,
        failures,
        since: counts.map_or(now, |guess| guess.since),
        locked_until: lock::until(failures, bucket.free, now),
    };
    match before {
        Some(before) => unit.update::<Entity>(&before, after),
        None => unit.insert::<Entity>(after),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks() {
        for (one, other, same) in [
            ("203.0.113.9", "203.0.113.9", true),
            ("203.0.113.9", "203.0.113.10", false),
            ("2001:db8::1", "2001:db8::2:1", true),
            ("2001:db8::1", "2001:db8:0:1::1", false),
        ] {
            assert_eq!(network(Some(one)) == network(Some(other)), same, "{one} {other}");
        }
        assert!(network(None).is_empty());
    }
}
