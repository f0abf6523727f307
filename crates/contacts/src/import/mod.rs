//! Accounts and contacts out of files.

mod account;
mod contact;
mod images;
mod presets;

use std::collections::HashMap;

use futures::future::BoxFuture;
use shoal_core::import::key::by_column;
use shoal_core::import::{Finds, Found, ImportKind, Key, Reference};
use shoal_core::value::Email;
use shoal_core::{UnitOfWork, team, user};
use shoal_graphql::error::Error;
use shoal_graphql::value::{Input, InputMap};

use crate::permission::DETAIL_READ;

/// What can be imported.
pub(crate) fn kinds() -> Vec<ImportKind> {
    vec![ImportKind::of::<account::Accounts>("Account"), ImportKind::of::<contact::Contacts>("Contact")]
}

/// Other names of what accounts and contacts both have.
const NAMES: [(&str, &[&str]); 14] = [
    (
        "emails.*.address",
        &[
            "e-mail",
            "email",
            "e-mail address",
            "email address",
            "mail",
            "邮箱",
            "电子邮件",
            "电子邮箱",
            "邮件地址",
            "почта",
            "эл. почта",
            "электронная почта",
            "адрес электронной почты",
        ],
    ),
    (
        "phones.*.number",
        &[
            "phone",
            "telephone",
            "tel",
            "phone number",
            "business phone",
            "work phone",
            "mobile",
            "mobile phone",
            "cell",
            "电话",
            "手机",
            "手机号",
            "手机号码",
            "电话号码",
            "联系电话",
            "телефон",
            "номер телефона",
            "мобильный",
            "мобильный телефон",
        ],
    ),
    (
        "addresses.*.street",
        &["street", "address", "street address", "billing street", "地址", "街道", "адрес", "улица"],
    ),
    (
        "addresses.*.postalCode",
        &[
            "postal code",
            "postcode",
            "zip",
            "zip code",
            "plz",
            "邮编",
            "邮政编码",
            "индекс",
            "почтовый индекс",
        ],
    ),
    ("addresses.*.city", &["city", "town", "城市", "市", "город"]),
    (
        "addresses.*.region",
        &["state", "region", "province", "state/region", "省", "省份", "州", "область", "регион"],
    ),
    ("addresses.*.country", &["country", "country/region", "国家", "国家/地区", "страна"]),
    ("tags", &["tags", "labels", "categories", "标签", "类别", "метки", "теги", "категории"]),
    (
        "ownerId",
        &["owner", "contact owner", "account owner", "负责人", "所有者", "ответственный", "менеджер"],
    ),
    ("teamId", &["team", "团队", "команда", "отдел"]),
    ("lifecycleStage", &["lifecycle stage", "stage", "status", "阶段", "客户阶段", "стадия", "статус"]),
    ("externalIds.*.key", &["external id", "record id", "外部编号", "внешний код"]),
    ("industry", &["industry", "sector", "行业", "отрасль"]),
    ("employees", &["employees", "number of employees", "员工人数", "сотрудников", "число сотрудников"]),
];

/// Words for labels and stages.
const WORDS: &[(&str, &[&str])] = &[
    (
        "WORK",
        &[
            "work",
            "business",
            "* work",
            "* business",
            "office",
            "company",
            "工作",
            "公司",
            "单位",
            "办公",
            "рабочий",
            "рабочая",
            "офис",
        ],
    ),
    ("HOME", &["home", "* home", "personal", "private", "家庭", "住宅", "个人", "домашний", "личный"]),
    ("MOBILE", &["mobile", "* mobile", "cell", "手机", "移动", "мобильный", "сотовый"]),
    ("FAX", &["fax", "work fax", "home fax", "传真", "факс"]),
    ("OTHER", &["other", "* other", "custom", "其他", "其它", "другой", "прочее"]),
    ("LEAD", &["marketing qualified lead", "sales qualified lead", "线索", "лид"]),
    ("CUSTOMER", &["客户", "клиент"]),
    ("PROSPECT", &["opportunity", "商机", "潜在客户", "потенциальный клиент"]),
];

