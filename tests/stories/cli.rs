//! The command line.

use std::fs;

use serde_json::{Value as Json, json};
use shoal_testkit::{Program, Running};

fn told(program: Program) -> (Option<i32>, String, String) {
    let output = program.output();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

fn shoal(arguments: &[&str]) -> Program {
    Program::new("sqlite::memory:", arguments)
}

fn ask(server: &Running, token: &str, query: &str) -> Json {
    server.post("/graphql", Some(token), &json!({"query": query}))
}

#[test]
fn help_lists_the_commands() {
    let (code, out, err) = told(shoal(&["--help"]));
    assert_eq!(code, Some(0), "{err}");
    for part in
        ["serve", "migrate", "import", "export", "demo", "schema", "bench", "Examples:", "shoal serve --demo"]
    {
        assert!(out.contains(part), "{part}: {out}");
    }
    let (code, _, err) = told(shoal(&["swim"]));
    assert_eq!(code, Some(2));
    assert!(err.contains("unrecognized subcommand 'swim'"), "{err}");
}

/// The commands that a help lists.
fn commands(help: &str) -> Vec<String> {
    let listed = help.split_once("Commands:\n").map_or("", |(_, rest)| rest);
    let listed = listed.lines().take_while(|line| !line.is_empty());
    let names = listed.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    names.filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}

#[test]
fn every_command_has_help_with_examples() {
    let mut waiting = vec![Vec::new()];
    let mut seen = 0;
    while let Some(path) = waiting.pop() {
        let arguments: Vec<&str> = path.iter().map(String::as_str).chain(["--help"]).collect();
        let (code, help, err) = told(shoal(&arguments));
        assert_eq!(code, Some(0), "{path:?}: {err}");
        assert!(help.contains("Example"), "{path:?} has no example:\n{help}");
        seen += 1;
        let below = commands(&help).into_iter().filter(|name| name != "help");
        waiting.extend(below.map(|name| [path.as_slice(), &[name]].concat()));
    }
    assert!(seen >= 24, "{seen} commands");
    assert!(told(shoal(&["--help"])).1.contains("Exit codes:\n  0  all is well"));
}

#[test]
fn nobody_reads_what_is_printed() {
    for arguments in [&["schema", "print"][..], &["completions", "bash"], &["doctor"], &["doctor", "--json"]]
    {
        let output = shoal(arguments).unread();
        let err = String::from_utf8_lossy(&output.stderr);
        // As a program that SIGPIPE ends, to a shell.
        assert_eq!((output.status.code(), &*err), (Some(141), ""), "{arguments:?}");
    }
}

#[test]
fn shells_complete_the_command_line() {
    for (shell, part) in [
        ("bash", "complete -F _shoal"),
        ("zsh", "#compdef shoal"),
        ("fish", "complete -c shoal"),
        ("powershell", "Register-ArgumentCompleter -Native -CommandName 'shoal'"),
    ] {
        // Settings are not needed for it.
        let (code, out, err) = told(shoal(&["completions", shell]).env("SHOAL__NONSENSE", "1"));
        assert_eq!(code, Some(0), "{err}");
        assert!(
            out.contains(part) && out.contains("completions") && out.contains("time-zone"),
            "{shell}: {out}"
        );
    }
    let (code, _, err) = told(shoal(&["completions", "tcsh"]));
    assert_eq!(code, Some(2));
    assert!(err.contains("[possible values: bash, "), "{err}");
}

#[test]
fn migrating_tells_what_it_did() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/shoal.db?mode=rwc", folder.path().display());
    let (code, out, err) = told(Program::new(&url, ["migrate", "--json"]));
    assert_eq!(code, Some(0), "{err}");
    let told_first: Json = serde_json::from_str(&out).unwrap();
    assert!(told_first["run"].as_u64().unwrap() > 0, "{out}");
    assert_eq!(told(Program::new(&url, ["migrate"])).1, "0 steps run; the database has the newest schema\n");
}

