//! Search terms follow what is staged.

use std::collections::BTreeSet;
use std::sync::Arc;

use sea_orm::{IdenStatic as _, Iterable as _, ModelTrait as _, Value};
use uuid::Uuid;

use super::UnitOfWork;
use crate::record::TenantEntity;
use crate::search::{Source, term};
use crate::statement::{self, Change};

/// Terms that come and go with the next flush. In the order of the table's key, so that neighbours are written together,
/// and each once, however often its record changes.
#[derive(Default)]
pub(super) struct Terms {
    /// Of rows that are new themselves: nobody else can have written them.
    fresh: BTreeSet<term::Model>,
    /// Of rows that were there: a rebuild may have been faster.
    new: BTreeSet<term::Model>,
    gone: BTreeSet<term::Model>,
}

impl UnitOfWork {
    /// Keeps the difference that a change of a row makes in search terms.
    pub(super) fn change_terms<E: TenantEntity>(
        &mut self,
        before: Option<&E::Model>,
        after: Option<&E::Model>,
    ) {
        let modules = Arc::clone(&self.context.kernel.modules);
        let Some(source) = modules.search_sources().get(E::default().table_name()) else { return };
        let tenant = self.tenant();
        let terms = |model: Option<&E::Model>| {
            model.map(|model| terms_of::<E>(source, tenant, model)).unwrap_or_default()
        };
        let is_fresh = before.is_none();
        let (before, after) = (terms(before), terms(after));
        let Terms { fresh, new, gone } = &mut self.terms;
        for term in before.difference(&after) {
            if !fresh.remove(term) && !new.remove(term) {
                gone.insert(term.clone());
            }
        }
        let into = if is_fresh { fresh } else { new };
        for term in after.difference(&before) {
            if !gone.remove(term) {
                into.insert(term.clone());
            }
        }
    }

    /// Terms that are written with the next flush.
    pub(crate) fn add_terms(&mut self, terms: impl IntoIterator<Item = term::Model>) {
        self.terms.new.extend(terms);
    }

    /// Stages the terms that come and go.
    pub(super) fn stage_terms(&mut self) {
        let Terms { fresh, new, gone } = std::mem::take(&mut self.terms);
        if !gone.is_empty() {
            let rows: Vec<_> = gone.into_iter().map(|gone| self.values::<term::Entity>(gone)).collect();
            self.deletions::<term::Entity>(term::KEY.into()).rows.extend(rows);
        }
        for (terms, repeats) in [(fresh, false), (new, true)] {
            if !terms.is_empty() {
                let rows: Vec<_> = terms.into_iter().map(|term| self.values::<term::Entity>(term)).collect();
                self.staged_table::<term::Entity>(Change::Insert, repeats).rows.extend(rows);
            }
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
