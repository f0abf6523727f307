//! Companies of invention, and their people. The same seed makes the same ones, however many are wanted.

use std::collections::VecDeque;

use chrono::{Days, NaiveDate};
use shoal_bench::Random;

use super::dirt;
use super::world::{Place, Region, Word, World, one_of, phone, pick};

/// People that may come a second time.
const REMEMBERED: usize = 200;

/// Whoever's companies have numbers above it have the number in their domain, too.
const SHORT_DOMAINS: u64 = 500;

#[derive(Debug, Clone)]
pub(super) struct Company {
    pub number: u64,
    pub name: String,
    pub industry: String,
    pub domain: String,
    pub employees: usize,
    pub founded: usize,
    pub tier: Option<&'static str>,
    pub stage: &'static str,
    /// In whole units of the place's currency.
    pub budget: Option<usize>,
    pub tags: Vec<String>,
    pub phone: String,
    pub place: Place,
    pub street: String,
}

#[derive(Debug, Clone)]
pub(super) struct Person {
    pub number: u64,
    pub given: Word,
    pub family: Word,
    pub job: Option<String>,
    pub role: Option<&'static str>,
    pub stage: &'static str,
    pub emails: Vec<String>,
    pub phone: Option<String>,
    pub birthday: Option<NaiveDate>,
    pub language: String,
    pub place: Place,
    pub tags: Vec<String>,
    /// The number of the company.
    pub company: Option<u64>,
    /// Of who belongs to none.
    pub street: Option<String>,
}

/// People who came together: those of a company, or some who belong to none.
#[derive(Debug, Clone)]
pub(super) struct Group {
    pub company: Option<Company>,
    pub people: Vec<Person>,
}

