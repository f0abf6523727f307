//! A module that a company has, or had.

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;
use serde_json::Map;
use shoal_graphql::value::Choice as _;

use crate::tenancy::ModuleState;

/// A module that a company has, or had.
#[derive(Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "core_module")]
#[expect(missing_docs, reason = "the declaration describes each column")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub name: String,
    pub state: String,
    pub settings: Json,
    pub created_at: DateTime<Utc>,
    pub created_by: Option<Uuid>,
    pub updated_at: DateTime<Utc>,
    pub updated_by: Option<Uuid>,
    pub version: i32,
    /// Settings that are never shown. No column of the API, and so neither in audits nor events.
    pub secrets: Option<Json>,
}

crate::tenant_entity!();
crate::tracked!();

/// Without the secrets, which never go to a log.
impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Model").field("name", &self.name).field("state", &self.state).finish_non_exhaustive()
    }
}

impl Model {
    /// All that is set, secrets too.
    pub(crate) fn all_settings(&self) -> Map<String, Json> {
        let both = [Some(&self.settings), self.secrets.as_ref()].into_iter().flatten();
        both.filter_map(Json::as_object)
            .flatten()
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    }

    /// A module without settings of its own.
    pub(crate) fn new(
        (tenant_id, id): (Uuid, Uuid),
        module: &str,
        state: ModuleState,
        (now, actor): (DateTime<Utc>, Option<Uuid>),
    ) -> Self {
        Self {
            tenant_id,
            id,
            name: module.to_owned(),
            state: state.code().to_owned(),
            settings: Json::Object(Map::new()),
            created_at: now,
            created_by: actor,
            updated_at: now,
            updated_by: actor,
            version: 1,
            secrets: None,
        }
    }
}
