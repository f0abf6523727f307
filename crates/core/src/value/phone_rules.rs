//! How a country writes phone numbers: the metadata of the crate `phonenumber`, compiled once per country.
//!
//! The crate's own parser is not used: version 0.3.10 takes a number for valid when a *beginning* of it is, strips a
//! national prefix twice, strips that of the wrong country from an international number, and recompiles expressions
//! all the time once more than a handful of countries are in play. What follows does what libphonenumber does
//! (`PhoneNumberUtil.java`, Apache-2.0: `maybeExtractCountryCode`, `maybeStripNationalPrefixAndCarrierCode`,
//! `testNumberLength`, `getRegionCodeForNumber`, `getNumberTypeHelper`) on the crate's copy of its metadata.

use std::collections::HashMap;
use std::sync::{LazyLock, OnceLock};

use phonenumber::Metadata;
use phonenumber::metadata::{DATABASE, Descriptor};
use regex::{Regex, RegexBuilder};

use super::PhoneProblem;

/// A number taken apart.
pub(super) struct Parts {
    /// Country calling code.
    pub calling_code: u16,
    /// National significant number, with the leading zeros that belong to it.
    pub national: String,
    /// Where the number is in use; `None` when it is not assigned anywhere. `001` is a service without a country.
    pub region: Option<&'static str>,
}

/// Digits a national number has at least and at most (libphonenumber's limits).
const NATIONAL_LENGTH: (usize, usize) = (2, 17);

/// Takes a number apart that is given as digits, after a `+` or as dialled in the country `home`.
pub(super) fn take_apart(
    digits: &str,
    plus: bool,
    home: Option<&'static Rules>,
) -> Result<Parts, PhoneProblem> {
    let (calling_code, national, written_code) = extract_calling_code(digits, plus, home)?;
    let main = REGIONS.of_code(calling_code).next();
    let rules = if written_code { main } else { home };
    let Some(rules) = rules else { return Err(PhoneProblem::CallingCode) };
    if national.len() < NATIONAL_LENGTH.0 {
        return Err(PhoneProblem::TooShort);
    }
    let stripped = rules.strip_national_prefix(&national);
    let national = if rules.may_have_length(stripped.len()) { stripped } else { national };
    if national.len() < NATIONAL_LENGTH.0 {
        return Err(PhoneProblem::TooShort);
    }
    if national.len() > NATIONAL_LENGTH.1 {
        return Err(PhoneProblem::TooLong);
    }
    let region = region_of(calling_code, &national);
    Ok(Parts { calling_code, national, region })
}

/// The calling code, the rest, and whether the code was written.
fn extract_calling_code(
    digits: &str,
    plus: bool,
    home: Option<&'static Rules>,
) -> Result<(u16, String, bool), PhoneProblem> {
    if plus {
        return match (split_calling_code(digits), home) {
            // "+00 49 …": a plus and the prefix it stands for.
            (Err(PhoneProblem::CallingCode), Some(home)) => {
                let found = home.split_abroad(digits).ok_or(PhoneProblem::CallingCode)?;
                split_calling_code(found)
            }
            (result, _) => result,
        };
    }
    let home = home.ok_or(PhoneProblem::RegionMissing)?;
    if let Some(rest) = home.split_abroad(digits) {
        return split_calling_code(rest);
    }
    // People leave out the plus: 49 30 … in Germany.
    if let Some(rest) = digits.strip_prefix(&home.calling_code.to_string()) {
        let rest = home.strip_national_prefix(rest);
        if (!home.is_general(digits) && home.is_general(&rest)) || home.is_too_long(digits.len()) {
            return Ok((home.calling_code, rest, true));
        }
    }
    Ok((home.calling_code, digits.to_owned(), false))
}

