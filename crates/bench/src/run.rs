//! From the databases to the verdict.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use shoal_core::module::Modules;
use tower::Service as _;

use crate::arguments::{Databases, Options};
use crate::capture::Capture;
use crate::child::Server;
use crate::data::Sizes;
use crate::measure::{Subject, measure};
use crate::pgbench::{Pgbench, Script};
use crate::place::Place;
use crate::report::{self, Line, Report, Section};
use crate::scenario::{Call, Scenario};
use crate::serve::Side;
use crate::{Failure, alike, count, hand_written, pgbench, place, postgres, targets};

/// Measures the scenarios on each database, and prints what came out.
pub(crate) async fn run(
    scenarios: &[Scenario],
    options: &Options,
    modules: fn() -> Modules,
) -> Result<ExitCode, Failure> {
    let sizes = Sizes::of(options.contacts);
    let wanted =
        |scenario: &Scenario| options.only.as_deref().is_none_or(|part| scenario.name().contains(part));
    let scenarios: Vec<Scenario> = scenarios.iter().copied().filter(wanted).collect();
    let mut report = Report { sizes, seconds: options.seconds, sections: Vec::new(), verdicts: Vec::new() };
    report::print_start(&report, &scenarios);
    if options.database != Databases::Postgres {
        let place = Place::sqlite(sizes, modules).await?;
        report.sections.push(section(place, &scenarios, options).await?);
    }
    if options.database != Databases::Sqlite {
        let place = Place::postgres(options.postgres_url.clone(), sizes, modules).await?;
        report.sections.push(section(place, &scenarios, options).await?);
    }
    report.verdicts = targets::judge(&report.sections);
    report::print_verdicts(&report.verdicts);
    if let Some(path) = &options.json {
        std::fs::write(path, serde_json::to_vec_pretty(&report)?)?;
    }
    let missed = options.check && report.verdicts.iter().any(|verdict| !verdict.met);
    Ok(if missed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

async fn section(place: Place, scenarios: &[Scenario], options: &Options) -> Result<Section, Failure> {
    let mut section =
        Section { database: place.name, description: place.description.clone(), lines: Vec::new() };
    report::print_section(&section);
    let is_postgres = place.name == "PostgreSQL";
    let program = pgbench::find(&postgres::program_folders()).filter(|_| is_postgres);
    let pgbench = Pgbench::new(program, &place.url)?;
    let servers =
        [Server::start(Side::Shoal, &place.url).await?, Server::start(Side::HandWritten, &place.url).await?];
    for scenario in scenarios {
        alike::check(*scenario, &place.world, servers[0].address, servers[1].address).await?;
        let scripts = match &pgbench {
            Some(_) => scripts(*scenario, &place).await,
            None => Vec::new(),
        };
        for connections in &options.connections {
            let mut line = both(*scenario, &place, &servers, *connections, options.seconds).await?;
            if let Some(pgbench) = &pgbench {
                line.pgbench = Some(pgbench.run(&scripts, *connections, options.seconds).await?);
            }
            report::print_line(&line);
            section.lines.push(line);
        }
    }
    drop(servers);
    place.close().await?;
    Ok(section)
}

/// Measures both servers in one scenario.
async fn both(
    scenario: Scenario,
    place: &Place,
    servers: &[Server; 2],
    connections: usize,
    seconds: u64,
) -> Result<Line, Failure> {
    let calls = scenario.calls(&place.world);
    let [shoal, hand_written] = servers;
    let first = calls.first().ok_or("a scenario without requests")?;
    let statements = statements(scenario, first, place).await?;
    let document = scenario.document();
    let subjects = [
        Subject {
            server: shoal,
            requests: Arc::new(
                calls.iter().map(|call| call.for_shoal(document, &place.world.token)).collect(),
            ),
            statements: statements[0],
        },
        Subject {
            server: hand_written,
            requests: Arc::new(calls.iter().map(Call::for_hand_written).collect()),
            statements: statements[1],
        },
    ];
    let before = place.contacts().await?;
    let mut measured = measure(&subjects, connections, Duration::from_secs(seconds)).await?.into_iter();
    let (Some(shoal), Some(hand_written)) = (measured.next(), measured.next()) else {
        return Err("a server was not measured".into());
    };
    let mut line = Line {
        scenario: scenario.name(),
        connections,
        rows: scenario.rows(),
        shoal,
        hand_written,
        pgbench: None,
    };
    if scenario.is_write() {
        // Requests of the warm-up are in the database, too, but not in the numbers: more is right, less is not.
        let written = place.contacts().await? - before;
        let answered = (shoal.requests + hand_written.requests) * scenario.rows() as u64;
        line.shoal.errors += u64::from(written < answered);
    }
    Ok(line)
}

/// Statements of one request, by Shoal and by the hand-written handler.
async fn statements(scenario: Scenario, call: &Call, place: &Place) -> Result<[u64; 2], Failure> {
    let document = scenario.document();
    let mut router = hand_written::router(place.database().clone());
    let mut counted = [u64::MAX, u64::MAX];
    // Sometimes a connection is opened, which takes statements of its own.
    for _ in 0..3 {
        let (ours, answered) =
            count::statements(place::answer(&place.application, document, &call.variables)).await;
        answered?;
        let (method, path, body) = call.parts();
        let request = Request::builder().method(method).uri(path).header("content-type", "application/json");
        let request = request.body(Body::from(body))?;
        let (theirs, answered) = count::statements(router.call(request)).await;
        answered?;
        counted = [counted[0].min(ours), counted[1].min(theirs)];
    }
    Ok(counted)
}

/// What pgbench runs: the statements of some of the requests.
async fn scripts(scenario: Scenario, place: &Place) -> Vec<Script> {
    const MOST: usize = 20;
    if scenario.is_write() {
        return vec![pgbench::write_script(scenario.rows(), place.world.sizes)];
    }
    let capture = Capture::new(place.application.kernel().modules.schemas().all(), place.database());
    let mut scripts = Vec::new();
    for (number, call) in scenario.calls(&place.world).iter().take(MOST).enumerate() {
        let statements = capture.statements(scenario.document(), &call.variables).await;
        scripts.push(Script::of(number, &statements));
    }
    scripts
}
