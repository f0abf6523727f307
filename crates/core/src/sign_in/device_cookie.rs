//! Device cookies: by which a browser says that this person has signed in with it before.
//!
//! They open nothing. Wrong passwords from such a browser are counted for it alone (see [`guess`](super::guess)).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use subtle::ConstantTimeEq as _;
use uuid::Uuid;

use super::secret::Secret;
use crate::clock::Randomness;
use crate::user;

/// What a browser keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct DeviceCookie {
    tenant: Uuid,
    user: Uuid,
    /// Which browser it is.
    pub(super) device: [u8; 16],
}

impl DeviceCookie {
    /// The cookie of another browser.
    pub(super) fn new(user: &user::Model, randomness: &dyn Randomness) -> Self {
        let mut device = [0; 16];
        randomness.fill(&mut device);
        Self { tenant: user.tenant_id, user: user.id, device }
    }

    /// Reads a cookie; `None` if it is not one of ours.
    pub(super) fn read(secret: &Secret, text: &str) -> Option<Self> {
        // 80 bytes are 107 characters; longer texts are not worth the work.
        let bytes = (text.len() == 107).then(|| URL_SAFE_NO_PAD.decode(text).ok())??;
        let (said, mac) = bytes.split_at_checked(48)?;
        let part = |at: usize| said.get(at..at + 16)?.try_into().ok();
        let (tenant, user, device) = (part(0)?, part(16)?, part(32)?);
        let cookie = Self { tenant: Uuid::from_bytes(tenant), user: Uuid::from_bytes(user), device };
        bool::from(cookie.mac(secret).ct_eq(mac)).then_some(cookie)
    }

    /// What the browser keeps.
    pub(super) fn text(&self, secret: &Secret) -> String {
        let said = [&self.tenant.as_bytes()[..], self.user.as_bytes(), &self.device, &self.mac(secret)];
        URL_SAFE_NO_PAD.encode(said.concat())
    }

    /// Whether this user has signed in with the browser.
    pub(super) fn is_of(&self, user: &user::Model) -> bool {
        (self.tenant, self.user) == (user.tenant_id, user.id)
    }

    fn mac(&self, secret: &Secret) -> [u8; 32] {
        secret.mac(&[b"device cookie", self.tenant.as_bytes(), self.user.as_bytes(), &self.device])
    }
}
