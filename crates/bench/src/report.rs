//! The table and what goes into the JSON file.

use std::io::Write as _;

use serde::Serialize;

use crate::child::Memory;
use crate::data::Sizes;
use crate::measure::Measured;
use crate::scenario::Scenario;
use crate::targets::Verdict;

/// Everything that was measured.
#[derive(Debug, Serialize)]
pub struct Report {
    /// How much data there was.
    pub sizes: Sizes,
    /// Seconds of each measurement.
    pub seconds: u64,
    /// One for each database.
    pub sections: Vec<Section>,
    /// What became of the targets.
    pub verdicts: Vec<Verdict>,
}

/// Measurements on one database.
#[derive(Debug, Serialize)]
pub struct Section {
    /// `SQLite` or `PostgreSQL`.
    pub database: &'static str,
    /// Settings that matter.
    pub description: String,
    /// The measurements.
    pub lines: Vec<Line>,
}

/// One scenario with so many connections.
#[derive(Debug, Serialize)]
pub struct Line {
    /// Its name.
    pub scenario: &'static str,
    /// Connections at once.
    pub connections: usize,
    /// Rows that one request writes.
    pub rows: usize,
    /// Shoal.
    pub shoal: Measured,
    /// The hand-written handler.
    pub hand_written: Measured,
    /// Transactions of pgbench per second.
    pub pgbench: Option<f64>,
}

impl Line {
    /// Shoal's requests per second as a part of the hand-written handler's.
    pub fn ratio(&self) -> f64 {
        self.shoal.per_second / self.hand_written.per_second.max(1e-9)
    }
}

/// Prints a line at once: a measurement takes minutes, and a pipe would hold it back.
#[expect(clippy::print_stdout, reason = "the output of the command")]
fn print(line: &str) {
    println!("{line}");
    let _ = std::io::stdout().flush();
}

/// Says what is going to be measured.
pub fn print_start(report: &Report, scenarios: &[Scenario]) {
    let Sizes { accounts, contacts, tags, taggings } = report.sizes;
    print(&format!(
        "{accounts} accounts, {contacts} contacts, {tags} tags, {taggings} taggings; {} s each",
        report.seconds
    ));
    for scenario in scenarios {
        print(&format!("  {:<17} {}", scenario.name(), scenario.title(report.sizes)));
    }
}

/// Prints the head of a database's table.
pub fn print_section(section: &Section) {
    print(&format!("\n{}: {}", section.database, section.description));
    print(
        "                        requests per second           ratio  pgbench   CPU µs/request   p50 ms        p99 ms        \
memory MB: peak, own    statements",
    );
    print(
        "scenario          conn    shoal  by hand  ratio  of CPU         /s   shoal  by hand   shoal by hand shoal by hand \
    shoal      hand shoal hand",
    );
}

/// Prints a line of the table.
pub fn print_line(line: &Line) {
    let Line { shoal, hand_written: hand, .. } = line;
    let cpu = |measured: &Measured| number(measured.cpu_micros, 0);
    let cpu_ratio = shoal.cpu_micros.zip(hand.cpu_micros).map(|(shoal, hand)| shoal / hand.max(1e-9));
    let errors = match shoal.errors + hand.errors {
        0 => String::new(),
        errors => format!("  {errors} ERRORS"),
    };
    let rows = match line.rows {
        1 => String::new(),
        rows => format!("  (× {rows} rows)"),
    };
    print(&format!(
        "{:<17} {:>4} {:>8.0} {:>8.0} {:>6.2}  {:>6} {:>10} {:>7} {:>8} {:>7.2} {:>7.2} {:>5.1} {:>7.1} {:>9} {:>9} {:>5} {:>4}{errors}{rows}",
        line.scenario,
        line.connections,
        shoal.per_second,
        hand.per_second,
        line.ratio(),
        number(cpu_ratio, 2),
        number(line.pgbench, 0),
        cpu(shoal),
        cpu(hand),
        shoal.p50_ms,
        hand.p50_ms,
        shoal.p99_ms,
        hand.p99_ms,
        megabytes(shoal),
        megabytes(hand),
        shoal.statements,
        hand.statements,
    ));
}

fn number(value: Option<f64>, decimals: usize) -> String {
    value.map_or_else(|| "n/a".to_owned(), |value| format!("{value:.decimals$}"))
}

fn megabytes(measured: &Measured) -> String {
    let show = |memory: Memory| format!("{} {}", memory.peak / 1_000_000, memory.own / 1_000_000);
    measured.memory.map_or_else(|| "n/a".to_owned(), show)
}

/// Prints what became of the targets.
pub fn print_verdicts(verdicts: &[Verdict]) {
    print("");
    for Verdict { database, text, met } in verdicts {
        print(&format!("{}  {database}: {text}", if *met { "met   " } else { "MISSED" }));
    }
}
