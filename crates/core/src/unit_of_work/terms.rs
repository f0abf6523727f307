//! Search terms follow what is staged.

use std::collections::BTreeSet;
use std::sync::Arc;

use sea_orm::{IdenStatic as _, Iterable as _, ModelTrait as _, Value};
use uuid::Uuid;

use super::UnitOfWork;
use crate::record::TenantEntity;
use crate::search::{Source, term};
use crate::statement::{self, Change};

impl UnitOfWork {
    /// Stages the difference that a change of a row makes in search terms.
    pub(super) fn terms<E: TenantEntity>(&mut self, before: Option<&E::Model>, after: Option<&E::Model>) {
        let modules = Arc::clone(&self.context.kernel.modules);
        let Some(source) = modules.search_sources().get(E::default().table_name()) else { return };
        let tenant = self.tenant();
        let terms = |model: Option<&E::Model>| {
            model.map(|model| terms_of::<E>(source, tenant, model)).unwrap_or_default()
        };
        let (before, after) = (terms(before), terms(after));
        if !before.is_subset(&after) {
            let rows: Vec<_> =
                before.difference(&after).map(|gone| self.values::<term::Entity>(gone.clone())).collect();
            self.deletions::<term::Entity>(term::KEY.into()).rows.extend(rows);
        }
        if !after.is_subset(&before) {
            let rows: Vec<_> =
                after.difference(&before).map(|new| self.values::<term::Entity>(new.clone())).collect();
            self.table::<term::Entity>(Change::Insert).rows.extend(rows);
        }
    }

    /// Stages the end of the terms that the parts of a record make which go by this column.
    pub(super) fn terms_of_parts<E: TenantEntity>(&mut self, column: &str, record: Uuid) {
        let modules = Arc::clone(&self.context.kernel.modules);
        let Some(source) = modules.search_sources().get(E::default().table_name()) else { return };
        if !source.wholes.iter().any(|(whole, _)| whole == column) {
            return;
        }
        let (tenant, dialect) = (self.tenant(), self.dialect());
        for field in &source.fields {
            let row: [Value; 3] = [tenant.into(), record.into(), field.code.into()];
            let row = row.map(|value| statement::bound(value, dialect));
            self.deletions::<term::Entity>(vec!["tenant_id", "record_id", "field"]).rows.push(row.into());
        }
    }
}

fn terms_of<E: TenantEntity>(source: &Source, tenant: Uuid, model: &E::Model) -> BTreeSet<term::Model> {
    let value =
        |name: &str| E::Column::iter().find(|column| column.as_str() == name).map(|column| model.get(column));
    let Value::Uuid(Some(id)) = model.get(E::id_column()) else { return BTreeSet::new() };
    source.terms((tenant, id), value)
}
