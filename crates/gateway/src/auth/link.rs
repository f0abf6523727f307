//! Links that work once: `POST /auth/link` for front ends, and the page `/auth/link/{token}` for people.
//!
//! Programs that look through mail open every link: reading the page does not use the link up, only its form does.

use axum::body::Body;
use axum::http::{Response, StatusCode, header};
use serde::Deserialize;
use shoal_core::module::Language;
use shoal_core::sign_in::link::{self, Opened};
use shoal_core::sign_in::use_link;
use shoal_graphql::error::Error;

use super::page::{self, Form, Notice, Words};
use super::sign_in::{set_cookies, welcome};
use super::{Answer, Entry, Silence, Visit};
use crate::pages;
use crate::problem::Problem;

#[derive(Deserialize)]
struct Given {
    token: String,
    password: Option<String>,
    cookie: Option<bool>,
}

/// `POST /auth/link`: comes in by a link.
pub(super) async fn take(entry: Entry, visit: Visit) -> Answer {
    visit.check_origin(&entry.door, Silence::Allowed)?;
    let Given { token, password, cookie } = visit.json()?;
    let signed_in = use_link(&entry.door.kernel, &token, password, visit.place(&entry.door).await?).await;
    let signed_in = signed_in.map_err(Problem::failed)?;
    welcome(&entry.door, &visit.client, &signed_in, cookie.unwrap_or(false)).await
}

/// `GET /auth/link/{token}`: whose link it is, and one button.
pub(super) async fn show(entry: Entry, visit: Visit, token: String) -> Answer {
    match link::look(&entry.door.kernel, &token).await {
        Ok(opened) => Ok(form(&entry, &visit, (&token, &opened), None)),
        Err(error) => Ok(notice(&entry, &visit, &Problem::failed(error))),
    }
}

/// `POST /auth/link/{token}`: the form of that page.
pub(super) async fn submit(entry: Entry, visit: Visit, token: String) -> Answer {
    if let Err(problem) = visit.check_origin(&entry.door, Silence::Refused) {
        return Ok(notice(&entry, &visit, &problem));
    }
    if !is_form(&visit) {
        return Err(Problem::unsupported_media_type("Send a form, or JSON to /auth/link."));
    }
    let kernel = &entry.door.kernel;
    let fields = form_urlencoded::parse(&visit.body);
    let password = fields.filter(|(name, _)| name == "password").map(|(_, value)| value.into_owned()).next();
    let password = password.filter(|password| !password.is_empty());
    let place = visit.place(&entry.door).await?;
    let signed_in = match use_link(kernel, &token, password, place).await {
        Ok(signed_in) => signed_in,
        Err(error) => return refused(&entry, &visit, &token, error).await,
    };
    let mut response = pages::page(StatusCode::SEE_OTHER, "", [(header::LOCATION, entry.door.home)]);
    set_cookies(&mut response, &entry.door, &visit.client, &signed_in).await?;
    Ok(response)
}

/// The form again with what is wrong, or what became of the link.
async fn refused(entry: &Entry, visit: &Visit, token: &str, error: Error) -> Answer {
    let problem = Problem::failed(error);
    if problem.fields().is_empty() {
        return Ok(notice(entry, visit, &problem));
    }
    match link::look(&entry.door.kernel, token).await {
        Ok(opened) => Ok(form(entry, visit, (token, &opened), Some(&problem))),
        Err(error) => Ok(notice(entry, visit, &Problem::failed(error))),
    }
}

fn is_form(visit: &Visit) -> bool {
    let value = visit.parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let name = value.and_then(|value| value.split(';').next()).unwrap_or_default();
    name.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

fn form(
    entry: &Entry,
    visit: &Visit,
    (token, opened): (&str, &Opened),
    problem: Option<&Problem>,
) -> Response<Body> {
    let accepted = accepted(visit);
    let Opened { purpose, user, tenant } = opened;
    // What they chose, or what their browser says, or what the company reads.
    let language = user.language.as_deref().or(accepted).unwrap_or(&tenant.locale);
    let words = Words::new(&entry.door.kernel.modules, Language::nearest(language));
    let error = problem.and_then(|problem| problem.fields().first()).map(|field| field.code);
    let form = Form { token, purpose: *purpose, user, company: &tenant.name, error };
    let status = problem.map_or(StatusCode::OK, Problem::status);
    page::respond(status, &words.form(&form))
}

fn notice(entry: &Entry, visit: &Visit, problem: &Problem) -> Response<Body> {
    let language = Language::nearest(accepted(visit).unwrap_or_default());
    let words = Words::new(&entry.door.kernel.modules, language);
    let notice = match problem.status() {
        StatusCode::GONE => Notice::Void,
        StatusCode::FORBIDDEN => Notice::Foreign,
        _ => Notice::Busy,
    };
    page::respond(problem.status(), &words.notice(notice))
}

/// What `Accept-Language` says.
fn accepted(visit: &Visit) -> Option<&str> {
    let value = visit.parts.headers.get(header::ACCEPT_LANGUAGE)?;
    value.to_str().ok()
}
