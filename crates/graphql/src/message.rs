//! What is told to people. The English stands in the code; other languages go by its key.

use std::borrow::Cow;
use std::fmt;

/// A text for people: English, and, if it has a key, whatever languages have words for that key.
///
/// Made by [`message!`](crate::message!). One without a key is for developers, such as what is wrong with a document of
/// GraphQL, and stays English for everybody; any text can become such a one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    key: Option<&'static str>,
    text: Cow<'static, str>,
    inserted: Vec<(&'static str, Inserted)>,
}

/// What is inserted into a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inserted {
    /// A number, by which languages choose between forms ("1 символ", "2 символа", "5 символов").
    Number(i64),
    /// A name, a code, or what somebody has written.
    Text(String),
    /// Another message, in the language of the whole.
    Message(Message),
}

impl Message {
    /// A message into which nothing is inserted.
    pub const fn new(key: &'static str, text: &'static str) -> Self {
        Self { key: Some(key), text: Cow::Borrowed(text), inserted: Vec::new() }
    }

    /// A message with what is inserted, by name. `text` is the English with all that in it.
    pub fn with(key: &'static str, text: String, inserted: Vec<(&'static str, Inserted)>) -> Self {
        Self { key: Some(key), text: text.into(), inserted }
    }

    /// What translations are found by; `None` if there are none.
    pub fn key(&self) -> Option<&'static str> {
        self.key
    }

    /// The English.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What is inserted, by name.
    pub fn inserted(&self) -> &[(&'static str, Inserted)] {
        &self.inserted
    }
}

/// The English, as logs and the command line have it.
impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Display for Inserted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => f.write_str(text),
            Self::Message(message) => message.fmt(f),
        }
    }
}

/// For developers: without a key.
impl From<String> for Message {
    fn from(text: String) -> Self {
        Self { key: None, text: text.into(), inserted: Vec::new() }
    }
}

/// For developers: without a key.
impl From<&'static str> for Message {
    fn from(text: &'static str) -> Self {
        Self { key: None, text: Cow::Borrowed(text), inserted: Vec::new() }
    }
}

impl From<&str> for Inserted {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<&String> for Inserted {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

impl From<String> for Inserted {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Message> for Inserted {
    fn from(message: Message) -> Self {
        Self::Message(message)
    }
}

macro_rules! numbers {
    ($($type:ty),*) => {$(
        impl From<$type> for Inserted {
            fn from(number: $type) -> Self {
                Self::Number(i64::try_from(number).unwrap_or(i64::MAX))
            }
        }
    )*};
}

numbers!(i32, u32, i64, u64, usize);

/// A [`Message`](crate::message::Message): its key, its English, and the names of what is inserted, each of which may be
/// given a value there. Translations of a module have its words under `error-` and the key.
///
/// ```
/// use shoal_graphql::message;
///
/// let deepest = 8;
/// let message = message!("library-shelf-too-deep", "at most {deepest} levels of shelves", deepest);
/// assert_eq!(message.text(), "at most 8 levels of shelves");
/// let message = message!("library-book-lent", "{title} is lent", title = "Emma");
/// assert_eq!((message.text(), message.key()), ("Emma is lent", Some("library-book-lent")));
/// ```
#[macro_export]
macro_rules! message {
    ($key:literal, $text:literal $(,)?) => { $crate::message::Message::new($key, $text) };
    ($key:literal, $text:literal, $($name:ident $(= $value:expr)?),+ $(,)?) => {{
        // All at once, so that a value means what it meant outside.
        let ($($name,)+) = ($($crate::message::Inserted::from($crate::message!(@ $name $(, $value)?)),)+);
        $crate::message::Message::with($key, format!($text), vec![$((stringify!($name), $name)),+])
    }};
    (@ $name:ident) => { $name };
    (@ $name:ident, $value:expr) => { $value };
}
