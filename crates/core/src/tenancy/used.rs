//! When sessions and keys were last used, to some minutes: without a write for each request, and never in its way.

use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Duration, Utc};
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{ColumnTrait as _, DbErr, QueryFilter as _};
use shoal_graphql::value::instant_value;

use crate::database::Database;
use crate::record::TenantEntity;
use crate::sign_in::token::{Kind, Token};
use crate::{api_key, session};

/// It is written after so long at the earliest.
const STEP: Duration = Duration::minutes(5);

/// When a session or key was last noted to be used.
#[derive(Debug)]
pub(super) struct Use(Mutex<Option<DateTime<Utc>>>);

impl Use {
    /// As it is stored.
    pub(super) fn since(stored: Option<DateTime<Utc>>) -> Self {
        Self(Mutex::new(stored))
    }

    /// Notes that it is used now, beside the request, if the last note is old enough.
    pub(super) fn note(&self, token: &Token, database: &Database, now: DateTime<Utc>) {
        {
            let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if last.is_some_and(|last| now - last < STEP) {
                return;
            }
            *last = Some(now);
        }
        let (token, database) = (token.clone(), database.clone());
        tokio::spawn(async move {
            if let Err(error) = write(&token, &database, now).await {
                tracing::warn!(%error, "the use of a session or key could not be noted");
            }
        });
    }
}

async fn write(token: &Token, database: &Database, now: DateTime<Utc>) -> Result<(), DbErr> {
    match token.kind {
        Kind::Session => write_to::<session::Entity>(session::Column::UsedAt, token, database, now).await,
        Kind::ApiKey => write_to::<api_key::Entity>(api_key::Column::UsedAt, token, database, now).await,
        Kind::Link => Ok(()),
    }
}

/// Other nodes may have noted it since: it never goes back.
async fn write_to<E: TenantEntity>(
    used_at: E::Column,
    token: &Token,
    database: &Database,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let now = Expr::value(instant_value(now, database.dialect()));
    let older = used_at.into_expr().is_null().or(used_at.into_expr().lt(now.clone()));
    E::update_many()
        .col_expr(used_at, now)
        .filter(E::tenant_column().eq(token.tenant))
        .filter(E::id_column().eq(token.id))
        .filter(older)
        .exec(database.writer())
        .await?;
    Ok(())
}
