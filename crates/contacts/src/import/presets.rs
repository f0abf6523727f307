//! Columns of the files that other programs write, as of 2025.

use shoal_core::import::Preset;

/// Of people.
pub(super) const CONTACTS: &[Preset] =
    &[GOOGLE, GOOGLE_OLD, OUTLOOK, OUTLOOK_ZH, HUBSPOT_CONTACTS, SALESFORCE_CONTACTS];

/// Of organisations.
pub(super) const ACCOUNTS: &[Preset] = &[HUBSPOT_COMPANIES, SALESFORCE_ACCOUNTS];

const GOOGLE: Preset = Preset {
    name: "Google Contacts",
    signature: &["First Name", "Last Name", "Organization Name", "Labels", "E-mail 1 - Value"],
    columns: &[
        ("First Name", "givenName"),
        ("Last Name", "familyName"),
        ("Name Prefix", "honorific"),
        ("Organization Name", "accountId"),
        ("Organization Title", "jobTitle"),
        ("Birthday", "birthday"),
        ("Labels", "tags"),
        ("E-mail # - Label", "emails.#.label"),
        ("E-mail # - Value", "emails.#.address"),
        ("Phone # - Label", "phones.#.label"),
        ("Phone # - Value", "phones.#.number"),
        ("Address # - Label", "addresses.#.label"),
        ("Address # - Street", "addresses.#.street"),
        ("Address # - City", "addresses.#.city"),
        ("Address # - Region", "addresses.#.region"),
        ("Address # - Postal Code", "addresses.#.postalCode"),
        ("Address # - Country", "addresses.#.country"),
    ],
    values: &[],
    keys: &[],
};

const GOOGLE_OLD: Preset = Preset {
    name: "Google Contacts",
    signature: &["Given Name", "Family Name", "Group Membership", "E-mail 1 - Value"],
    columns: &[
        ("Given Name", "givenName"),
        ("Family Name", "familyName"),
        ("Name Prefix", "honorific"),
        ("Organization 1 - Name", "accountId"),
        ("Organization 1 - Title", "jobTitle"),
        ("Birthday", "birthday"),
        ("Group Membership", "tags"),
        ("E-mail # - Type", "emails.#.label"),
        ("E-mail # - Value", "emails.#.address"),
        ("Phone # - Type", "phones.#.label"),
        ("Phone # - Value", "phones.#.number"),
        ("Address # - Type", "addresses.#.label"),
        ("Address # - Street", "addresses.#.street"),
        ("Address # - City", "addresses.#.city"),
        ("Address # - Region", "addresses.#.region"),
        ("Address # - Postal Code", "addresses.#.postalCode"),
        ("Address # - Country", "addresses.#.country"),
    ],
    values: &[],
    keys: &[],
};

/// What kind of number stands in which place, in both of Outlook's.
const OUTLOOK_VALUES: &[(&str, &str)] = &[
    ("phones.0.label", "WORK"),
    ("phones.1.label", "WORK"),
    ("phones.2.label", "MOBILE"),
    ("phones.3.label", "HOME"),
    ("phones.4.label", "HOME"),
    ("phones.5.label", "FAX"),
    ("phones.6.label", "OTHER"),
    ("addresses.0.label", "WORK"),
    ("addresses.1.label", "HOME"),
    ("addresses.2.label", "OTHER"),
];

