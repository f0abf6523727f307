//! How people and programs come in.
//!
//! Every secret carries its company and is kept as a hash: passwords by Argon2id, the random ones of sessions, keys and
//! links by SHA-256.

mod by_password;
mod device_cookie;
pub mod guess;
pub mod link;
mod lock;
pub mod password;
pub mod reset;
pub mod secret;
mod service;
pub mod token;

pub(crate) mod stored;

pub use by_password::{Candidate, SignIn, SignInError, sign_in};
pub use service::{DEVICE_COOKIE_SECONDS, Place, SignedIn, change_password, sign_out, use_link};

/// E-mail and password do not fit, whichever of the two is wrong.
pub const INVALID_CREDENTIALS: &str = "INVALID_CREDENTIALS";

/// Too many wrong passwords; `Retry-After` says how long to wait.
pub const SIGN_IN_LOCKED: &str = "SIGN_IN_LOCKED";

/// E-mail and password fit in several companies: the request has to name one.
pub const COMPANY_NEEDED: &str = "COMPANY_NEEDED";

/// The link has been used, or is too old.
pub const LINK_VOID: &str = "LINK_VOID";

/// Too many passwords are worked on at the moment; try again in a second.
pub const UNAVAILABLE: &str = "UNAVAILABLE";

/// The codes with their meanings, for the documentation.
pub const CODES: &[(&str, &str)] = &[
    (INVALID_CREDENTIALS, "E-mail and password do not fit."),
    (SIGN_IN_LOCKED, "There were too many wrong passwords; wait as long as `Retry-After` says."),
    (COMPANY_NEEDED, "E-mail and password fit in several companies; name one of `companies`."),
    (LINK_VOID, "The link has been used, or is too old; ask for a new one."),
];
