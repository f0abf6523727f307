//! The command line.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand};
use clap_complete::Shell;
use shoal_core::module::Modules;
use shoal_gateway::config::Loader;
use shoal_graphql::error::Error;

use crate::jobs::JobCommand;
use crate::operate::{self, Common, ModuleCommand, TenantCommand, UserCommand};
use crate::search::SearchCommand;

/// What a command may fail with: a sentence for a person.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// What the program is called.
const NAME: &str = "shoal";

/// Shoal: a CRM back end that a company grows into.
#[derive(Debug, Parser)]
#[command(name = NAME, version, arg_required_else_help = false, after_help = EXAMPLES)]
pub struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

const EXAMPLES: &str = "Examples:
  shoal serve --demo                 start with a small demo company
  shoal import people.csv            bring in a list of people
  shoal tenant list                  list the companies
  shoal module list                  list the modules of a company
  shoal doctor                       check the settings and the database
  shoal schema print                 print the schema

Settings: config/default.toml lists them all; SHOAL__SERVER__PORT=9000 sets one.

Exit codes:
  0  all is well
  1  it ran, and something is not well: a row was refused, a check failed
  2  it could not run: the command line, the settings, the database, a refusal";

#[derive(Debug, Subcommand)]
enum Command {
    /// Start the server (also what happens without a command).
    #[command(after_help = "Examples:\n  shoal serve\n  SHOAL__SERVER__PORT=9000 shoal serve --demo")]
    Serve {
        /// Fill an empty database with a small demo company.
        #[arg(long)]
        demo: bool,
    },
    /// Bring the database to the newest schema.
    #[command(after_help = "Examples:\n  shoal migrate\n  shoal migrate --json")]
    Migrate {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Import a file: CSV, XLSX, vCard or JSON lines.
    #[command(
        after_help = "Examples:\n  shoal import people.csv --dry-run\n  shoal import people.vcf --mode upsert --match email\n  shoal import customers.csv --type Account --map 'CustomerID=externalIds.0.key' --set externalIds.0.system=northwind --mode upsert --match externalId:northwind\nRows that an import of the same columns of the same file has brought in are left alone. The exit code is 1 if a row was refused."
    )]
    Import(crate::import::Import),
    /// Write a list into a file: CSV, XLSX, vCard or JSON lines, with a manifest beside it.
    #[command(
        after_help = "Examples:\n  shoal export contacts.csv --filter '{\"lifecycleStage\":{\"eq\":\"CUSTOMER\"}}'\n  shoal export people.vcf --tenant north\n  shoal export accounts.xlsx --type Account --columns 'name,owner.email=Owner,emails.*.address=Mail #'\nAll of it is as it is at one moment. If anything fails, no file is there and the exit code is 2."
    )]
    Export(crate::export::Export),
    /// Companies.
    #[command(
        after_help = "Examples:\n  shoal tenant create north --name 'North GmbH' --admin anna@north.example --locale de-DE --time-zone Europe/Berlin\n  shoal tenant list --json"
    )]
    Tenant {
        #[command(subcommand)]
        command: TenantCommand,
        /// Print JSON.
        #[arg(long, global = true)]
        json: bool,
    },
    /// People of a company.
    #[command(
        after_help = "Examples:\n  shoal user add bo@north.example --name 'Bo Li'\n  shoal user link bo@north.example --reset\n  shoal user recover anna@north.example     when no administrator is left"
    )]
    User {
        #[command(subcommand)]
        command: UserCommand,
        #[command(flatten)]
        common: Common,
    },
    /// Modules of a company.
    #[command(
        after_help = "Examples:\n  shoal module list\n  shoal module plan disable contacts\n  shoal module change enable contacts --tenant north"
    )]
    Module {
        #[command(subcommand)]
        command: ModuleCommand,
        #[command(flatten)]
        common: Common,
    },
    /// What records are found by.
    #[command(after_help = "Example:\n  shoal search rebuild --tenant north")]
    Search {
        #[command(subcommand)]
        command: SearchCommand,
        #[command(flatten)]
        common: Common,
    },
    /// Jobs of a company: work that is done later.
    #[command(
        after_help = "Examples:\n  shoal job list --state failed\n  shoal job retry 01a20240-8f6e-7c3a-b1d2-5e9f00000001 --tenant north\nThe exit code is 1 if a job was refused."
    )]
    Job {
        #[command(subcommand)]
        command: JobCommand,
        #[command(flatten)]
        common: Common,
    },
    /// Fill a company with customers of invention, in three scripts, with the dirt and the duplicates of real lists.
    #[command(
        after_help = "Examples:\n  shoal demo --tenant north\n  shoal demo --contacts 100000              the same people at each run\n  shoal demo --contacts 1000 --folder lists   writes lists to be imported"
    )]
    Demo(crate::demo::Demo),
    /// Check the settings and what Shoal needs, and say what is wrong.
    #[command(
        after_help = "Examples:\n  shoal doctor\n  shoal doctor --json\nThe exit code is 1 if something is wrong."
    )]
    Doctor {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// The GraphQL schema, and other generated files.
    #[command(
        after_help = "Examples:\n  shoal schema print --modules contacts\n  shoal schema write\n  shoal schema check        exit code 1 if a file is out of date"
    )]
    Schema {
        #[command(subcommand)]
        command: SchemaCommand,
    },
    /// Measure reads and writes.
    #[command(
        after_help = "Examples:\n  shoal bench read --database sqlite\n  shoal bench write --json write.json"
    )]
    Bench(shoal_bench::Arguments),
    /// Print what lets a shell complete the command line.
    #[command(
        after_help = "Examples:\n  shoal completions bash > ~/.local/share/bash-completion/completions/shoal\n  shoal completions zsh > ~/.zfunc/_shoal                 with ~/.zfunc in $fpath\n  shoal completions fish > ~/.config/fish/completions/shoal.fish\n  shoal completions powershell >> $PROFILE"
    )]
    Completions {
        /// The shell.
        shell: Shell,
    },
}

