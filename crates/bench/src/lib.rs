//! `shoal bench`: requests per second, times, processor time, memory and statements of typical requests on a database of
//! realistic size, beside a handler written by hand for just these requests and (on PostgreSQL) beside pgbench with the
//! same statements.
//!
//! ```text
//! data ──▶ database ◀── child process: shoal          ◀──┐
//!             ▲   ◀──── child process: hand-written   ◀──┤ client: 1 and 32 connections, in turns
//!             └──────── pgbench                          └─ report: table, JSON, targets
//! ```
//! Each server is a process of its own, so that its processor time and memory are. Before anything is measured, both
//! must give the same answers.

mod alike;
mod arguments;
mod capture;
mod child;
mod client;
mod count;
mod data;
mod hand_written;
mod import;
mod measure;
mod pgbench;
mod place;
mod postgres;
mod report;
mod run;
mod scenario;
mod scope;
mod search;
mod serve;
mod subscribe;
mod targets;

use std::process::ExitCode;

use shoal_core::module::Modules;

pub use arguments::Arguments;
pub use data::Random;

/// What a command may fail with: a sentence for a person.
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Runs the benchmark.
///
/// # Errors
/// When a database or a server cannot be had, or the two servers' answers differ.
pub async fn run(arguments: Arguments, modules: fn() -> Modules) -> Result<ExitCode, Failure> {
    use arguments::Command;
    match arguments.command {
        Command::Serve { side } => serve::run(side, modules).await,
        Command::Import(options) => import::run(&options, modules).await,
        Command::Read(options) => run::run(&scenario::Scenario::READS, &options, modules).await,
        Command::Scope(options) => scope::run(&options, modules).await,
        Command::Search(options) => search::run(&options, modules).await,
        Command::Subscribe(options) => subscribe::run(&options, modules).await,
        Command::Write(options) => run::run(&scenario::Scenario::WRITES, &options, modules).await,
    }
}
