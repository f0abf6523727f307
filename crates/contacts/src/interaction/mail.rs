//! A mail, as it stands in a file.

use chrono::{DateTime, Utc};
use mail_parser::decoders::base64::base64_decode;
use mail_parser::decoders::html::html_to_text;
use mail_parser::decoders::quoted_printable::quoted_printable_decode;
use mail_parser::{Address, Encoding, Message, MessageParser, MessagePart, MimeHeaders as _, PartType};
use shoal_core::value::{Email, text};
use shoal_graphql::error::Refusal;
use shoal_graphql::message;

use super::rules::{BODY, SUBJECT};

/// Attachments of one mail.
const ATTACHMENTS: usize = 100;

/// Addresses that are looked up of one mail.
const ADDRESSES: usize = 200;

/// Parts that hold others. They are read one inside the other, as deep as the stack of a thread lets them.
const NESTINGS: usize = 200;

/// What the types of such parts begin with; those without a type of their own stand in one of them.
const NESTING: [&[u8]; 2] = [b"message/", b"multipart/"];

/// Characters of a Message-ID: a line of a mail has no more.
const KEY: usize = 998;

/// What an interaction is made of.
pub(super) struct Mail {
    /// Its Message-ID, or else the digest of its bytes.
    pub key: String,
    pub at: DateTime<Utc>,
    pub subject: Option<String>,
    /// Plain text; of a mail that is HTML only, what is written there.
    pub body: Option<String>,
    /// Normalised addresses of who wrote it.
    pub from: Vec<String>,
    /// Normalised addresses of who got it.
    pub to: Vec<String>,
    /// Names, as far as they have any, and bytes.
    pub attachments: Vec<(Option<String>, Vec<u8>)>,
}

impl Mail {
    /// Reads a mail after RFC 5322, in any of the character sets that mails come in. `digest` is that of the bytes.
    ///
    /// # Errors
    /// `VALIDATION` if it has no sender or no date, too many attachments, or too many parts in parts.
    pub(super) fn read(bytes: &[u8], digest: &str) -> Result<Self, Refusal> {
        if nestings(bytes) > NESTINGS {
            let message = message!(
                "contacts-mail-nested",
                "the mail has more than {most} parts that hold others",
                most = NESTINGS
            );
            return Err(Refusal::field(["fileId"], "EMAIL_NESTED", message));
        }
        let message = MessageParser::default().parse(bytes);
        let from =
            |message: &Message<'_>| addresses([message.from(), message.sender()].into_iter().flatten());
        let read = message.and_then(|message| Some((at(&message)?, from(&message), message)));
        let Some((at, from, message)) = read.filter(|(_, from, _)| !from.is_empty()) else {
            let message = message!(
                "contacts-mail-unreadable",
                "this is no mail: the file names no sender or no date; save it in the mail program as .eml",
            );
            return Err(Refusal::field(["fileId"], "EMAIL_UNREADABLE", message));
        };
        if message.attachment_count() > ATTACHMENTS {
            let message = message!(
                "contacts-mail-attachments",
                "the mail has more than {most} attachments",
                most = ATTACHMENTS
            );
            return Err(Refusal::field(["fileId"], "EMAIL_ATTACHMENTS", message));
        }
        let id = message.message_id().map(|id| clean(id, KEY)).filter(|id| !id.is_empty());
        let whole = |text: String| (!text.is_empty()).then_some(text);
        let attachments = message.attachments();
        Ok(Self {
            key: id.unwrap_or_else(|| format!("sha256:{digest}")),
            at,
            subject: message
                .subject()
                .map(|subject| text::normalise(&clean(subject, SUBJECT)))
                .and_then(whole),
            body: whole(body(&message)),
            from,
            to: addresses([message.to(), message.cc(), message.bcc()].into_iter().flatten()),
            attachments: attachments
                .map(|part| (part.attachment_name().map(str::to_owned), contents(&message, part)))
                .collect(),
        })
    }
}

/// All that is to be read in a mail: its plain texts, one below the other; if they say nothing, those that are HTML.
fn body(message: &Message<'_>) -> String {
    let joined = |texts: Vec<String>| {
        let texts = texts.iter().map(|body| clean(body, BODY)).filter(|body| !body.is_empty());
        clean(&texts.collect::<Vec<_>>().join("\n\n"), BODY)
    };
    let plain = (0..message.text_body_count()).filter_map(|part| message.body_text(part));
    let plain = joined(plain.map(std::borrow::Cow::into_owned).collect());
    if !plain.is_empty() {
        return plain;
    }
    let shown = (0..message.html_body_count()).filter_map(|part| message.body_html(part));
    joined(shown.map(|part| html_to_text(&part)).collect())
}

/// How many parts may hold others.
fn nestings(bytes: &[u8]) -> usize {
    let begins = |from: usize| {
        let is =
            |ty: &&[u8]| bytes.get(from..from + ty.len()).is_some_and(|found| found.eq_ignore_ascii_case(ty));
        NESTING.iter().any(is)
    };
    (0..bytes.len()).filter(|from| matches!(bytes[*from], b'm' | b'M') && begins(*from)).count()
}

/// The bytes of an attachment as they were sent: the parser has texts in another character set.
fn contents(message: &Message<'_>, part: &MessagePart<'_>) -> Vec<u8> {
    let (PartType::Text(_) | PartType::Html(_)) = part.body else { return part.contents().to_vec() };
    let [from, to] = [part.raw_body_offset(), part.raw_end_offset()]
        .map(|offset| usize::try_from(offset).unwrap_or(usize::MAX));
    let raw = message.raw_message.get(from..to).unwrap_or_default();
    let decoded = match part.encoding {
        Encoding::None => Some(raw.to_vec()),
        Encoding::QuotedPrintable => quoted_printable_decode(raw),
        Encoding::Base64 => base64_decode(raw),
    };
    decoded.unwrap_or_else(|| part.contents().to_vec())
}

/// When it was sent, if that can be.
fn at(message: &Message<'_>) -> Option<DateTime<Utc>> {
    let date = message.date().filter(|date| date.is_valid() && (1970..2200).contains(&date.year))?;
    DateTime::from_timestamp(date.to_timestamp(), 0)
}

/// What can be stored of a text: so many characters at the most, without those that no text has.
fn clean(text: &str, most: usize) -> String {
    let plain: String = text.replace("\r\n", "\n").replace('\r', "\n");
    let kept = plain.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t'));
    let kept: String = kept.collect();
    let cut: String = text::trim(&kept).chars().take(most).collect();
    // It may be longer when it is composed, and then it is cut once more.
    text::lines(&cut, most).unwrap_or_else(|_| cut.chars().take(most / 4).collect())
}

fn addresses<'m>(fields: impl Iterator<Item = &'m Address<'m>>) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for address in fields.flat_map(Address::iter).filter_map(|address| address.address()) {
        let normalised = Email::parse(address).ok().map(|email| email.normalised);
        if let Some(normalised) = normalised.filter(|one| found.len() < ADDRESSES && !found.contains(one)) {
            found.push(normalised);
        }
    }
    found
}
