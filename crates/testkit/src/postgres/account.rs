//! The account a private server runs as: `PostgreSQL` refuses to run as root.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use crate::system::id;

/// Accounts that a root user may run the server as, best first.
const CANDIDATES: [&str; 2] = ["postgres", "nobody"];

/// Whoever the server's processes belong to.
#[derive(Clone, Copy, Debug)]
pub(super) enum Account {
    /// The user who runs the tests.
    Own,
    /// Somebody else, because the tests run as root.
    Other { user: u32, group: u32 },
}

impl Account {
    /// The account to use on this machine.
    pub fn find() -> Result<Self, String> {
        if id(&["-u"]) != Some(0) {
            return Ok(Self::Own);
        }
        CANDIDATES
            .iter()
            .find_map(|name| Some(Self::Other { user: id(&["-u", name])?, group: id(&["-g", name])? }))
            .ok_or_else(|| {
                "PostgreSQL does not run as root, and there is no account `postgres` or `nobody`".to_owned()
            })
    }

    /// A command that runs as this account, in `folder`, with no setting of another server in its environment.
    pub fn command(self, program: impl AsRef<OsStr>, folder: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(folder).env("HOME", folder).env("LC_ALL", "C");
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.as_encoded_bytes().starts_with(b"PG")) {
            command.env_remove(name);
        }
        if let Self::Other { user, group } = self {
            // As root, std also clears the supplementary groups.
            command.uid(user).gid(group);
        }
        command
    }

    /// Hands `path` and all below it to this account.
    pub fn own(self, path: &Path) -> io::Result<()> {
        let Self::Other { user, group } = self else { return Ok(()) };
        if path.is_dir() && !path.is_symlink() {
            for entry in fs::read_dir(path)? {
                self.own(&entry?.path())?;
            }
        }
        std::os::unix::fs::lchown(path, Some(user), Some(group))
    }

    /// Whether this account can write in `folder`.
    pub fn can_write(self, folder: &Path) -> bool {
        let mut test = self.command("sh", Path::new("/"));
        let script = r#"cd "$1" && test -w ."#;
        test.args(["-c", script, "sh"]).arg(folder).output().is_ok_and(|output| output.status.success())
    }
}
