//! What must be reached.

use serde::Serialize;

use crate::measure::Measured;
use crate::report::{Line, Section};
use crate::scenario::Scenario;

/// Whether a target is met.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Verdict {
    /// On which database.
    pub database: &'static str,
    /// What must be, and what is.
    pub text: String,
    /// Whether it is.
    pub met: bool,
}

/// Lists and nested ones must be as fast as by hand.
const AS_FAST: [Scenario; 5] = [
    Scenario::ContactsWithAccount,
    Scenario::AccountTree,
    Scenario::GoldContacts,
    Scenario::FirstPage,
    Scenario::LastPage,
];
/// The part of a whole one request costs more there than by hand, as the document must be found.
const ONE_CONTACT: f64 = 0.9;
/// The last page against the first.
const DEEP_PAGE: f64 = 0.8;
const MOST_MEMORY: u64 = 60_000_000;
const ROWS_PER_SECOND: f64 = 5_000.0;

/// Judges the measurements with the most connections.
pub fn judge(sections: &[Section]) -> Vec<Verdict> {
    sections.iter().flat_map(judge_section).collect()
}

fn judge_section(section: &Section) -> Vec<Verdict> {
    let most = section.lines.iter().map(|line| line.connections).max().unwrap_or_default();
    let of = |scenario: Scenario| {
        section.lines.iter().find(move |line| line.connections == most && line.scenario == scenario.name())
    };
    let mut verdicts = Vec::new();
    let mut add = |met: bool, text: String| verdicts.push(Verdict { database: section.database, text, met });
    let errors: u64 = section.lines.iter().map(|line| line.shoal.errors + line.hand_written.errors).sum();
    add(errors == 0, format!("{errors} errors"));
    let ratios = AS_FAST.iter().map(|scenario| (*scenario, 1.0)).chain([(Scenario::OneContact, ONE_CONTACT)]);
    for (scenario, least) in ratios {
        if let Some(line) = of(scenario) {
            let ratio = line.ratio();
            add(ratio >= least, format!("{}: {ratio:.2} of hand-written, at least {least}", scenario.name()));
        }
    }
    if let Some((first, last)) = of(Scenario::FirstPage).zip(of(Scenario::LastPage)) {
        let ratio = last.shoal.per_second / first.shoal.per_second;
        add(ratio >= DEEP_PAGE, format!("page-last: {ratio:.2} of page-first, at least {DEEP_PAGE}"));
    }
    if let Some(line) = of(Scenario::CreateMany) {
        let rate = rows_per_second(line, &line.shoal);
        add(rate >= ROWS_PER_SECOND, format!("create-many: {rate:.0} rows/s, at least {ROWS_PER_SECOND}"));
    }
    let memory = section.lines.iter().filter_map(|line| Some(line.shoal.memory?.peak)).max();
    if let Some(memory) = memory.filter(|_| section.database == "PostgreSQL") {
        let shown =
            format!("memory: {} MB at the most, less than {}", memory / 1_000_000, MOST_MEMORY / 1_000_000);
        add(memory < MOST_MEMORY, shown);
    }
    verdicts
}

#[expect(clippy::cast_precision_loss, reason = "numbers for people")]
fn rows_per_second(line: &Line, measured: &Measured) -> f64 {
    measured.per_second * line.rows as f64
}
