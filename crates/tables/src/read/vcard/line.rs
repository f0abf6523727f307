//! A line of a card: its name, its parameters, and its value as text, whatever the version.

use encoding_rs::Encoding;

/// What a line says before its colon.
pub(super) struct Head {
    /// In capitals, without the group (`item1.`).
    pub(super) name: String,
    /// Names in capitals and values; those of version 2.1 without a name are types.
    pub(super) parameters: Vec<(String, String)>,
    /// Where the value begins.
    pub(super) value: usize,
}

impl Head {
    /// `None` for a line that has no colon or no name.
    pub(super) fn of(line: &[u8]) -> Option<Self> {
        let mut quoted = false;
        let mut parts = Vec::new();
        let mut from = 0;
        for (at, byte) in line.iter().enumerate() {
            match byte {
                b'"' => quoted = !quoted,
                b';' | b':' if !quoted => {
                    parts.push(String::from_utf8_lossy(&line[from..at]));
                    from = at + 1;
                    if *byte == b':' {
                        break;
                    }
                }
                _ => {}
            }
        }
        if from == 0 || line.get(from - 1) != Some(&b':') {
            return None;
        }
        let mut parts = parts.iter();
        let name = parts.next()?.trim();
        let name = name.rsplit('.').next().unwrap_or(name).to_ascii_uppercase();
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
            return None;
        }
        let parameters = parts.map(|part| parameter(part.trim())).collect();
        Some(Self { name, parameters, value: from })
    }

    fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Whether the value is a picture, a sound or a key: those are never held.
    pub(super) fn is_large(&self) -> bool {
        matches!(self.name.as_str(), "PHOTO" | "LOGO" | "SOUND" | "KEY")
            || self.parameter("ENCODING").is_some_and(|encoding| {
                encoding.eq_ignore_ascii_case("b") || encoding.eq_ignore_ascii_case("base64")
            })
    }

    pub(super) fn is_quoted_printable(&self) -> bool {
        self.parameter("ENCODING").is_some_and(|encoding| encoding.eq_ignore_ascii_case("quoted-printable"))
    }

    /// The value as text; `None` if its bytes are none of its encoding's characters.
    pub(super) fn decoded(&self, value: &[u8], fallback: &'static Encoding) -> Option<String> {
        let unpacked = if self.is_quoted_printable() { unpacked(value) } else { value.to_vec() };
        if let Some(encoding) =
            self.parameter("CHARSET").and_then(|label| Encoding::for_label(label.as_bytes()))
        {
            return Some(
                encoding.decode_without_bom_handling_and_without_replacement(&unpacked)?.into_owned(),
            );
        }
        String::from_utf8(unpacked)
            .or_else(|error| {
                let text = fallback.decode_without_bom_handling_and_without_replacement(error.as_bytes());
                text.map(std::borrow::Cow::into_owned).ok_or(())
            })
            .ok()
    }
}

fn parameter(part: &str) -> (String, String) {
    if let Some((name, value)) = part.split_once('=') {
        return (name.trim().to_ascii_uppercase(), value.trim().replace('"', ""));
    }
    let is_encoding =
        ["QUOTED-PRINTABLE", "BASE64", "8BIT", "7BIT", "B"].contains(&part.to_ascii_uppercase().as_str());
    (if is_encoding { "ENCODING" } else { "TYPE" }.to_owned(), part.to_owned())
}

/// Quoted-printable, soft line breaks already removed. What is no code stays as it is.
fn unpacked(value: &[u8]) -> Vec<u8> {
    let digit = |byte: &u8| (*byte as char).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let mut result = Vec::with_capacity(value.len());
    let mut rest = value;
    while let [byte, after @ ..] = rest {
        rest = after;
        if *byte == b'='
            && let [high, low, after @ ..] = after
            && let (Some(high), Some(low)) = (digit(high), digit(low))
        {
            result.push(high << 4 | low);
            rest = after;
        } else {
            result.push(*byte);
        }
    }
    result
}
