//! `shoal bench scope`: what it costs that a caller may see only a part of a list.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use serde_json::{Value as Json, json};
use shoal_contacts::contact;
use shoal_core::module::Modules;
use shoal_core::setup;
use uuid::Uuid;

use crate::Failure;
use crate::arguments::{Databases, Options};
use crate::child::Server;
use crate::data::{self, Sizes, TENANT, contact_id};
use crate::measure::{Measured, Subject, measure};
use crate::place::{Place, answer};
use crate::scenario::Call;
use crate::serve::Side;

/// Teams that have the contacts between them, in tens below another.
const TEAMS: usize = 100;

/// Every so many contacts one is the caller's own.
const OWN: usize = 1_000;

/// A list of a team's records may take so many times as long as one of all records. Those of many teams may take longer:
/// each is one more index to read.
const MOST: f64 = 2.0;

/// The scopes, the widest first, and what part of the contacts each shows.
const SCOPES: [(&str, &str); 4] = [
    ("ALL", "all contacts"),
    ("TEAM_AND_BELOW", "10 teams of 100 and the caller's own"),
    ("TEAM", "a team of 100 and the caller's own"),
    ("OWN", "a thousandth"),
];

/// The orders of the list.
const LISTS: [(&str, &str); 3] = [
    ("as it is", "{ contacts(first: 50) { nodes { id displayName lifecycleStage } } }"),
    (
        "by name",
        "{ contacts(first: 50, orderBy: [{displayName: ASC}]) { nodes { id displayName lifecycleStage } } }",
    ),
    (
        "newest first",
        "{ contacts(first: 50, orderBy: [{createdAt: DESC}]) { nodes { id displayName lifecycleStage } } }",
    ),
];

