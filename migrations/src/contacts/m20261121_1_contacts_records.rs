use crate::ddl::Definitions;

pub(super) const MIGRATION: Definitions =
    Definitions { name: "m20261121_1_contacts_records", texts: &[RECORDS, CONTACT_POINTS, INDEXES] };

const RECORDS: &str = r"
CREATE TABLE contacts_account (
    tenant_id {id} NOT NULL,
    id {id} NOT NULL,
    name {text} NOT NULL,
    name_sort {key} NOT NULL,
    legal_name {text},
    domain {text},
    industry {text},
    industry_sort {key},
    employees {int},
    parent_id {id},
    tax_id {text},
    tier {text},
    lifecycle_stage {text} NOT NULL,
    annual_budget_amount {long},
    annual_budget_currency {text},
    founded_year {int},
    created_at {instant} NOT NULL,
    created_by {id},
    updated_at {instant} NOT NULL,
    updated_by {id},
    version {int} NOT NULL,
    deleted_at {instant},
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, parent_id) REFERENCES contacts_account (tenant_id, id) ON DELETE RESTRICT,
    CHECK ((annual_budget_amount IS NULL) = (annual_budget_currency IS NULL))
) {table};

CREATE TABLE contacts_contact (
    tenant_id {id} NOT NULL,
    id {id} NOT NULL,
    display_name {text} NOT NULL,
    display_name_sort {key} NOT NULL,
    given_name {text},
    given_name_sort {key},
    family_name {text},
    family_name_sort {key},
    honorific {text},
    job_title {text},
    job_title_sort {key},
    birthday {date},
    language {text},
    time_zone {text},
    lifecycle_stage {text} NOT NULL,
    created_at {instant} NOT NULL,
    created_by {id},
    updated_at {instant} NOT NULL,
    updated_by {id},
    version {int} NOT NULL,
    deleted_at {instant},
    PRIMARY KEY (tenant_id, id)
) {table};

CREATE TABLE contacts_contact_role (
    tenant_id {id} NOT NULL,
    id {id} NOT NULL,
    contact_id {id} NOT NULL,
    account_id {id} NOT NULL,
    role {text} NOT NULL,
    is_primary {bool} NOT NULL,
    valid_from {date},
    valid_to {date},
    created_at {instant} NOT NULL,
    created_by {id},
    updated_at {instant} NOT NULL,
    updated_by {id},
    version {int} NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, contact_id) REFERENCES contacts_contact (tenant_id, id) ON DELETE RESTRICT,
    FOREIGN KEY (tenant_id, account_id) REFERENCES contacts_account (tenant_id, id) ON DELETE RESTRICT,
    CHECK (valid_from <= valid_to)
) {table};

CREATE TABLE contacts_tag (
    tenant_id {id} NOT NULL,
    id {id} NOT NULL,
    name {text} NOT NULL,
    name_sort {key} NOT NULL,
    created_at {instant} NOT NULL,
    created_by {id},
    updated_at {instant} NOT NULL,
    updated_by {id},
    version {int} NOT NULL,
    PRIMARY KEY (tenant_id, id)
) {table};

CREATE TABLE contacts_account_tag (
    tenant_id {id} NOT NULL,
    account_id {id} NOT NULL,
    tag_id {id} NOT NULL,
    PRIMARY KEY (tenant_id, account_id, tag_id),
    FOREIGN KEY (tenant_id, account_id) REFERENCES contacts_account (tenant_id, id) ON DELETE RESTRICT,
    FOREIGN KEY (tenant_id, tag_id) REFERENCES contacts_tag (tenant_id, id) ON DELETE RESTRICT
) {pairs};

CREATE TABLE contacts_contact_tag (
    tenant_id {id} NOT NULL,
    contact_id {id} NOT NULL,
    tag_id {id} NOT NULL,
    PRIMARY KEY (tenant_id, contact_id, tag_id),
    FOREIGN KEY (tenant_id, contact_id) REFERENCES contacts_contact (tenant_id, id) ON DELETE RESTRICT,
    FOREIGN KEY (tenant_id, tag_id) REFERENCES contacts_tag (tenant_id, id) ON DELETE RESTRICT
) {pairs};
";

/// Each row belongs to one account or to one contact.
const CONTACT_POINTS: &str = r"
CREATE TABLE contacts_email_address (
    tenant_id {id} NOT NULL,
    id {id} NOT NULL,
    account_id {id},
    contact_id {id},
    position {int} NOT NULL,
    label {text} NOT NULL,
    address {text} NOT NULL,
    normalised {text} NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, account_id) REFERENCES contacts_account (tenant_id, id) ON DELETE RESTRICT,
    FOREIGN KEY (tenant_id, contact_id) REFERENCES contacts_contact (tenant_id, id) ON DELETE RESTRICT,
    CHECK ((account_id IS NULL) <> (contact_id IS NULL))
) {table};

CREATE TABLE contacts_phone_number (
    tenant_id {id} NOT NULL,
    id {id} NOT NULL,
    account_id {id},
    contact_id {id},
    position {int} NOT NULL,
    label {text} NOT NULL,
    number {text} NOT NULL,
    e164 {text},
    extension {text},
    valid {bool} NOT NULL,
    digits {text} NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, account_id) REFERENCES contacts_account (tenant_id, id) ON DELETE RESTRICT,
    FOREIGN KEY (tenant_id, contact_id) REFERENCES contacts_contact (tenant_id, id) ON DELETE RESTRICT,
    CHECK ((account_id IS NULL) <> (contact_id IS NULL))
) {table};

