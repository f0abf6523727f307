//! The `shoal` program as a library, so that others can make a program of their own with more modules:
//!
//! ```no_run
//! fn main() -> std::process::ExitCode {
//!     shoal::main(shoal::modules) // or: || shoal::modules().with(MyModule)
//! }
//! ```

mod cli;
mod client;
mod demo;
mod doctor;
mod export;
mod import;
mod jobs;
mod operate;
mod output;
mod schema;
mod search;
mod serve;

use std::process::ExitCode;

use clap::Parser as _;
use shoal_core::module::Modules;

// Measured: a tenth more requests per second than the system's allocator, and memory that does not creep.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// The modules of Shoal itself.
pub fn modules() -> Modules {
    Modules::new().with(shoal_contacts::Contacts)
}

/// Runs the command line of a program that is made of these modules.
pub fn main(modules: fn() -> Modules) -> ExitCode {
    output::end_with_its_reader();
    let arguments = cli::Arguments::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return cli::failed(&error),
    };
    match runtime.block_on(cli::run(arguments, modules)) {
        Ok(code) => code,
        Err(error) => cli::failed(&*error),
    }
}
