//! The kernel: what every module stands on, so that a module holds nothing but its own business.
//!
//! * [`database`]: connections to SQLite and PostgreSQL, with time-outs that reach the database;
//! * [`context`]: who asks, for which tenant, at what time;
//! * [`unit_of_work`]: the one kind of transaction; it stages changes and flushes them set-wise;
//! * [`batch`]: steps that use cases over many records share;
//! * [`value`]: names, sort keys, e-mails, phones, money and what makes them valid.

pub mod batch;
pub mod clock;
pub mod context;
pub mod database;
pub mod record;
pub mod unit_of_work;
pub mod value;

mod statement;

pub use context::RequestContext;
pub use record::TenantEntity;
pub use unit_of_work::UnitOfWork;

use shoal_graphql::engine::TextRules;

/// How the engine compares text and writes money: by the kernel's own values.
pub fn text_rules() -> TextRules {
    TextRules {
        fold: value::sort_key::fold,
        // What folds to nothing (punctuation) can only be compared as it is.
        is_literal: |text| value::sort_key::has_han(text) || value::sort_key::fold(text).is_empty(),
        currency_digits: |code| {
            value::currency::Currency::parse(code).ok().map(value::currency::Currency::decimals)
        },
    }
}
