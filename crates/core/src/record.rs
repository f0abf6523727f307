//! Entities that belong to a tenant, and what audit and events know of them.

use sea_orm::{EntityTrait, Value};
use shoal_graphql::catalog::Entity;
use shoal_graphql::declare::{EntityBuilder, ModuleRegistry, Ownership, column};

use crate::{file, timeline};

/// An entity whose primary key is `(tenant_id, id)`. Access goes through [`UnitOfWork`](crate::UnitOfWork) or the
/// engine, both of which put the tenant in; implement it by [`tenant_entity!`](crate::tenant_entity).
pub trait TenantEntity: EntityTrait {
    /// Column with the tenant's id.
    fn tenant_column() -> Self::Column;
    /// Column with the record's id.
    fn id_column() -> Self::Column;
    /// The values of a record, in the order of the columns.
    fn values(model: Self::Model) -> Vec<Value>;
}

/// Says that the entity of this module belongs to a tenant, by its columns `TenantId` and the one named, and writes what
/// sea-orm wants to see beside a model. Relations are declared to the API, not to sea-orm.
#[macro_export]
macro_rules! tenant_entity {
    () => {
        $crate::tenant_entity!(Id);
    };
    ($id:ident) => {
        /// Relations are declared to the API.
        #[derive(Copy, Clone, Debug, ::sea_orm::EnumIter, ::sea_orm::DeriveRelation)]
        pub enum Relation {}

        impl ::sea_orm::ActiveModelBehavior for ActiveModel {}

        impl $crate::TenantEntity for Entity {
            fn tenant_column() -> Column {
                Column::TenantId
            }
            fn id_column() -> Column {
                Column::$id
            }
            fn values(model: Model) -> Vec<::sea_orm::Value> {
                use ::sea_orm::{ActiveModelTrait as _, ActiveValue, Iterable as _};
                let mut model = ActiveModel::from(model);
                let values = Column::iter().map(|column| match model.take(column) {
                    ActiveValue::Set(value) | ActiveValue::Unchanged(value) => value,
                    ActiveValue::NotSet => ::sea_orm::Value::Bool(None),
                });
                values.collect()
            }
        }
    };
}

/// Writes the entity of a table: its model with the keys and the columns given, and all that goes with it. The module it
/// stands in has `Entity`, `Model` and `Column`, as with sea-orm's derive.
///
/// ```
/// mod building {
///     use sea_orm::entity::prelude::*;
///
///     shoal_core::record! {
///         /// A building.
///         "property_building" {
///             name: String,
///             name_sort: String,
///             floors: Option<i32>,
///         }
///     }
/// }
/// ```
#[macro_export]
macro_rules! record {
    ($(#[$attribute:meta])* $table:literal { $($column:ident : $type:ty),* $(,)? }) => {
        $(#[$attribute])*
        #[derive(Clone, Debug, PartialEq, ::sea_orm::DeriveEntityModel)]
        #[sea_orm(table_name = $table)]
        pub struct Model {
            /// The company.
            #[sea_orm(primary_key, auto_increment = false)]
            pub tenant_id: ::uuid::Uuid,
            /// The record.
            #[sea_orm(primary_key, auto_increment = false)]
            pub id: ::uuid::Uuid,
            $(
                #[doc = concat!("Column `", stringify!($column), "`.")]
                pub $column: $type,
            )*
        }

        $crate::tenant_entity!();
    };
}

/// What the kernel adds to the registry of a module.
pub trait DeclareRecord {
    /// Declares records of companies as an entity of the API, as [`entity`](ModuleRegistry::entity) does, with what all of
    /// them have: the tenant's column as the partition, the right to read them, and the field `id`.
    fn record<E: TenantEntity>(
        &mut self,
        name: &'static str,
        description: &'static str,
        right: &'static str,
    ) -> EntityBuilder<'_, E>;
}

impl DeclareRecord for ModuleRegistry<'_> {
    fn record<E: TenantEntity>(
        &mut self,
        name: &'static str,
        description: &'static str,
        right: &'static str,
    ) -> EntityBuilder<'_, E> {
        self.entity::<E>(name, description)
            .partition(E::tenant_column())
            .right(right)
            .column(column(E::id_column(), "Stays the same for ever.").filterable())
    }
}

