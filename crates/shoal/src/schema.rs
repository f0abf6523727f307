//! `shoal schema`: the generated files of the repository.

use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;

use shoal_core::module::Composition;

use crate::cli::{Failure, SchemaCommand};

/// Name and content of every generated file.
fn files(modules: &Composition) -> Vec<(&'static str, String)> {
    vec![
        ("all.graphql", modules.schemas().all().sdl().to_string()),
        ("config.schema.json", format!("{:#}\n", shoal_gateway::config::schema(modules))),
        ("errors.md", errors()),
    ]
}

/// The codes that errors carry, as a page.
fn errors() -> String {
    let mut text = String::from(
        "# Error codes\n\nStable: clients may depend on them. `extensions.code` of an error is one of these; \
         `extensions.fields` names the values it is about, with `path`, `code` and `message`; `extensions.requestId` \
         finds it in the log.\n\nThe messages are for people: English, Chinese or Russian, as the caller reads, or as `Accept-Language` says \
         where nobody knows yet who asks. Those that only developers meet are English. Go by the codes, not by the words.\n\n| code | meaning |\n|---|---|\n",
    );
    let codes = shoal_graphql::error::code::ALL.iter();
    let codes =
        codes.chain(shoal_gateway::CODES).chain(shoal_core::sign_in::CODES).chain(shoal_core::access::CODES);
    let codes = codes.chain(shoal_core::file::CODES);
    for (code, meaning) in codes {
        let _ = writeln!(text, "| `{code}` | {meaning} |");
    }
    text
}

/// Runs `shoal schema …`.
#[expect(clippy::print_stdout, clippy::print_stderr, reason = "the output of the command")]
pub fn run(command: &SchemaCommand, modules: &Composition) -> Result<ExitCode, Failure> {
    match command {
        SchemaCommand::Print { modules: None } => print!("{}", modules.schemas().all().sdl()),
        SchemaCommand::Print { modules: Some(names) } => {
            for name in names {
                if modules.module(name).is_none() {
                    return Err(format!("there is no module {name}").into());
                }
            }
            let wanted =
                |id: &str| names.iter().any(|name| name == id || modules.requirements(name).contains(&id));
            print!("{}", modules.schemas().catalog(&modules.set(wanted)).sdl());
        }
        SchemaCommand::Write { folder } => {
            std::fs::create_dir_all(folder)?;
            for (name, content) in files(modules) {
                std::fs::write(folder.join(name), content)?;
            }
        }
        SchemaCommand::Check { folder } => {
            let stale: Vec<_> = files(modules)
                .into_iter()
                .filter(|(name, content)| !is_current(folder, name, content))
                .collect();
            if let [(name, _), ..] = stale.as_slice() {
                eprintln!("{} is out of date; run `make schema` and commit it", folder.join(name).display());
                return Ok(ExitCode::FAILURE);
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn is_current(folder: &Path, name: &str, content: &str) -> bool {
    std::fs::read_to_string(folder.join(name)).is_ok_and(|current| current == content)
}
