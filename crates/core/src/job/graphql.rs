//! Jobs in the API.

use std::any::Any;

use serde_json::Value as Json;
use shoal_graphql::context::Context;
use shoal_graphql::declare::{ModuleRegistry, MutationDeclaration, RowView, column, computed, to_one};
use shoal_graphql::error::Error;

use super::entity::{Column, Entity, JobState};
use super::manage::{self, JobChoice, JobScheduleUpdate};
use super::{kind::JobKind, schedule};
use crate::context::RequestContext;
use crate::module::text_key;
use crate::permission::{JOB_MANAGE, JOB_READ, JOB_SCHEDULE};
use crate::record::DeclareRecord as _;
use crate::user;

pub(crate) fn declare(api: &mut ModuleRegistry<'_>) {
    declare_job(api);
    declare_schedule(api);
    api.mutation(
        MutationDeclaration::new::<Entity, JobChoice, _, _>(
            "jobCancel",
            "Cancels a job that waits or runs. What its steps have done stays; the step under way leaves nothing.",
            JOB_MANAGE,
            manage::cancel,
        )
        .many("jobCancelMany", "Cancels jobs; each row has its own result."),
    )
    .mutation(
        MutationDeclaration::new::<Entity, JobChoice, _, _>(
            "jobRetry",
            "Goes on with a job that has failed or was cancelled, where it stopped.",
            JOB_MANAGE,
            manage::retry,
        )
        .many("jobRetryMany", "Goes on with jobs; each row has its own result."),
    )
    .mutation(MutationDeclaration::new::<schedule::Entity, JobScheduleUpdate, _, _>(
        "jobScheduleUpdate",
        "Changes when jobs of a kind begin by themselves, or whether they do.",
        JOB_SCHEDULE,
        manage::update_schedule,
    ));
}

fn declare_job(api: &mut ModuleRegistry<'_>) {
    api.record::<Entity>(
        "Job",
        "Work that is done later, in steps. Jobs are kept for 30 days after they are over.",
        JOB_READ,
    )
    .owned_by(Column::CreatedBy, None)
    .changes()
    .without_audit()
    .column(
        column(Column::Kind, "What it does: module and kind, such as `contacts.import`.").filterable(),
    )
    .computed(computed("title", "What it does, in your language.", [Column::Kind], |row| {
        title(row, &row.get::<String>(Column::Kind)?)
    }))
    .column(column(Column::State, "How far it is.").choice::<JobState>().filterable())
    .column(column(Column::Priority, "Jobs with a lower one come first: 0, 1 (the usual) or 2."))
    .column(
        column(
            Column::DueAt,
            "When it is taken up next; in the past if it waits for a worker. While it runs, when another worker takes it over \
             if nothing is heard.",
        )
        .filterable(),
    )
    .column(column(Column::Done, "How much is done, in units of its own: rows, files, steps."))
    .column(column(Column::Total, "Of how much; null if that is not known."))
    .column(column(Column::Attempts, "How often it has failed since it last came further. After ten times it is FAILED."))
    .column(column(
        Column::Error,
        "Why it failed the last time. Of an internal error the log has the details, under the job's id.",
    ))
    .computed(computed(
        "output",
        "What has come of it; null before that, and if you may not do what it does.",
        [Column::Kind, Column::Output],
        |row| output(row, &row.get::<String>(Column::Kind)?),
    ))
    .column(column(Column::CreatedAt, "When it was enqueued.").filterable())
    .column(column(Column::StartedAt, "When the first worker took it up."))
    .column(column(Column::FinishedAt, "When it was over.").filterable())
    .column(column(Column::Version, "Counts changes, from 1."))
    .relation(to_one::<user::Entity>(
        "createdBy",
        "The person who enqueued it; null if a program did, or Shoal itself.",
        Column::CreatedBy,
    ));
}

fn declare_schedule(api: &mut ModuleRegistry<'_>) {
    use schedule::Column;
    api.record::<schedule::Entity>(
        "JobSchedule",
        "When jobs of a kind begin by themselves. There is one for each kind that does, some seconds after the module came.",
        JOB_SCHEDULE,
    )
    .column(column(Column::Kind, "What the jobs do: module and kind, such as `core.clean_up`.").filterable())
    .computed(computed("title", "What the jobs do, in your language.", [Column::Kind], |row| {
        title(row, &row.get::<String>(Column::Kind)?)
    }))
    .column(column(Column::Pattern, "The company's own; null if the module's holds."))
    .computed(computed(
        "effectivePattern",
        "What holds, as five fields of cron in the company's time zone.",
        [Column::Kind, Column::Pattern],
        |row| {
            let own: Option<String> = row.get(Column::Pattern)?;
            let kind: String = row.get(Column::Kind)?;
            Ok(own.or_else(|| Some(kind_of(row.context(), &kind)?.schedule?.to_owned())))
        },
    ))
    .column(column(Column::Active, "Whether jobs begin by themselves at all.").filterable())
    .column(column(
        Column::NextAt,
        "When the next one begins. While the module is not enabled, none does; nor while the last one is not over.",
    ))
    .column(column(Column::UpdatedAt, "When somebody last changed it."))
    .column(column(Column::Version, "Counts changes, from 1."));
}

fn request(context: &dyn Context) -> Option<&RequestContext> {
    (context as &dyn Any).downcast_ref()
}

fn kind_of<'c>(context: &'c dyn Context, name: &str) -> Option<&'c JobKind> {
    request(context)?.kernel.modules.job(name)
}

/// The kind's title; its name if the program has no such kind any more.
fn title(row: &RowView<'_>, name: &str) -> Result<String, Error> {
    let request = request(row.context()).ok_or_else(|| Error::fault("a context that is not the kernel's"))?;
    let module = kind_of(row.context(), name).and_then(|kind| request.kernel.modules.module(kind.module()));
    Ok(module
        .map_or_else(|| name.to_owned(), |module| module.text(request.language(), &text_key("job", name))))
}

/// What the caller may read of the output.
fn output(row: &RowView<'_>, kind: &str) -> Result<Option<Json>, Error> {
    let may = request(row.context()).is_some_and(|request| {
        let kind = request.kernel.modules.job(kind);
        kind.is_some_and(|kind| kind.right.is_none_or(|right| request.caller.scope(right).is_some()))
    });
    Ok(row.get::<Option<Json>>(Column::Output)?.filter(|_| may))
}
