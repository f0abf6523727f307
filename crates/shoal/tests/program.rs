//! The program starts. Having a test of its own makes cargo build it for those of the package `shoal-tests`.

use std::process::Command;

#[test]
fn it_says_its_version() {
    let output = Command::new(env!("CARGO_BIN_EXE_shoal")).arg("--version").output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), format!("shoal {}\n", env!("CARGO_PKG_VERSION")));
}
