//! The `shoal` program.

mod cli;
mod load;
mod schema;
mod serve;

use std::process::ExitCode;

use clap::Parser as _;

// Measured: a tenth more requests per second than the system's allocator, and memory that does not creep.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    let arguments = cli::Arguments::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return cli::failed(&error),
    };
    match runtime.block_on(cli::run(arguments)) {
        Ok(code) => code,
        Err(error) => cli::failed(&*error),
    }
}
