//! `[files]`: what people upload and what jobs write.

use std::path::Path;

use serde::{Deserialize, Serialize};
use shoal_core::file::Limits;

use super::{Findings, at_least_one};

/// What the address of a folder begins with.
const FOLDER: &str = "file:";

/// The databases count bytes in 63 bits.
const MOST: u64 = i64::MAX as u64;

/// `[files]`. `config/default.toml` explains each.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
pub struct FilesConfig {
    /// Where their bytes are.
    pub url: String,
    /// The largest file.
    pub max_bytes: u64,
    /// All files of a company.
    pub max_company_bytes: u64,
}

impl FilesConfig {
    /// The folder in which they are.
    pub fn folder(&self) -> &Path {
        let path = self.url.strip_prefix(FOLDER).unwrap_or(&self.url);
        Path::new(path.strip_prefix("//").filter(|path| path.starts_with('/')).unwrap_or(path))
    }

    /// How large files may be.
    pub fn limits(&self) -> Limits {
        Limits { file: self.max_bytes, company: self.max_company_bytes }
    }

    pub(super) fn check(&self, findings: &mut Findings) {
        if self.url.strip_prefix(FOLDER).is_none_or(str::is_empty) {
            findings.push(("files.url", "must be file: and a folder".to_owned()));
        }
        let sizes =
            [("files.max_bytes", self.max_bytes), ("files.max_company_bytes", self.max_company_bytes)];
        at_least_one(findings, &sizes);
        for (key, _) in sizes.iter().filter(|(_, size)| *size > MOST) {
            findings.push((key, format!("must be at most {MOST}")));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders() {
        let folder = |url: &str| {
            let config = FilesConfig { url: url.to_owned(), max_bytes: 1, max_company_bytes: 1 };
            let mut findings = Vec::new();
            config.check(&mut findings);
            findings.is_empty().then(|| config.folder().display().to_string())
        };
        assert_eq!(folder("file:data/files").as_deref(), Some("data/files"));
        assert_eq!(folder("file:/srv/files").as_deref(), Some("/srv/files"));
        assert_eq!(folder("file:///srv/files").as_deref(), Some("/srv/files"));
        for wrong in ["", "file:", "data/files", "s3://bucket"] {
            assert_eq!(folder(wrong), None, "{wrong}");
        }
    }
}