/// Measures on each database, and prints what came out.
pub(crate) async fn run(options: &Options, modules: fn() -> Modules) -> Result<ExitCode, Failure> {
    let sizes = Sizes::of(options.contacts);
    let mut met = true;
    if options.database != Databases::Postgres {
        met &= section(Place::sqlite(sizes, modules).await?, options).await?;
    }
    if options.database != Databases::Sqlite {
        met &= section(Place::postgres(options.postgres_url.clone(), sizes, modules).await?, options).await?;
    }
    Ok(if options.check && !met { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

#[expect(clippy::print_stdout, reason = "the result of a command")]
async fn section(place: Place, options: &Options) -> Result<bool, Failure> {
    println!("\n{}: {}", place.name, place.description);
    for (scope, shows) in SCOPES {
        println!("  {scope:<15} {shows}");
    }
    let tokens = callers(&place).await?;
    let server = Server::start(Side::Shoal, &place.url).await?;
    let mut met = true;
    println!(
        "list          scope           conn  requests/s  of ALL's time  CPU µs/request   p50 ms   p99 ms"
    );
    for (list, document) in LISTS {
        let call = Call::get(json!({}), "/");
        let requests = tokens.iter().map(|token| Arc::new(vec![call.for_shoal(document, token)]));
        let subjects: Vec<_> =
            requests.map(|requests| Subject { server: &server, requests, statements: 1 }).collect();
        for connections in &options.connections {
            let measured = measure(&subjects, *connections, Duration::from_secs(options.seconds)).await?;
            for ((scope, _), one) in SCOPES.iter().zip(&measured) {
                let times =
                    measured.first().map_or(f64::NAN, |all| all.per_second / one.per_second.max(1e-9));
                met &= one.errors == 0 && (times <= MOST || *scope == "TEAM_AND_BELOW");
                print_line((list, scope, *connections), one, times);
            }
        }
    }
    println!(
        "{}  {}: TEAM and OWN take at most {MOST} times the time of ALL",
        if met { "met   " } else { "MISSED" },
        place.name
    );
    drop(server);
    place.close().await?;
    Ok(met)
}

#[expect(clippy::print_stdout, reason = "the result of a command")]
fn print_line((list, scope, connections): (&str, &str, usize), measured: &Measured, times: f64) {
    let cpu = measured.cpu_micros.map_or_else(|| "n/a".to_owned(), |micros| format!("{micros:.0}"));
    let errors = if measured.errors == 0 { String::new() } else { format!("  {} ERRORS", measured.errors) };
    println!(
        "{list:<13} {scope:<15} {connections:>4} {:>11.0} {times:>14.2} {cpu:>15} {:>8.2} {:>8.2}{errors}",
        measured.per_second, measured.p50_ms, measured.p99_ms,
    );
}

/// Gives the contacts to teams and to one caller for each scope: their tokens.
async fn callers(place: &Place) -> Result<Vec<String>, Failure> {
    let teams = teams(place).await?;
    let kernel = place.application.kernel();
    let mut tokens = Vec::new();
    let mut users = Vec::new();
    for (scope, _) in SCOPES {
        let rights = json!([{"name": "contacts.contact.read", "scope": scope}]);
        let role = make(place, "role", json!({"name": scope, "rights": rights})).await?;
        let email = format!("{scope}@company.example");
        let input = json!({"email": email, "name": scope, "roleIds": [role]});
        let invite = "mutation($input: UserInvite!) { made: userInvite(input: $input) { id } }";
        let user = id(&answer(&place.application, invite, &json!({"input": input})).await?)?;
        users.push(user);
    }
    // Whoever sees the teams below leads one of the ten; the others are in the first team of it.
    let (leads, first) = (teams.first().ok_or("no teams")?, teams.get(1).ok_or("no teams")?);
    let company = kernel.tenant(TENANT).await?.ok_or("there is no company")?;
    for (user, (scope, _)) in users.iter().zip(SCOPES) {
        let team = if scope == "TEAM_AND_BELOW" { leads } else { first };
        setup::add_member(kernel, &company, *team, *user).await?;
        tokens.push(setup::session_for(kernel, &company, *user).await?.text());
    }
    let below: Vec<Uuid> =
        teams.iter().enumerate().filter(|(number, _)| number % 11 != 0).map(|(_, team)| *team).collect();
    give_to_teams(place, &below).await?;
    give_to_callers(place, &users).await?;
    data::settle(place.database()).await?;
    Ok(tokens)
}

/// Ten teams, each followed by the ten below it.
async fn teams(place: &Place) -> Result<Vec<Uuid>, Failure> {
    let mut teams = Vec::new();
    for region in 0..TEAMS / 10 {
        let above = make(place, "team", json!({"name": format!("Region {region}")})).await?;
        teams.push(above);
        for number in 0..10 {
            let input = json!({"name": format!("Team {region}.{number}"), "parentId": above});
            teams.push(make(place, "team", input).await?);
        }
    }
    Ok(teams)
}

/// Each team has every hundredth contact: everywhere in a list.
async fn give_to_teams(place: &Place, teams: &[Uuid]) -> Result<(), Failure> {
    for (number, team) in teams.iter().enumerate() {
        let ids = (number..place.world.sizes.contacts).step_by(teams.len()).map(contact_id);
        give(place, contact::Column::TeamId, *team, ids.collect()).await?;
    }
    Ok(())
}

/// Each caller has contacts of their own, of any team.
async fn give_to_callers(place: &Place, users: &[Uuid]) -> Result<(), Failure> {
    for (number, user) in users.iter().enumerate() {
        let ids = (number * 7..place.world.sizes.contacts).step_by(OWN).map(contact_id);
        give(place, contact::Column::OwnerId, *user, ids.collect()).await?;
    }
    Ok(())
}

async fn give(place: &Place, column: contact::Column, whose: Uuid, ids: Vec<Uuid>) -> Result<(), Failure> {
    contact::Entity::update_many()
        .col_expr(column, Expr::value(whose))
        .filter(contact::Column::TenantId.eq(TENANT))
        .filter(contact::Column::Id.is_in(ids))
        .exec(place.database().writer())
        .await?;
    Ok(())
}

/// Makes a record of the kernel: its id.
async fn make(place: &Place, kind: &str, input: Json) -> Result<Uuid, Failure> {
    let (upper, rest) = kind.split_at(1);
    let document = format!(
        "mutation($input: {}{rest}Create!) {{ made: {kind}Create(input: $input) {{ id }} }}",
        upper.to_uppercase()
    );
    id(&answer(&place.application, &document, &json!({"input": input})).await?)
}

fn id(data: &Json) -> Result<Uuid, Failure> {
    Ok(data["made"]["id"].as_str().unwrap_or_default().parse()?)
}
