//! Cards of version 4.0.

use std::io::{self, Write};

use calcard::common::IanaParse as _;
use calcard::vcard::{
    VCard, VCardEntry, VCardParameter, VCardParameterName, VCardParameterValue, VCardProperty, VCardType,
    VCardValue, VCardVersion,
};

use super::{Value, WriteError};
use crate::cards::{self, Part, Property};
use crate::list;

/// Parts of a name.
const NAME_PARTS: usize = 5;

/// Parts of a postal address.
const ADDRESS_PARTS: usize = 7;

/// Writes cards whose columns are known.
pub(super) struct Cards {
    parts: Vec<Part>,
}

impl Cards {
    pub(super) fn new(columns: &[String]) -> Result<Self, WriteError> {
        let known = cards::columns(cards::WRITTEN);
        let part = |column: &String| {
            let found = known.iter().find(|(name, _)| name == column).map(|(_, part)| *part);
            found.ok_or_else(|| WriteError::UnknownColumn(column.clone()))
        };
        Ok(Self { parts: columns.iter().map(part).collect::<Result<_, _>>()? })
    }

    pub(super) fn row(&self, out: &mut impl Write, values: &[Value]) -> io::Result<()> {
        let card = VCard { entries: Row { parts: &self.parts, values }.entries() };
        let mut text = String::new();
        card.write_to(&mut text, VCardVersion::V4_0).map_err(io::Error::other)?;
        out.write_all(text.as_bytes())
    }
}

/// The values of a card.
struct Row<'a> {
    parts: &'a [Part],
    values: &'a [Value],
}

impl Row<'_> {
    /// The text of a part, empty where there is none.
    fn text(&self, wanted: Part) -> String {
        let at = self.parts.iter().position(|part| *part == wanted);
        at.map(|at| self.values[at].to_text()).unwrap_or_default()
    }

    fn entries(&self) -> Vec<VCardEntry> {
        use Property::{Birthday, Categories, Language, Nickname, Note, TimeZone, Title, Uid, Website};
        let single = |property: Property| entry(property.name(), vec![self.text(Part::Text(property))], "");
        let several = |property: Property| {
            let text = self.text(Part::List(property));
            entry(property.name(), list::split(&text), "")
        };
        let name: Vec<String> = (0..NAME_PARTS).map(|at| self.text(Part::Name(at))).collect();
        let mut organization = vec![self.text(Part::Organization)];
        organization.extend(Some(self.text(Part::Department)).filter(|text| !text.is_empty()));
        let mut entries = vec![
            single(Uid),
            Some(VCardEntry::new(VCardProperty::Fn).with_value(VCardValue::Text(self.formatted(&name)))),
            entry(VCardProperty::N, name, ""),
            several(Nickname),
            entry(VCardProperty::Org, organization, ""),
            single(Title),
        ];
        entries.extend(self.parts.iter().filter_map(|part| self.numbered(*part)).map(Some));
        let birthday = cards::basic_date(&self.text(Part::Text(Birthday)));
        entries.push(entry(VCardProperty::Bday, vec![birthday], ""));
        entries.extend([single(Note), several(Categories)]);
        entries.extend([single(Website), single(Language), single(TimeZone)]);
        entries.into_iter().flatten().collect()
    }

    /// Each card has a formatted name, even where nobody has one.
    fn formatted(&self, name: &[String]) -> String {
        let formatted = self.text(Part::Text(Property::FormattedName));
        if !formatted.is_empty() {
            return formatted;
        }
        let order = [3, 1, 2, 0, 4].map(|at| name[at].as_str());
        order.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
    }

    /// The e-mail address, phone number or postal address whose first column this is.
    fn numbered(&self, part: Part) -> Option<VCardEntry> {
        match part {
            Part::Nth(property, at) => {
                let types = self.text(Part::NthType(property, at));
                entry(property.name(), vec![self.text(part)], &types)
            }
            Part::Address(at, _) => {
                let is_first = |other: &&Part| matches!(other, Part::Address(number, _) if *number == at);
                if self.parts.iter().find(is_first) != Some(&part) {
                    return None;
                }
                let address = (0..ADDRESS_PARTS).map(|part| self.text(Part::Address(at, part))).collect();
                entry(VCardProperty::Adr, address, &self.text(Part::NthType(Property::Address, at)))
            }
            _ => None,
        }
    }
}

/// A property with its types, unless it is empty.
fn entry(property: VCardProperty, values: Vec<String>, types: &str) -> Option<VCardEntry> {
    if values.iter().all(String::is_empty) {
        return None;
    }
    let types = list::split(types).into_iter().map(|name| {
        let known = VCardType::parse(name.as_bytes()).map(VCardParameterValue::Type);
        let value = known.unwrap_or(VCardParameterValue::Text(name));
        VCardParameter { name: VCardParameterName::Type, value }
    });
    let values = values.into_iter().map(VCardValue::Text).collect();
    Some(VCardEntry::new(property).with_params(types.collect()).with_values(values))
}