#[test]
fn the_schema_is_printed_and_checked() {
    let (code, sdl, err) = told(shoal(&["schema", "print"]));
    assert_eq!(code, Some(0), "{err}");
    assert!(sdl.contains("type Query {") && sdl.contains("accountUpsertMany("), "{sdl}");
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().to_str().unwrap();
    let (code, _, err) = told(shoal(&["schema", "check", at]));
    assert_eq!(code, Some(1));
    assert!(err.contains("is out of date; run `make schema`"), "{err}");
    assert_eq!(told(shoal(&["schema", "write", at])).0, Some(0));
    assert_eq!(told(shoal(&["schema", "check", at])).0, Some(0));
    assert_eq!(fs::read_to_string(folder.path().join("all.graphql")).unwrap(), sdl);
    fs::write(folder.path().join("all.graphql"), sdl + "\n").unwrap();
    assert_eq!(told(shoal(&["schema", "check", at])).0, Some(1));
}

#[test]
fn the_demo_answers_the_query_it_shows() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/new/demo.db?mode=rwc", folder.path().display());
    for start in ["the first", "the second"] {
        let server = Program::new(&url, ["serve", "--demo"]).serve();
        let welcome = server.welcome.join("\n");
        assert!(welcome.contains(&format!("Shoal listens on http://{}", server.address)), "{welcome}");
        let shown = welcome
            .split_once("\"query\":\"")
            .and_then(|(_, rest)| rest.split_once("\"}'"))
            .map(|(query, _)| query);
        let token = server.sign_in();
        let answer = ask(&server, &token, shown.unwrap_or_else(|| panic!("no query: {welcome}")));
        assert!(answer["errors"].is_null(), "{answer}");
        assert!(
            answer["data"]["accounts"]["totalCount"].as_u64().is_some_and(|count| count >= 5),
            "{start} start: {answer}"
        );
        assert!(answer["data"]["accounts"]["nodes"][0]["name"].is_string(), "{answer}");
        let count = ask(&server, &token, "{ contacts { totalCount } accounts { totalCount } }");
        let again = folder.path().join("count");
        let expected = fs::read_to_string(&again).unwrap_or_else(|_| count.to_string());
        assert_eq!(count.to_string(), expected, "the demo is there once");
        fs::write(again, expected).unwrap();
    }
}

#[test]
fn a_signal_ends_it_well() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/shoal.db?mode=rwc", folder.path().display());
    let mut server = Program::new(&url, ["serve"]).serve();
    assert!(ask(&server, &server.sign_in(), "{ __typename }")["errors"].is_null());
    let status = std::process::Command::new("kill").args(["-s", "TERM", &server.id().to_string()]).status();
    assert!(status.unwrap().success());
    assert_eq!(server.wait(), Some(0));
}

#[test]
fn mistakes_are_told_in_a_sentence() {
    let (code, _, err) = told(shoal(&["serve"]).env("SHOAL__SERVER__PROT", "9000"));
    assert_eq!(code, Some(2));
    assert!(err.contains("SHOAL__SERVER__PROT") && err.contains("SHOAL__SERVER__PORT"), "{err}");
    let (code, _, err) = told(shoal(&["serve"]).env("SHOAL__SERVER__PORT", "many"));
    assert_eq!(code, Some(2));
    assert!(err.contains("SHOAL__SERVER__PORT"), "{err}");

    let unreachable = "postgres://shoal:hunter2@127.0.0.1:1/shoal";
    for command in [&["serve"][..], &["migrate"], &["import", "people.csv"]] {
        let (code, out, err) = told(Program::new(unreachable, command));
        assert_eq!((code, out.as_str()), (Some(2), ""), "{command:?}: {err}");
        assert!(err.starts_with("shoal: the database does not answer"), "{command:?}: {err}");
        assert!(!err.contains("hunter2") && !err.contains("panicked"), "{err}");
    }
    let (code, _, err) = told(Program::new("mysql://x", ["serve"]));
    assert_eq!(code, Some(2));
    assert!(err.contains("must begin with sqlite: or postgres:"), "{err}");
    let (code, _, err) = told(Program::new("sqlite:///nonexistent/folder/x.db", ["serve"]));
    assert_eq!(code, Some(2), "{err}");
    assert!(!err.contains("panicked"), "{err}");
}

#[test]
fn a_taken_port_is_told_in_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/shoal.db?mode=rwc", folder.path().display());
    let server = Program::new(&url, ["serve"]).serve();
    let port = server.address.rsplit(':').next().unwrap();
    let (code, _, err) = told(Program::new(&url, ["serve"]).env("SHOAL__SERVER__PORT", port));
    assert_eq!(code, Some(2));
    assert!(err.starts_with("shoal: ") && err.contains(port), "{err}");
}
