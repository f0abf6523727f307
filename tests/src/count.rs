//! Jobs that count: each step writes a sighting down, and goes wrong as it is told.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use shoal_core::job::{self, Job, JobKind, Options, Run, Step, USUAL};
use shoal_core::{RequestContext, UnitOfWork};
use shoal_graphql::context::Context;
use shoal_graphql::declare::{Handled, ModuleRegistry, MutationDeclaration};
use shoal_graphql::error::{Error, Refusal};
use uuid::Uuid;

use crate::witness::{permission::COUNT_START, sighting};

shoal_graphql::input! {
    /// What to count.
    pub struct CountStart {
        /// How far; 3 if absent.
        pub to: Option<i32>,
        /// The number at which it goes wrong.
        pub at: Option<i32>,
        /// How: `refuse`, `fault`, `panic`, `race` or `hang`. Of numbers counted ahead, `meet`: it goes on when the next one has
        /// begun; and `cross`: it wants what the next one has locked.
        pub trouble: Option<String>,
        /// Until when it goes wrong; for ever if absent.
        pub until: Option<DateTime<Utc>>,
        /// Milliseconds for each number.
        pub pause: Option<i32>,
        /// Of those with the same key there is one at a time.
        pub unique_key: Option<String>,
        /// Lower ones come first.
        pub priority: Option<i32>,
        /// When to begin.
        pub due_at: Option<DateTime<Utc>>,
        /// What to say in the end.
        pub note: Option<String>,
        /// Whether each number is begun before the one in front of it is counted.
        pub ahead: Option<bool>,
        /// To enqueue it, and then refuse.
        pub refused: Option<bool>,
    }
}

/// Counts.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Count {
    to: i64,
    at: i64,
    trouble: Option<String>,
    until: Option<DateTime<Utc>>,
    note: Option<String>,
    pause: u64,
    ahead: bool,
}

/// Numbers of jobs that were begun.
static BEGUN: Mutex<BTreeSet<(Uuid, i64)>> = Mutex::new(BTreeSet::new());

fn begun() -> MutexGuard<'static, BTreeSet<(Uuid, i64)>> {
    BEGUN.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Count {
    /// What goes wrong when numbers are counted ahead.
    async fn beside(&self, unit: &UnitOfWork, job: Uuid, number: i64) -> Result<(), Error> {
        match self.trouble.as_deref() {
            Some("meet") if number == self.at => {
                while !begun().contains(&(job, number + 1)) {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            }
            Some("cross") if number == self.at => {
                tokio::time::sleep(Duration::from_millis(200)).await;
                unit.lock("witness.count").await?;
            }
            Some("cross") if number == self.at + 1 => unit.lock("witness.count").await?,
            _ => {}
        }
        Ok(())
    }
}

impl Job for Count {
    const NAME: &'static str = "witness.count";
    type Cursor = i64;
    type Output = Json;

    async fn step(&self, run: &mut Run<'_, i64>) -> Result<Step<Self>, Error> {
        let (id, number) = (run.id, run.cursor.unwrap_or_default() + 1);
        begun().insert((id, number));
        run.begin().await?;
        if self.ahead && number < self.to {
            run.goes_on(&number, number, Some(self.to))?;
        }
        let unit = run.begin().await?;
        self.beside(unit, id, number).await?;
        tokio::time::sleep(Duration::from_millis(self.pause)).await;
        run.turn().await;
        let unit = run.begin().await?;
        write(unit, id, number, "count");
        let trouble = self.trouble.as_deref().filter(|_| number == self.at);
        match trouble.filter(|_| self.until.is_none_or(|until| unit.now() < until)) {
            Some("refuse") => return Err(Refusal::new("WITNESS_REFUSES", "I count no further").into()),
            Some("panic") => panic!("I have lost count"),
            Some("race") => return Err(Error::Race("count again".to_owned())),
            Some("meet" | "cross") | None => {}
            Some("hang") => std::future::pending().await,
            Some(other) => return Err(Error::fault(other)),
        }
        if number == self.to {
            return Ok(Step::Done(json!({ "counted": number, "note": self.note })));
        }
        Ok(Step::Next { cursor: number, done: number, total: Some(self.to) })
    }
}

/// Begins by itself.
#[derive(Debug, Serialize, Deserialize)]
struct Tick {}

impl Job for Tick {
    const NAME: &'static str = "witness.tick";
    type Cursor = ();
    type Output = ();

    async fn step(&self, run: &mut Run<'_, ()>) -> Result<Step<Self>, Error> {
        let id = run.id;
        write(run.begin().await?, id, 1, "tick");
        Ok(Step::Done(()))
    }
}

fn write(unit: &mut UnitOfWork, job: Uuid, number: i64, name: &str) {
    let (tenant_id, id) = (unit.tenant(), unit.new_id());
    unit.insert::<sighting::Entity>(sighting::Model {
        tenant_id,
        id,
        event_id: job,
        contact_id: job,
        number,
        name: name.to_owned(),
        version: 1,
    });
}

pub(crate) fn kinds() -> Vec<JobKind> {
    vec![
        JobKind::of::<Count>().right(COUNT_START),
        // There is no such time in Berlin on the last Sunday of March.
        JobKind::of::<Tick>().scheduled("30 2 * * *", &Tick {}),
    ]
}

pub(crate) fn declare(api: &mut ModuleRegistry<'_>) {
    api.mutation(MutationDeclaration::new::<job::Entity, CountStart, _, _>(
        "countStart",
        "Counts in a job.",
        COUNT_START,
        start,
    ));
}

async fn start(context: Arc<dyn Context>, inputs: Vec<CountStart>) -> Result<Handled, Error> {
    UnitOfWork::run(&RequestContext::of(&context)?, |unit| {
        let inputs = inputs.clone();
        Box::pin(async move {
            let mut handled: Handled = Vec::with_capacity(inputs.len());
            for input in inputs {
                let CountStart { to, at, trouble, until, pause, note, ahead, .. } = input;
                let count = Count {
                    to: to.unwrap_or(3).into(),
                    at: at.unwrap_or_default().into(),
                    trouble,
                    until,
                    note,
                    pause: u64::try_from(pause.unwrap_or_default()).unwrap_or_default(),
                    ahead: ahead.unwrap_or_default(),
                };
                let priority = input.priority.unwrap_or(USUAL);
                let options = Options { due_at: input.due_at, unique_key: input.unique_key, priority };
                handled.push(Ok(unit.enqueue(&count, options).await?.into()));
                if input.refused == Some(true) {
                    return Err(Refusal::new("WITNESS_REFUSES", "rather not").into());
                }
            }
            Ok(handled)
        })
    })
    .await
}
