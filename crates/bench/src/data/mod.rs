//! The data that is measured on: the same at every run, made in bulk.

mod bulk;
mod names;
pub(crate) mod tables;

use sea_orm::{ConnectionTrait as _, DbErr};
use shoal_core::database::Database;
use shoal_graphql::database::Dialect;
use uuid::Uuid;

pub use names::{Person, person};

/// How many records there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Sizes {
    /// Accounts.
    pub accounts: usize,
    /// Contacts, spread evenly over the accounts.
    pub contacts: usize,
    /// Different tags.
    pub tags: usize,
    /// Tags on contacts.
    pub taggings: usize,
}

/// The company that the data belongs to.
pub const TENANT: Uuid = Uuid::from_u128(0x0000_0000_0000_7000_8000_0000_0000_0001);

/// Tags of each contact.
pub const TAGS_PER_CONTACT: usize = 5;

impl Sizes {
    /// As many contacts, and the others in proportion: 100 contacts per account, 5 tags per contact.
    pub fn of(contacts: usize) -> Self {
        let contacts = contacts.max(100);
        let accounts = (contacts / 100).max(10);
        Self { accounts, contacts, tags: 2_000, taggings: contacts * TAGS_PER_CONTACT }
    }
}

/// What a record is, the second part of its id.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Account = 1,
    Contact = 2,
    Role = 3,
    Tag = 4,
    Email = 5,
    Phone = 6,
}

/// The id of the nth record: in the order of creation, as UUIDs of version 7 are.
fn id(kind: Kind, number: usize) -> Uuid {
    const BASE: u128 = 0x0190_0000_0000_7000_8000_0000_0000_0000;
    Uuid::from_u128(BASE | (kind as u128) << 40 | number as u128)
}

/// The id of the nth account.
pub fn account_id(number: usize) -> Uuid {
    id(Kind::Account, number)
}

/// The id of the nth contact.
pub fn contact_id(number: usize) -> Uuid {
    id(Kind::Contact, number)
}

/// Numbers that look random and are the same at every run (`SplitMix64`, Steele, Lea and Flood 2014).
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// The sequence of this seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// The next number below `end`, which must not be 0.
    pub fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end).unwrap_or(u64::MAX);
        usize::try_from(self.next_u64() % end.max(1)).unwrap_or(0)
    }

    /// One of the items.
    pub fn pick<'i>(&mut self, items: &[&'i str]) -> &'i str {
        let position = self.below(items.len());
        items.get(position).copied().unwrap_or_default()
    }
}

/// Fills an empty, migrated database, and lets it look at what is there.
///
/// # Errors
/// What the database says.
pub async fn fill(database: &Database, sizes: Sizes) -> Result<(), DbErr> {
    tables::fill(database, sizes).await?;
    settle(database).await
}

/// Gives each contact an e-mail address and a phone number.
///
/// # Errors
/// What the database says.
pub(crate) async fn fill_points(database: &Database, sizes: Sizes) -> Result<(), DbErr> {
    tables::emails(database, sizes).await?;
    tables::phones(database, sizes).await
}

/// Statistics, and what an idle server would have done in the meantime.
///
/// # Errors
/// What the database says.
pub async fn settle(database: &Database) -> Result<(), DbErr> {
    let steps: &[&str] = match database.dialect() {
        Dialect::Postgres => &["VACUUM ANALYZE"],
        Dialect::Sqlite => &["ANALYZE", "PRAGMA wal_checkpoint(TRUNCATE)"],
    };
    for step in steps {
        database.writer().execute_unprepared(step).await?;
    }
    if database.dialect() == Dialect::Postgres {
        // Only some roles may; without it the server writes in the first seconds of the measurement.
        let _ = database.writer().execute_unprepared("CHECKPOINT").await;
    }
    Ok(())
}
