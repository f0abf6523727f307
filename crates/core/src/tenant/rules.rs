//! What makes a company's details valid.

use shoal_graphql::error::{FieldError, REQUIRED};
use shoal_graphql::message;

use super::Model;
use crate::value::currency::Currency;
use crate::value::sort_key;

/// What is known of a company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Details {
    /// Its name in addresses and on the command line.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// IETF tag of the language and country by which things are written.
    pub locale: String,
    /// IANA name of the zone in which its business days begin.
    pub time_zone: String,
    /// ISO 4217 code of the currency of its accounts.
    pub base_currency: String,
    /// ISO 3166 code of the country whose phone numbers need no prefix.
    pub phone_region: Option<String>,
    /// The month in which its fiscal year begins, 1 to 12.
    pub fiscal_year_start: i32,
}

impl Details {
    /// A company of this name; everything else as most have it.
    pub fn new(slug: &str, name: &str) -> Self {
        Self {
            slug: slug.to_owned(),
            name: name.to_owned(),
            locale: "en".to_owned(),
            time_zone: "UTC".to_owned(),
            base_currency: "EUR".to_owned(),
            phone_region: None,
            fiscal_year_start: 1,
        }
    }

    /// What is known of this company.
    pub fn of(company: &Model) -> Self {
        let Model { slug, name, locale, time_zone, base_currency, phone_region, fiscal_year_start, .. } =
            company.clone();
        Self { slug, name, locale, time_zone, base_currency, phone_region, fiscal_year_start }
    }

    /// Puts the details, which are clean, into the company; its slug stays.
    pub fn put(self, company: &mut Model) {
        company.name_sort = sort_key::sort_key(&self.name);
        company.name = self.name;
        company.locale = self.locale;
        company.time_zone = self.time_zone;
        company.base_currency = self.base_currency;
        company.phone_region = self.phone_region;
        company.fiscal_year_start = self.fiscal_year_start;
    }

    /// Cleans and checks the details.
    ///
    /// # Errors
    /// Every field that is wrong.
    pub fn clean(mut self) -> Result<Self, Vec<FieldError>> {
        use crate::value::{country, language, text, time_zone};
        let mut wrong: Vec<FieldError> = Vec::new();
        let mut check = |field: &str,
                         result: Result<String, crate::value::ValueError>,
                         value: &mut String| match result {
            Ok(clean) => *value = clean,
            Err(error) => wrong.push(FieldError::new([field], error.code(), error.message())),
        };
        check("name", text::line(&self.name, 200), &mut self.name);
        check("locale", language::parse(&self.locale), &mut self.locale);
        check("timeZone", time_zone::parse(&self.time_zone), &mut self.time_zone);
        check(
            "baseCurrency",
            Currency::parse(&self.base_currency).map(|currency| currency.code().to_owned()),
            &mut self.base_currency,
        );
        if let Some(code) = &mut self.phone_region {
            check("phoneRegion", country::parse(&code.clone()).map(str::to_owned), code);
        }
        if self.name.is_empty() {
            wrong.push(FieldError::new(["name"], "REQUIRED", REQUIRED));
        }
        if !is_slug(&self.slug) {
            let message = message!(
                "slug-invalid",
                "needs 2 to 40 small letters, digits and hyphens, beginning with a letter"
            );
            wrong.push(FieldError::new(["slug"], "SLUG", message));
        }
        if !(1..=12).contains(&self.fiscal_year_start) {
            wrong.push(FieldError::new(
                ["fiscalYearStart"],
                "RANGE",
                message!("month-invalid", "is a month, 1 to 12"),
            ));
        }
        if wrong.is_empty() { Ok(self) } else { Err(wrong) }
    }
}

fn is_slug(slug: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let begins = slug.starts_with(|first: char| first.is_ascii_lowercase());
    (2..=40).contains(&slug.len()) && begins && slug.bytes().all(plain) && !slug.ends_with('-')
}
