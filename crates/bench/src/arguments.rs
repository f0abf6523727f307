//! The command line of `shoal bench`.

use std::path::PathBuf;

use crate::serve::Side;

/// `shoal bench`
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Measure queries.
    #[command(
        after_help = "Examples:\n  shoal bench read\n  shoal bench read --database sqlite --contacts 2000 --seconds 1"
    )]
    Read(Options),
    /// Measure mutations.
    #[command(
        after_help = "Examples:\n  shoal bench write\n  shoal bench write --database postgres --json write.json"
    )]
    Write(Options),
    /// Measure a list for callers who see all of it, their teams' part of it, or only their own.
    #[command(
        after_help = "Examples:\n  shoal bench scope\n  shoal bench scope --database postgres --contacts 20000"
    )]
    Scope(Options),
    /// Measure searches by parts of names and numbers, in three scripts.
    #[command(
        after_help = "Examples:\n  shoal bench search\n  shoal bench search --database postgres --contacts 1000000"
    )]
    Search(Options),
    /// Measure how fast a file becomes contacts, and what each kind of column costs.
    #[command(
        after_help = "Examples:\n  shoal bench import\n  shoal bench import --database postgres --only account"
    )]
    Import(Options),
    /// Measure subscriptions.
    #[command(
        after_help = "Examples:\n  shoal bench subscribe\n  shoal bench subscribe --database sqlite --subscribers 100"
    )]
    Subscribe(SubscribeOptions),
    /// Be one of the servers under test; `shoal bench` starts it.
    #[command(hide = true)]
    Serve {
        /// Whose answers.
        side: Side,
    },
}

#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Options {
    /// On which database.
    #[arg(long, value_enum, default_value_t = Databases::Both)]
    pub database: Databases,
    /// A PostgreSQL server on which a database may be created; without it a private one is started.
    #[arg(long, env = "SHOAL_BENCH_POSTGRES_URL", hide_env_values = true)]
    pub postgres_url: Option<String>,
    /// How many contacts there are; accounts and tags in proportion.
    #[arg(long, default_value_t = 100_000)]
    pub contacts: usize,
    /// Seconds for each scenario, number of connections and server.
    #[arg(long, default_value_t = 5)]
    pub seconds: u64,
    /// Connections at once, one measurement for each number.
    #[arg(long, value_delimiter = ',', default_value = "1,32")]
    pub connections: Vec<usize>,
    /// Only scenarios whose name contains this.
    #[arg(long)]
    pub only: Option<String>,
    /// Writes everything to a file, as JSON.
    #[arg(long)]
    pub json: Option<PathBuf>,
    /// Exit code 1 if a target is missed.
    #[arg(long)]
    pub check: bool,
}

#[derive(Debug, Clone, clap::Args)]
pub(crate) struct SubscribeOptions {
    /// On which database.
    #[arg(long, value_enum, default_value_t = Databases::Both)]
    pub database: Databases,
    /// A PostgreSQL server on which a database may be created; without it a private one is started.
    #[arg(long, env = "SHOAL_BENCH_POSTGRES_URL", hide_env_values = true)]
    pub postgres_url: Option<String>,
    /// How many subscribers there are.
    #[arg(long, default_value_t = 1_000)]
    pub subscribers: usize,
    /// Of how many events the time is taken.
    #[arg(long, default_value_t = 100)]
    pub events: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Databases {
    /// A SQLite file.
    Sqlite,
    /// PostgreSQL.
    Postgres,
    /// One after the other.
    Both,
}
