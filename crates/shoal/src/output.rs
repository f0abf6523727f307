//! What the program prints.

use std::panic;

/// The exit code of a program that printed into a closed pipe: that of SIGPIPE, 128 + 13, as shells tell it.
const UNREAD: i32 = 141;

/// What `std` says of a closed pipe: EPIPE is 32 on Linux and macOS.
const CLOSED: [&str; 2] = ["failed printing to stdout", "(os error 32)"];

/// From now on the program ends quietly when nobody reads any more what it prints, as in `shoal tenant list | head -1`.
/// `println!` panics then, here and in other crates; not to ignore SIGPIPE would take unsafe code.
pub(crate) fn end_with_its_reader() {
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        if panic.payload_as_str().is_some_and(|text| text.starts_with(CLOSED[0]) && text.ends_with(CLOSED[1]))
        {
            std::process::exit(UNREAD);
        }
        usual(panic);
    }));
}
