//! Entities that belong to a tenant.

use sea_orm::EntityTrait;

/// An entity whose primary key is `(tenant_id, id)`. Access goes through [`UnitOfWork`](crate::UnitOfWork) or the
/// engine, both of which put the tenant in; implement it by [`tenant_entity!`](crate::tenant_entity).
pub trait TenantEntity: EntityTrait {
    /// Column with the tenant's id.
    fn tenant_column() -> Self::Column;
    /// Column with the record's id.
    fn id_column() -> Self::Column;
}

/// Says that the entity of this module belongs to a tenant, by its columns `TenantId` and the one named.
#[macro_export]
macro_rules! tenant_entity {
    () => {
        $crate::tenant_entity!(Id);
    };
    ($id:ident) => {
        impl $crate::TenantEntity for Entity {
            fn tenant_column() -> Column {
                Column::TenantId
            }
            fn id_column() -> Column {
                Column::$id
            }
        }
    };
}
