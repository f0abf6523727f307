//! Shoal with the property module: `cargo run -p shoal-property -- serve --demo`.

use std::process::ExitCode;

fn main() -> ExitCode {
    shoal::main(|| shoal::modules().with(shoal_property::Property))
}
