//! Requests over so many connections for so long.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Serialize;
use tokio::task::JoinSet;

use crate::Failure;
use crate::child::{Memory, Server};
use crate::client::Connection;
use crate::data::Random;

/// What one side did.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Measured {
    /// Requests that were answered.
    pub requests: u64,
    /// Answers that were not good.
    pub errors: u64,
    /// Requests per second.
    pub per_second: f64,
    /// Half of the answers took at most this long.
    pub p50_ms: f64,
    /// Of a hundred answers, 99 took at most this long.
    pub p99_ms: f64,
    /// Processor time of the server for one request.
    pub cpu_micros: Option<f64>,
    /// The server's memory; each number the most that was seen.
    pub memory: Option<Memory>,
    /// Statements of one request, with those that begin and end a transaction.
    pub statements: u64,
}

/// A server with the requests for it.
#[derive(Debug)]
pub struct Subject<'s> {
    /// The server.
    pub server: &'s Server,
    /// Different requests of one kind.
    pub requests: Arc<Vec<Vec<u8>>>,
    /// Statements of one of them.
    pub statements: u64,
}

/// What was seen so far.
#[derive(Debug, Default)]
struct Tally {
    requests: u64,
    errors: u64,
    micros: Vec<u32>,
    elapsed: Duration,
    cpu_micros: Option<u64>,
    memory: Option<Memory>,
}

/// Turns of each side: what else the machine does in the meantime meets both.
const ROUNDS: u32 = 10;

/// Measures the subjects in turns, after letting each warm up.
///
/// # Errors
/// When a connection breaks.
pub async fn measure(
    subjects: &[Subject<'_>],
    connections: usize,
    duration: Duration,
) -> Result<Vec<Measured>, Failure> {
    let mut tallies: Vec<Tally> = subjects.iter().map(|_| Tally::default()).collect();
    for subject in subjects {
        let warm_up = (duration / 5).min(Duration::from_secs(1));
        drive(subject, connections, warm_up, &mut Tally::default()).await?;
    }
    for _ in 0..ROUNDS {
        for (subject, tally) in subjects.iter().zip(&mut tallies) {
            subject.server.forget_peak();
            let before = subject.server.cpu_micros();
            drive(subject, connections, duration / ROUNDS, tally).await?;
            let used = subject.server.cpu_micros().zip(before).map(|(after, before)| after - before);
            tally.cpu_micros = used.map(|used| used + tally.cpu_micros.unwrap_or_default());
            tally.memory = larger(tally.memory, subject.server.memory());
        }
    }
    Ok(subjects.iter().zip(tallies).map(|(subject, tally)| tally.finish(subject)).collect())
}

fn larger(one: Option<Memory>, other: Option<Memory>) -> Option<Memory> {
    let (Some(one), Some(other)) = (one, other) else { return one.or(other) };
    Some(Memory {
        resident: one.resident.max(other.resident),
        peak: one.peak.max(other.peak),
        own: one.own.max(other.own),
    })
}

impl Tally {
    #[expect(clippy::cast_precision_loss, reason = "numbers for people")]
    fn finish(mut self, subject: &Subject<'_>) -> Measured {
        self.micros.sort_unstable();
        let at = |percent: usize| {
            let position = (self.micros.len().saturating_sub(1)) * percent / 100;
            f64::from(self.micros.get(position).copied().unwrap_or_default()) / 1e3
        };
        Measured {
            requests: self.requests,
            errors: self.errors,
            per_second: self.requests as f64 / self.elapsed.as_secs_f64().max(1e-9),
            p50_ms: at(50),
            p99_ms: at(99),
            cpu_micros: self.cpu_micros.map(|micros| micros as f64 / self.requests.max(1) as f64),
            memory: self.memory,
            statements: subject.statements,
        }
    }
}

async fn drive(
    subject: &Subject<'_>,
    connections: usize,
    duration: Duration,
    tally: &mut Tally,
) -> Result<(), Failure> {
    let mut tasks = JoinSet::new();
    let start = Instant::now();
    for number in 0..connections {
        let seed = number as u64 + tally.requests;
        tasks.spawn(one(subject.server.address, Arc::clone(&subject.requests), start + duration, seed));
    }
    while let Some(done) = tasks.join_next().await {
        let (errors, micros) = done??;
        tally.errors += errors;
        tally.requests += micros.len() as u64;
        tally.micros.extend(micros);
    }
    tally.elapsed += start.elapsed();
    Ok(())
}

/// One connection: a request as soon as the one before is answered.
async fn one(
    address: SocketAddr,
    requests: Arc<Vec<Vec<u8>>>,
    end: Instant,
    seed: u64,
) -> Result<(u64, Vec<u32>), std::io::Error> {
    let mut connection = Connection::open(address).await?;
    let mut random = Random::new(seed);
    let (mut errors, mut micros) = (0, Vec::with_capacity(8_192));
    loop {
        let start = Instant::now();
        if start >= end {
            return Ok((errors, micros));
        }
        let request = &requests[random.below(requests.len())];
        if !connection.call(request).await?.is_good() {
            errors += 1;
        }
        micros.push(u32::try_from(start.elapsed().as_micros()).unwrap_or(u32::MAX));
    }
}
