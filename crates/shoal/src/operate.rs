//! `shoal tenant`, `shoal user`, `shoal module`: what an operator does from the command line.

use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Subcommand, ValueEnum};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _};
use serde_json::{Value as Json, json};
use shoal_core::module::{Composition, Language};
use shoal_core::module_state::plan::{ModuleAction, Plan, Wanted, plan};
use shoal_core::module_state::service::{Agreed, change, purge};
use shoal_core::sign_in::link::Purpose;
use shoal_core::tenancy::{Tenant, tenant_by_slug, tenants};
use shoal_core::tenant::rules::Details;
use shoal_core::{Kernel, RequestContext, role, setup, tenant, user};
use shoal_gateway::config::Config;
use shoal_graphql::value::Choice as _;

use crate::cli::Failure;
use crate::serve::open;

/// Which company, and how to print.
#[derive(Debug, Args)]
pub struct Common {
    /// The company's name on the command line; not needed if there is only one.
    #[arg(long, global = true)]
    pub(crate) tenant: Option<String>,
    /// Print JSON.
    #[arg(long, global = true)]
    pub json: bool,
}

/// `shoal tenant`
#[derive(Debug, Subcommand)]
pub enum TenantCommand {
    /// List the companies.
    #[command(after_help = "Example:\n  shoal tenant list --json")]
    List,
    /// Make a company, with an administrator.
    #[command(
        after_help = "Examples:\n  shoal tenant create north --name 'North GmbH' --admin anna@north.example --locale de-DE --time-zone Europe/Berlin\n  shoal tenant create south --name South --admin bo@south.example --modules contacts"
    )]
    Create(NewTenant),
}

/// A company to be made.
#[derive(Debug, Args)]
pub struct NewTenant {
    /// Its name in addresses and on the command line: small letters, digits and hyphens.
    slug: String,
    /// Its name.
    #[arg(long)]
    name: String,
    /// The address of its first administrator; a link to sign in is printed.
    #[arg(long)]
    admin: String,
    /// Language and country by which things are written, such as zh-CN.
    #[arg(long, default_value = "en")]
    locale: String,
    /// IANA name of the zone in which its business days begin.
    #[arg(long, default_value = "UTC")]
    time_zone: String,
    /// ISO 4217 code of the currency of its accounts.
    #[arg(long, default_value = "EUR")]
    currency: String,
    /// ISO 3166 code of the country whose phone numbers need no prefix.
    #[arg(long)]
    phone_region: Option<String>,
    /// Modules to enable, with those they require; those that require none if not given.
    #[arg(long, value_delimiter = ',')]
    modules: Option<Vec<String>>,
}

/// `shoal user`
#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// List the people of a company.
    #[command(after_help = "Example:\n  shoal user list --tenant north")]
    List,
    /// Add somebody; a link to choose a password is printed.
    #[command(after_help = "Example:\n  shoal user add bo@north.example --name 'Bo Li' --admin")]
    Add {
        /// The address they sign in with.
        email: String,
        /// What colleagues call them.
        #[arg(long)]
        name: String,
        /// Give them every right.
        #[arg(long)]
        admin: bool,
    },
    /// Print a link that lets somebody in once, or choose another password.
    #[command(
        after_help = "Examples:\n  shoal user link bo@north.example\n  shoal user link bo@north.example --reset"
    )]
    Link {
        /// Their address.
        email: String,
        /// To choose another password.
        #[arg(long)]
        reset: bool,
    },
    /// Give somebody every right, and let them in again: when no administrator is left.
    #[command(after_help = "Example:\n  shoal user recover anna@north.example")]
    Recover {
        /// Their address.
        email: String,
    },
}

/// `shoal module`
#[derive(Debug, Subcommand)]
pub enum ModuleCommand {
    /// List the modules, and how far a company has come with each.
    #[command(after_help = "Example:\n  shoal module list --tenant north")]
    List,
    /// Say what a change would do.
    #[command(after_help = "Example:\n  shoal module plan disable contacts")]
    Plan {
        /// What is to become of it.
        action: Action,
        /// The module.
        module: String,
    },
    /// Enable, suspend, disable or purge a module.
    #[command(
        after_help = "Examples:\n  shoal module change enable contacts --tenant north\n  shoal module change purge contacts --confirm contacts"
    )]
    Change {
        /// What is to become of it.
        action: Action,
        /// The module.
        module: String,
        /// To purge: the module's name once more, as all its records are deleted.
        #[arg(long)]
        confirm: Option<String>,
    },
}

