//! The `shoal` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    shoal::main(shoal::modules)
}
