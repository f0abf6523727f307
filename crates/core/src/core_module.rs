//! The kernel as a module like any other.

use std::time::Duration;

use sea_orm_migration::MigrationTrait;
use shoal_graphql::declare::ModuleRegistry;

use crate::module::{Background, Manifest, Module, Right, Translations};
use crate::permission;

/// The kernel. It is part of every program, and always enabled.
#[derive(Debug, Clone, Copy, Default)]
pub struct Core;

impl Module for Core {
    fn manifest(&self) -> Manifest {
        Manifest { id: crate::MODULE, version: env!("CARGO_PKG_VERSION"), requires: &[], integrates: &[] }
    }

    fn declare(&self, api: &mut ModuleRegistry<'_>) {
        crate::viewer::declare(api);
        crate::tenant::graphql::declare(api);
        crate::user::graphql::declare(api);
        crate::team::graphql::declare(api);
        crate::role::graphql::declare(api);
        crate::session::graphql::declare(api);
        crate::api_key::graphql::declare(api);
        crate::module_state::graphql::declare(api);
        crate::audit::graphql::declare(api);
        crate::outbox::graphql::declare(api);
        crate::search::declare(api);
    }

    fn translations(&self) -> Translations {
        Translations {
            en: include_str!("../translations/en.ftl"),
            zh_cn: include_str!("../translations/zh-CN.ftl"),
            ru: include_str!("../translations/ru.ftl"),
        }
    }

    fn migrations(&self) -> Vec<Box<dyn MigrationTrait>> {
        shoal_migrations::core::migrations()
    }

    fn background(&self) -> Vec<Background> {
        let every = Duration::from_hours(1);
        let at_once = Duration::from_secs(1);
        vec![
            Background { name: "clean_up", every, run: crate::outbox::clean_up },
            Background {
                name: "purge",
                every: at_once,
                run: |context| Box::pin(async move { crate::module_state::service::purge(&context).await }),
            },
        ]
    }

    fn rights(&self) -> Vec<Right> {
        permission::all()
    }
}
