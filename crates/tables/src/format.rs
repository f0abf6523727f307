//! What a file is, as [`detect`](crate::detect()) finds it and as people may correct it.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// What a file is and how to read it. As JSON `{"kind": "csv", "encoding": "UTF-8", …}`, so that a caller can send it back
/// changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Format {
    /// Lines of cells.
    Csv {
        /// How characters are written.
        encoding: Encoding,
        /// What stands between cells.
        delimiter: Delimiter,
        /// Whether the first row has the names of the columns.
        header: bool,
        /// Whether the apostrophes are taken off by which [`write`](crate::write) keeps a text from being a formula.
        /// Never found by itself: true for what Shoal has written.
        #[serde(default)]
        guarded: bool,
    },
    /// An Excel workbook.
    Xlsx {
        /// The sheet to read.
        sheet: String,
        /// All sheets, in the workbook's order.
        sheets: Vec<String>,
        /// Whether the first row that is not empty has the names of the columns.
        header: bool,
    },
    /// Cards, one or many.
    Vcard {
        /// How characters are written where a card does not say.
        encoding: Encoding,
    },
    /// An object of JSON per line.
    Jsonl {
        /// How characters are written.
        encoding: Encoding,
    },
}

/// How characters are written: an encoding of the [WHATWG's standard](https://encoding.spec.whatwg.org/), as JSON by its
/// name or a label (`UTF-8`, `UTF-16LE`, `gb18030`, `windows-1251`).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Encoding(&'static encoding_rs::Encoding);

impl Encoding {
    /// What new files are written in.
    pub const UTF_8: Self = Self(encoding_rs::UTF_8);

    /// The encoding of that name or label; `None` if there is none. What reads more is taken for what reads less:
    /// GB2312 and GBK are read as GB18030.
    pub fn named(label: &str) -> Option<Self> {
        encoding_rs::Encoding::for_label(label.as_bytes()).map(Self::from)
    }

    /// Its name in the standard.
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    pub(crate) fn inner(self) -> &'static encoding_rs::Encoding {
        self.0
    }
}

impl From<&'static encoding_rs::Encoding> for Encoding {
    fn from(encoding: &'static encoding_rs::Encoding) -> Self {
        Self(if encoding == encoding_rs::GBK { encoding_rs::GB18030 } else { encoding })
    }
}

impl fmt::Debug for Encoding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl Serialize for Encoding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Encoding {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let label = String::deserialize(deserializer)?;
        Self::named(&label).ok_or_else(|| de::Error::custom(format!("there is no encoding {label:?}")))
    }
}

/// What stands between the cells of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Delimiter {
    /// `,`
    Comma,
    /// `;`, as Excel writes where the comma is in numbers.
    Semicolon,
    /// A tab stop, as cells that are copied have it.
    Tab,
    /// `|`
    Pipe,
}

impl Delimiter {
    pub(crate) const ALL: [Self; 4] = [Self::Comma, Self::Semicolon, Self::Tab, Self::Pipe];

    pub(crate) fn byte(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Semicolon => b';',
            Self::Tab => b'\t',
            Self::Pipe => b'|',
        }
    }
}
