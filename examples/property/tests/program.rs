//! The program with its module: what an operator sets in it.

use std::path::Path;
use std::process::Output;

use serde_json::Value as Json;
use shoal_testkit::Program;

fn run(arguments: &[&str], variables: &[(&str, &str)]) -> (Output, String) {
    let program = Program::at(Path::new(env!("CARGO_BIN_EXE_shoal-property")), "sqlite::memory:", arguments);
    let output = variables.iter().fold(program, |program, (name, value)| program.env(name, value)).output();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    (output, said)
}

#[test]
fn the_doctor_shows_what_holds() {
    for (variables, expected) in
        [(&[][..], true), (&[("SHOAL__MODULES__PROPERTY__RESIDENTS_ONLY", "false")], false)]
    {
        let (output, said) = run(&["doctor", "--json"], variables);
        let told: Json =
            serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {said}"));
        assert_eq!(told["configuration"]["modules"]["property"]["residents_only"], expected);
    }
}

#[test]
fn mistakes_are_told_with_the_nearest_name() {
    for (variable, value, expected) in [
        (
            "RESIDENT_ONLY",
            "false",
            "unknown key SHOAL__MODULES__PROPERTY__RESIDENT_ONLY; did you mean SHOAL__MODULES__PROPERTY__RESIDENTS_ONLY?",
        ),
        ("RESIDENTS_ONLY", "no", "SHOAL__MODULES__PROPERTY__RESIDENTS_ONLY must be true or false, not text"),
    ] {
        let (output, said) = run(&["doctor"], &[(&format!("SHOAL__MODULES__PROPERTY__{variable}"), value)]);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(expected), "{said}");
    }
}