/// Calling codes have one to three digits and none begins another.
fn split_calling_code(digits: &str) -> Result<(u16, String, bool), PhoneProblem> {
    if digits.len() <= NATIONAL_LENGTH.0 {
        return Err(PhoneProblem::TooShort);
    }
    (1..=3.min(digits.len()))
        .filter_map(|length| Some((digits.get(..length)?.parse().ok()?, digits.get(length..)?)))
        .find(|(code, _)| !digits.starts_with('0') && REGIONS.by_code.contains_key(code))
        .map(|(code, rest)| (code, rest.to_owned(), true))
        .ok_or(PhoneProblem::CallingCode)
}

fn region_of(calling_code: u16, national: &str) -> Option<&'static str> {
    let mut candidates = REGIONS.of_code(calling_code);
    let shared = REGIONS.by_code.get(&calling_code).is_some_and(|regions| regions.len() > 1);
    let owner = candidates.find(|rules| match &rules.leading_digits {
        _ if !shared => true,
        Some(leading) => leading.is_match(national),
        None => rules.is_assigned(national),
    })?;
    owner.is_assigned(national).then_some(owner.id)
}

/// The rules of the country with this code, in any letter case.
pub(super) fn rules(region: &str) -> Option<&'static Rules> {
    let &index = REGIONS.by_id.get(region.to_ascii_uppercase().as_str())?;
    REGIONS.rules(index)
}

/// Numbers of one kind (fixed, mobile, toll-free …).
struct Kind {
    pattern: Regex,
    lengths: Vec<u16>,
}

/// The rules of one country.
pub(super) struct Rules {
    id: &'static str,
    /// Country calling code.
    pub calling_code: u16,
    international_prefix: Option<Regex>,
    national_prefix: Option<Regex>,
    /// What a national prefix becomes, when it is not just dropped.
    transform: Option<String>,
    leading_digits: Option<Regex>,
    general: Option<Regex>,
    kinds: Vec<Kind>,
    /// Lengths of any kind of number, ascending, and lengths that only do inside an area.
    lengths: Vec<usize>,
    local_lengths: Vec<usize>,
}

impl Rules {
    fn compile(metadata: &'static Metadata) -> Self {
        let all = metadata.descriptors();
        let descriptors: Vec<&Descriptor> = [
            all.fixed_line(),
            all.mobile(),
            all.toll_free(),
            all.premium_rate(),
            all.shared_cost(),
            all.voip(),
            all.personal_number(),
            all.pager(),
            all.uan(),
            all.voicemail(),
        ]
        .into_iter()
        .flatten()
        .collect();
        let lengths = lengths(descriptors.iter().flat_map(|d| d.possible_length()));
        let mut local_lengths = self::lengths(descriptors.iter().flat_map(|d| d.possible_local_length()));
        local_lengths.retain(|length| !lengths.contains(length));
        let prefix = metadata
            .national_prefix_for_parsing()
            .map(|prefix| -> &str { prefix.as_str() })
            .or(metadata.national_prefix());
        Self {
            id: metadata.id(),
            calling_code: metadata.country_code(),
            international_prefix: metadata.international_prefix().and_then(|p| beginning(p.as_str())),
            national_prefix: prefix.filter(|prefix| !prefix.is_empty()).and_then(beginning),
            transform: metadata.national_prefix_transform_rule().filter(|rule| !rule.is_empty()).map(braced),
            leading_digits: metadata.leading_digits().and_then(|p| beginning(p.as_str())),
            general: whole(all.general().national_number().as_str()),
            kinds: descriptors.into_iter().filter_map(kind).collect(),
            lengths,
            local_lengths,
        }
    }

