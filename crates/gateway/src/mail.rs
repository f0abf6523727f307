//! Mail, by SMTP.

use std::time::{Duration, SystemTime};

use lettre::address::AddressError;
use lettre::message::{Mailbox, header::ContentType};
use lettre::transport::smtp;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};
use tokio::time::timeout;

use crate::config::{MailConfig, SecretUrl};

type Transport = AsyncSmtpTransport<Tokio1Executor>;

/// Where mail goes out.
pub(crate) struct Mailer {
    transport: Transport,
    from: Mailbox,
    patience: Duration,
}

/// A message to one person.
pub(crate) struct Mail {
    /// Their address.
    pub(crate) to: String,
    /// Their name.
    pub(crate) name: String,
    pub(crate) subject: String,
    pub(crate) text: String,
    pub(crate) sent_at: SystemTime,
    /// What tells it from others: the part of its id in front of the `@`.
    pub(crate) id: String,
}

/// Why a message did not go out.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MailError {
    #[error("the address cannot be written to: {0}")]
    Address(#[from] AddressError),
    #[error("the message cannot be put together: {0}")]
    Message(#[from] lettre::error::Error),
    #[error("the mail server: {0}")]
    Server(#[from] smtp::Error),
    #[error("the mail server took too long")]
    Timeout,
}

/// The server of a URL. Without a wish in the URL, a connection that begins in plain text is encrypted if the server
/// can do that.
pub(crate) fn transport(url: &SecretUrl) -> Result<Transport, smtp::Error> {
    let url = url.expose();
    let wish = if url.starts_with("smtp://") && !url.contains("tls=") { "tls=opportunistic" } else { "" };
    let separator = match (wish.is_empty(), url.contains('?')) {
        (true, _) => "",
        (false, true) => "&",
        (false, false) => "?",
    };
    Ok(Transport::from_url(&format!("{url}{separator}{wish}"))?.build())
}

impl Mailer {
    /// The mailer of the configuration, which has been checked; `None` if it names no server.
    pub(crate) fn new(config: &MailConfig) -> Option<Self> {
        let transport = transport(config.url.as_ref()?).ok()?;
        let from = config.from.as_ref()?.parse().ok()?;
        Some(Self { transport, from, patience: Duration::from_secs(config.timeout_seconds) })
    }

    /// Sends a message.
    pub(crate) async fn send(&self, mail: Mail) -> Result<(), MailError> {
        let to = Mailbox::new(Some(mail.name), mail.to.parse::<Address>()?);
        let message = Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(mail.subject)
            .date(mail.sent_at)
            .message_id(Some(format!("<{}@{}>", mail.id, self.from.email.domain())))
            .header(ContentType::TEXT_PLAIN)
            .body(mail.text)?;
        match timeout(self.patience, self.transport.send(message)).await {
            Ok(sent) => Ok(sent.map(|_| ())?),
            Err(_) => Err(MailError::Timeout),
        }
    }
}
