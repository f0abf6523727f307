use crate::ddl::Definitions;

/// Work that is done later, and when it is begun by itself. What is not over is `finished_at IS NULL`; `due_at` says when it
/// is taken up next, also of what a worker has: then its lease is over. Schedules take the place of background work.
pub(super) const MIGRATION: Definitions =
    Definitions { name: "m20261122_7_core_jobs", texts: &[JOBS, SCHEDULES, "DROP TABLE core_background"] };

const JOBS: &str = r"
CREATE TABLE core_job (
    tenant_id {id} NOT NULL,
    id {id} NOT NULL,
    kind {key} NOT NULL,
    unique_key {key},
    priority {int} NOT NULL,
    state {text} NOT NULL,
    due_at {instant} NOT NULL,
    claimed_by {id},
    attempts {int} NOT NULL,
    error {text},
    done {long} NOT NULL,
    total {long},
    input {json} NOT NULL,
    cursor {json},
    output {json},
    runs_as {text} NOT NULL,
    created_by {id},
    created_at {instant} NOT NULL,
    started_at {instant},
    finished_at {instant},
    version {int} NOT NULL,
    PRIMARY KEY (tenant_id, id)
) {table};

CREATE INDEX core_job_next ON core_job (tenant_id, priority, kind, due_at, id) WHERE finished_at IS NULL;
CREATE UNIQUE INDEX core_job_unique ON core_job (tenant_id, kind, unique_key)
    WHERE finished_at IS NULL AND unique_key IS NOT NULL;
CREATE INDEX core_job_finished ON core_job (tenant_id, finished_at) WHERE finished_at IS NOT NULL;
CREATE INDEX core_job_creator ON core_job (tenant_id, created_by, id) WHERE created_by IS NOT NULL;
CREATE INDEX core_job_kind ON core_job (tenant_id, kind, id);
";

const SCHEDULES: &str = r"
CREATE TABLE core_schedule (
    tenant_id {id} NOT NULL,
    id {id} NOT NULL,
    kind {key} NOT NULL,
    pattern {text},
    active {bool} NOT NULL,
    time_zone {text} NOT NULL,
    next_at {instant},
    updated_at {instant} NOT NULL,
    updated_by {id},
    version {int} NOT NULL,
    PRIMARY KEY (tenant_id, id)
) {table};

CREATE UNIQUE INDEX core_schedule_kind ON core_schedule (tenant_id, kind);
";
