//! The audits that the authors of GraphQL over HTTP publish, with their own client, against the real program.

use std::io::ErrorKind;
use std::path::Path;
use std::process::Command;

use shoal_testkit::Program;

/// Where the audits are.
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/gateway/audit");

/// Runs a command of Node.js there: all that it printed.
fn run(program: &str, arguments: &[&str]) -> String {
    let output = match Command::new(program).args(arguments).current_dir(FOLDER).output() {
        Ok(output) => output,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            panic!(
                "there is no `{program}`: this test needs Node.js 18 or newer and npm (https://nodejs.org)"
            )
        }
        Err(error) => panic!("`{program}` does not start: {error}"),
    };
    let printed = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert!(output.status.success(), "`{program} {}`: {}\n{printed}", arguments.join(" "), output.status);
    printed
}

#[test]
fn graphql_over_http_passes_its_audits() {
    let folder = tempfile::tempdir().unwrap();
    let database = format!("sqlite://{}/shoal.db?mode=rwc", folder.path().display());
    let server = Program::new(&database, ["serve"]).serve();
    // npm writes this file last: where it is missing, so are some of the packages.
    if !Path::new(FOLDER).join("node_modules/.package-lock.json").is_file() {
        run("npm", &["ci"]);
    }
    let printed =
        run("node", &["audit.mjs", &format!("http://{}/graphql", server.address), &server.sign_in()]);
    let audits = printed.trim_end().strip_suffix(" audits, 0 failed").unwrap_or_default();
    assert!(audits.parse().is_ok_and(|audits: u32| audits > 50), "{printed}");
}