#[derive(Debug, Subcommand)]
pub enum SchemaCommand {
    /// Print it in the schema definition language.
    #[command(after_help = "Examples:\n  shoal schema print\n  shoal schema print --modules contacts")]
    Print {
        /// Of these modules only, with those they require.
        #[arg(long, value_delimiter = ',')]
        modules: Option<Vec<String>>,
    },
    /// Write the generated files of the repository: schema, error codes, JSON Schema of the configuration.
    #[command(after_help = "Examples:\n  shoal schema write\n  shoal schema write some/folder")]
    Write {
        /// The folder.
        #[arg(default_value = "schema")]
        folder: PathBuf,
    },
    /// Fail if the generated files of the repository are out of date.
    #[command(after_help = "Example:\n  shoal schema check\nThe exit code is 1 if one is out of date.")]
    Check {
        /// The folder.
        #[arg(default_value = "schema")]
        folder: PathBuf,
    },
}

#[expect(clippy::print_stdout, reason = "the output of the command")]
fn complete(shell: clap_complete::Shell) {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), NAME, &mut script);
    print!("{}", String::from_utf8_lossy(&script));
}

/// Runs a command.
pub async fn run(arguments: Arguments, modules: fn() -> Modules) -> Result<ExitCode, Failure> {
    match arguments.command.unwrap_or(Command::Serve { demo: false }) {
        Command::Schema { command } => crate::schema::run(&command, &modules().compose()?),
        Command::Bench(arguments) => shoal_bench::run(arguments, modules).await,
        Command::Completions { shell } => {
            complete(shell);
            Ok(ExitCode::SUCCESS)
        }
        command => {
            let modules = modules().compose()?;
            let loaded = Loader::from_process().with_modules(&modules).load()?;
            shoal_gateway::logging::init(&loaded.config.log)?;
            // The log has its own way with panics.
            crate::output::end_with_its_reader();
            match command {
                Command::Migrate { json } => crate::serve::migrate(&loaded.config, &modules, json).await,
                Command::Import(import) => crate::import::run(&loaded.config, modules, &import).await,
                Command::Export(export) => crate::export::run(&loaded.config, modules, &export).await,
                Command::Serve { demo } => crate::serve::run(&loaded.config, modules, demo).await,
                Command::Tenant { command, json } => {
                    operate::tenant(&loaded.config, modules, command, json).await
                }
                Command::User { command, common } => {
                    operate::user(&loaded.config, modules, command, &common).await
                }
                Command::Module { command, common } => {
                    operate::module(&loaded.config, modules, command, &common).await
                }
                Command::Search { command, common } => {
                    crate::search::run(&loaded.config, modules, &command, &common).await
                }
                Command::Job { command, common } => {
                    crate::jobs::run(&loaded.config, modules, command, &common).await
                }
                Command::Demo(demo) => crate::demo::run(&loaded.config, modules, &demo).await,
                Command::Doctor { json } => crate::doctor::run(&loaded, &modules, json).await,
                Command::Schema { .. } | Command::Bench(_) | Command::Completions { .. } => {
                    Ok(ExitCode::SUCCESS)
                }
            }
        }
    }
}

/// Tells a person what went wrong.
#[expect(clippy::print_stderr, reason = "this is where a command tells its failure")]
pub fn failed(error: &(dyn std::error::Error + 'static)) -> ExitCode {
    if let Some(Error::Refused(refusal)) = error.downcast_ref::<Error>() {
        eprintln!("shoal: {}", refusal.message);
        // The message repeats the first.
        for field in refusal.fields.iter().skip(1) {
            eprintln!("  also {}: {}", field.path.join("."), field.message);
        }
        return ExitCode::from(2);
    }
    eprintln!("shoal: {error}");
    let mut source = error.source();
    while let Some(error) = source {
        eprintln!("  because: {error}");
        source = error.source();
    }
    ExitCode::from(2)
}
