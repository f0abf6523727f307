use crate::ddl::Definitions;

/// What happened: the audit for people, the outbox for programs.
pub(super) const MIGRATION: Definitions =
    Definitions { name: "m20261122_3_core_history", texts: &[AUDIT, OUTBOX] };

const AUDIT: &str = r"
CREATE TABLE core_audit (
    tenant_id {id} NOT NULL,
    id {id} NOT NULL,
    at {instant} NOT NULL,
    record_type {key} NOT NULL,
    record_id {id} NOT NULL,
    action {text} NOT NULL,
    changes {json},
    actor_kind {text} NOT NULL,
    actor_id {id},
    request_id {text},
    PRIMARY KEY (tenant_id, id)
) {table};

CREATE INDEX core_audit_record ON core_audit (tenant_id, record_id, id);
";

/// `entry` (on SQLite the number of the row) counts insertions: for one record it follows the order of the commits, as
/// whoever changes it waits for the one before. `number` is given by the dispatcher, in the order in which commits
/// became visible: that of the first event, and those behind it count on. Its events are those with ids from its own to
/// `last_event`, so that nothing of them changes when it gets its number.
const OUTBOX: &str = r"
CREATE TABLE core_commit (
    {entry}
    tenant_id {id} NOT NULL,
    id {id} NOT NULL,
    last_event {id} NOT NULL,
    events {int} NOT NULL,
    number {long},
    at {instant} NOT NULL,
    PRIMARY KEY (tenant_id, id)
) {table};

CREATE INDEX core_commit_unnumbered ON core_commit ({entered}) WHERE number IS NULL;
CREATE UNIQUE INDEX core_commit_number ON core_commit (number) WHERE number IS NOT NULL;

CREATE TABLE core_event (
    tenant_id {id} NOT NULL,
    id {id} NOT NULL,
    position {int} NOT NULL,
    name {key} NOT NULL,
    payload_version {int} NOT NULL,
    record_type {key} NOT NULL,
    record_id {id} NOT NULL,
    payload {json} NOT NULL,
    at {instant} NOT NULL,
    actor_kind {text} NOT NULL,
    actor_id {id},
    PRIMARY KEY (tenant_id, id)
) {table};

CREATE TABLE core_delivery (
    tenant_id {id} NOT NULL,
    id {id} NOT NULL,
    handler {key} NOT NULL,
    event_id {id} NOT NULL,
    number {long} NOT NULL,
    record_id {id} NOT NULL,
    state {key} NOT NULL,
    attempts {int} NOT NULL,
    due_at {instant} NOT NULL,
    error {text},
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, event_id) REFERENCES core_event (tenant_id, id) ON DELETE RESTRICT
) {table};

CREATE INDEX core_delivery_next ON core_delivery (tenant_id, handler, number) WHERE state = 'PENDING';
CREATE INDEX core_delivery_record ON core_delivery (tenant_id, handler, record_id, number);
CREATE INDEX core_delivery_event ON core_delivery (tenant_id, event_id);

CREATE TABLE core_background (
    tenant_id {id} NOT NULL,
    name {key} NOT NULL,
    due_at {instant} NOT NULL,
    PRIMARY KEY (tenant_id, name)
) {table};
";