CREATE TABLE contacts_postal_address (
    tenant_id {id} NOT NULL,
    id {id} NOT NULL,
    account_id {id},
    contact_id {id},
    position {int} NOT NULL,
    label {text} NOT NULL,
    street {text},
    postal_code {text},
    city {text},
    region {text},
    country {text},
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, account_id) REFERENCES contacts_account (tenant_id, id) ON DELETE RESTRICT,
    FOREIGN KEY (tenant_id, contact_id) REFERENCES contacts_contact (tenant_id, id) ON DELETE RESTRICT,
    CHECK ((account_id IS NULL) <> (contact_id IS NULL))
) {table};

CREATE TABLE contacts_external_id (
    tenant_id {id} NOT NULL,
    id {id} NOT NULL,
    account_id {id},
    contact_id {id},
    system {text} NOT NULL,
    key {text} NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, account_id) REFERENCES contacts_account (tenant_id, id) ON DELETE RESTRICT,
    FOREIGN KEY (tenant_id, contact_id) REFERENCES contacts_contact (tenant_id, id) ON DELETE RESTRICT,
    CHECK ((account_id IS NULL) <> (contact_id IS NULL))
) {table};
";

/// The tenant first in each. Orders carry the id, which breaks ties.
const INDEXES: &str = r"
CREATE INDEX contacts_account_by_name ON contacts_account (tenant_id, name_sort, id);
CREATE INDEX contacts_account_by_industry ON contacts_account (tenant_id, industry_sort, id);
CREATE INDEX contacts_account_by_created ON contacts_account (tenant_id, created_at, id);
CREATE INDEX contacts_account_by_updated ON contacts_account (tenant_id, updated_at, id);
CREATE INDEX contacts_account_by_parent ON contacts_account (tenant_id, parent_id, id);
CREATE INDEX contacts_account_by_domain ON contacts_account (tenant_id, domain);
CREATE INDEX contacts_account_by_tier ON contacts_account (tenant_id, tier, id);
CREATE INDEX contacts_account_by_lifecycle_stage ON contacts_account (tenant_id, lifecycle_stage, id);
CREATE INDEX contacts_contact_by_display_name ON contacts_contact (tenant_id, display_name_sort, id);
CREATE INDEX contacts_contact_by_given_name ON contacts_contact (tenant_id, given_name_sort, id);
CREATE INDEX contacts_contact_by_family_name ON contacts_contact (tenant_id, family_name_sort, id);
CREATE INDEX contacts_contact_by_job_title ON contacts_contact (tenant_id, job_title_sort, id);
CREATE INDEX contacts_contact_by_created ON contacts_contact (tenant_id, created_at, id);
CREATE INDEX contacts_contact_by_updated ON contacts_contact (tenant_id, updated_at, id);
CREATE INDEX contacts_contact_by_birthday ON contacts_contact (tenant_id, birthday, id);
CREATE INDEX contacts_contact_by_lifecycle_stage ON contacts_contact (tenant_id, lifecycle_stage, id);
CREATE INDEX contacts_contact_role_by_contact ON contacts_contact_role (tenant_id, contact_id, is_primary, account_id);
CREATE INDEX contacts_contact_role_by_account ON contacts_contact_role (tenant_id, account_id, contact_id);
CREATE UNIQUE INDEX contacts_tag_by_name ON contacts_tag (tenant_id, name_sort);
CREATE INDEX contacts_account_tag_by_tag ON contacts_account_tag (tenant_id, tag_id, account_id);
CREATE INDEX contacts_contact_tag_by_tag ON contacts_contact_tag (tenant_id, tag_id, contact_id);
CREATE INDEX contacts_email_address_by_account ON contacts_email_address (tenant_id, account_id, position, id);
CREATE INDEX contacts_email_address_by_contact ON contacts_email_address (tenant_id, contact_id, position, id);
CREATE INDEX contacts_email_address_by_normalised ON contacts_email_address (tenant_id, normalised);
CREATE INDEX contacts_phone_number_by_account ON contacts_phone_number (tenant_id, account_id, position, id);
CREATE INDEX contacts_phone_number_by_contact ON contacts_phone_number (tenant_id, contact_id, position, id);
CREATE INDEX contacts_phone_number_by_digits ON contacts_phone_number (tenant_id, digits);
CREATE INDEX contacts_postal_address_by_account ON contacts_postal_address (tenant_id, account_id, position, id);
CREATE INDEX contacts_postal_address_by_contact ON contacts_postal_address (tenant_id, contact_id, position, id);
CREATE INDEX contacts_external_id_by_account ON contacts_external_id (tenant_id, account_id);
CREATE INDEX contacts_external_id_by_contact ON contacts_external_id (tenant_id, contact_id);
CREATE UNIQUE INDEX contacts_external_id_of_account ON contacts_external_id (tenant_id, system, key)
    WHERE account_id IS NOT NULL;
CREATE UNIQUE INDEX contacts_external_id_of_contact ON contacts_external_id (tenant_id, system, key)
    WHERE contact_id IS NOT NULL;
";
