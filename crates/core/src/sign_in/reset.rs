//! A forgotten password: links to choose another one, for whoever reads the mail of the address.

use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use sea_orm::sea_query::ExprTrait as _;
use sea_orm::{
    ColumnTrait as _, Condition, EntityTrait as _, PaginatorTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _,
};
use shoal_graphql::error::Error;
use shoal_graphql::value::{Choice as _, instant_value};

use super::by_password::MOST_COMPANIES;
use super::link::{self, Purpose};
use super::service::system;
use super::token::Token;
use crate::kernel::Kernel;
use crate::tenancy::Tenant;
use crate::unit_of_work::UnitOfWork;
use crate::user;
use crate::user::rules::email_key;

/// Links of an address in an hour; nobody's mailbox is to be filled by others.
const MOST_AN_HOUR: u64 = 5;

/// A link to choose another password.
#[derive(Debug, Clone)]
pub struct Reset {
    /// What the link ends with.
    pub token: Token,
    /// Whose password it is.
    pub user: user::Model,
    /// Their company.
    pub tenant: Arc<Tenant>,
}

/// Makes a link for each user with this address, in the company of this slug or else in all; at most five an hour.
/// Nobody may learn from the outside whether there are any: answer before, or without, waiting for this.
///
/// # Errors
/// Faults of the database.
pub async fn reset_links(
    kernel: &Arc<Kernel>,
    email: &str,
    company: Option<&str>,
) -> Result<Vec<Reset>, Error> {
    // No address has one, and PostgreSQL takes none.
    if email.contains('\0') {
        return Ok(Vec::new());
    }
    // Who has forgotten the password has no company yet: the address is looked for in all of them.
    let users = user::Entity::find()
        .filter(user::Column::EmailKey.eq(email_key(email)))
        .filter(user::Column::Active.eq(true))
        .order_by_asc(user::Column::TenantId)
        .limit(MOST_COMPANIES)
        .all(kernel.database.reader().connection())
        .await?;
    let mut made = Vec::new();
    for user in &users {
        let context = system(kernel, user.tenant_id).await?;
        if company.is_some_and(|slug| slug != context.tenant.slug) {
            continue;
        }
        let link = UnitOfWork::run(&context, |unit| {
            let users = users.clone();
            let id = user.id;
            Box::pin(async move {
                // One at a time, so that requests at once are counted as well.
                link::hold(unit, vec![id]).await?;
                let since = unit.now() - Duration::hours(1);
                let full = count(unit, &users, since).await? >= MOST_AN_HOUR;
                Ok((!full).then(|| link::make(unit, id, Purpose::Reset)))
            })
        });
        if let Some(token) = link.await? {
            made.push(Reset { token, user: user.clone(), tenant: context.tenant });
        }
    }
    Ok(made)
}

/// How many links these users were made since then.
async fn count(unit: &UnitOfWork, users: &[user::Model], since: DateTime<Utc>) -> Result<u64, Error> {
    let of =
        |user: &user::Model| link::Column::TenantId.eq(user.tenant_id).and(link::Column::UserId.eq(user.id));
    let theirs = users.iter().map(of).fold(Condition::any(), Condition::add);
    let links = link::Entity::find()
        .filter(theirs)
        .filter(link::Column::Purpose.eq(Purpose::Reset.code()))
        .filter(link::Column::CreatedAt.gt(instant_value(since, unit.dialect())));
    Ok(links.count(unit.transaction()).await?)
}
