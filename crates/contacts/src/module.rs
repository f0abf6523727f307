//! The module's table of contents.

use sea_orm_migration::MigrationTrait;
use shoal_core::import::ImportKind;
use shoal_core::module::{Manifest, Module, Right, Translations};
use shoal_core::timeline::TimelineKind;
use shoal_graphql::declare::ModuleRegistry;

use crate::{account, contact, contact_point, contact_role, external_id, interaction, permission, tag};

/// Accounts and contacts: where every company begins.
#[derive(Debug, Clone, Copy, Default)]
pub struct Contacts;

impl Module for Contacts {
    fn manifest(&self) -> Manifest {
        Manifest { id: "contacts", version: env!("CARGO_PKG_VERSION"), requires: &[], integrates: &[] }
    }

    fn declare(&self, api: &mut ModuleRegistry<'_>) {
        account::graphql::declare(api);
        contact::graphql::declare(api);
        contact_role::graphql::declare(api);
        contact_point::graphql::declare(api);
        tag::graphql::declare(api);
        external_id::graphql::declare(api);
        interaction::graphql::declare(api);
    }

    fn translations(&self) -> Translations {
        Translations {
            en: include_str!("../translations/en.ftl"),
            zh_cn: include_str!("../translations/zh-CN.ftl"),
            ru: include_str!("../translations/ru.ftl"),
        }
    }

    fn migrations(&self) -> Vec<Box<dyn MigrationTrait>> {
        shoal_migrations::contacts::migrations()
    }

    fn imports(&self) -> Vec<ImportKind> {
        crate::import::kinds()
    }

    fn timeline(&self) -> Vec<TimelineKind> {
        interaction::TIMELINE.to_vec()
    }

    fn rights(&self) -> Vec<Right> {
        permission::all()
    }
}