/// What is to become of a module.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Action {
    /// It is to be used.
    Enable,
    /// It is to be read only.
    Suspend,
    /// It is to be switched off; its records are kept.
    Disable,
    /// All its records are to be deleted.
    Purge,
}

impl From<Action> for ModuleAction {
    fn from(action: Action) -> Self {
        match action {
            Action::Enable => Self::Enable,
            Action::Suspend => Self::Suspend,
            Action::Disable => Self::Disable,
            Action::Purge => Self::Purge,
        }
    }
}

/// The company that was named, or the only one.
pub async fn company(kernel: &Arc<Kernel>, common: &Common) -> Result<Arc<Tenant>, Failure> {
    if let Some(slug) = &common.tenant {
        let found = tenant_by_slug(kernel, slug).await?;
        return found.ok_or_else(|| format!("there is no company {slug}; see `shoal tenant list`").into());
    }
    match tenants(kernel).await?.as_slice() {
        [] => Err("there is no company yet; see `shoal tenant create --help`".into()),
        [(id, _)] => kernel.tenant(*id).await?.ok_or_else(|| "the company is gone".into()),
        several => {
            let names: Vec<&str> = several.iter().map(|(_, slug)| slug.as_str()).collect();
            Err(format!("there are several companies; name one by --tenant: {}", names.join(", ")).into())
        }
    }
}

/// The oldest company.
pub async fn oldest_company(kernel: &Arc<Kernel>) -> Result<Arc<Tenant>, Failure> {
    let (id, _) = tenants(kernel).await?.into_iter().next().ok_or("there is no company")?;
    kernel.tenant(id).await?.ok_or_else(|| "there is no company".into())
}

/// Prints rows for people, or JSON.
#[expect(clippy::print_stdout, reason = "the output of the command")]
pub fn print(as_json: bool, rows: &[Json], columns: &[&str]) {
    if as_json {
        println!("{}", Json::from(rows));
        return;
    }
    let cell = |row: &Json, column: &str| match &row[column] {
        Json::String(text) => text.clone(),
        Json::Null => "-".to_owned(),
        other => other.to_string(),
    };
    let widths = columns.iter().map(|column| {
        let cells = rows.iter().map(|row| cell(row, column).chars().count());
        cells.chain([column.len()]).max().unwrap_or_default()
    });
    let widths: Vec<usize> = widths.collect();
    let line = |cells: Vec<String>| {
        let padded = cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        println!("{}", padded.collect::<Vec<_>>().join("  ").trim_end());
    };
    line(columns.iter().map(|column| column.to_uppercase()).collect());
    for row in rows {
        line(columns.iter().map(|column| cell(row, column)).collect());
    }
}

/// The address of a link, for people.
fn link(config: &Config, token: &str) -> String {
    format!("{}/auth/link/{token}", config.server.public_address())
}

