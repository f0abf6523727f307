//! What makes a user's details valid.

use shoal_graphql::error::{FieldError, REQUIRED};

use super::Model;
use crate::value::email::Email;
use crate::value::{ValueError, language, sort_key, text, time_zone};

/// What is known of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Details {
    /// The address they sign in with.
    pub email: String,
    /// What colleagues call them.
    pub name: String,
    /// IETF tag of the language they read; the company's if `None`.
    pub language: Option<String>,
    /// IANA name of the zone they are in; the company's if `None`.
    pub time_zone: Option<String>,
}

impl Details {
    /// What is known of this user.
    pub fn of(user: &Model) -> Self {
        let Model { email, name, language, time_zone, .. } = user.clone();
        Self { email, name, language, time_zone }
    }

    /// Puts the details, which are clean, into the user.
    pub fn put(self, user: &mut Model) {
        user.email_key = self.email_key();
        user.email = self.email;
        user.name_sort = sort_key::name_sort_key(&self.name);
        user.name = self.name;
        user.language = self.language;
        user.time_zone = self.time_zone;
    }

    /// Cleans and checks the details.
    ///
    /// # Errors
    /// Every field that is wrong.
    pub fn clean(mut self) -> Result<Self, Vec<FieldError>> {
        let mut wrong: Vec<FieldError> = Vec::new();
        let mut check = |field: &str, result: Result<String, ValueError>| match result {
            Ok(clean) => clean,
            Err(error) => {
                wrong.push(FieldError::new([field], error.code(), error.message()));
                String::new()
            }
        };
        self.email = check("email", Email::parse(&self.email).map(|email| email.original));
        self.name = check("name", text::line(&self.name, 200));
        self.language = self.language.map(|tag| check("language", language::parse(&tag)));
        self.time_zone = self.time_zone.map(|zone| check("timeZone", time_zone::parse(&zone)));
        if self.name.is_empty() && !wrong.iter().any(|error| error.path == ["name"]) {
            wrong.push(FieldError::new(["name"], "REQUIRED", REQUIRED));
        }
        if wrong.is_empty() { Ok(self) } else { Err(wrong) }
    }

    /// What tells addresses apart: letter case and forms of the same domain do not.
    pub fn email_key(&self) -> String {
        email_key(&self.email)
    }
}

/// What tells addresses apart; the text itself in small letters if it is none.
pub fn email_key(email: &str) -> String {
    Email::parse(email).map_or_else(|_| email.trim().to_lowercase(), |email| email.normalised)
}
