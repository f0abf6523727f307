//! What the database holds of a token.

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QuerySelect as _};
use shoal_graphql::error::Error;
use uuid::Uuid;

use super::token::{Kind, Token};
use crate::kernel::Kernel;
use crate::{api_key, session, tenant, user};

/// A session or key with what its rights depend on. While two of them are equal, nothing has changed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Stored {
    secret_hash: String,
    pub expires_at: Option<DateTime<Utc>>,
    revoked: bool,
    /// The user of a session.
    pub user: Option<user::Model>,
    /// The company's revision.
    pub revision: i64,
}

impl Stored {
    /// Whether the token's secret is the stored one.
    pub fn opens(&self, token: &Token) -> bool {
        token.matches(&self.secret_hash)
    }

    /// The same, said of another revision of the company if that is older.
    pub fn at(mut self, revision: i64) -> Self {
        self.revision = self.revision.min(revision);
        self
    }

    /// Whether it does not count any more.
    pub fn is_over(&self, now: DateTime<Utc>) -> bool {
        let inactive = self.user.as_ref().is_some_and(|user| !user.active);
        self.revoked || inactive || self.expires_at.is_some_and(|end| end <= now)
    }
}

/// The company's revision now; `None` if there is no such company.
pub(crate) async fn revision(kernel: &Kernel, id: Uuid) -> Result<Option<i64>, Error> {
    let found = tenant::Entity::find_by_id((id, id))
        .select_only()
        .column(tenant::Column::AccessRevision)
        .into_tuple()
        .one(kernel.database.reader().connection())
        .await?;
    Ok(found)
}

/// Looks a token up.
pub(crate) async fn find(kernel: &Kernel, token: &Token) -> Result<Option<Stored>, Error> {
    let connection = kernel.database.reader().connection();
    // First: if anything changes while the rest is read, it is looked at again.
    let Some(revision) = revision(kernel, token.tenant).await? else { return Ok(None) };
    match token.kind {
        Kind::Session => {
            let found = session::Entity::find_by_id((token.tenant, token.id)).one(connection).await?;
            let Some(session) = found else { return Ok(None) };
            let user = user::Entity::find()
                .filter(user::Column::TenantId.eq(token.tenant))
                .filter(user::Column::Id.eq(session.user_id))
                .one(connection)
                .await?;
            Ok(user.map(|user| Stored {
                secret_hash: session.secret_hash,
                expires_at: Some(session.expires_at),
                revoked: session.revoked_at.is_some(),
                user: Some(user),
                revision,
            }))
        }
        Kind::ApiKey => {
            let found = api_key::Entity::find_by_id((token.tenant, token.id)).one(connection).await?;
            Ok(found.map(|key| Stored {
                secret_hash: key.secret_hash,
                expires_at: key.expires_at,
                revoked: key.revoked_at.is_some(),
                user: None,
                revision,
            }))
        }
        Kind::Link => Ok(None),
    }
}
