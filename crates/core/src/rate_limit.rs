//! How much somebody may spend on operations in a short time.
//!
//! Each principal has a bucket of points: it is full at first, operations take from it what they cost, and points come back
//! evenly. One process counts for itself.
//!
//! The crate `governor` was looked at. It can only be asked by taking something, while every answer tells what is left; and
//! its limiters refuse everything for as long as the clock is set back, which happens to the clock of a machine.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use shoal_graphql::context::Allowance;
use uuid::Uuid;

use crate::caller::Actor;
use crate::clock::Clock;

/// So many parts make a point. In each microsecond as many parts come back as points in a minute.
const PARTS: u128 = 60_000_000;

/// Parts of a point that come back in a second, for each point that does in a minute.
const SECOND: u128 = 1_000_000;

/// What a request for a module's page takes, beside what it asks by GraphQL: as much as a mutation. It may do anything.
pub const PAGE: u64 = 10;

/// Buckets that nobody looks through for those that are full again.
const FEW: usize = 1_000;

/// Whose bucket it is: the company, and a person with all their sessions or an API key.
pub type Principal = (Uuid, Actor);

/// The size of everybody's bucket, and how fast it fills.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    /// Points that come back in a minute. At least 1.
    pub per_minute: u64,
    /// Points of a full bucket.
    pub burst: u64,
}

/// The buckets of this process.
#[derive(Debug)]
pub struct RateLimiter {
    limit: RateLimit,
    clock: Arc<dyn Clock>,
    buckets: Mutex<Buckets>,
}

#[derive(Debug, Default)]
struct Buckets {
    /// Who has a full bucket need not be here.
    used: HashMap<Principal, Bucket>,
    /// With so many, those that are full again are thrown away.
    many: usize,
}

/// What is missing from a bucket.
#[derive(Debug, Clone, Copy)]
struct Bucket {
    /// In parts of a point. More than a full bucket is owed.
    missing: u128,
    /// When that was so.
    at: DateTime<Utc>,
}

impl RateLimiter {
    /// Full buckets for everybody.
    pub fn new(limit: RateLimit, clock: Arc<dyn Clock>) -> Self {
        let limit = RateLimit { per_minute: limit.per_minute.max(1), ..limit };
        Self { limit, clock, buckets: Mutex::default() }
    }

    /// The size of everybody's bucket, and how fast it fills.
    pub fn limit(&self) -> RateLimit {
        self.limit
    }

    /// Takes so many points, if there are so many.
    ///
    /// # Errors
    /// After how many seconds there will be so many, if nothing else is taken; at least 1. More than a full bucket has are
    /// never there.
    pub fn spend(&self, principal: Principal, cost: u64) -> Result<(), u64> {
        let (mut buckets, now) = (self.lock(), self.clock.now());
        let bucket = buckets.refilled(principal, now, self.limit);
        let missing = bucket.missing + parts(cost);
        match missing.checked_sub(parts(self.limit.burst)) {
            None | Some(0) => bucket.missing = missing,
            Some(short) => return Err(self.seconds(short).max(1)),
        }
        buckets.clean(now, self.limit);
        Ok(())
    }

    /// Takes so many points, also if there are not so many: the next have to wait for it, but not longer than until a bucket
    /// has been filled twice.
    pub fn charge(&self, principal: Principal, cost: u64) {
        let (mut buckets, now) = (self.lock(), self.clock.now());
        let bucket = buckets.refilled(principal, now, self.limit);
        bucket.missing = (bucket.missing + parts(cost)).min(2 * parts(self.limit.burst));
        buckets.clean(now, self.limit);
    }

    /// Gives back what was taken and not needed.
    pub fn refund(&self, principal: Principal, points: u64) {
        if let Some(bucket) = self.lock().used.get_mut(&principal) {
            bucket.missing = bucket.missing.saturating_sub(parts(points));
        }
    }

