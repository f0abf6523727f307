//! Timelines in the API.

use std::any::Any;
use std::sync::Arc;

use sea_orm::ColumnTrait;
use serde_json::Value as Json;
use shoal_graphql::context::Context;
use shoal_graphql::declare::{
    EntityBuilder, ModuleRegistry, NoArguments, QueryDeclaration, RowView, any_record, column, computed,
    hidden, to_many_of_any, to_one,
};
use shoal_graphql::error::Error;

use super::{Column, Entity};
use crate::context::RequestContext;
use crate::module::text_key;
use crate::permission::TIMELINE_READ;
use crate::record::{DeclareRecord as _, TenantEntity};
use crate::user;

/// The interface of records that have a timeline.
pub const TIMELINED: &str = "Timelined";

/// The interface of records that timelines of others tell of.
pub const SOURCE: &str = "TimelineSource";

shoal_graphql::output! {
    /// Something that timelines tell of.
    pub struct TimelineKindInfo {
        /// Its name, by which entries can be filtered, such as contacts.call.
        pub name: String,
        /// What it is called in your language.
        pub title: String,
    }
}

/// What the kernel adds to the declaration of an entity whose records count their versions.
pub trait OnTimeline<E: TenantEntity> {
    /// Its records have a timeline: the field `timeline`. That they are created, changed, deleted and restored is on it.
    #[must_use]
    fn timeline(self) -> Self;

    /// Timelines of others tell of its records. `title` makes of these columns the line that stands for a record: the field
    /// `timelineTitle`.
    #[must_use]
    fn timeline_source<const N: usize>(
        self,
        columns: [E::Column; N],
        title: fn(&RowView<'_>) -> Result<Option<String>, Error>,
    ) -> Self
    where
        E::Column: ColumnTrait;
}

impl<E: TenantEntity> OnTimeline<E> for EntityBuilder<'_, E> {
    fn timeline(self) -> Self {
        self.implements(TIMELINED).relation(
            to_many_of_any::<Entity>(
                "timeline",
                "What has happened to it, and with it: the newest first.",
                Column::RecordType,
                Column::RecordId,
            )
            .ordered_by(Column::At)
            .descending(),
        )
    }

    fn timeline_source<const N: usize>(
        self,
        columns: [E::Column; N],
        title: fn(&RowView<'_>) -> Result<Option<String>, Error>,
    ) -> Self {
        self.implements(SOURCE).computed(computed(
            "timelineTitle",
            "The line that stands for it on a timeline; null if there is nothing to be said.",
            columns,
            title,
        ))
    }
}

pub(crate) fn declare(api: &mut ModuleRegistry<'_>) {
    api.interface(TIMELINED, "A record that has a timeline.", &["id"]);
    api.interface(SOURCE, "A record that timelines of others tell of.", &["id", "timelineTitle"]);
    declare_entry(api);
    api.query(QueryDeclaration::new(
        "timelineKinds",
        "All that timelines may tell of, for filters: of the modules that are there for you.",
        Some(TIMELINE_READ),
        kinds,
    ));
}

fn declare_entry(api: &mut ModuleRegistry<'_>) {
    api.record::<Entity>(
        "TimelineEntry",
        "Something that a timeline tells. You see that it was, of which kind and when, if you may see the record whose timeline \
         it is; what it was only if you may see the source.",
        TIMELINE_READ,
    )
    .plural("timelineEntries")
    .not_at_root()
    .visible_with(&["record"])
    .column(column(Column::At, "When it was, which may be before it was written down.").filterable().orderable())
    .column(
        column(
            Column::Kind,
            "What it is: `core.created`, `core.updated`, `core.deleted` and `core.restored` of the record itself; others, such \
             as `contacts.call`, tell of their source. `timelineKinds` lists them.",
        )
        .filterable(),
    )
    .computed(computed("kindTitle", "What the kind is called in your language.", [Column::Kind], |row| {
        let kind: String = row.get(Column::Kind)?;
        Ok(request(row.context()).map_or_else(|| kind.clone(), |context| title(context, &kind)))
    }))
    .computed(hidden(
        "masked",
        "Whether you may not see its source: who did it is not told then, either.",
        "source",
    ))
    .computed(computed(
        "changed",
        "With `core.updated` the names of the fields that are different, as far as you may read them.",
        [Column::RecordType, Column::Changed],
        |row| {
            let names: Option<Json> = row.get(Column::Changed)?;
            let record: String = row.get(Column::RecordType)?;
            Ok(readable(row.context(), &record, names))
        },
    ))
    .relation(any_record(
        "record",
        "The record whose timeline it is.",
        TIMELINED,
        Column::RecordType,
        Column::RecordId,
    ))
    .relation(any_record(
        "source",
        "The record that it tells of: null if that is the record itself, or if it is masked.",
        SOURCE,
        Column::SourceType,
        Column::SourceId,
    ))
    .relation(
        to_one::<user::Entity>(
            "actor",
            "The person who did it; null if a program did, or Shoal itself, or if it is masked.",
            Column::ActorId,
        )
        .told_with("source"),
    );
}

fn request(context: &dyn Context) -> Option<&RequestContext> {
    (context as &dyn Any).downcast_ref()
}

/// What a kind is called in the language of whoever asks.
fn title(context: &RequestContext, kind: &str) -> String {
    let module = context.kernel.modules.timeline_kind(kind);
    // Those of modules that the program no longer has.
    module.map_or_else(
        || kind.to_owned(),
        |module| module.text(context.language(), &text_key("timeline", kind)),
    )
}

async fn kinds(context: Arc<dyn Context>, _: NoArguments) -> Result<Vec<TimelineKindInfo>, Error> {
    let context = RequestContext::of(&context)?;
    let all = context.kernel.modules.modules().iter();
    let there = all.filter(|module| context.caller.modules.contains(module.manifest.id));
    let kinds = there.flat_map(|module| &module.timeline);
    Ok(kinds
        .map(|kind| TimelineKindInfo { name: kind.name.to_owned(), title: title(&context, kind.name) })
        .collect())
}

/// Those of the names of a record's fields that the caller may read.
fn readable(context: &dyn Context, record: &str, names: Option<Json>) -> Vec<String> {
    let names: Vec<String> = names.and_then(|names| serde_json::from_value(names).ok()).unwrap_or_default();
    let Some(request) = request(context) else { return Vec::new() };
    let (all, rights) = (request.kernel.modules.schemas().all(), context.rights());
    let Some(entity) = all.entity(record).map(|index| &all.entities[index]) else { return Vec::new() };
    names.into_iter().filter(|name| all.may_read(entity, name, rights)).collect()
}
