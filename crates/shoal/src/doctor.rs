//! `shoal doctor`: is everything there that Shoal needs?

use std::process::ExitCode;

use sea_orm::{ConnectionTrait as _, Statement};
use serde_json::{Value as Json, json};
use shoal_core::clock::{Clock as _, System};
use shoal_core::database::Database;
use shoal_core::module::Composition;
use shoal_gateway::config::{Config, FilesConfig, Loaded, key_of};
use shoal_gateway::{open_database, open_files};
use shoal_graphql::database::Dialect;

use crate::cli::Failure;

/// Seconds that the database's clock may be off.
const OFF: i64 = 5;

/// One check: what it is about, whether all is well, and what is to be said.
struct Check(&'static str, bool, String);

/// `shoal doctor`
#[expect(clippy::print_stdout, reason = "the output of the command")]
pub async fn run(loaded: &Loaded, modules: &Composition, as_json: bool) -> Result<ExitCode, Failure> {
    let mut checks = vec![Check("configuration", true, format!("from {}", loaded.sources.join(", ")))];
    let names: Vec<_> = modules.optional().map(|module| module.manifest.id).collect();
    checks.push(Check("modules", true, names.join(", ")));
    match open_database(&loaded.config.database).await {
        Err(error) => checks.push(Check("database", false, error.to_string())),
        Ok(database) => of_database(&database, modules, &mut checks).await?,
    }
    checks.push(of_files(&loaded.config.files).await);
    let address = loaded.config.server.address();
    checks.push(match tokio::net::TcpListener::bind(&address).await {
        Ok(_) => Check("port", true, format!("{address} is free")),
        Err(error) => {
            Check("port", false, format!("{address} cannot be listened on: {error} (is Shoal running?)"))
        }
    });
    let well = checks.iter().all(|Check(_, well, _)| *well);
    if as_json {
        let list =
            checks.iter().map(|Check(name, well, said)| json!({"check": name, "ok": well, "message": said}));
        let list: Vec<Json> = list.collect();
        println!(
            "{}",
            json!({"ok": well, "checks": list, "configuration": in_effect(&loaded.config, modules)})
        );
    } else {
        for Check(name, well, said) in &checks {
            println!("{}  {name:<14} {said}", if *well { "ok   " } else { "WRONG" });
        }
        println!("\nSettings in effect:\n{:#}", in_effect(&loaded.config, modules));
    }
    Ok(if well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Whether files can be stored.
async fn of_files(config: &FilesConfig) -> Check {
    let checked = match open_files(config) {
        Ok(files) => files.check().await.map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    match checked {
        Ok(()) => Check("files", true, format!("in {}", config.folder().display())),
        Err(error) => Check("files", false, error),
    }
}

async fn of_database(
    database: &Database,
    modules: &Composition,
    checks: &mut Vec<Check>,
) -> Result<(), Failure> {
    let (version, encoding, now) = match database.dialect() {
        Dialect::Postgres => {
            ("SHOW server_version", Some("SHOW server_encoding"), "SELECT extract(epoch FROM now())::int8")
        }
        Dialect::Sqlite => ("SELECT sqlite_version()", None, "SELECT CAST(strftime('%s', 'now') AS INTEGER)"),
    };
    let ask = async |text: &str| {
        let statement = Statement::from_string(database.dialect().backend(), text);
        database.writer().query_one_raw(statement).await
    };
    let version: String = ask(version).await?.ok_or("no version")?.try_get_by_index(0)?;
    checks.push(Check("database", true, format!("{:?} {version}", database.dialect())));
    if let Some(encoding) = encoding {
        let encoding: String = ask(encoding).await?.ok_or("no encoding")?.try_get_by_index(0)?;
        let said = if encoding == "UTF8" {
            encoding.clone()
        } else {
            format!("{encoding}: make the database anew with ENCODING 'UTF8'")
        };
        checks.push(Check("encoding", encoding == "UTF8", said));
    }
    let theirs: i64 = ask(now).await?.ok_or("no time")?.try_get_by_index(0)?;
    let off = (System.now().timestamp() - theirs).abs();
    checks.push(Check("clock", off <= OFF, format!("{off} s from the database's")));
    let pending = shoal_migrations::pending(database.writer(), &modules.migrations()).await?;
    let said = if pending == 0 {
        "the newest".to_owned()
    } else {
        format!("{pending} steps behind: run `shoal migrate`")
    };
    checks.push(Check("schema", pending == 0, said));
    Ok(())
}

/// The settings in effect, without secrets; those of modules as they are for a company that has set nothing.
fn in_effect(config: &Config, modules: &Composition) -> Json {
    let mut shown = config.redacted();
    let settings = modules.settings(&config.modules);
    for module in modules.modules().iter().filter(|module| module.settings.names().next().is_some()) {
        let id = module.manifest.id;
        for name in module.settings.names() {
            let value = &settings[id][name];
            let hidden = module.settings.is_secret(name) && !value.is_null();
            shown["modules"][id][key_of(name)] = if hidden { json!("***") } else { value.clone() };
        }
    }
    shown
}