/// A kind of record whose changes are followed: every declared entity that counts its versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordType {
    /// Who declares it.
    pub module: &'static str,
    /// Its type in the API.
    pub name: &'static str,
    /// Its table.
    pub table: String,
    /// What its events begin with: `contacts.account`.
    pub event: String,
    /// The right to read it.
    pub right: Option<&'static str>,
    /// Whose a record is.
    pub ownership: Option<Ownership>,
    /// Column with the time of a soft deletion.
    pub deleted: Option<String>,
    /// Whether files can be attached to its records.
    pub attachable: bool,
    /// What timelines have to do with its records.
    pub timeline: timeline::Part,
    /// Whether the audit has its changes; events tell of them anyway.
    pub audited: bool,
    /// Its columns with the fields of the API that they are; others, such as sort keys, follow these.
    pub fields: Vec<(String, String)>,
}

/// What happens to a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// It is new.
    Created,
    /// Something of it is different.
    Updated,
    /// It is hidden, and can be restored.
    Deleted,
    /// It is there again.
    Restored,
    /// It is gone.
    Removed,
}

impl Action {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Created, Self::Updated, Self::Deleted, Self::Restored, Self::Removed];

    /// As audits say it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Created => "CREATED",
            Self::Updated => "UPDATED",
            Self::Deleted => "DELETED",
            Self::Restored => "RESTORED",
            Self::Removed => "REMOVED",
        }
    }

    /// As events say it.
    pub fn event(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Deleted => "deleted",
            Self::Restored => "restored",
            Self::Removed => "removed",
        }
    }
}

impl RecordType {
    /// What is known of an entity's records, if they count their versions.
    pub(crate) fn of(entity: &Entity) -> Option<Self> {
        let declaration = &entity.declaration;
        if !declaration.table_columns.iter().any(|column| column == "version") {
            return None;
        }
        let columns = declaration.columns.iter().map(|column| (column.column.clone(), column.name.clone()));
        let money = declaration.money.iter().flat_map(|money| {
            [(money.amount.clone(), money.name.to_owned()), (money.currency.clone(), money.name.to_owned())]
        });
        let follows = |(column, _): &(String, String)| !UNSAID.contains(&column.as_str());
        let event = format!("{}.{}", declaration.module, snake_case(declaration.name));
        Some(Self {
            module: declaration.module,
            name: declaration.name,
            table: declaration.table.clone(),
            event,
            right: declaration.right,
            ownership: declaration.ownership.clone(),
            deleted: declaration.deleted.clone(),
            attachable: declaration.interfaces.contains(&file::ATTACHABLE),
            timeline: timeline::Part {
                own: declaration.interfaces.contains(&timeline::TIMELINED),
                source: declaration.interfaces.contains(&timeline::SOURCE),
            },
            audited: declaration.audited,
            fields: columns.chain(money).filter(follows).collect(),
        })
    }

    /// The names of its events.
    pub fn events(&self) -> impl Iterator<Item = String> {
        Action::ALL.into_iter().map(|action| self.event_name(action))
    }

    /// The name of the event of an action.
    pub fn event_name(&self, action: Action) -> String {
        format!("{}_{}", self.event, action.event())
    }
}

/// Columns that every change sets; the audit says them in its own fields.
const UNSAID: [&str; 8] =
    ["id", "created_at", "created_by", "updated_at", "updated_by", "version", "deleted_at", "tenant_id"];

/// `ContactRole` to `contact_role`.
fn snake_case(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 4);
    for character in name.chars() {
        if character.is_ascii_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.push(character.to_ascii_lowercase());
    }
    snake
}
