//! People of a test.

use std::sync::Arc;

use shoal_core::clock::{Ids, System};
use shoal_core::kernel::Sources;
use shoal_core::tenancy::Tenant;
use shoal_core::{Kernel, role, setup, user};
use uuid::Uuid;

use super::{Server, TestApp, composition, good};

impl TestApp {
    pub(super) async fn administrator(server: Arc<Server>, tenant: Arc<Tenant>) -> Self {
        let kernel = seeding(&server);
        let details = person("admin@company.example", "Administrator");
        let added = setup::add_user(&kernel, &tenant, details, role::ADMINISTRATOR).await;
        let user = good(added, "an administrator");
        let token = good(setup::session_for(&kernel, &tenant, user.id).await, "a session").text();
        Self { server, tenant, user: user.id, token }
    }

    /// A person without any role in the same company.
    ///
    /// # Panics
    /// When they cannot be added.
    pub async fn nobody(&self, email: &str) -> Self {
        let kernel = seeding(&self.server);
        let added = setup::add_user(&kernel, &self.tenant, person(email, email), None).await;
        self.with_session_of(good(added, "a user").id).await
    }

    /// A person with a built-in role in the same company.
    ///
    /// # Panics
    /// When they cannot be added.
    pub async fn user(&self, email: &str, built_in: &'static str) -> Self {
        let kernel = seeding(&self.server);
        let added = setup::add_user(&kernel, &self.tenant, person(email, email), built_in).await;
        let user = good(added, "a user");
        self.with_session_of(user.id).await
    }

    /// A team of the same company, below another.
    ///
    /// # Panics
    /// When it cannot be made.
    pub async fn team(&self, name: &str, parent: Option<Uuid>) -> Uuid {
        let kernel = seeding(&self.server);
        good(setup::add_team(&kernel, &self.tenant, name, parent).await, "a team")
    }

    /// A person with a built-in role, in a team.
    ///
    /// # Panics
    /// When they cannot be added.
    pub async fn member(&self, email: &str, built_in: &'static str, team: Uuid) -> Self {
        let kernel = seeding(&self.server);
        let user = setup::add_user(&kernel, &self.tenant, person(email, email), built_in).await;
        let user = good(user, "a user");
        good(setup::add_member(&kernel, &self.tenant, team, user.id).await, "a member");
        self.with_session_of(user.id).await
    }

    /// Somebody of the same company, signed in.
    ///
    /// # Panics
    /// When they cannot sign in.
    pub async fn with_session_of(&self, user: Uuid) -> Self {
        let kernel = seeding(&self.server);
        let token = good(setup::session_for(&kernel, &self.tenant, user).await, "a session").text();
        Self { server: Arc::clone(&self.server), tenant: Arc::clone(&self.tenant), user, token }
    }

    /// The same person in a new session, when the clock has been moved past the end of the old one.
    ///
    /// # Panics
    /// When they cannot sign in.
    pub async fn signed_in_again(&self) -> Self {
        let user = self.user;
        self.with_session_of(user).await
    }
}

/// Ids that no test counts, before all that are counted: what every test begins with is older than what it does.
#[derive(Debug)]
struct SeedIds;

impl Ids for SeedIds {
    fn next_of(&self, count: u32) -> Uuid {
        // They begin with the time in milliseconds: this is some four years.
        Uuid::from_u128(System.next_of(count).as_u128() - (0x0020_0000_0000 << 80))
    }
}

/// Makes what every test needs, with ids and secrets that no test counts.
pub(super) fn seeding(server: &Server) -> Arc<Kernel> {
    let clock = Arc::clone(&server.shared.clock) as _;
    let sources = Sources { clock, ids: Arc::new(SeedIds), ..Sources::default() };
    Kernel::with_sources(server.kernel.database.clone(), composition(server.options.modules), sources)
}

pub(super) fn person(email: &str, name: &str) -> user::rules::Details {
    user::rules::Details { email: email.to_owned(), name: name.to_owned(), language: None, time_zone: None }
}