    /// What follows the prefix for calls abroad; no calling code begins with 0.
    fn split_abroad<'a>(&self, digits: &'a str) -> Option<&'a str> {
        let found = self.international_prefix.as_ref()?.find(digits)?;
        digits.get(found.end()..).filter(|rest| !rest.starts_with('0'))
    }

    fn is_general(&self, national: &str) -> bool {
        self.general.as_ref().is_some_and(|general| general.is_match(national))
    }

    fn is_assigned(&self, national: &str) -> bool {
        let fits = |kind: &Kind| {
            let length_fits =
                kind.lengths.is_empty() || kind.lengths.iter().any(|&l| usize::from(l) == national.len());
            length_fits && kind.pattern.is_match(national)
        };
        self.is_general(national) && self.kinds.iter().any(fits)
    }

    fn is_too_long(&self, length: usize) -> bool {
        !self.local_lengths.contains(&length) && self.lengths.last().is_some_and(|&longest| length > longest)
    }

    /// Whether a number of this length may be one, so that what was stripped from it was a prefix.
    fn may_have_length(&self, length: usize) -> bool {
        self.lengths.contains(&length) || self.is_too_long(length)
    }

    fn strip_national_prefix(&self, national: &str) -> String {
        let found =
            self.national_prefix.as_ref().and_then(|prefix| Some((prefix, prefix.captures(national)?)));
        let Some((prefix, found)) = found else { return national.to_owned() };
        let last_group = found.get(found.len() - 1);
        let stripped = match &self.transform {
            Some(rule) if last_group.is_some() => prefix.replace(national, rule.as_str()).into_owned(),
            _ => national[found.get_match().end()..].to_owned(),
        };
        // What is a number already does not lose its first digits for something that is none.
        if self.is_general(national) && !self.is_general(&stripped) { national.to_owned() } else { stripped }
    }
}

fn kind(descriptor: &Descriptor) -> Option<Kind> {
    let pattern = whole(descriptor.national_number().as_str())?;
    Some(Kind { pattern, lengths: descriptor.possible_length().to_vec() })
}

fn lengths<'a>(all: impl Iterator<Item = &'a u16>) -> Vec<usize> {
    let mut lengths: Vec<usize> = all.map(|&length| usize::from(length)).collect();
    lengths.sort_unstable();
    lengths.dedup();
    lengths
}

fn whole(pattern: &str) -> Option<Regex> {
    compile(&format!("^(?:{pattern})$"))
}

fn beginning(pattern: &str) -> Option<Regex> {
    compile(&format!("^(?:{pattern})"))
}

/// The metadata spreads its expressions over lines; only ASCII digits reach them.
fn compile(pattern: &str) -> Option<Regex> {
    RegexBuilder::new(pattern).ignore_whitespace(true).unicode(false).build().ok()
}

/// `9$1` with braces: `9${1}`, since to the crate `regex` the name of a group ends at no digit or letter.
fn braced(rule: &str) -> String {
    let mut out = String::with_capacity(rule.len() + 2);
    let mut chars = rule.chars();
    while let Some(c) = chars.next() {
        match (c, chars.clone().next()) {
            ('$', Some(group)) if group.is_ascii_digit() => {
                chars.next();
                out.extend(['$', '{', group, '}']);
            }
            _ => out.push(c),
        }
    }
    out
}

/// All countries; the rules of one are compiled when its first number comes.
struct Regions {
    all: Vec<(&'static Metadata, OnceLock<Rules>)>,
    by_id: HashMap<&'static str, usize>,
    /// The main country of a calling code first.
    by_code: HashMap<u16, Vec<usize>>,
}

static REGIONS: LazyLock<Regions> = LazyLock::new(|| {
    let mut regions = Regions { all: Vec::new(), by_id: HashMap::new(), by_code: HashMap::new() };
    for code in 1..=999_u16 {
        for metadata in DATABASE.by_code(&code).into_iter().flatten() {
            let index = regions.all.len();
            regions.all.push((metadata, OnceLock::new()));
            regions.by_id.insert(metadata.id(), index);
            regions.by_code.entry(code).or_default().push(index);
        }
    }
    regions
});

impl Regions {
    fn rules(&self, index: usize) -> Option<&Rules> {
        self.all.get(index).map(|(metadata, rules)| rules.get_or_init(|| Rules::compile(metadata)))
    }

    fn of_code(&self, code: u16) -> impl Iterator<Item = &Rules> {
        self.by_code.get(&code).into_iter().flatten().filter_map(|&index| self.rules(index))
    }
}
