//! The words that companies and people of invention are made of: `demo/world.json`.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _};
use shoal_bench::Random;

/// A word, and how it is written in addresses: `张|zhang`; of Latin words the same in small letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    pub text: String,
    pub latin: String,
}

impl<'de> Deserialize<'de> for Word {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let given = String::deserialize(deserializer)?;
        let (text, latin) = match given.split_once('|') {
            Some((text, latin)) => (text.to_owned(), latin.to_owned()),
            None => (given.clone(), given.to_lowercase()),
        };
        if !latin.is_ascii() {
            return Err(D::Error::custom(format!("{given}: how is it written in addresses?")));
        }
        Ok(Self { text, latin })
    }
}

impl fmt::Display for Word {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

/// What companies trade in: `科技|tech|Software`, the last being the industry.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Trade {
    pub text: String,
    pub latin: String,
    pub industry: String,
}

impl TryFrom<String> for Trade {
    type Error = String;

    fn try_from(given: String) -> Result<Self, String> {
        let mut parts = given.split('|').map(str::to_owned);
        match (parts.next(), parts.next(), parts.next()) {
            (Some(text), Some(latin), Some(industry)) => Ok(Self { text, latin, industry }),
            _ => Err(format!("{given}: a trade is a word, how it is written in addresses, and an industry")),
        }
    }
}

/// Names that go together.
#[derive(Debug, Deserialize)]
pub(super) struct Names {
    pub family: Vec<Word>,
    pub given: Vec<Word>,
}

/// Where companies are.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Place {
    pub city: Word,
    pub region: String,
    pub postal_code: String,
    pub country: String,
    pub currency: String,
    pub time_zone: String,
    /// Numbers that nobody has, as far as a country says which: `+44 7700 900###`.
    phones: Vec<String>,
}

/// A part of the world, with its language.
#[derive(Debug, Deserialize)]
pub(super) struct Region {
    /// How many of all companies are there, compared with the others.
    weight: usize,
    pub language: String,
    #[serde(default)]
    pub family_first: bool,
    pub people: Vec<Names>,
    pub stems: Vec<Word>,
    pub seconds: Vec<Word>,
    pub trades: Vec<Trade>,
    pub forms: Vec<String>,
    /// How a company's name is put together: `{city}{stem}{second}{trade}{form}`.
    pub company: Vec<String>,
    /// How others write a part of such a name.
    pub other_forms: Vec<(String, String)>,
    pub places: Vec<Place>,
    pub streets: Vec<String>,
    /// How an address is put together: `{number} {street}`.
    pub street: String,
    pub jobs: Vec<String>,
    /// How others write a part of such a job.
    pub jobs_otherwise: Vec<(String, String)>,
    pub tags: Vec<String>,
}

/// All of it.
#[derive(Debug, Deserialize)]
pub(super) struct World(Vec<Region>);

impl World {
    pub fn read() -> Result<Self, serde_json::Error> {
        serde_json::from_str(include_str!("../../demo/world.json"))
    }

    /// One of the regions, by their weights.
    pub fn region<'w>(&'w self, random: &mut Random) -> &'w Region {
        let all: usize = self.0.iter().map(|region| region.weight).sum();
        let mut left = random.below(all);
        let found = self.0.iter().find(|region| match left.checked_sub(region.weight) {
            Some(rest) => {
                left = rest;
                false
            }
            None => true,
        });
        found.unwrap_or(&self.0[0])
    }
}

/// One of the items, of which there is one at least.
pub(super) fn pick<'i, T>(random: &mut Random, items: &'i [T]) -> &'i T {
    &items[random.below(items.len())]
}

/// One of so many times.
pub(super) fn one_of(random: &mut Random, times: usize) -> bool {
    random.below(times) == 0
}

/// A phone number there.
pub(super) fn phone(random: &mut Random, place: &Place) -> String {
    let pattern = pick(random, &place.phones);
    let digit = |random: &mut Random| char::from_digit(u32::try_from(random.below(10)).unwrap_or(0), 10);
    pattern.chars().filter_map(|sign| if sign == '#' { digit(random) } else { Some(sign) }).collect()
}
