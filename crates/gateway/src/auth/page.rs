//! The page of a link: who it is for, a password if one must be chosen, and one button. No script, and nothing from
//! elsewhere.

use std::sync::LazyLock;

use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};
use shoal_core::module::{Composition, Language};
use shoal_core::sign_in::link::Purpose;
use shoal_core::sign_in::password::SHORTEST;
use shoal_core::user;

use crate::pages;

const STYLE: &str = include_str!("page.css");

/// The style by its hash; forms only to us; nobody may put the page into theirs.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let hash = STANDARD.encode(Sha256::digest(STYLE));
    format!(
        "default-src 'none'; style-src 'sha256-{hash}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    )
});

/// The texts of the pages in a language.
pub(super) struct Words<'k> {
    modules: &'k Composition,
    language: Language,
}

/// What the form shows.
pub(super) struct Form<'a> {
    pub(super) token: &'a str,
    pub(super) purpose: Purpose,
    pub(super) user: &'a user::Model,
    pub(super) company: &'a str,
    /// The code of what is wrong with the password.
    pub(super) error: Option<&'a str>,
}

/// A page without a form.
#[derive(Debug, Clone, Copy)]
pub(super) enum Notice {
    /// The link has been used, or is too old.
    Void,
    /// The form came from elsewhere.
    Foreign,
    /// Something is not as it should be; it may work later.
    Busy,
}

/// A page as a response. The address holds a secret, which other sites are not told; `strict-origin` rather than none
/// at all, because browsers then would not say in `Origin` that the form is ours.
pub(super) fn respond(status: StatusCode, html: &str) -> Response<Body> {
    let mut response = pages::page(
        status,
        html.to_owned(),
        [
            (header::CONTENT_TYPE, "text/html; charset=utf-8"),
            (header::REFERRER_POLICY, "strict-origin"),
            (header::VARY, "Accept-Language"),
        ],
    );
    if let Ok(policy) = HeaderValue::from_str(&POLICY) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

impl<'k> Words<'k> {
    pub(super) fn new(modules: &'k Composition, language: Language) -> Self {
        Self { modules, language }
    }

    /// A text, safe inside a page.
    fn text(&self, key: &str, inserted: &[(&str, &str)]) -> String {
        let kernel = self.modules.module(shoal_core::MODULE);
        kernel.map_or_else(String::new, |kernel| escape(&kernel.text_with(self.language, key, inserted)))
    }

    fn document(&self, title: &str, content: &str) -> String {
        format!(
            "<!doctype html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"robots\" content=\"noindex\">\n<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n\
             <body>\n<main>\n<h1>{title}</h1>\n{content}</main>\n</body>\n</html>\n",
            self.language.tag()
        )
    }

    /// The page with the form.
    pub(super) fn form(&self, form: &Form<'_>) -> String {
        let kind = match form.purpose {
            Purpose::Start => "start",
            Purpose::Invitation => "invitation",
            Purpose::Reset => "reset",
        };
        let whose =
            [("name", form.user.name.as_str()), ("email", &form.user.email), ("company", form.company)];
        let fields = if form.purpose.wants_password() { self.fields(form) } else { String::new() };
        let content = format!(
            "<p>{}</p>\n<form method=\"post\" action=\"/auth/link/{}\">\n{fields}<button type=\"submit\">{}</button>\n\
             </form>\n<p class=\"hint\">{}</p>\n",
            self.text("link-for", &whose),
            escape(form.token),
            self.text(&format!("link-submit-{kind}"), &[]),
            self.text("link-once", &[]),
        );
        self.document(&self.text(&format!("link-title-{kind}"), &[]), &content)
    }

    /// The address, so that the browser's keeper of passwords knows whose it is, and the password.
    fn fields(&self, form: &Form<'_>) -> String {
        let count = SHORTEST.to_string();
        let count = [("count", count.as_str())];
        let (state, error) = match form.error {
            None => ("", String::new()),
            Some(code) => {
                let key = match code {
                    "REQUIRED" => "password-required",
                    "TOO_SHORT" => "password-too-short",
                    "TOO_LONG" => "password-too-long",
                    _ => "password-weak",
                };
                let text = self.text(key, &count);
                (
                    " aria-invalid=\"true\" autofocus",
                    format!("<p class=\"error\" id=\"error\" role=\"alert\">{text}</p>\n"),
                )
            }
        };
        let described = if error.is_empty() { "hint" } else { "error hint" };
        format!(
            "<label for=\"email\">{}</label>\n\
             <input id=\"email\" type=\"email\" name=\"email\" value=\"{}\" autocomplete=\"username\" readonly>\n\
             <label for=\"password\">{}</label>\n\
             <input id=\"password\" type=\"password\" name=\"password\" autocomplete=\"new-password\" \
             minlength=\"{SHORTEST}\" required aria-describedby=\"{described}\"{state}>\n\
             {error}<p class=\"hint\" id=\"hint\">{}</p>\n",
            self.text("link-email", &[]),
            escape(&form.user.email),
            self.text("link-password", &[]),
            self.text("link-password-hint", &count),
        )
    }

    /// A page without a form.
    pub(super) fn notice(&self, notice: Notice) -> String {
        let kind = match notice {
            Notice::Void => "void",
            Notice::Foreign => "foreign",
            Notice::Busy => "busy",
        };
        let text = self.text(&format!("link-{kind}-text"), &[]);
        self.document(&self.text(&format!("link-{kind}-title"), &[]), &format!("<p>{text}</p>\n"))
    }
}

/// Text as it may stand in a page, between tags and in quotes.
fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}