const OUTLOOK: Preset = Preset {
    name: "Outlook",
    signature: &["First Name", "Last Name", "Company", "E-mail Address", "Business Phone"],
    columns: &[
        ("Title", "honorific"),
        ("First Name", "givenName"),
        ("Last Name", "familyName"),
        ("Company", "accountId"),
        ("Job Title", "jobTitle"),
        ("Birthday", "birthday"),
        ("Categories", "tags"),
        ("E-mail Address", "emails.0.address"),
        ("E-mail 2 Address", "emails.1.address"),
        ("E-mail 3 Address", "emails.2.address"),
        ("Business Phone", "phones.0.number"),
        ("Business Phone 2", "phones.1.number"),
        ("Mobile Phone", "phones.2.number"),
        ("Home Phone", "phones.3.number"),
        ("Home Phone 2", "phones.4.number"),
        ("Business Fax", "phones.5.number"),
        ("Other Phone", "phones.6.number"),
        ("Business Street", "addresses.0.street"),
        ("Business City", "addresses.0.city"),
        ("Business State", "addresses.0.region"),
        ("Business Postal Code", "addresses.0.postalCode"),
        ("Business Country/Region", "addresses.0.country"),
        ("Home Street", "addresses.1.street"),
        ("Home City", "addresses.1.city"),
        ("Home State", "addresses.1.region"),
        ("Home Postal Code", "addresses.1.postalCode"),
        ("Home Country/Region", "addresses.1.country"),
        ("Other Street", "addresses.2.street"),
        ("Other City", "addresses.2.city"),
        ("Other State", "addresses.2.region"),
        ("Other Postal Code", "addresses.2.postalCode"),
        ("Other Country/Region", "addresses.2.country"),
    ],
    values: OUTLOOK_VALUES,
    keys: &[],
};

const OUTLOOK_ZH: Preset = Preset {
    name: "Outlook",
    signature: &["姓", "名", "单位", "电子邮件地址", "商务电话"],
    columns: &[
        ("中文称谓", "honorific"),
        ("称谓", "honorific"),
        ("名", "givenName"),
        ("姓", "familyName"),
        ("单位", "accountId"),
        ("职务", "jobTitle"),
        ("生日", "birthday"),
        ("类别", "tags"),
        ("电子邮件地址", "emails.0.address"),
        ("电子邮件 2 地址", "emails.1.address"),
        ("电子邮件 3 地址", "emails.2.address"),
        ("商务电话", "phones.0.number"),
        ("商务电话 2", "phones.1.number"),
        ("移动电话", "phones.2.number"),
        ("住宅电话", "phones.3.number"),
        ("住宅电话 2", "phones.4.number"),
        ("商务传真", "phones.5.number"),
        ("其他电话", "phones.6.number"),
        ("商务地址 街道", "addresses.0.street"),
        ("商务地址 市/县", "addresses.0.city"),
        ("商务地址 省/市/自治区", "addresses.0.region"),
        ("商务地址 邮政编码", "addresses.0.postalCode"),
        ("商务地址 国家/地区", "addresses.0.country"),
        ("住宅地址 街道", "addresses.1.street"),
        ("住宅地址 市/县", "addresses.1.city"),
        ("住宅地址 省/市/自治区", "addresses.1.region"),
        ("住宅地址 邮政编码", "addresses.1.postalCode"),
        ("住宅地址 国家/地区", "addresses.1.country"),
        ("其他地址 街道", "addresses.2.street"),
        ("其他地址 市/县", "addresses.2.city"),
        ("其他地址 省/市/自治区", "addresses.2.region"),
        ("其他地址 邮政编码", "addresses.2.postalCode"),
        ("其他地址 国家/地区", "addresses.2.country"),
    ],
    values: OUTLOOK_VALUES,
    keys: &[],
};

const HUBSPOT_CONTACTS: Preset = Preset {
    name: "HubSpot",
    signature: &["Record ID", "First Name", "Last Name", "Email", "Lifecycle Stage"],
    columns: &[
        ("Record ID", "externalIds.0.key"),
        ("First Name", "givenName"),
        ("Last Name", "familyName"),
        ("Job Title", "jobTitle"),
        ("Email", "emails.0.address"),
        ("Phone Number", "phones.0.number"),
        ("Mobile Phone Number", "phones.1.number"),
        ("Associated Company", "accountId"),
        ("Company Name", "accountId"),
        ("Lifecycle Stage", "lifecycleStage"),
        ("Street Address", "addresses.0.street"),
        ("City", "addresses.0.city"),
        ("State/Region", "addresses.0.region"),
        ("Postal Code", "addresses.0.postalCode"),
        ("Country/Region", "addresses.0.country"),
    ],
    values: &[("externalIds.0.system", "hubspot"), ("phones.1.label", "MOBILE")],
    keys: &[],
};

