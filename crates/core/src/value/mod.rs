//! The rules every module applies to a value before it is stored: pure functions, no input or output, no clock.
//!
//! | Module | What it settles |
//! | --- | --- |
//! | [`text`] | one line or several lines of clean Unicode text |
//! | [`sort_key`](mod@sort_key) | the stored key that orders and filters text alike on both databases |
//! | [`reading`] | the pinyin of Han characters, for keys and search terms alike |
//! | [`email`], [`phone`], [`domain`] | what a person typed, and the form that is compared |
//! | [`country`], [`language`], [`currency`] | the codes of ISO 3166, BCP 47 and ISO 4217 |
//!
//! A refusal is a [`ValueError`] with a stable code. Its message never repeats the value, because messages reach
//! logs and values are often personal data.

pub mod country;
pub mod currency;
pub mod domain;
pub mod email;
mod error;
mod free_mail;
pub mod language;
pub mod phone;
mod phone_rules;
pub mod reading;
pub mod region;
pub mod sort_key;
pub mod text;
pub mod time_zone;

pub use currency::Currency;
pub use email::Email;
pub use error::{DomainProblem, EmailProblem, PhoneProblem, ValueError};
pub use phone::Phone;
pub use sort_key::{fold, has_han, name_sort_key, sort_key};
