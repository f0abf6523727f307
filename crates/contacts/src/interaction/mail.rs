//! A mail, as it stands in a file.

use chrono::{DateTime, Datelike as _, Utc};
use mail_parser::decoders::base64::base64_decode;
use mail_parser::decoders::html::html_to_text;
use mail_parser::decoders::quoted_printable::quoted_printable_decode;
use mail_parser::{
    Addr, Address, Encoding, HeaderName, Message, MessageParser, MessagePart, MimeHeaders as _, PartType,
};
use shoal_core::value::{Email, text};
use shoal_graphql::error::Refusal;
use shoal_graphql::message;

use super::pieces;
use super::rules::{BODY, SUBJECT};

/// Attachments of one mail.
const ATTACHMENTS: usize = 100;

/// Addresses that are looked up of one mail.
const ADDRESSES: usize = 200;

/// Parts that hold others. They are read one inside the other, as deep as the stack of a thread lets them.
const NESTINGS: usize = 200;

/// What the types of such parts begin with; those without a type of their own stand in one of them.
const NESTING: [&[u8]; 2] = [b"message/", b"multipart/"];

/// What some programs begin a text in UTF-8 with.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

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
        let message = MessageParser::default().parse(bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes));
        let read = message.and_then(|message| Some((at(&message)?, message)));
        let Some((at, message)) = read.filter(|(_, message)| senders(message).any(is_address)) else {
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
            from: addresses(senders(&message)),
            to: addresses(of([message.to(), message.cc(), message.bcc()])),
            attachments: attachments.map(|part| (name(&message, part), contents(&message, part))).collect(),
        })
    }
}

/// All that is to be read in a mail: its plain texts, one below the other; if they say nothing, those that are HTML.
fn body(message: &Message<'_>) -> String {
    let joined = |texts: Vec<String>| {
        let texts = texts.iter().map(|body| clean(body, BODY)).filter(|body| !body.is_empty());
        clean(&texts.collect::<Vec<_>>().join("\n\n"), BODY)
    };
    let plain = joined(message.text_bodies().map(said).collect());
    if plain.is_empty() { joined(message.html_bodies().map(said).collect()) } else { plain }
}

/// What a part says to whoever reads it.
fn said(part: &MessagePart<'_>) -> String {
    match &part.body {
        PartType::Text(text) => text.to_string(),
        PartType::Html(html) => html_to_text(&only_tags(html)),
        _ => String::new(),
    }
}

/// HTML in which each `<` begins a tag: the others, which browsers show, are written as codes.
fn only_tags(html: &str) -> String {
    let begins_tag =
        |rest: &str| rest.starts_with(|next: char| next.is_ascii_alphabetic() || "/!?".contains(next));
    let mut parts = html.split('<');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        plain.push_str(if begins_tag(part) { "<" } else { "&lt;" });
        plain.push_str(part);
    }
    plain
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

/// The name of an attachment, if it has one.
fn name(message: &Message<'_>, part: &MessagePart<'_>) -> Option<String> {
    let in_pieces = |header: &HeaderName<'_>, parameter| {
        let header = part.headers.iter().find(|found| found.name == *header)?;
        let written = raw(message, header.offset_start, header.offset_end)?;
        pieces::joined(&String::from_utf8_lossy(written), parameter)
    };
    let disposition = part.content_disposition().and_then(|disposition| disposition.attribute("filename"));
    in_pieces(&HeaderName::ContentDisposition, "filename")
        .or_else(|| disposition.map(str::to_owned))
        .or_else(|| in_pieces(&HeaderName::ContentType, "name"))
        .or_else(|| part.attachment_name().map(str::to_owned))
}

/// What stands in the file from one place to another.
fn raw<'m>(message: &'m Message<'_>, from: u32, to: u32) -> Option<&'m [u8]> {
    let [from, to] = [from, to].map(|offset| usize::try_from(offset).unwrap_or(usize::MAX));
    message.raw_message.get(from..to)
}

/// The bytes of an attachment as they were sent: the parser has texts in another character set.
fn contents(message: &Message<'_>, part: &MessagePart<'_>) -> Vec<u8> {
    let (PartType::Text(_) | PartType::Html(_)) = part.body else { return part.contents().to_vec() };
    let raw = raw(message, part.raw_body_offset(), part.raw_end_offset()).unwrap_or_default();
    let decoded = match part.encoding {
        Encoding::None => Some(raw.to_vec()),
        Encoding::QuotedPrintable => quoted_printable_decode(raw),
        Encoding::Base64 => base64_decode(raw),
    };
    decoded.unwrap_or_else(|| part.contents().to_vec())
}

/// When it was sent, if that can be.
fn at(message: &Message<'_>) -> Option<DateTime<Utc>> {
    let exact = message.header_raw(HeaderName::Date).map(without_comments).and_then(|text| {
        // Some programs write a weekday that the day is not.
        let text = text.rsplit_once(',').map_or(text.as_str(), |(_, text)| text);
        let words: Vec<&str> = text.split_whitespace().collect();
        DateTime::parse_from_rfc2822(&words.join(" ")).ok()
    });
    // What is not quite a date after RFC 5322 may still be one.
    let lenient = || message.date().filter(|date| date.is_valid()).map(mail_parser::DateTime::to_timestamp);
    let seconds = exact.map(|date| date.timestamp()).or_else(lenient)?;
    DateTime::from_timestamp(seconds, 0).filter(|at| (1970..2200).contains(&at.year()))
}

/// A field without what stands in brackets.
fn without_comments(field: &str) -> String {
    let mut depth = 0_usize;
    let outside = field.chars().filter(|character| {
        let is_inside = depth > 0;
        match character {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => return !is_inside,
        }
        false
    });
    outside.collect()
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

/// Who stands in some fields.
fn of<'m, const N: usize>(fields: [Option<&'m Address<'m>>; N]) -> impl Iterator<Item = &'m Addr<'m>> {
    fields.into_iter().flatten().flat_map(Address::iter)
}

fn senders<'m>(message: &'m Message<'_>) -> impl Iterator<Item = &'m Addr<'m>> {
    of([message.from(), message.sender()])
}

/// Whether somebody has an address, of whatever kind: it may be one that no contact has.
fn is_address(found: &Addr<'_>) -> bool {
    found.address().is_some_and(|address| address.contains('@'))
}

/// Normalised addresses, each once; what nobody here can have is left out.
fn addresses<'m>(all: impl Iterator<Item = &'m Addr<'m>>) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for one in all {
        let Some(address) = one.address() else { continue };
        // What is quoted before the @ may be a plain mailbox; where it stands alone, the parser takes it for a name.
        let address = match one.name() {
            Some(mailbox) if address.starts_with('@') => format!("{mailbox}{address}"),
            _ => address.replace('"', ""),
        };
        let normalised = Email::parse(&address).ok().map(|email| email.normalised);
        if let Some(normalised) = normalised.filter(|one| found.len() < ADDRESSES && !found.contains(one)) {
            found.push(normalised);
        }
    }
    found
}
