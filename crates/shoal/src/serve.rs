//! `shoal serve` and `shoal migrate`.

use std::process::ExitCode;
use std::sync::Arc;

use shoal_core::clock::{Ids as _, System};
use shoal_gateway::config::Config;
use shoal_gateway::{Application, Gateway, Shutdown, open_database, serve};

use crate::cli::{Failure, catalog};
use crate::load;

/// Opens the database and brings it to the newest schema.
pub async fn open(config: &Config) -> Result<Application, Failure> {
    let database = open_database(&config.database).await?;
    shoal_migrations::migrate(database.writer()).await?;
    Ok(Application::new(Arc::new(catalog()?), database, config))
}

/// `shoal migrate`
pub async fn migrate(config: &Config) -> Result<ExitCode, Failure> {
    let database = open_database(&config.database).await?;
    let pending = shoal_migrations::pending(database.writer()).await?;
    shoal_migrations::migrate(database.writer()).await?;
    tracing::info!(run = pending, "the database has the newest schema");
    Ok(ExitCode::SUCCESS)
}

/// `shoal serve`
pub async fn run(config: &Config, demo: bool) -> Result<ExitCode, Failure> {
    let application = open(config).await?;
    if demo {
        load::demo(&application).await?;
    }
    let shutdown = Shutdown::new();
    shutdown.on_signals()?;
    let address = config.server.address();
    let listener = tokio::net::TcpListener::bind(address).await;
    let listener = listener.map_err(|error| format!("{address} cannot be listened on: {error}"))?;
    let address = listener.local_addr()?;
    welcome(&format!("http://{address}"), config.graphql.graphiql);
    let gateway = Gateway::new(Arc::new(application), config, Arc::new(|| System.next()));
    let drained = serve(listener, gateway, shutdown).await;
    Ok(if drained.aborted == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Says where it is and what to try first.
#[expect(clippy::print_stdout, reason = "the first thing a person sees")]
fn welcome(address: &str, graphiql: bool) {
    println!("Shoal listens on {address}");
    println!();
    println!("  GraphQL   {address}/graphql");
    if graphiql {
        println!("  GraphiQL  {address}/graphiql");
    }
    println!("  Schema    {address}/schema.graphql");
    println!();
    println!("Try this in GraphiQL, or paste it into a terminal:");
    println!();
    println!("  curl {address}/graphql -H 'content-type: application/json' \\");
    println!(
        "    -d '{{\"query\":\"{{ accounts(first: 5, orderBy: {{name: ASC}}) {{ totalCount nodes {{ name tier contacts(first: 3) {{ nodes {{ displayName jobTitle }} }} }} }} }}\"}}'"
    );
    println!();
    println!("Ctrl-C ends it.");
}
