//! Parts of the declarations: those of some modules, or what a caller with some rights may use. What hangs on
//! something that is left out is left out too, so that a part composes if the whole does.

use std::collections::HashSet;
use std::sync::Arc;

use super::modules::ModuleSet;
use crate::context::RightSet;
use crate::declare::{
    AbstractDeclaration, EntityDeclaration, ExtensionDeclaration, Registry, RelationDeclaration,
    RelationTarget,
};

/// What these modules declare.
pub(super) fn to_modules(whole: &Registry, modules: &ModuleSet) -> Registry {
    let mut cut = whole.clone();
    cut.modules.retain(|module| modules.contains(module));
    cut.entities.retain(|entity| modules.contains(entity.module));
    cut.extensions.retain(|extension| modules.contains(extension.module));
    cut.abstracts.retain(|declaration| modules.contains(declaration.module));
    cut.mutations.retain(|mutation| modules.contains(mutation.module));
    cut.queries.retain(|query| modules.contains(query.module));
    // An interface may wait for entities; a union of nobody is no type.
    prune(&mut cut, |declaration| declaration.members.is_none());
    cut
}

/// What a caller with these rights may use.
pub(super) fn to_rights(whole: &Registry, rights: &RightSet) -> Registry {
    let mut cut = whole.clone();
    let (read, unread) = cut.entities.into_iter().partition(|entity| rights.allows(entity.right));
    (cut.entities, cut.unread) = (read, unread);
    for entity in &mut cut.entities {
        if let Some(entity) = changed(entity, |entity| !is_open(entity, rights)) {
            entity.columns.retain(|column| rights.allows(column.right));
            entity.money.retain(|money| rights.allows(money.right));
            entity.computed.retain(|computed| rights.allows(computed.right));
            entity.relations.retain(|relation| rights.allows(relation.right));
        }
    }
    for extension in cut.extensions.iter_mut().map(Arc::make_mut) {
        extension.computed.retain(|computed| rights.allows(computed.right));
        extension.relations.retain(|relation| rights.allows(relation.right));
    }
    cut.mutations.retain(|mutation| rights.holds(mutation.right));
    cut.queries.retain(|query| rights.allows(query.right));
    prune(&mut cut, |declaration| !has_members(declaration, &whole.entities));
    cut
}

/// True if each field may be read.
fn is_open(entity: &EntityDeclaration, rights: &RightSet) -> bool {
    let columns = entity.columns.iter().map(|column| column.right);
    let money = entity.money.iter().map(|money| money.right);
    let computed = entity.computed.iter().map(|computed| computed.right);
    let relations = entity.relations.iter().map(|relation| relation.right);
    columns.chain(money).chain(computed).chain(relations).all(|right| rights.allows(right))
}

/// The declaration to change, a copy that nobody shares, if there is something to change.
fn changed<T: Clone>(shared: &mut Arc<T>, wanted: impl FnOnce(&T) -> bool) -> Option<&mut T> {
    wanted(shared).then(|| Arc::make_mut(shared))
}

/// Leaves out what hangs on something that is not there. Interfaces and unions without members stay if `stays_empty`.
fn prune(cut: &mut Registry, stays_empty: impl Fn(&AbstractDeclaration) -> bool) {
    let read: HashSet<String> = cut.entities.iter().map(|entity| entity.table.clone()).collect();
    let unread: HashSet<&String> = cut.unread.iter().map(|entity| &entity.table).collect();
    cut.extensions.retain(|extension| read.contains(&extension.table));
    cut.mutations.retain(|mutation| read.contains(&mutation.table) || unread.contains(&mutation.table));
    let entities = &cut.entities;
    cut.abstracts.retain(|declaration| has_members(declaration, entities) || stays_empty(declaration));
    for members in cut.abstracts.iter_mut().filter_map(|declaration| declaration.members.as_mut()) {
        members.retain(|member| entities.iter().any(|entity| entity.name == *member));
    }
    let abstracts: HashSet<&str> = cut.abstracts.iter().map(|known| known.name).chain(["Node"]).collect();
    let reached = |relation: &RelationDeclaration| match &relation.target {
        RelationTarget::Table(table) => read.contains(table),
        RelationTarget::Abstract(name) => abstracts.contains(name),
    };
    for entity in &mut cut.entities {
        let complete = |entity: &EntityDeclaration| {
            entity.relations.iter().all(reached)
                && entity.interfaces.iter().all(|name| abstracts.contains(name))
        };
        if let Some(entity) = changed(entity, |entity| !complete(entity)) {
            entity.relations.retain(reached);
            entity.interfaces.retain(|name| abstracts.contains(name));
        }
    }
    for extension in &mut cut.extensions {
        let some_lost = |extension: &ExtensionDeclaration| !extension.relations.iter().all(reached);
        if let Some(extension) = changed(extension, some_lost) {
            extension.relations.retain(reached);
        }
    }
    let (entities, extensions) = (&cut.entities, &cut.extensions);
    for interface in cut.abstracts.iter_mut().filter(|known| known.members.is_none()) {
        let members: Vec<_> =
            entities.iter().filter(|entity| entity.interfaces.contains(&interface.name)).collect();
        interface.fields.retain(|name| members.iter().all(|entity| has_field(entity, extensions, name)));
    }
}

fn has_members(declaration: &AbstractDeclaration, entities: &[Arc<EntityDeclaration>]) -> bool {
    entities.iter().any(|entity| match &declaration.members {
        Some(members) => members.contains(&entity.name),
        None => entity.interfaces.contains(&declaration.name),
    })
}

fn has_field(entity: &EntityDeclaration, extensions: &[Arc<ExtensionDeclaration>], name: &str) -> bool {
    let added = extensions.iter().filter(|extension| extension.table == entity.table);
    let mut lists = added
        .map(|extension| (&extension.relations, &extension.computed))
        .chain([(&entity.relations, &entity.computed)]);
    entity.columns.iter().any(|column| column.name == name)
        || entity.money.iter().any(|money| money.name == name)
        || lists.any(|(relations, computed)| {
            relations.iter().any(|relation| relation.name == name)
                || computed.iter().any(|computed| computed.name == name)
        })
}

/// Input fields that a caller with these rights may not write, as input type and field: they carry the name of a column
/// or amount of money of the entity that a mutation with this input changes.
pub(super) fn unwritten(whole: &Registry, rights: &RightSet) -> HashSet<(&'static str, String)> {
    let mut fields = HashSet::new();
    for mutation in whole.mutations.iter().filter(|mutation| rights.holds(mutation.right)) {
        let Some(entity) = whole.entities.iter().find(|entity| entity.table == mutation.table) else {
            continue;
        };
        let columns = entity.columns.iter().map(|column| (&*column.name, column.right, column.write_right));
        let money = entity.money.iter().map(|money| (money.name, money.right, money.write_right));
        for (name, right, write_right) in columns.chain(money) {
            if !rights.allows(right) || !rights.allows(write_right) {
                fields.insert((mutation.input, name.to_owned()));
            }
        }
    }
    fields
}
