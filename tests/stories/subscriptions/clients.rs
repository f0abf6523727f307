//! The clients that front ends use, against the real program.

use std::io::ErrorKind;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use shoal_core::database::{Database, Options};
use shoal_core::module::Modules;
use shoal_core::tenancy::tenant_by_slug;
use shoal_core::{Kernel, setup};
use shoal_testkit::Program;

/// Where they are.
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/clients");

/// Runs a command of Node.js there: all that it printed.
fn run(program: &str, arguments: &[&str], token: &str) -> String {
    let command =
        Command::new(program).args(arguments).current_dir(FOLDER).env("SHOAL_TOKEN", token).output();
    let output = match command {
        Ok(output) => output,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            panic!(
                "there is no `{program}`: this test needs Node.js 20 or newer and npm (https://nodejs.org)"
            )
        }
        Err(error) => panic!("`{program}` does not start: {error}"),
    };
    let printed = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert!(output.status.success(), "`{program} {}`: {}\n{printed}", arguments.join(" "), output.status);
    printed
}

#[tokio::test(flavor = "multi_thread")]
async fn they_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/shoal.db?mode=rwc", folder.path().display());
    let server = Program::new(&url, ["serve"]).serve();
    let options = Options { url, max_connections: 1, statement_timeout: Duration::from_secs(10) };
    let database = Database::connect(&options).await.unwrap();
    let kernel = Kernel::new(database, Modules::new().with(shoal_contacts::Contacts).compose().unwrap());
    let company = tenant_by_slug(&kernel, "main").await.unwrap().unwrap();
    let administrator = setup::administrator(&kernel, &company).await.unwrap();
    let token = setup::session_for(&kernel, &company, administrator.id).await.unwrap().text();
    // npm writes this file last: where it is missing, so are some of the packages.
    if !Path::new(FOLDER).join("node_modules/.package-lock.json").is_file() {
        run("npm", &["ci"], "");
    }
    let printed = run("node", &["subscribe.mjs", &server.address], &token);
    assert!(printed.trim_end().ends_with("all told"), "{printed}");
}
