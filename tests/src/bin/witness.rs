//! Shoal with the property module and the witness, to be killed.

use std::process::ExitCode;

fn main() -> ExitCode {
    shoal::main(|| shoal::modules().with(shoal_property::Property).with(shoal_tests::Witness))
}
