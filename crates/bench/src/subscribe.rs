//! `shoal bench subscribe`: how soon and how often many subscribers are told.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::future::try_join_all;
use serde_json::json;
use shoal_core::module::Modules;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

use crate::Failure;
use crate::arguments::{Databases, SubscribeOptions};
use crate::child::Server;
use crate::client::Connection;
use crate::data::Sizes;
use crate::place::Place;
use crate::serve::Side;

/// Contacts that are there; how many hardly matters.
const CONTACTS: usize = 1_000;

/// Between two events of which the time is taken: every one finds the server idle.
const PAUSE: Duration = Duration::from_millis(50);

/// Events of the burst.
const BURST: usize = 500;

const SUBSCRIPTION: &str = "subscription { contactChanged { kind id contact { displayName } } }";

const CREATE: &str =
    "mutation($rows: [ContactCreate!]!) { contactCreateMany(input: $rows) { results { id } } }";

/// Measures on each database, and prints what came out.
pub(crate) async fn run(options: &SubscribeOptions, modules: fn() -> Modules) -> Result<ExitCode, Failure> {
    let sizes = Sizes::of(CONTACTS);
    if options.database != Databases::Postgres {
        measure(Place::sqlite(sizes, modules).await?, options).await?;
    }
    if options.database != Databases::Sqlite {
        measure(Place::postgres(options.postgres_url.clone(), sizes, modules).await?, options).await?;
    }
    Ok(ExitCode::SUCCESS)
}

#[expect(clippy::print_stdout, reason = "the result of a command")]
async fn measure(place: Place, options: &SubscribeOptions) -> Result<(), Failure> {
    let server = Server::start(Side::Shoal, &place.url).await?;
    let memory = |server: &Server| server.memory().map_or(0, |memory| memory.own);
    let mut writer = Connection::open(server.address).await?;
    // What the first request of all sets up is no subscriber's.
    write(&mut writer, &place.world.token, &["first".to_owned()]).await?;
    let before = memory(&server);
    let mut subscribers = Vec::with_capacity(options.subscribers);
    for _ in 0..options.subscribers {
        subscribers.push(Subscriber::open(&server, &place.world.token).await?);
    }
    let each = memory(&server).saturating_sub(before) / options.subscribers.max(1) as u64;
    println!("{}: {} subscribers, {} KiB of memory each", place.name, options.subscribers, each / 1024);

    let origin = Instant::now();
    let listening = subscribers
        .into_iter()
        .map(|subscriber| tokio::spawn(subscriber.listen(Arc::from("T"), origin, options.events)));
    let listening: Vec<_> = listening.collect();
    for _ in 0..options.events {
        tokio::time::sleep(PAUSE).await;
        let name = format!("T{}", origin.elapsed().as_micros());
        write(&mut writer, &place.world.token, &[name]).await?;
    }
    let (mut subscribers, mut times) = (Vec::new(), Vec::new());
    for heard in try_join_all(listening).await? {
        let (subscriber, latencies) = heard?;
        subscribers.push(subscriber);
        times.extend(latencies);
    }
    times.sort_unstable();
    let at = |percent: usize| times.get((times.len() * percent / 100).min(times.len().saturating_sub(1)));
    let show = |micros: Option<&u128>| micros.map_or(0, |micros| micros / 1_000);
    println!(
        "  from sending a mutation to reading its event: p50 {} ms, p99 {} ms",
        show(at(50)),
        show(at(99))
    );

    let (cpu, start) = (server.cpu_micros(), Instant::now());
    let listening = subscribers
        .into_iter()
        .map(|subscriber| tokio::spawn(subscriber.listen(Arc::from("B"), start, BURST)));
    let listening: Vec<_> = listening.collect();
    let names: Vec<String> = (0..BURST).map(|number| format!("B{number}")).collect();
    write(&mut writer, &place.world.token, &names).await?;
    for heard in try_join_all(listening).await? {
        drop(heard?.0);
    }
    let (took, told) = (start.elapsed(), (BURST * options.subscribers).max(1));
    let rate = told as u128 * 1_000_000 / took.as_micros().max(1);
    let cpu = server.cpu_micros().zip(cpu).map_or(0, |(after, before)| after - before) / told as u64;
    println!(
        "  {BURST} contacts at once: {rate} events per second to all together, {cpu} µs of processor time each"
    );
    println!("  memory of the server: {} MB", memory(&server) / 1_000_000);
    drop(server);
    place.close().await
}

/// Creates contacts with these names.
async fn write(connection: &mut Connection, token: &str, names: &[String]) -> Result<(), Failure> {
    let rows: Vec<_> = names.iter().map(|name| json!({"givenName": name})).collect();
    let body = json!({"query": CREATE, "variables": {"rows": rows}}).to_string();
    let request = request("HTTP/1.1", token, "application/json", &body);
    let reply = connection.call(&request).await?;
    if reply.is_good() { Ok(()) } else { Err("a contact could not be created".into()) }
}

fn request(version: &str, token: &str, accept: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "POST /graphql {version}\r\nhost: bench\r\naccept: {accept}\r\ncontent-type: application/json\r\n\
         authorization: Bearer {token}\r\ncontent-length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

/// A client that reads server-sent events.
struct Subscriber(BufReader<TcpStream>);

impl Subscriber {
    /// Subscribes. From here on nothing is missed.
    async fn open(server: &Server, token: &str) -> Result<Self, Failure> {
        let mut stream = TcpStream::connect(server.address).await?;
        let body = json!({"query": SUBSCRIPTION}).to_string();
        // HTTP/1.0: an answer that is not in chunks.
        stream.write_all(&request("HTTP/1.0", token, "text/event-stream", &body)).await?;
        let mut lines = BufReader::with_capacity(4 * 1024, stream);
        let mut line = String::new();
        while !line.starts_with("id: ") {
            line.clear();
            if lines.read_line(&mut line).await? == 0 {
                return Err("a subscriber was turned away".into());
            }
        }
        Ok(Self(lines))
    }

    /// Reads so many contacts whose names begin with `mark`; how many microseconds after what their names say, if they say a
    /// time since `origin`.
    async fn listen(
        mut self,
        mark: Arc<str>,
        origin: Instant,
        count: usize,
    ) -> Result<(Self, Vec<u128>), Failure> {
        let begin = format!("\"displayName\":\"{mark}");
        let (mut times, mut line) = (Vec::with_capacity(count), String::new());
        while times.len() < count {
            line.clear();
            if self.0.read_line(&mut line).await? == 0 {
                return Err("a subscriber was let go".into());
            }
            let Some((_, name)) = line.split_once(&begin) else { continue };
            let sent: u128 = name.split('"').next().unwrap_or_default().parse()?;
            times.push(origin.elapsed().as_micros().saturating_sub(sent));
        }
        Ok((self, times))
    }
}
