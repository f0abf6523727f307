//! What tests need and production code does not.
//!
//! - [`TestDatabase`] gives every test a database of its own, `SQLite` or `PostgreSQL`, cloned from a template that is
//!   migrated once.
//! - [`Postgres`] finds a `PostgreSQL` server for a test run or makes one, so that nobody has to set anything up. The
//!   `with-postgres` program wraps a whole test run in it; `make test` uses that.
//! - [`TestApp`] is Shoal itself on a free port over such a database, with a [`FixedClock`] and [`CountedIds`], and
//!   [`TestApp::graphql`] asks it as any client would. It comes with the feature `app`.
//! - [`untranslated`] compares the messages in sources with the words that translations have for them.
//!
//! Everything here is for tests: what cannot be set up panics with one sentence that says what to do.

#[cfg(feature = "app")]
mod app;
mod database;
mod messages;
mod names;
mod postgres;
mod scratch;
mod system;

#[cfg(feature = "app")]
pub use app::{
    Answer, CountedIds, Exchange, FixedClock, Installation, Options, Program, Running, SqlLog, TestApp,
};
pub use database::{Backend, DatabaseError, Template, TestDatabase};
pub use messages::untranslated;
pub use postgres::{Postgres, ProvisionError, SOURCE_VARIABLE, Settings, Source, URL_VARIABLE};
pub use scratch::{RUN_FOLDER_VARIABLE, Scratch, build_folder};
pub use system::PLACE_VARIABLE;
