//! The kernel as a module like any other.

use sea_orm_migration::MigrationTrait;
use shoal_graphql::declare::ModuleRegistry;

use crate::file::CleanUpFiles;
use crate::job::JobKind;
use crate::module::{Manifest, Module, Right, Translations};
use crate::module_state::service::PurgeModule;
use crate::outbox::CleanUp;
use crate::timeline::{KINDS, TimelineKind};
use crate::{export, import, permission};

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
        crate::job::graphql::declare(api);
        crate::import::graphql::declare(api);
        crate::export::graphql::declare(api);
        crate::file::graphql::declare(api);
        crate::timeline::graphql::declare(api);
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

    fn jobs(&self) -> Vec<JobKind> {
        vec![
            JobKind::of::<CleanUp>().scheduled("17 * * * *", &CleanUp {}),
            JobKind::of::<CleanUpFiles>().scheduled("41 3 * * *", &CleanUpFiles {}),
            // It goes on, whatever becomes of the rights of whoever agreed to it.
            JobKind::of::<PurgeModule>().as_system(),
            JobKind::of::<import::job::Read>().right(permission::IMPORT_RUN),
            JobKind::of::<import::job::Check>().right(permission::IMPORT_RUN),
            JobKind::of::<import::job::Run>().right(permission::IMPORT_RUN),
            JobKind::of::<import::job::Revert>().right(permission::IMPORT_RUN),
            JobKind::of::<export::job::Write>().right(permission::EXPORT_RUN).patience(export::job::PATIENCE),
        ]
    }

    fn timeline(&self) -> Vec<TimelineKind> {
        KINDS.to_vec()
    }

    fn rights(&self) -> Vec<Right> {
        permission::all()
    }
}
