//! The installation's secret: what hashes are keyed with that others must not be able to make or to guess at.

mod entity;

pub use entity::{Column, Entity, Model};

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use shoal_graphql::error::Error;
use uuid::Uuid;

use super::service::system;
use crate::kernel::Kernel;
use crate::tenancy::tenants;
use crate::unit_of_work::UnitOfWork;

/// The installation's secret, and where it stands.
pub(crate) struct Secret {
    /// The oldest company, under which everything stands that belongs to the installation.
    pub(super) tenant: Uuid,
    key: Hmac<Sha256>,
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Secret").field("tenant", &self.tenant).finish_non_exhaustive()
    }
}

impl Secret {
    /// HMAC-SHA-256 (RFC 2104) of these parts, wherever one ends and the next begins.
    pub(super) fn mac(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut mac = self.key.clone();
        for part in parts {
            mac.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }
}

/// The installation's secret, which the first who asks makes; `None` while there is no company.
pub(super) async fn secret(kernel: &Arc<Kernel>) -> Result<Option<&Secret>, Error> {
    if let Some(secret) = kernel.secret.get() {
        return Ok(Some(secret));
    }
    let Some((tenant, _)) = tenants(kernel).await?.into_iter().next() else { return Ok(None) };
    let context = system(kernel, tenant).await?;
    let text = UnitOfWork::run(&context, |unit| {
        Box::pin(async move {
            unit.lock("core.secret").await?;
            if let Some(known) = unit.find::<Entity>().one(unit.transaction()).await? {
                return Ok(known.secret);
            }
            let mut bytes = [0; 32];
            unit.context().kernel.randomness.fill(&mut bytes);
            let secret = URL_SAFE_NO_PAD.encode(bytes);
            let model = Model { tenant_id: tenant, id: tenant, secret: secret.clone() };
            unit.insert::<Entity>(model);
            Ok(secret)
        })
    })
    .await?;
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(Error::fault)?;
    let key = Hmac::new_from_slice(&bytes).map_err(Error::fault)?;
    Ok(Some(kernel.secret.get_or_init(|| async { Secret { tenant, key } }).await))
}
