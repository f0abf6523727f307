//! `[mail]`: how messages go out.

use lettre::message::Mailbox;
use serde::{Deserialize, Serialize};

use super::{Findings, SecretUrl, at_least_one};
use crate::mail;

/// `[mail]`. `config/default.toml` explains each.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
pub struct MailConfig {
    /// The server that takes the mail; none is sent if `None`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<SecretUrl>,
    /// Who it comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// After this long a message is given up.
    pub timeout_seconds: u64,
}

impl MailConfig {
    pub(super) fn check(&self, findings: &mut Findings) {
        at_least_one(findings, &[("mail.timeout_seconds", self.timeout_seconds)]);
        if self.timeout_seconds > 86_400 {
            findings.push(("mail.timeout_seconds", "must be at most 86400 (a day)".to_owned()));
        }
        if self.url.as_ref().is_some_and(|url| mail::transport(url).is_err()) {
            let message = "must be smtp://user:password@host:587 or smtps://user:password@host";
            findings.push(("mail.url", message.to_owned()));
        }
        match &self.from {
            None if self.url.is_some() => {
                findings.push(("mail.from", "is needed to send mail".to_owned()));
            }
            Some(from) if from.parse::<Mailbox>().is_err() => {
                findings.push(("mail.from", "must be an address, or a name and <an address>".to_owned()));
            }
            _ => {}
        }
    }
}
