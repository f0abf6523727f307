//! Interactions: every touch with customers, on whichever channel. They are told on the timelines of their contacts and their
//! account.

pub mod entity;
pub mod graphql;
mod mail;
mod named;
pub mod participant;
mod pieces;
pub mod rules;
pub mod service;
mod upload;

use shoal_core::timeline::TimelineKind;
use shoal_graphql::message;
use shoal_graphql::message::Message;

pub use entity::{Column, Entity, Model};

use crate::choices::InteractionKind;

/// What is said of an interaction that is not there.
pub const NOT_FOUND: Message = message!("contacts-interaction-not-found", "interaction not found");

const CALL: TimelineKind = TimelineKind::new("contacts.call");
const VISIT: TimelineKind = TimelineKind::new("contacts.visit");
const EMAIL: TimelineKind = TimelineKind::new("contacts.email");
const SMS: TimelineKind = TimelineKind::new("contacts.sms");
const CHAT: TimelineKind = TimelineKind::new("contacts.chat");
const NOTE: TimelineKind = TimelineKind::new("contacts.note");
const WEB_FORM: TimelineKind = TimelineKind::new("contacts.web_form");

/// What timelines tell.
pub(crate) const TIMELINE: [TimelineKind; 7] = [CALL, VISIT, EMAIL, SMS, CHAT, NOTE, WEB_FORM];

/// What timelines tell of an interaction of this kind.
fn told_as(kind: InteractionKind) -> TimelineKind {
    match kind {
        InteractionKind::Call => CALL,
        InteractionKind::Visit => VISIT,
        InteractionKind::Email => EMAIL,
        InteractionKind::Sms => SMS,
        InteractionKind::Chat => CHAT,
        InteractionKind::Note => NOTE,
        InteractionKind::WebForm => WEB_FORM,
    }
}