/// What programs call the record.
fn external_id(find: shoal_core::import::Find) -> Key {
    Key {
        name: "externalId",
        parameter: Some("the system"),
        right: Some(DETAIL_READ),
        of_row: |details, system| {
            let Input::List(ids) = details.get("externalIds")? else { return None };
            ids.iter().find_map(|id| {
                let Input::Object(id) = id else { return None };
                let text = |name: &str| match id.get(name) {
                    Some(Input::Text(text)) => Some(text.as_str()),
                    _ => None,
                };
                (text("system") == system).then(|| text("key").map(str::to_owned)).flatten()
            })
        },
        find,
    }
}

/// The records that a system calls so.
async fn by_external_id<E>(
    unit: &UnitOfWork,
    (system, texts): (Option<&str>, Vec<String>),
    of_contacts: bool,
) -> Result<Finds, Error>
where
    E: shoal_core::TenantEntity,
    E::Model: shoal_core::batch::Tracked,
{
    use sea_orm::QueryFilter as _;
    use shoal_core::batch::Tracked as _;
    let system = system.unwrap_or_default();
    let keys = texts.into_iter().map(|text| (system.to_owned(), text));
    let taken = crate::external_id::service::find(unit, keys.collect(), of_contacts).await?;
    let ids = taken.values().map(|(record, _)| *record);
    let models = unit.find::<E>().filter(unit.any_of(E::id_column(), ids)).all(unit.transaction()).await?;
    let present = models.iter().filter(|model| model.deleted_at().is_none());
    let present: HashMap<_, _> = present.map(|model| (model.id(), Found::of::<E>(unit, model))).collect();
    let found =
        taken.into_iter().filter_map(|((_, key), (record, _))| Some((key, vec![*present.get(&record)?])));
    Ok(found.collect())
}

fn users<'u>(
    unit: &'u UnitOfWork,
    _: Option<&'u str>,
    texts: Vec<String>,
) -> BoxFuture<'u, Result<Finds, Error>> {
    Box::pin(by_column::<user::Entity>(unit, user::Column::Email, texts, normal_email))
}

fn teams<'u>(
    unit: &'u UnitOfWork,
    _: Option<&'u str>,
    texts: Vec<String>,
) -> BoxFuture<'u, Result<Finds, Error>> {
    Box::pin(by_column::<team::Entity>(unit, team::Column::NameSort, texts, sort_key))
}

fn no_text(_: &InputMap, _: Option<&str>) -> Option<String> {
    None
}

/// A field that is the id of an account: rows name it as they do in imports of accounts, or have it made by its name.
pub fn account_reference(path: &'static str) -> Reference {
    Reference { path, record_type: "Account", keys: account::keys(), make: Some(account::make) }
}

/// A field that is the id of a contact: rows name it as they do in imports of contacts.
pub fn contact_reference(path: &'static str) -> Reference {
    Reference { path, record_type: "Contact", keys: contact::keys(), make: None }
}

/// How rows name whoever looks after a record.
fn owners() -> [Reference; 2] {
    let email = Key { name: "email", parameter: None, right: None, of_row: no_text, find: users };
    let name = Key { name: "name", parameter: None, right: None, of_row: no_text, find: teams };
    [
        Reference { path: "ownerId", record_type: "User", keys: vec![email], make: None },
        Reference { path: "teamId", record_type: "Team", keys: vec![name], make: None },
    ]
}

fn normal_email(text: &str) -> Option<String> {
    Email::parse(text).ok().map(|email| email.normalised)
}

fn sort_key(text: &str) -> Option<String> {
    Some(shoal_core::value::sort_key(text)).filter(|key| !key.is_empty())
}

/// One list of names behind another.
const fn joined<const ONE: usize, const TWO: usize, const BOTH: usize>(
    one: [(&'static str, &'static [&'static str]); ONE],
    two: [(&'static str, &'static [&'static str]); TWO],
) -> [(&'static str, &'static [&'static str]); BOTH] {
    let mut both: [(&str, &[&str]); BOTH] = [("", &[]); BOTH];
    let mut position = 0;
    while position < BOTH {
        both[position] = if position < ONE { one[position] } else { two[position - ONE] };
        position += 1;
    }
    both
}
