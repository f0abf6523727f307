//! The job of exports.

use std::time::Duration;

use chrono::TimeDelta;
use sea_orm::EntityTrait as _;
use serde::{Deserialize, Serialize};
use shoal_graphql::error::{Error, Refusal};
use shoal_graphql::message;
use uuid::Uuid;

use super::entity::{Entity, Model};
use super::write::{Written, write};
use crate::batch::{Tracked as _, load};
use crate::job::{Job, Run, Step};
use crate::unit_of_work::UnitOfWork;

/// Files are kept for so long.
const KEPT: TimeDelta = TimeDelta::days(7);

/// How long an export may take: it is one step, as all of it is read at one moment.
pub const PATIENCE: Duration = Duration::from_hours(6);

/// Writes the file of an export.
#[derive(Debug, Serialize, Deserialize)]
pub struct Write {
    /// The export.
    pub export: Uuid,
}

impl Job for Write {
    const NAME: &'static str = "core.export";
    type Cursor = ();
    type Output = ();

    async fn step(&self, run: &mut Run<'_, ()>) -> Result<Step<Self>, Error> {
        let context = run.context().clone();
        let connection = context.database().reader().connection();
        let export = Entity::find_by_id((context.tenant.id, self.export)).one(connection).await?;
        let written = write(run, &export.ok_or_else(not_found)?).await?;
        let unit = run.begin().await?;
        if let Err(error) = stage(unit, self.export, &written).await {
            for file in [&written.file, &written.manifest] {
                file.discard(&context).await?;
            }
            return Err(error);
        }
        Ok(Step::Done(()))
    }
}

async fn stage(unit: &mut UnitOfWork, id: Uuid, written: &Written) -> Result<(), Error> {
    let Written { file, manifest, summary } = written;
    for file in [file, manifest] {
        file.stage(unit, Some(unit.now() + KEPT)).await?;
    }
    let before = load::<Entity>(unit, [id]).await?.remove(&id).ok_or_else(not_found)?;
    let mut after = Model {
        row_count: Some(i64::try_from(summary.rows).map_err(Error::fault)?),
        bytes: Some(file.size),
        sha256: Some(file.sha256.clone()),
        file_id: Some(file.id),
        manifest_id: Some(manifest.id),
        ..before.clone()
    };
    after.touch(unit.now(), unit.actor());
    unit.update::<Entity>(&before, after);
    Ok(())
}

fn not_found() -> Refusal {
    Refusal::not_found(message!("export-not-found", "there is no such export"), ["id"])
}
