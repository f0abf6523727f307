//! `shoal serve` and `shoal migrate`.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use shoal_core::clock::{Ids as _, System};
use shoal_core::kernel::Sources;
use shoal_core::module::Composition;
use shoal_core::sign_in::link::Purpose;
use shoal_core::{Kernel, job, outbox, setup};
use shoal_gateway::config::Config;
use shoal_gateway::{Application, Gateway, Shutdown, open_database, open_files, serve};

use crate::cli::Failure;
use crate::{demo as demo_company, operate};

/// Opens the database and brings it to the newest schema.
pub async fn open(config: &Config, modules: Composition) -> Result<Arc<Kernel>, Failure> {
    let database = open_database(&config.database).await?;
    shoal_migrations::migrate(database.writer(), &modules.migrations()).await?;
    let files = open_files(&config.files)?;
    let sources = Sources { files, installed: config.modules.clone(), ..Sources::default() };
    Ok(Kernel::with_sources(database, modules, sources))
}

/// `shoal migrate`
#[expect(clippy::print_stdout, reason = "the output of the command")]
pub async fn migrate(config: &Config, modules: &Composition, as_json: bool) -> Result<ExitCode, Failure> {
    let migrations = modules.migrations();
    let database = open_database(&config.database).await?;
    let pending = shoal_migrations::pending(database.writer(), &migrations).await?;
    shoal_migrations::migrate(database.writer(), &migrations).await?;
    if as_json {
        println!("{}", json!({"run": pending}));
    } else {
        println!("{pending} steps run; the database has the newest schema");
    }
    Ok(ExitCode::SUCCESS)
}

/// `shoal serve`
pub async fn run(config: &Config, modules: Composition, demo: bool) -> Result<ExitCode, Failure> {
    let kernel = open(config, modules).await?;
    let first = setup::first_company(&kernel, demo).await?;
    let application = Application::new(Arc::clone(&kernel), config);
    let link_for = match (&first, demo) {
        (Some(company), false) => Some(Arc::clone(company)),
        (_, true) => {
            let company = operate::oldest_company(&kernel).await?;
            demo_company::fill((&application, &company)).await?;
            Some(company)
        }
        (None, false) => None,
    };
    let shutdown = Shutdown::new();
    shutdown.on_signals()?;
    let address = config.server.address();
    let listener = tokio::net::TcpListener::bind(address).await;
    let listener = listener.map_err(|error| format!("{address} cannot be listened on: {error}"))?;
    let listening = format!("http://{}", listener.local_addr()?);
    let public = config.server.public_url.as_deref().unwrap_or(&listening).trim_end_matches('/');
    let link = match &link_for {
        Some(company) => {
            let administrator = setup::administrator(&kernel, company).await?;
            Some(setup::link_for(&kernel, company, administrator.id, Purpose::Start).await?.text())
        }
        None => None,
    };
    welcome(&listening, public, link.as_deref(), config.graphql.graphiql);
    let ending = shutdown.clone();
    let delivering = tokio::spawn(outbox::run(Arc::clone(&kernel), async move { ending.begun().await }));
    let (ending, workers) = (shutdown.clone(), config.jobs.workers);
    let working = tokio::spawn(job::run(Arc::clone(&kernel), workers, async move { ending.begun().await }));
    let (ending, url) = (shutdown.clone(), config.database.direct_url().expose().to_owned());
    tokio::spawn(outbox::neighbours::run(Arc::clone(&kernel), url, async move { ending.begun().await }));
    let gateway = Gateway::new(Arc::clone(&application) as _, config, Arc::new(|| System.next()))
        .with_sign_in(kernel)
        .with_routes(application);
    let drained = serve(listener, gateway, shutdown).await;
    // What is under way in the background is finished, but not waited for without end.
    let work = async { tokio::join!(delivering, working) };
    let _ = tokio::time::timeout(Duration::from_secs(config.server.shutdown_seconds), work).await;
    Ok(if drained.aborted == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A first query, for whoever has no editor at hand.
const FIRST_QUERY: &str = "{ accounts(first: 3, orderBy: {name: ASC}) { totalCount nodes { name tier } } }";

/// Says where it is and what to try first. `link` is the token of a link by which the administrator comes in once.
#[expect(clippy::print_stdout, reason = "the first thing a person sees")]
fn welcome(listening: &str, public: &str, link: Option<&str>, graphiql: bool) {
    println!("Shoal listens on {listening}");
    println!();
    if let Some(link) = link {
        println!("  Sign in   {public}/auth/link/{link}");
        println!("            (works once, for an hour)");
    }
    println!("  GraphQL   {public}/graphql");
    if graphiql {
        println!("  GraphiQL  {public}/graphiql");
    }
    println!("  Schema    {public}/schema.graphql");
    println!();
    println!("A first query, with a session's token or an API key (docs/sign-in.md):");
    println!();
    println!(
        "  curl {public}/graphql -H 'content-type: application/json' -H \"authorization: Bearer $TOKEN\" \\"
    );
    println!("    -d '{{\"query\":\"{FIRST_QUERY}\"}}'");
    if let Some(link) = link {
        println!();
        println!("The link gives a token, too, instead of a page:");
        println!();
        println!(
            "  curl {public}/auth/link -H 'content-type: application/json' -d '{{\"token\":\"{link}\"}}'"
        );
    }
    println!();
    println!("Ctrl-C ends it.");
}
