//! `shoal job`: what an operator does with jobs from the command line.

use std::process::ExitCode;
use std::sync::Arc;

use clap::{Subcommand, ValueEnum};
use sea_orm::prelude::Uuid;
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _, QueryTrait as _,
};
use serde_json::{Value as Json, json};
use shoal_core::RequestContext;
use shoal_core::job::{self, JobChoice, JobState};
use shoal_core::module::Composition;
use shoal_gateway::config::Config;
use shoal_graphql::value::Choice as _;

use crate::cli::Failure;
use crate::operate::{Common, company, print};
use crate::serve::open;

/// `shoal job`
#[derive(Debug, Subcommand)]
pub enum JobCommand {
    /// List the jobs of a company, the latest first.
    #[command(
        after_help = "Examples:\n  shoal job list --tenant north\n  shoal job list --state failed --json"
    )]
    List {
        /// Only those in this state.
        #[arg(long)]
        state: Option<State>,
        /// At most so many.
        #[arg(long, default_value_t = 50)]
        limit: u64,
    },
    /// Cancel jobs that wait or run.
    #[command(after_help = "Example:\n  shoal job cancel 01a20240-8f6e-7c3a-b1d2-5e9f00000001")]
    Cancel {
        /// The jobs' ids.
        #[arg(required = true)]
        ids: Vec<Uuid>,
    },
    /// Go on with jobs that have failed or were cancelled, where they stopped.
    #[command(after_help = "Example:\n  shoal job retry 01a20240-8f6e-7c3a-b1d2-5e9f00000001")]
    Retry {
        /// The jobs' ids.
        #[arg(required = true)]
        ids: Vec<Uuid>,
    },
}

/// How far a job is.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum State {
    /// It waits.
    Queued,
    /// Workers are at it.
    Running,
    /// It is done.
    Succeeded,
    /// It was refused, or failed too often.
    Failed,
    /// Somebody has cancelled it.
    Cancelled,
}

impl From<State> for JobState {
    fn from(state: State) -> Self {
        match state {
            State::Queued => Self::Queued,
            State::Running => Self::Running,
            State::Succeeded => Self::Succeeded,
            State::Failed => Self::Failed,
            State::Cancelled => Self::Cancelled,
        }
    }
}

const COLUMNS: [&str; 8] = ["id", "kind", "state", "done", "total", "attempts", "createdAt", "error"];

fn told(job: &job::Model) -> Json {
    json!({
        "id": job.id, "kind": job.kind, "state": job.state, "done": job.done, "total": job.total,
        "attempts": job.attempts, "createdAt": job.created_at, "error": job.error, "dueAt": job.due_at,
        "startedAt": job.started_at, "finishedAt": job.finished_at, "createdBy": job.created_by,
    })
}

/// Runs `shoal job …`. The exit code is 1 if a job was refused.
pub async fn run(
    config: &Config,
    modules: Composition,
    command: JobCommand,
    common: &Common,
) -> Result<ExitCode, Failure> {
    let kernel = open(config, modules).await?;
    let company = company(&kernel, common).await?;
    let context = Arc::new(RequestContext::operator(&kernel, &company));
    let handled = match &command {
        JobCommand::List { .. } => Vec::new(),
        JobCommand::Cancel { ids } => job::cancel(context, choices(ids)).await?,
        JobCommand::Retry { ids } => job::retry(context, choices(ids)).await?,
    };
    let found = job::Entity::find().filter(job::Column::TenantId.eq(company.id));
    let found = match &command {
        JobCommand::List { state, limit } => {
            let state = state.map(|state| JobState::from(state).code());
            let of_state = found.apply_if(state, |found, state| found.filter(job::Column::State.eq(state)));
            of_state.limit(*limit)
        }
        JobCommand::Cancel { ids } | JobCommand::Retry { ids } => {
            found.filter(job::Column::Id.is_in(ids.iter().copied()))
        }
    };
    let found = found.order_by_desc(job::Column::Id).all(kernel.database.reader().connection()).await?;
    print(common.json, &found.iter().map(told).collect::<Vec<_>>(), &COLUMNS);
    let refused = handled.into_iter().filter_map(Result::err).map(|refusal| refusal.to_string());
    Ok(tell(&refused.collect::<Vec<_>>()))
}

fn choices(ids: &[Uuid]) -> Vec<JobChoice> {
    ids.iter().map(|id| JobChoice { id: *id }).collect()
}

#[expect(clippy::print_stderr, reason = "this is where a command tells what was refused")]
fn tell(refused: &[String]) -> ExitCode {
    for refusal in refused {
        eprintln!("shoal: {refusal}");
    }
    if refused.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
