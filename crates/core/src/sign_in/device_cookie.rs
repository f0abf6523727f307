//! Device cookies: by which a browser says that this person has signed in with it before.
//!
//! They open nothing. Wrong passwords from such a browser are counted for it alone (see [`guess`](super::guess)).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use subtle::ConstantTimeEq as _;
use uuid::Uuid;

use super::secret::Secret;
use super::service::DEVICE_COOKIE_SECONDS;
use crate::clock::Randomness;
use crate::user;
use crate::user::credential;

/// What a browser keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct DeviceCookie {
    tenant: Uuid,
    user: Uuid,
    /// Which browser it is.
    pub(super) device: [u8; 16],
    /// When somebody has last signed in with it, in seconds since 1970.
    signed_in: i64,
}

impl DeviceCookie {
    /// What a browser is given with which the user signs in: the one that it came with, or another.
    pub(super) fn renewed(
        known: Option<Self>,
        user: &user::Model,
        now: DateTime<Utc>,
        randomness: &dyn Randomness,
    ) -> Self {
        let device = known.filter(|cookie| cookie.names(user)).map_or_else(
            || {
                let mut device = [0; 16];
                randomness.fill(&mut device);
                device
            },
            |cookie| cookie.device,
        );
        Self { tenant: user.tenant_id, user: user.id, device, signed_in: now.timestamp() }
    }

    /// Reads a cookie; `None` if it is not one of ours.
    pub(super) fn read(secret: &Secret, text: &str) -> Option<Self> {
        // 88 bytes are 118 characters; longer texts are not worth the work.
        let bytes = (text.len() == 118).then(|| URL_SAFE_NO_PAD.decode(text).ok())??;
        let (said, mac) = bytes.split_at_checked(56)?;
        let signed_in = i64::from_be_bytes(said.get(48..56)?.try_into().ok()?);
        let part = |at: usize| said.get(at..at + 16)?.try_into().ok();
        let (tenant, user, device) = (part(0)?, part(16)?, part(32)?);
        let cookie =
            Self { tenant: Uuid::from_bytes(tenant), user: Uuid::from_bytes(user), device, signed_in };
        bool::from(cookie.mac(secret).ct_eq(mac)).then_some(cookie)
    }

    /// What the browser keeps.
    pub(super) fn text(&self, secret: &Secret) -> String {
        URL_SAFE_NO_PAD.encode([&self.said()[..], &self.mac(secret)].concat())
    }

    fn names(&self, user: &user::Model) -> bool {
        (self.tenant, self.user) == (user.tenant_id, user.id)
    }

    /// Whether this user has signed in with the browser lately, by the password of now: whoever knew another one may have
    /// made themselves any number of cookies.
    pub(super) fn is_of(
        &self,
        user: &user::Model,
        credential: &credential::Model,
        now: DateTime<Utc>,
    ) -> bool {
        let oldest = (now - TimeDelta::seconds(DEVICE_COOKIE_SECONDS)).max(credential.changed_at);
        self.names(user) && self.signed_in >= oldest.timestamp()
    }

    fn said(&self) -> Vec<u8> {
        let parts = [&self.tenant.as_bytes()[..], self.user.as_bytes(), &self.device];
        [&parts.concat()[..], &self.signed_in.to_be_bytes()].concat()
    }

    fn mac(&self, secret: &Secret) -> [u8; 32] {
        secret.mac(&[b"device cookie", &self.said()])
    }
}
