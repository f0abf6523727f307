//! What lists of real companies are like: names in capitals, first names last, jobs in other words, and who is there twice.

use shoal_bench::Random;

use super::company::{Company, Person};
use super::world::{Region, one_of, phone, pick};

/// The person, written by somebody in a hurry.
pub(super) fn soiled(random: &mut Random, mut person: Person, region: &Region) -> Person {
    match random.below(8) {
        0 => person.family.text = person.family.text.to_uppercase(),
        1 => {
            person.given.text = person.given.text.to_lowercase();
            person.family.text = person.family.text.to_lowercase();
        }
        2 => person.given.text = format!(" {} ", person.given),
        3 => std::mem::swap(&mut person.given, &mut person.family),
        4 => person.emails = person.emails.iter().map(|email| format!(" {}", email.to_uppercase())).collect(),
        5 => {
            person.emails.clear();
            person.phone = None;
        }
        6 => person.job = person.job.map(|job| otherwise(random, &job, &region.jobs_otherwise)),
        _ => person.given.text = person.given.text.chars().take(1).chain(['.']).collect(),
    }
    person
}

/// The same person once more, as another list has them.
pub(super) fn again(random: &mut Random, known: Person, number: u64, region: &Region) -> Person {
    let mut person = Person { number, birthday: None, role: known.company.and(Some("EMPLOYEE")), ..known };
    match random.below(4) {
        // From a business card in another script.
        0 if person.given.text != person.given.latin => {
            for word in [&mut person.given, &mut person.family] {
                word.text = capitalised(&word.latin);
            }
        }
        1 => person = soiled(random, person, region),
        2 => person.phone = person.phone.map(|phone| phone.replace([' ', '-', '(', ')'], "")),
        _ => {
            person.job = person.job.map(|job| otherwise(random, &job, &region.jobs_otherwise));
            person.phone = Some(phone(random, &person.place));
        }
    }
    if one_of(random, 3) {
        person.emails.clear();
    }
    person
}

/// The same company once more, as another list has it.
pub(super) fn again_company(random: &mut Random, known: Company, number: u64, region: &Region) -> Company {
    let name = otherwise(random, &known.name, &region.other_forms);
    let name = if name == known.name { name.to_uppercase() } else { name };
    Company { number, name, budget: None, tier: None, stage: "LEAD", tags: Vec::new(), ..known }
}

fn otherwise(random: &mut Random, text: &str, ways: &[(String, String)]) -> String {
    let fitting: Vec<_> = ways.iter().filter(|(from, _)| text.contains(from)).collect();
    if fitting.is_empty() {
        return text.to_owned();
    }
    let (from, to) = pick(random, &fitting);
    text.replacen(from, to, 1)
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}
