//! A database as the first start of the program leaves it, for tests that start, end and kill the real program.

use sea_orm::DbErr;
use shoal_core::module::Modules;
use shoal_core::tenant::rules::Details;
use shoal_core::{Kernel, role, setup, tenant};
use uuid::Uuid;

use super::people::person;
use super::{composition, connect, good, template};
use crate::database::{Backend, TestDatabase};

/// A migrated database with a company that has every module enabled, and an administrator.
#[derive(Debug)]
pub struct Installation {
    /// The database; it goes with this value.
    pub database: TestDatabase,
    /// The company.
    pub tenant: Uuid,
    /// What the administrator presents to say who it is.
    pub token: String,
}

impl Installation {
    /// Makes one, and leaves no connection open.
    ///
    /// # Panics
    /// When it cannot be made.
    pub async fn new(backend: Backend, modules: fn() -> Modules) -> Self {
        let database = template::database(backend, modules).await;
        let connections = connect(database.url(), std::time::Duration::from_secs(30)).await;
        let kernel = Kernel::new(connections.clone(), composition(modules));
        let names: Vec<String> =
            kernel.modules.optional().map(|module| module.manifest.id.to_owned()).collect();
        let company =
            tenant::service::create(&kernel, Details::new("company", "Company"), Some(&names)).await;
        let company = good(company, "a company");
        let details = person("admin@company.example", "Administrator");
        let user = setup::add_user(&kernel, &company, details, role::ADMINISTRATOR).await;
        let user = good(user, "an administrator");
        let token = good(setup::session_for(&kernel, &company, user.id).await, "a session").text();
        let closed: Result<(), DbErr> = async {
            connections.writer().clone().close().await?;
            connections.reader().connection().clone().close().await
        }
        .await;
        good(closed, "a closed database");
        Self { database, tenant: company.id, token }
    }
}
