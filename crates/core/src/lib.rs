//! The kernel: what every module stands on, so that a module holds nothing but its own business.
//!
//! * [`module`]: what a module is, and the checked list of those that a program is made of;
//! * [`kernel`]: what all requests of a process share; [`context`]: one request's surroundings: who asks ([`caller`]),
//!   for which company ([`tenancy`]), at what time ([`clock`]);
//! * [`database`]: connections to SQLite and PostgreSQL, with time-outs that reach the database;
//! * [`unit_of_work`]: the one kind of transaction; it stages changes and flushes them set-wise, with the [`audit`] and the
//!   events ([`outbox`]) that tell of them;
//! * [`job`]: work that is done later, in steps, and what begins by itself; [`import`]: files become records; [`export`]: records become
//!   files;
//! * [`mod@file`]: what people upload, what jobs read and write, what is attached to records;
//! * [`rate_limit`]: how much somebody may ask for in a short time;
//! * [`batch`]: steps that use cases over many records share;
//! * the kernel's own records: [`tenant`], [`user`], [`team`], [`role`], [`session`], [`api_key`], [`module_state`], and how
//!   people come in: [`sign_in`]; who may give which rights: [`access`];
//! * [`search`]: what records are found by; [`timeline`]: what has happened to them, and with them;
//! * [`value`]: names, sort keys, e-mails, phones, money and what makes them valid.

pub mod access;
pub mod api_key;
pub mod audit;
pub mod batch;
pub mod caller;
pub mod clock;
pub mod context;
pub mod database;
pub mod export;
pub mod file;
pub mod import;
pub mod job;
pub mod kernel;
pub mod module;
pub mod module_state;
pub mod outbox;
pub mod permission;
pub mod rate_limit;
pub mod record;
pub mod role;
pub mod search;
pub mod session;
pub mod setup;
pub mod sign_in;
pub mod team;
pub mod tenancy;
pub mod tenant;
pub mod timeline;
pub mod unit_of_work;
pub mod user;
pub mod value;

mod core_module;
mod history;
mod naming;
mod statement;
mod viewer;

pub use caller::{Actor, Caller};
pub use context::RequestContext;
pub use core_module::Core;
pub use kernel::Kernel;
pub use record::{DeclareRecord, TenantEntity};
pub use unit_of_work::UnitOfWork;

use shoal_graphql::engine::TextRules;

/// The kernel's name among the modules.
pub const MODULE: &str = "core";

/// How the engine compares text and writes money: by the kernel's own values.
pub fn text_rules() -> TextRules {
    TextRules {
        fold: value::sort_key::fold,
        // What folds to nothing (punctuation) can only be compared as it is.
        is_literal: |text| value::sort_key::has_han(text) || value::sort_key::fold(text).is_empty(),
        terms: "core_term",
        words: search::tokens::words,
        currency_digits: |code| {
            value::currency::Currency::parse(code).ok().map(value::currency::Currency::decimals)
        },
    }
}
