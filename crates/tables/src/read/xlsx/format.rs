//! Which numbers of a workbook are dates: that is a matter of how they are shown.

use std::collections::HashMap;

use quick_xml::events::Event;

use super::package::{MOST_EVENT, Package};
use super::xml::{Xml, attribute};
use crate::FileError;

/// How a number is shown, as far as it changes what it means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    Number,
    Date,
    Time,
    DateTime,
    /// Hours that may be more than a day has.
    Duration,
}

/// Formats of a workbook. Excel allows 65,490.
const MOST_FORMATS: usize = 1 << 20;

/// How cells are shown, by the number of their style.
pub(super) fn read(package: &mut Package, name: &str) -> Result<Vec<Shown>, FileError> {
    let Some(part) = package.part(name)? else { return Ok(Vec::new()) };
    let mut xml = Xml::new(part, MOST_EVENT);
    let mut own: HashMap<u32, Shown> = HashMap::new();
    let mut styles = Vec::new();
    let mut in_cells = false;
    loop {
        match xml.next()? {
            Event::Start(tag) => match tag.local_name().as_ref() {
                "numFmt" if own.len() < MOST_FORMATS => {
                    let id = attribute(&tag, "numFmtId").and_then(|id| id.parse().ok());
                    if let (Some(id), Some(code)) = (id, attribute(&tag, "formatCode")) {
                        own.insert(id, shown_by(&code));
                    }
                }
                "cellXfs" => in_cells = true,
                "xf" if in_cells && styles.len() < MOST_FORMATS => {
                    let id = attribute(&tag, "numFmtId").and_then(|id| id.parse().ok()).unwrap_or(0);
                    styles.push(own.get(&id).copied().unwrap_or_else(|| built_in(id)));
                }
                _ => {}
            },
            Event::End(tag) if tag.local_name().as_ref() == "cellXfs" => in_cells = false,
            Event::Eof => return Ok(styles),
            _ => {}
        }
    }
}

/// The formats that are in no workbook because all have them: ECMA-376 part 1, §18.8.30, where 27–36 and 50–58 are dates
/// in China, Japan and Korea.
fn built_in(id: u32) -> Shown {
    match id {
        14..=17 | 27..=31 | 36 | 50..=54 | 57 | 58 => Shown::Date,
        18..=21 | 32..=35 | 45 | 47 | 55 | 56 => Shown::Time,
        22 => Shown::DateTime,
        46 => Shown::Duration,
        _ => Shown::Number,
    }
}

/// What the first section of a format code shows. `m` is a month, or a minute beside hours or seconds.
fn shown_by(code: &str) -> Shown {
    let (mut date, mut time) = (false, false);
    let mut characters = code.chars();
    while let Some(character) = characters.next() {
        match character.to_ascii_lowercase() {
            ';' => break,
            '\\' | '_' | '*' => {
                characters.next();
            }
            '"' => {
                characters.find(|character| *character == '"');
            }
            '[' => {
                let inside: String = characters.by_ref().take_while(|character| *character != ']').collect();
                let is_elapsed =
                    |unit| !inside.is_empty() && inside.chars().all(|one| one.eq_ignore_ascii_case(&unit));
                if ['h', 'm', 's'].into_iter().any(is_elapsed) {
                    return Shown::Duration;
                }
            }
            'y' | 'd' => date = true,
            // The year of an era.
            'e' if !characters.as_str().starts_with(['+', '-']) => date = true,
            'h' | 's' => time = true,
            'm' if !time => {
                let rest = characters.as_str().trim_start_matches(['m', 'M', ':', '.']);
                if rest.starts_with(['s', 'S']) {
                    time = true;
                } else {
                    date = true;
                }
            }
            'g' if code.eq_ignore_ascii_case("general") => return Shown::Number,
            _ => {}
        }
    }
    match (date, time) {
        (false, false) => Shown::Number,
        (true, false) => Shown::Date,
        (false, true) => Shown::Time,
        (true, true) => Shown::DateTime,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_known_by_their_format() {
        for (code, expected) in [
            ("General", Shown::Number),
            ("GENERAL", Shown::Number),
            ("0.00", Shown::Number),
            ("0.00E+00", Shown::Number),
            ("#,##0\\ [$₽-46D]", Shown::Number),
            ("\"Y: \"0.00\"m\";@", Shown::Number),
            ("[Red]#,##0;[Blue]0", Shown::Number),
            ("[$-804]yyyy\"年\"m\"月\"d\"日\";@", Shown::Date),
            ("dd.mm.yyyy", Shown::Date),
            ("mmm-yy", Shown::Date),
            ("h:mm:ss AM/PM", Shown::Time),
            ("mm:ss.0", Shown::Time),
            ("m/d/yy h:mm", Shown::DateTime),
            ("yyyy\\-mm\\-dd\\ hh:mm:ss", Shown::DateTime),
            ("[h]:mm:ss", Shown::Duration),
            ("[mm]", Shown::Duration),
            ("0_d;dd", Shown::Number),
        ] {
            assert_eq!(shown_by(code), expected, "{code}");
        }
    }
}