const HUBSPOT_COMPANIES: Preset = Preset {
    name: "HubSpot",
    signature: &["Record ID", "Company name", "Company Domain Name"],
    columns: &[
        ("Record ID", "externalIds.0.key"),
        ("Company name", "name"),
        ("Company Domain Name", "domain"),
        ("Phone Number", "phones.0.number"),
        ("Industry", "industry"),
        ("Number of Employees", "employees"),
        ("Year Founded", "foundedYear"),
        ("Lifecycle Stage", "lifecycleStage"),
        ("Street Address", "addresses.0.street"),
        ("City", "addresses.0.city"),
        ("State/Region", "addresses.0.region"),
        ("Postal Code", "addresses.0.postalCode"),
        ("Country/Region", "addresses.0.country"),
    ],
    values: &[("externalIds.0.system", "hubspot")],
    keys: &[],
};

const SALESFORCE_CONTACTS: Preset = Preset {
    name: "Salesforce",
    signature: &["Id", "AccountId", "FirstName", "LastName", "Email"],
    columns: &[
        ("Id", "externalIds.0.key"),
        ("AccountId", "accountId"),
        ("Salutation", "honorific"),
        ("FirstName", "givenName"),
        ("LastName", "familyName"),
        ("Title", "jobTitle"),
        ("Birthdate", "birthday"),
        ("Email", "emails.0.address"),
        ("Phone", "phones.0.number"),
        ("MobilePhone", "phones.1.number"),
        ("HomePhone", "phones.2.number"),
        ("Fax", "phones.3.number"),
        ("MailingStreet", "addresses.0.street"),
        ("MailingCity", "addresses.0.city"),
        ("MailingState", "addresses.0.region"),
        ("MailingPostalCode", "addresses.0.postalCode"),
        ("MailingCountry", "addresses.0.country"),
    ],
    values: &[
        ("externalIds.0.system", "salesforce"),
        ("phones.1.label", "MOBILE"),
        ("phones.2.label", "HOME"),
        ("phones.3.label", "FAX"),
    ],
    keys: &[("accountId", "externalId:salesforce")],
};

const SALESFORCE_ACCOUNTS: Preset = Preset {
    name: "Salesforce",
    signature: &["Id", "Name", "ParentId", "BillingStreet"],
    columns: &[
        ("Id", "externalIds.0.key"),
        ("Name", "name"),
        ("ParentId", "parentId"),
        ("Website", "domain"),
        ("Phone", "phones.0.number"),
        ("Fax", "phones.1.number"),
        ("Industry", "industry"),
        ("NumberOfEmployees", "employees"),
        ("YearStarted", "foundedYear"),
        ("BillingStreet", "addresses.0.street"),
        ("BillingCity", "addresses.0.city"),
        ("BillingState", "addresses.0.region"),
        ("BillingPostalCode", "addresses.0.postalCode"),
        ("BillingCountry", "addresses.0.country"),
        ("ShippingStreet", "addresses.1.street"),
        ("ShippingCity", "addresses.1.city"),
        ("ShippingState", "addresses.1.region"),
        ("ShippingPostalCode", "addresses.1.postalCode"),
        ("ShippingCountry", "addresses.1.country"),
    ],
    values: &[
        ("externalIds.0.system", "salesforce"),
        ("phones.1.label", "FAX"),
        ("addresses.0.label", "BILLING"),
        ("addresses.1.label", "SHIPPING"),
    ],
    keys: &[("parentId", "externalId:salesforce")],
};

#[cfg(test)]
mod tests {
    use shoal_core::import::propose::propose;

    use super::super::kinds;

    /// `preset: column=field …` of what a header is taken for.
    fn told(record_type: &str, header: &str) -> String {
        let kinds = kinds();
        let kind = kinds.iter().find(|kind| kind.record_type == record_type).unwrap();
        let columns: Vec<String> = header.split(',').map(str::to_owned).collect();
        let proposal = propose(kind, &columns);
        let mapped = proposal.columns.iter().map(|mapped| {
            let by = mapped.by.as_deref().map(|by| format!("({by})")).unwrap_or_default();
            let from = mapped.column.clone().or_else(|| mapped.value.clone()).unwrap_or_default();
            format!("{from}={}{by}", mapped.field)
        });
        format!("{}: {}", proposal.preset.unwrap_or("-"), mapped.collect::<Vec<_>>().join(" | "))
    }

