//! Contacts out of files.

use std::collections::HashMap;

use futures::future::BoxFuture;
use serde_json::Value as Json;
use shoal_core::UnitOfWork;
use shoal_core::import::key::{by_part, text_at};
use shoal_core::import::{Card, Finds, Importable, Key, Preset, Reference, SavedRow};
use shoal_core::value::Phone;
use shoal_graphql::declare::Handled;
use shoal_graphql::error::Error;
use uuid::Uuid;

use super::{NAMES, WORDS, by_external_id, external_id, images, normal_email, owners, presets};
use crate::contact::graphql::ContactDetails;
use crate::contact::{Entity, service};
use crate::contact_point::{email_address, phone_number};
use crate::permission::{CONTACT_CREATE, CONTACT_DELETE, CONTACT_UPDATE, DETAIL_READ};
use crate::save::{Save, Target, save};

/// Contacts, to imports.
pub(super) struct Contacts;

/// How rows name contacts.
pub(super) fn keys() -> Vec<Key> {
    let email = |details: &_, _: Option<&str>| text_at(details, "emails.*.address");
    let phone = |details: &_, _: Option<&str>| text_at(details, "phones.*.number");
    vec![
        Key { name: "email", parameter: None, right: Some(DETAIL_READ), of_row: email, find: by_email },
        external_id(by_their_id),
        Key { name: "phone", parameter: None, right: Some(DETAIL_READ), of_row: phone, find: by_phone },
    ]
}

impl Importable for Contacts {
    type Entity = Entity;
    type Details = ContactDetails;
    const CREATE: &'static str = CONTACT_CREATE;
    const UPDATE: Option<&'static str> = Some(CONTACT_UPDATE);
    const DELETE: Option<&'static str> = Some(CONTACT_DELETE);

    fn keys() -> Vec<Key> {
        keys()
    }

    fn references() -> Vec<Reference> {
        [super::account_reference("accountId")].into_iter().chain(owners()).collect()
    }

    fn presets() -> &'static [Preset] {
        presets::CONTACTS
    }

    fn names() -> &'static [(&'static str, &'static [&'static str])] {
        const OWN: [(&str, &[&str]); 8] = [
            ("givenName", &["first name", "given name", "forename", "名", "имя"]),
            ("familyName", &["last name", "family name", "surname", "姓", "姓氏", "фамилия"]),
            (
                "displayName",
                &[
                    "name",
                    "full name",
                    "contact name",
                    "contact",
                    "formatted name",
                    "姓名",
                    "名字",
                    "联系人",
                    "联系人姓名",
                    "фио",
                    "полное имя",
                    "контакт",
                    "контактное лицо",
                ],
            ),
            ("honorific", &["title", "salutation", "honorific prefix", "称谓", "обращение"]),
            ("jobTitle", &["job title", "position", "role", "contact title", "职位", "职务", "должность"]),
            (
                "birthday",
                &[
                    "birthday",
                    "date of birth",
                    "birth date",
                    "生日",
                    "出生日期",
                    "день рождения",
                    "дата рождения",
                ],
            ),
            (
                "accountId",
                &[
                    "company",
                    "account",
                    "account name",
                    "company name",
                    "organization",
                    "organisation",
                    "employer",
                    "公司",
                    "单位",
                    "公司名称",
                    "客户名称",
                    "компания",
                    "организация",
                ],
            ),
            ("language", &["language", "语言", "язык"]),
        ];
        const ALL: [(&str, &[&str]); 22] = super::joined(OWN, NAMES);
        &ALL
    }

    fn words() -> &'static [(&'static str, &'static [&'static str])] {
        WORDS
    }

    fn outputs() -> &'static [(&'static str, &'static str)] {
        &[("accountId", "account.name")]
    }

    fn card() -> Option<&'static Card> {
        Some(&CARD)
    }

    async fn save(unit: &mut UnitOfWork, rows: Vec<SavedRow<ContactDetails>>) -> Result<Handled, Error> {
        let rows = rows.into_iter().map(|SavedRow { existing, details }| Save {
            target: existing
                .map_or(Target::New, |(id, expected_version)| Target::Existing { id, expected_version }),
            patch: details,
        });
        save::<service::Contact>(unit, &rows.collect::<Vec<_>>()).await
    }

    async fn images(unit: &UnitOfWork, ids: Vec<Uuid>) -> Result<HashMap<Uuid, Json>, Error> {
        images::of_contacts(unit, &ids).await
    }
}

/// A contact as a card.
const CARD: Card = Card {
    columns: &[
        ("UID", "id"),
        ("Formatted name", "displayName"),
        ("Family name", "familyName"),
        ("Given name", "givenName"),
        ("Honorific prefix", "honorific"),
        ("Organization", "account.name"),
        ("Job title", "jobTitle"),
        ("E-mail #", "emails.*.address"),
        ("E-mail # type", "emails.*.label"),
        ("Phone #", "phones.*.number"),
        ("Phone # type", "phones.*.label"),
        ("Address # type", "addresses.*.label"),
        ("Address # street", "addresses.*.street"),
        ("Address # city", "addresses.*.city"),
        ("Address # region", "addresses.*.region"),
        ("Address # postal code", "addresses.*.postalCode"),
        ("Address # country", "addresses.*.country"),
        ("Birthday", "birthday"),
        ("Categories", "tags"),
        ("Language", "language"),
        ("Time zone", "timeZone"),
    ],
    words: &[("MOBILE", "cell")],
};

fn by_email<'u>(
    unit: &'u UnitOfWork,
    _: Option<&'u str>,
    texts: Vec<String>,
) -> BoxFuture<'u, Result<Finds, Error>> {
    use email_address::Column;
    let columns = (Column::Normalised, Column::ContactId);
    Box::pin(by_part::<Entity, email_address::Entity>(unit, columns, texts, normal_email))
}

fn by_phone<'u>(
    unit: &'u UnitOfWork,
    _: Option<&'u str>,
    texts: Vec<String>,
) -> BoxFuture<'u, Result<Finds, Error>> {
    use phone_number::Column;
    Box::pin(async move {
        // A number without a prefix is one of the company's country; a key knows nothing of the row's.
        let home = unit.context().tenant.phone_region.as_deref();
        let e164 = |text: &str| Phone::parse(text, None, home).ok().and_then(|phone| phone.e164);
        let pairs: Vec<(String, String)> =
            texts.into_iter().filter_map(|text| Some((e164(&text)?, text))).collect();
        let wanted = pairs.iter().map(|(e164, _)| e164.clone()).collect();
        let columns = (Column::E164, Column::ContactId);
        let found =
            by_part::<Entity, phone_number::Entity>(unit, columns, wanted, |e164| Some(e164.to_owned()))
                .await?;
        Ok(pairs.into_iter().filter_map(|(e164, text)| Some((text, found.get(&e164)?.clone()))).collect())
    })
}

fn by_their_id<'u>(
    unit: &'u UnitOfWork,
    system: Option<&'u str>,
    texts: Vec<String>,
) -> BoxFuture<'u, Result<Finds, Error>> {
    Box::pin(by_external_id::<Entity>(unit, (system, texts), true))
}