/// Groups without end.
pub(super) struct Groups<'w> {
    world: &'w World,
    random: Random,
    companies: u64,
    people: u64,
    /// Who came lately, and with the region that their words are of.
    lately: VecDeque<(Person, &'w Region)>,
    /// A company that may come a second time.
    before: Option<(Company, &'w Region)>,
}

impl<'w> Groups<'w> {
    pub fn new(world: &'w World, seed: u64) -> Self {
        let (random, lately) = (Random::new(seed), VecDeque::with_capacity(REMEMBERED));
        Self { world, random, companies: 0, people: 0, lately, before: None }
    }

    fn company(&mut self, region: &'w Region) -> Company {
        self.companies += 1;
        let (number, random) = (self.companies, &mut self.random);
        if one_of(random, 30)
            && let Some((known, region)) = self.before.take()
        {
            return dirt::again_company(random, known, number, region);
        }
        let place = pick(random, &region.places).clone();
        let (stem, second) = (pick(random, &region.stems), pick(random, &region.seconds));
        let (trade, form) = (pick(random, &region.trades), pick(random, &region.forms));
        let parts = [
            ("{city}", &place.city.text),
            ("{stem}", &stem.text),
            ("{second}", &second.text),
            ("{trade}", &trade.text),
            ("{form}", form),
        ];
        let pattern = pick(random, &region.company).clone();
        let name = parts.iter().fold(pattern, |name, (part, word)| name.replace(part, word));
        let short = format!("{}{}-{}", stem.latin, second.latin, trade.latin);
        let domain = if number > SHORT_DOMAINS { format!("{short}-{number}") } else { short };
        let stage = *pick(
            random,
            &["LEAD", "LEAD", "PROSPECT", "PROSPECT", "CUSTOMER", "CUSTOMER", "CUSTOMER", "FORMER"],
        );
        let tiers = [Some("GOLD"), Some("SILVER"), Some("SILVER"), Some("BRONZE"), Some("BRONZE"), None];
        let company = Company {
            number,
            name,
            industry: trade.industry.clone(),
            domain: format!("{domain}.example"),
            employees: 2 + random.below(30) * random.below(60),
            founded: 1985 + random.below(39),
            tier: if stage == "CUSTOMER" { *pick(random, &tiers) } else { None },
            stage,
            budget: one_of(random, 2).then(|| 1_000 * (1 + random.below(40) * random.below(60))),
            tags: some_tags(random, region),
            phone: phone(random, &place),
            street: street(random, region),
            place,
        };
        self.before = Some((company.clone(), region));
        company
    }

    fn person(&mut self, region: &'w Region, company: Option<&Company>) -> Person {
        self.people += 1;
        let (number, random) = (self.people, &mut self.random);
        if one_of(random, 25) && !self.lately.is_empty() {
            let (known, region) = pick(random, self.lately.make_contiguous()).clone();
            return dirt::again(random, known, number, region);
        }
        let names = pick(random, &region.people);
        let (given, family) = (pick(random, &names.given).clone(), pick(random, &names.family).clone());
        let place =
            company.map_or_else(|| pick(random, &region.places).clone(), |company| company.place.clone());
        let roles = ["EMPLOYEE", "EMPLOYEE", "EMPLOYEE", "DECISION_MAKER", "INFLUENCER", "BUYER", "USER"];
        let person = Person {
            number,
            job: company.is_some().then(|| pick(random, &region.jobs).clone()),
            role: company.is_some().then(|| *pick(random, &roles)),
            stage: match company {
                Some(company) => company.stage,
                None => random.pick(&["SUBSCRIBER", "LEAD", "CUSTOMER", "ADVOCATE"]),
            },
            emails: vec![email(random, region, (&given, &family), company)],
            phone: (!one_of(random, 4)).then(|| phone(random, &place)),
            birthday: one_of(random, 2).then(|| birthday(random)).flatten(),
            language: region.language.clone(),
            tags: some_tags(random, region),
            company: company.map(|company| company.number),
            street: company.is_none().then(|| street(random, region)),
            place,
            given,
            family,
        };
        if self.lately.len() == REMEMBERED {
            self.lately.pop_front();
        }
        self.lately.push_back((person.clone(), region));
        if one_of(random, 12) { dirt::soiled(random, person, region) } else { person }
    }
}

impl Iterator for Groups<'_> {
    type Item = Group;

    fn next(&mut self) -> Option<Group> {
        let region = self.world.region(&mut self.random);
        let company = (!one_of(&mut self.random, 6)).then(|| self.company(region));
        let random = &mut self.random;
        let size = match &company {
            None => 1 + random.below(3),
            Some(_) if one_of(random, 20) => 10 + random.below(30),
            Some(_) => 1 + random.below(4) * random.below(4),
        };
        let people = (0..size).map(|_| self.person(region, company.as_ref())).collect();
        Some(Group { company, people })
    }
}

/// An address as the house's custom is, or of a provider.
pub(super) fn email(
    random: &mut Random,
    region: &Region,
    (given, family): (&Word, &Word),
    company: Option<&Company>,
) -> String {
    let (given, family) = (given.latin.as_str(), family.latin.as_str());
    let initials = given.get(..1).unwrap_or_default();
    let name = match random.below(4) {
        0 | 1 if region.family_first => format!("{family}{given}"),
        0 | 1 => format!("{given}.{family}"),
        2 => format!("{initials}.{family}"),
        _ => format!("{family}.{given}"),
    };
    match company {
        Some(company) => format!("{name}@{}", company.domain),
        None => format!("{name}{}@mail.example", random.below(9_000) + 1_000),
    }
}

fn some_tags(random: &mut Random, region: &Region) -> Vec<String> {
    if one_of(random, 3) { vec![pick(random, &region.tags).clone()] } else { Vec::new() }
}

fn birthday(random: &mut Random) -> Option<NaiveDate> {
    let days = u64::try_from(random.below(47 * 365)).unwrap_or_default();
    NaiveDate::from_ymd_opt(1957, 1, 1)?.checked_add_days(Days::new(days))
}

fn street(random: &mut Random, region: &Region) -> String {
    let number = (1 + random.below(199)).to_string();
    let street = pick(random, &region.streets);
    region.street.replace("{street}", street).replace("{number}", &number)
}
