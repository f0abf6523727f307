//! `POST /auth/forgotten`: a link by mail to choose another password.

use std::sync::Arc;
use std::time::SystemTime;

use axum::body::Body;
use axum::http::{Response, StatusCode};
use serde::Deserialize;
use shoal_core::module::Language;
use shoal_core::sign_in::link::Purpose;
use shoal_core::sign_in::reset::{Reset, reset_links};
use shoal_graphql::message;

use super::{Answer, Door, Entry, Silence, Visit};
use crate::mail::{Mail, Mailer};
use crate::problem::Problem;

#[derive(Deserialize)]
struct Given {
    email: String,
    company: Option<String>,
}

/// Answers alike, and as fast, whether the address is known or not: all that depends on it happens beside the request.
pub(super) async fn forgotten(entry: Entry, visit: Visit) -> Answer {
    visit.check_origin(&entry.door, Silence::Allowed)?;
    let given: Given = visit.json()?;
    let place = Arc::clone(&entry.door.resets).try_acquire_owned();
    let place = place.map_err(|_| {
        Problem::unavailable(message!("resets-full", "Too many people ask for a new password."))
    })?;
    if entry.door.mailer.is_some() {
        tokio::spawn(async move {
            let _place = place;
            if let Some(mailer) = &entry.door.mailer {
                send(&entry.door, mailer, &given).await;
            }
        });
    } else {
        tracing::warn!(
            request_id = visit.id.as_str(),
            "somebody forgot a password, and no mail is configured: set [mail], so that a link can be sent"
        );
    }
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::ACCEPTED;
    Ok(response)
}

async fn send(door: &Door, mailer: &Mailer, given: &Given) {
    let resets = match reset_links(&door.kernel, &given.email, given.company.as_deref()).await {
        Ok(resets) => resets,
        Err(error) => return tracing::error!(%error, "links to reset a password could not be made"),
    };
    for reset in resets {
        let user = reset.user.id;
        if let Err(error) = mailer.send(written(door, reset)).await {
            tracing::error!(%error, %user, "a link to reset a password could not be sent");
        }
    }
}

/// The message, in the language of whom it is for.
fn written(door: &Door, reset: Reset) -> Mail {
    let Reset { token, user, tenant } = reset;
    let link = format!("{}/auth/link/{}", door.public_url, token.text());
    let hours = Purpose::Reset.lasts().num_hours().to_string();
    let inserted = [
        ("name", user.name.as_str()),
        ("email", user.email.as_str()),
        ("company", tenant.name.as_str()),
        ("link", link.as_str()),
        ("hours", hours.as_str()),
    ];
    let language = Language::nearest(user.language.as_deref().unwrap_or(&tenant.locale));
    let kernel = door.kernel.modules.module(shoal_core::MODULE);
    let text =
        |key: &str| kernel.map_or_else(String::new, |kernel| kernel.text_with(language, key, &inserted));
    let (subject, text) = (text("reset-subject"), text("reset-text"));
    let sent_at = SystemTime::from(door.kernel.clock.now());
    Mail { subject, text, sent_at, id: token.id.to_string(), to: user.email, name: user.name }
}
