//! Accounts out of files.

use std::collections::HashMap;

use futures::future::BoxFuture;
use serde_json::Value as Json;
use shoal_core::UnitOfWork;
use shoal_core::import::key::{by_column, text_at};
use shoal_core::import::{Finds, Importable, Key, Preset, Reference, SavedRow};
use shoal_graphql::declare::{Handled, InputType as _};
use shoal_graphql::error::{Error, Refusal};
use shoal_graphql::value::{Input, InputMap};
use uuid::Uuid;

use super::{NAMES, WORDS, by_external_id, external_id, images, owners, presets, sort_key};
use crate::account::graphql::AccountPatch;
use crate::account::{Column, Entity, service};
use crate::permission::{ACCOUNT_CREATE, ACCOUNT_DELETE, ACCOUNT_UPDATE};
use crate::save::{Save, Target, save};

/// Accounts, to imports.
pub(super) struct Accounts;

/// How rows name accounts.
pub(super) fn keys() -> Vec<Key> {
    let name = |details: &_, _: Option<&str>| text_at(details, "name");
    let domain = |details: &_, _: Option<&str>| text_at(details, "domain");
    vec![
        Key { name: "name", parameter: None, right: None, of_row: name, find: by_name },
        Key { name: "domain", parameter: None, right: None, of_row: domain, find: by_domain },
        external_id(by_their_id),
    ]
}

impl Importable for Accounts {
    type Entity = Entity;
    type Details = AccountPatch;
    const CREATE: &'static str = ACCOUNT_CREATE;
    const UPDATE: Option<&'static str> = Some(ACCOUNT_UPDATE);
    const DELETE: Option<&'static str> = Some(ACCOUNT_DELETE);

    fn keys() -> Vec<Key> {
        keys()
    }

    fn references() -> Vec<Reference> {
        let parent = Reference { path: "parentId", record_type: "Account", keys: keys(), make: None };
        [parent].into_iter().chain(owners()).collect()
    }

    fn presets() -> &'static [Preset] {
        presets::ACCOUNTS
    }

    fn names() -> &'static [(&'static str, &'static [&'static str])] {
        const OWN: [(&str, &[&str]); 7] = [
            (
                "name",
                &[
                    "company",
                    "company name",
                    "account",
                    "account name",
                    "organization",
                    "organisation",
                    "security",
                    "公司",
                    "公司名称",
                    "客户名称",
                    "单位名称",
                    "компания",
                    "название",
                    "организация",
                    "наименование",
                ],
            ),
            (
                "legalName",
                &["legal name", "registered name", "全称", "юридическое название", "полное наименование"],
            ),
            (
                "domain",
                &[
                    "website",
                    "web site",
                    "url",
                    "company domain name",
                    "网站",
                    "网址",
                    "域名",
                    "сайт",
                    "домен",
                ],
            ),
            ("taxId", &["tax id", "vat number", "tax number", "税号", "统一社会信用代码", "инн"]),
            (
                "parentId",
                &["parent", "parent account", "parent company", "上级公司", "母公司", "головная компания"],
            ),
            ("foundedYear", &["founded", "year founded", "成立年份", "год основания"]),
            ("tier", &["tier", "rating", "客户等级", "категория клиента"]),
        ];
        const ALL: [(&str, &[&str]); 21] = super::joined(OWN, NAMES);
        &ALL
    }

    fn words() -> &'static [(&'static str, &'static [&'static str])] {
        WORDS
    }

    fn outputs() -> &'static [(&'static str, &'static str)] {
        &[("parentId", "parent.name")]
    }

    async fn save(unit: &mut UnitOfWork, rows: Vec<SavedRow<AccountPatch>>) -> Result<Handled, Error> {
        let rows = rows.into_iter().map(|SavedRow { existing, details }| Save {
            target: existing
                .map_or(Target::New, |(id, expected_version)| Target::Existing { id, expected_version }),
            patch: details,
        });
        save::<service::Account>(unit, &rows.collect::<Vec<_>>()).await
    }

    async fn images(unit: &UnitOfWork, ids: Vec<Uuid>) -> Result<HashMap<Uuid, Json>, Error> {
        images::of_accounts(unit, &ids).await
    }
}

fn by_name<'u>(
    unit: &'u UnitOfWork,
    _: Option<&'u str>,
    texts: Vec<String>,
) -> BoxFuture<'u, Result<Finds, Error>> {
    Box::pin(by_column::<Entity>(unit, Column::NameSort, texts, sort_key))
}

/// Accounts of these names, for rows whose account is not there.
pub(super) fn make(unit: &mut UnitOfWork, names: Vec<String>) -> BoxFuture<'_, Result<Handled, Error>> {
    Box::pin(async move {
        let row = |name: String| {
            let details = InputMap(vec![("name".to_owned(), Input::Text(name))]);
            let patch =
                AccountPatch::from_input(Some(Input::Object(details))).map_err(Refusal::validation)?;
            Ok(Save { target: Target::New, patch })
        };
        let rows = names.into_iter().map(row).collect::<Result<Vec<_>, Refusal>>()?;
        save::<service::Account>(unit, &rows).await
    })
}

fn by_domain<'u>(
    unit: &'u UnitOfWork,
    _: Option<&'u str>,
    texts: Vec<String>,
) -> BoxFuture<'u, Result<Finds, Error>> {
    Box::pin(by_column::<Entity>(unit, Column::Domain, texts, |text| {
        shoal_core::value::domain::normalise(text).ok()
    }))
}

fn by_their_id<'u>(
    unit: &'u UnitOfWork,
    system: Option<&'u str>,
    texts: Vec<String>,
) -> BoxFuture<'u, Result<Finds, Error>> {
    Box::pin(by_external_id::<Entity>(unit, (system, texts), false))
}
