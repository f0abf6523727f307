//! Tokens: what sessions, API keys and links are presented as.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use uuid::Uuid;

use crate::clock::Randomness;

/// What a token is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A session of a person.
    Session,
    /// A key of a program.
    ApiKey,
    /// A link that works once.
    Link,
}

impl Kind {
    /// What such tokens begin with, so that people, and programs that look for leaked secrets, recognise them.
    fn prefix(self) -> &'static str {
        match self {
            Self::Session => "shoal_session_",
            Self::ApiKey => "shoal_key_",
            Self::Link => "shoal_link_",
        }
    }
}

/// A token: which record it is of, and the secret that opens it. It is never printed by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    /// What it is for.
    pub kind: Kind,
    /// The company.
    pub tenant: Uuid,
    /// The session, key or link.
    pub id: Uuid,
    secret: [u8; 32],
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Token").field("kind", &self.kind).field("id", &self.id).finish_non_exhaustive()
    }
}

impl Token {
    /// A new token with a secret of 256 bits.
    pub fn new(kind: Kind, tenant: Uuid, id: Uuid, randomness: &dyn Randomness) -> Self {
        let mut secret = [0; 32];
        randomness.fill(&mut secret);
        Self { kind, tenant, id, secret }
    }

    /// Reads a token; `None` if it is not one.
    pub fn read(text: &str) -> Option<Self> {
        let kinds = [Kind::Session, Kind::ApiKey, Kind::Link];
        let (kind, rest) =
            kinds.into_iter().find_map(|kind| Some((kind, text.strip_prefix(kind.prefix())?)))?;
        // 64 bytes are 86 characters; longer texts are not worth the work.
        let bytes: [u8; 64] =
            (rest.len() == 86).then(|| URL_SAFE_NO_PAD.decode(rest).ok())??.try_into().ok()?;
        let (ids, secret) = bytes.split_at(32);
        let (tenant, id) = ids.split_at(16);
        Some(Self {
            kind,
            tenant: Uuid::from_slice(tenant).ok()?,
            id: Uuid::from_slice(id).ok()?,
            secret: secret.try_into().ok()?,
        })
    }

    /// What the client keeps.
    pub fn text(&self) -> String {
        let mut bytes = Vec::with_capacity(64);
        bytes.extend_from_slice(self.tenant.as_bytes());
        bytes.extend_from_slice(self.id.as_bytes());
        bytes.extend_from_slice(&self.secret);
        format!("{}{}", self.kind.prefix(), URL_SAFE_NO_PAD.encode(bytes))
    }

    /// What is stored: SHA-256 of the secret, in base64.
    pub fn hash(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(self.secret))
    }

    /// Whether the stored hash is of this secret. Takes as long whatever differs.
    pub fn matches(&self, stored: &str) -> bool {
        self.hash().as_bytes().ct_eq(stored.as_bytes()).into()
    }
}