/// Runs `shoal tenant …`.
pub async fn tenant(
    config: &Config,
    modules: Composition,
    command: TenantCommand,
    as_json: bool,
) -> Result<ExitCode, Failure> {
    let kernel = open(config, modules).await?;
    match command {
        TenantCommand::List => {
            let found = tenant::Entity::find().order_by_asc(tenant::Column::Id);
            let found = found.all(kernel.database.reader().connection()).await?;
            let rows: Vec<Json> = found
                .into_iter()
                .map(|row| json!({"slug": row.slug, "name": row.name, "locale": row.locale, "timeZone": row.time_zone, "id": row.id}))
                .collect();
            print(as_json, &rows, &["slug", "name", "locale", "timeZone", "id"]);
        }
        TenantCommand::Create(new) => {
            let details = Details {
                locale: new.locale,
                time_zone: new.time_zone,
                base_currency: new.currency,
                phone_region: new.phone_region,
                ..Details::new(&new.slug, &new.name)
            };
            // `--modules=` is none.
            let named = new
                .modules
                .map(|names| names.into_iter().filter(|name| !name.is_empty()).collect::<Vec<_>>());
            let company = tenant::service::create(&kernel, details, named.as_deref()).await?;
            let added = add(&kernel, &company, (&new.admin, "Administrator"), role::ADMINISTRATOR).await?;
            let token = setup::link_for(&kernel, &company, added.id, Purpose::Invitation).await?;
            let row = json!({"slug": company.slug, "id": company.id, "link": link(config, &token.text())});
            print(as_json, &[row], &["slug", "id", "link"]);
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn add(
    kernel: &Arc<Kernel>,
    company: &Arc<Tenant>,
    (email, name): (&str, &str),
    built_in: &'static str,
) -> Result<user::Model, Failure> {
    let (email, name) = (email.to_owned(), name.to_owned());
    let details = user::rules::Details { email, name, language: None, time_zone: None };
    Ok(setup::add_user(kernel, company, details, built_in).await?)
}

/// Runs `shoal user …`.
pub async fn user(
    config: &Config,
    modules: Composition,
    command: UserCommand,
    common: &Common,
) -> Result<ExitCode, Failure> {
    let kernel = open(config, modules).await?;
    let company = company(&kernel, common).await?;
    let told = |user: &user::Model, token: &str| json!({"email": user.email, "name": user.name, "link": link(config, token)});
    match command {
        UserCommand::List => {
            let found = user::Entity::find()
                .filter(user::Column::TenantId.eq(company.id))
                .order_by_asc(user::Column::NameSort);
            let found = found.all(kernel.database.reader().connection()).await?;
            let rows: Vec<Json> = found
                .into_iter()
                .map(|row| json!({"email": row.email, "name": row.name, "active": row.active, "id": row.id}))
                .collect();
            print(common.json, &rows, &["email", "name", "active", "id"]);
        }
        UserCommand::Add { email, name, admin } => {
            let built_in = if admin { role::ADMINISTRATOR } else { role::EMPLOYEE };
            let added = add(&kernel, &company, (&email, &name), built_in).await?;
            let token = setup::link_for(&kernel, &company, added.id, Purpose::Invitation).await?;
            print(common.json, &[told(&added, &token.text())], &["email", "name", "link"]);
        }
        UserCommand::Link { email, reset } => {
            let found = setup::find_user(&kernel, &company, &email).await?;
            let found = found.ok_or_else(|| format!("nobody in {} has the address {email}", company.slug))?;
            let purpose = if reset { Purpose::Reset } else { Purpose::Start };
            let token = setup::link_for(&kernel, &company, found.id, purpose).await?;
            print(common.json, &[told(&found, &token.text())], &["email", "name", "link"]);
        }
        UserCommand::Recover { email } => {
            let found = setup::find_user(&kernel, &company, &email).await?;
            let found = found.ok_or_else(|| format!("nobody in {} has the address {email}", company.slug))?;
            setup::make_administrator(&kernel, &company, found.id).await?;
            let token = setup::link_for(&kernel, &company, found.id, Purpose::Reset).await?;
            print(common.json, &[told(&found, &token.text())], &["email", "name", "link"]);
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Runs `shoal module …`.
pub async fn module(
    config: &Config,
    modules: Composition,
    command: ModuleCommand,
    common: &Common,
) -> Result<ExitCode, Failure> {
    let kernel = open(config, modules).await?;
    let company = company(&kernel, common).await?;
    let context = RequestContext::operator(&kernel, &company);
    let wanted =
        |action: Action, module: String| Wanted { module, action: action.into(), pilot_teams: vec![] };
    match command {
        ModuleCommand::List => {
            let rows = kernel.modules.optional().map(|module| {
                let id = module.manifest.id;
                json!({
                    "module": id, "title": module.title(Language::English), "state": company.state(id).code(),
                    "version": module.manifest.version, "requires": module.manifest.requires.join(", "),
                })
            });
            print(
                common.json,
                &rows.collect::<Vec<_>>(),
                &["module", "title", "state", "version", "requires"],
            );
        }
        ModuleCommand::Plan { action, module } => {
            let plan = plan(&context, &wanted(action, module)).await?;
            print(
                common.json,
                &[told(&plan)],
                &["module", "from", "to", "along", "records", "fields", "waitingEvents", "openJobs"],
            );
        }
        ModuleCommand::Change { action, module, confirm } => {
            let wanted = wanted(action, module);
            let plan = plan(&context, &wanted).await?;
            let agreed = Agreed { wanted, plan_id: plan.id.clone(), confirmation: confirm };
            change(&context, &agreed).await?;
            if matches!(action, Action::Purge) {
                let now = kernel.tenant(company.id).await?.ok_or("the company is gone")?;
                purge(&RequestContext::operator(&kernel, &now)).await?;
            }
            print(common.json, &[told(&plan)], &["module", "from", "to", "along"]);
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn told(plan: &Plan) -> Json {
    let records = plan.records.iter().filter(|(_, count)| *count > 0);
    let records: Vec<String> = records.map(|(name, count)| format!("{count} {name}")).collect();
    json!({
        "module": plan.module, "from": plan.from.code(), "to": plan.to.code(), "along": plan.along.join(", "),
        "records": records.join(", "), "fields": plan.fields.join(", "), "waitingEvents": plan.waiting_events,
        "openJobs": plan.open_jobs,
    })
}
