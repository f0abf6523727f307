//! Companies, and what a process knows of those it serves.
//!
//! A company's modules, teams and roles are read once and kept as a [`Tenant`] until its `access_revision` has changed,
//! which every change of them counts up. Who asks ([`Caller`](crate::Caller)) is kept too, and looked at again after
//! half a second: one statement for each session in use tells whether it was revoked, or anything of the company has
//! changed. So whatever is switched off or taken away is gone within a second on every node, without a message between
//! nodes.

mod cache;
mod load;
mod snapshot;
mod used;
mod watch;

pub use cache::Known;
pub(crate) use cache::Tenants;
pub use load::{find_tenant, tenant_by_slug, tenants};
pub(crate) use load::{key_caller, user_caller};
pub use snapshot::{ModuleState, Team, Tenant, TenantModule};