    #[test]
    fn files_of_other_programs_are_recognised() {
        let google = "First Name,Middle Name,Last Name,Phonetic First Name,Phonetic Middle Name,Phonetic Last Name,\
            Name Prefix,Name Suffix,Nickname,File As,Organization Name,Organization Title,Organization Department,\
            Birthday,Notes,Photo,Labels,E-mail 1 - Label,E-mail 1 - Value,Phone 1 - Label,Phone 1 - Value";
        assert_eq!(
            told("Contact", google),
            "Google Contacts: First Name=givenName | Last Name=familyName | Name Prefix=honorific | \
             Organization Name=accountId(name) | Organization Title=jobTitle | Birthday=birthday | Labels=tags | \
             E-mail 1 - Label=emails.0.label | E-mail 1 - Value=emails.0.address | \
             Phone 1 - Label=phones.0.label | Phone 1 - Value=phones.0.number"
        );
        let outlook = "英文称谓,名,中间名,姓,中文称谓,单位,部门,职务,商务地址 街道,商务地址 市/县,商务传真,商务电话,移动电话,\
            电子邮件地址,电子邮件类型,附注,类别,生日";
        assert_eq!(
            told("Contact", outlook),
            "Outlook: 名=givenName | 姓=familyName | 中文称谓=honorific | 单位=accountId(name) | 职务=jobTitle | \
             商务地址 街道=addresses.0.street | 商务地址 市/县=addresses.0.city | 商务传真=phones.5.number | \
             商务电话=phones.0.number | 移动电话=phones.2.number | 电子邮件地址=emails.0.address | 类别=tags | \
             生日=birthday | WORK=phones.0.label | MOBILE=phones.2.label | FAX=phones.5.label | WORK=addresses.0.label"
        );
        let salesforce = "Id,IsDeleted,AccountId,LastName,FirstName,Salutation,Phone,Email,Title";
        assert_eq!(
            told("Contact", salesforce),
            "Salesforce: Id=externalIds.0.key | AccountId=accountId(externalId:salesforce) | LastName=familyName | \
             FirstName=givenName | Salutation=honorific | Phone=phones.0.number | Email=emails.0.address | \
             Title=jobTitle | salesforce=externalIds.0.system"
        );
        assert!(
            told("Contact", "Record ID,First Name,Last Name,Email,Lifecycle Stage")
                .starts_with("HubSpot: Record ID")
        );
        assert!(told("Account", "Record ID,Company name,Company Domain Name").starts_with("HubSpot: "));
        assert!(told("Account", "Id,Name,ParentId,BillingStreet").starts_with("Salesforce: "));
        assert!(
            told("Contact", "Title,First Name,Last Name,Company,E-mail Address,Business Phone,Mobile Phone")
                .starts_with("Outlook: Title=honorific")
        );
    }

    #[test]
    fn columns_are_told_by_their_names() {
        assert_eq!(
            told("Contact", "ФИО,Эл. почта,Телефон,Телефон 2,Компания,Должность,Комментарий"),
            "-: ФИО=displayName | Эл. почта=emails.0.address | Телефон=phones.0.number | Телефон 2=phones.1.number | \
             Компания=accountId(name) | Должность=jobTitle"
        );
        assert_eq!(
            told("Contact", "姓名,手机号,邮箱,公司,职位,负责人"),
            "-: 姓名=displayName | 手机号=phones.0.number | 邮箱=emails.0.address | 公司=accountId(name) | \
             职位=jobTitle | 负责人=ownerId(email)"
        );
        assert_eq!(
            told(
                "Account",
                "Company,Website,E-mail,E-mail 2,addresses.0.city,Error line,Error code,Error column,Error message"
            ),
            "-: Company=name | Website=domain | E-mail=emails.0.address | E-mail 2=emails.1.address | \
             addresses.0.city=addresses.0.city"
        );
    }
}
