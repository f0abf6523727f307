use crate::ddl::Definitions;

/// Wrong passwords are counted beside the people, so that those for addresses nobody has are counted alike.
pub(super) const MIGRATION: Definitions = Definitions { name: "m20261122_4_core_guesses", texts: &[GUESSES] };

/// Both belong to the whole installation, and stand under its oldest company.
const GUESSES: &str = r"
CREATE TABLE core_secret (
    tenant_id {id} NOT NULL,
    id {id} NOT NULL,
    secret {text} NOT NULL,
    PRIMARY KEY (tenant_id, id)
) {table};

CREATE TABLE core_guess (
    tenant_id {id} NOT NULL,
    id {id} NOT NULL,
    failures {int} NOT NULL,
    since {instant} NOT NULL,
    locked_until {instant},
    PRIMARY KEY (tenant_id, id)
) {table};

CREATE INDEX core_guess_since ON core_guess (tenant_id, since);

ALTER TABLE core_credential DROP COLUMN failures;
ALTER TABLE core_credential DROP COLUMN locked_until;
";