    /// What there is. Nothing is taken.
    pub fn allowance(&self, principal: Principal) -> Allowance {
        let now = self.clock.now();
        let bucket = self.lock().used.get(&principal).copied();
        let missing = bucket.map_or(0, |bucket| bucket.after(now, self.limit).missing);
        let full = parts(self.limit.burst);
        Allowance {
            most: self.limit.burst,
            remaining: narrow(full.saturating_sub(missing) / PARTS),
            restored_in: self.seconds(missing),
            window: self.seconds(full).max(1),
        }
    }

    /// How many seconds so many parts take to come back.
    fn seconds(&self, parts: u128) -> u64 {
        narrow(parts.div_ceil(SECOND * u128::from(self.limit.per_minute)))
    }

    fn lock(&self) -> MutexGuard<'_, Buckets> {
        self.buckets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Buckets {
    /// Somebody's bucket as it is now.
    fn refilled(&mut self, principal: Principal, now: DateTime<Utc>, limit: RateLimit) -> &mut Bucket {
        let bucket = self.used.entry(principal).or_insert(Bucket { missing: 0, at: now });
        *bucket = bucket.after(now, limit);
        bucket
    }

    /// Throws away full buckets, if there are many. They are looked through again when there are twice as many as are left,
    /// so that it takes each request but a moment.
    fn clean(&mut self, now: DateTime<Utc>, limit: RateLimit) {
        if self.used.len() > self.many.max(FEW) {
            self.used.retain(|_, bucket| bucket.after(now, limit).missing > 0);
            self.many = self.used.len() * 2;
            self.used.shrink_to(self.many);
        }
    }
}

impl Bucket {
    /// The bucket at a later time. If the clock was set back, nothing has come back meanwhile, and it goes on from there.
    fn after(self, now: DateTime<Utc>, limit: RateLimit) -> Self {
        let elapsed = (now - self.at)
            .num_microseconds()
            .map_or(u128::MAX, |elapsed| u128::try_from(elapsed).unwrap_or_default());
        let back = elapsed.saturating_mul(limit.per_minute.into());
        Self { missing: self.missing.saturating_sub(back), at: now }
    }
}

fn parts(points: u64) -> u128 {
    u128::from(points) * PARTS
}

fn narrow(value: u128) -> u64 {
    u64::try_from(value).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::sync::RwLock;

    use chrono::Duration;
    use proptest::prelude::*;

    use super::*;

    #[derive(Debug)]
    struct Hand(RwLock<DateTime<Utc>>);

    impl Hand {
        fn turn(&self, by: Duration) {
            *self.0.write().unwrap() += by;
        }
    }

    impl Clock for Hand {
        fn now(&self) -> DateTime<Utc> {
            *self.0.read().unwrap()
        }
    }

    const ANN: Principal = (Uuid::from_u128(1), Actor::User(Uuid::from_u128(7)));

    fn limiter(per_minute: u64, burst: u64) -> (RateLimiter, Arc<Hand>) {
        let hand = Arc::new(Hand(RwLock::new(DateTime::UNIX_EPOCH)));
        let clock = Arc::clone(&hand);
        (RateLimiter::new(RateLimit { per_minute, burst }, clock), hand)
    }

    #[test]
    fn what_is_spent_comes_back_evenly() {
        let (limiter, clock) = limiter(60, 100);
        assert_eq!(limiter.spend(ANN, 101), Err(1), "more than there can be");
        assert_eq!(limiter.spend(ANN, 100), Ok(()));
        let empty = Allowance { most: 100, remaining: 0, restored_in: 100, window: 100 };
        assert_eq!(limiter.allowance(ANN), empty);
        assert_eq!((limiter.spend(ANN, 1), limiter.spend(ANN, 40)), (Err(1), Err(40)));
        clock.turn(Duration::microseconds(39_999_999));
        assert_eq!(limiter.spend(ANN, 40), Err(1));
        assert_eq!(limiter.allowance(ANN).remaining, 39, "whole points");
        clock.turn(Duration::microseconds(1));
        assert_eq!(limiter.spend(ANN, 40), Ok(()));
        clock.turn(Duration::days(40_000));
        assert_eq!(limiter.allowance(ANN), Allowance { remaining: 100, restored_in: 0, ..empty });
    }

    #[test]
    fn buckets_are_not_shared() {
        let (limiter, _) = limiter(60, 100);
        limiter.charge(ANN, 100);
        for other in [(ANN.0, Actor::ApiKey(Uuid::from_u128(7))), (Uuid::from_u128(2), ANN.1)] {
            assert_eq!(limiter.allowance(other).remaining, 100);
            assert_eq!(limiter.spend(other, 100), Ok(()));
        }
    }

    #[test]
    fn a_clock_that_is_set_back_stops_nobody_for_long() {
        let (limiter, clock) = limiter(60, 100);
        limiter.charge(ANN, 50);
        clock.turn(Duration::hours(-5));
        assert_eq!(limiter.spend(ANN, 50), Ok(()));
        assert_eq!(limiter.spend(ANN, 10), Err(10));
        clock.turn(Duration::seconds(10));
        assert_eq!(limiter.spend(ANN, 10), Ok(()));
    }

    #[test]
    fn what_was_not_needed_is_given_back() {
        let (limiter, clock) = limiter(60, 100);
        limiter.spend(ANN, 90).unwrap();
        limiter.refund(ANN, 60);
        assert_eq!(limiter.allowance(ANN).remaining, 70);
        clock.turn(Duration::seconds(20));
        limiter.refund(ANN, 60);
        assert_eq!(limiter.allowance(ANN).remaining, 100, "not more than a full bucket");
        limiter.refund((Uuid::nil(), ANN.1), 1);
        assert_eq!(limiter.spend((Uuid::nil(), ANN.1), 101), Err(1));
    }

    #[test]
    fn what_is_owed_is_bounded() {
        let (limiter, clock) = limiter(60, 100);
        limiter.charge(ANN, u64::MAX);
        assert_eq!(limiter.allowance(ANN).remaining, 0);
        assert_eq!(limiter.spend(ANN, 1), Err(101));
        clock.turn(Duration::seconds(101));
        assert_eq!(limiter.spend(ANN, 1), Ok(()));
    }

    #[test]
    fn buckets_that_are_full_again_are_forgotten() {
        let (limiter, clock) = limiter(60, 100);
        let held = || limiter.lock().used.len();
        for number in 0..20_000 {
            limiter.spend((Uuid::from_u128(number), ANN.1), 1).unwrap();
            clock.turn(Duration::milliseconds(10));
        }
        // A second's worth of buckets is not full again at any time.
        assert!(held() <= FEW + 1, "{}", held());
        for number in 0..5_000 {
            limiter.spend((Uuid::from_u128(number), ANN.1), 100).unwrap();
        }
        assert!(held() >= 5_000, "none that is missed is forgotten: {}", held());
        assert_eq!(limiter.allowance((Uuid::from_u128(0), ANN.1)).remaining, 0);
    }

    proptest! {
        /// Whatever is asked for, and when: nobody gets more than a full bucket and what has come back.
        #[test]
        fn nobody_gets_more(
            per_minute in 1..1_000_000_u64,
            burst in 1..1_000_000_u64,
            asked in prop::collection::vec((0..400_000_u64, 0..3_000_000_i64), 1..60),
        ) {
            let (limiter, clock) = limiter(per_minute, burst);
            let (mut spent, mut elapsed) = (0_u128, 0_i64);
            for (cost, wait) in asked {
                clock.turn(Duration::microseconds(wait));
                elapsed += wait;
                let before = limiter.allowance(ANN).remaining;
                match limiter.spend(ANN, cost) {
                    Ok(()) => {
                        spent += u128::from(cost);
                        prop_assert!(cost <= before);
                    }
                    Err(seconds) => {
                        prop_assert!(cost > before && seconds >= 1);
                        // And so soon it is there, if it can be.
                        if cost <= burst {
                            clock.turn(Duration::seconds(i64::try_from(seconds).unwrap()));
                            elapsed += i64::try_from(seconds).unwrap() * 1_000_000;
                            prop_assert_eq!(limiter.spend(ANN, cost), Ok(()));
                            spent += u128::from(cost);
                        }
                    }
                }
                let back = u128::from(per_minute) * u128::try_from(elapsed).unwrap() / PARTS;
                prop_assert!(spent <= u128::from(burst) + back);
            }
        }
    }
}
