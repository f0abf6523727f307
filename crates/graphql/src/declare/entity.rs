//! Entities and what one module adds to another's.

use std::marker::PhantomData;

use sea_orm::{EntityTrait, IdenStatic as _, Iterable as _};

use super::column::{ColumnDeclaration, MoneyDeclaration};
use super::computed::ComputedDeclaration;
use super::relation::RelationDeclaration;

/// The columns that say whose a record is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ownership {
    /// Column with the id of the user who owns it.
    pub owner: String,
    /// Column with the id of the team that owns it, if teams do.
    pub team: Option<String>,
    /// Columns in whose order an index has the records of each team, beside the id.
    pub orders: Vec<String>,
}

impl Ownership {
    /// True if an index has the records of each team in the order of this column.
    pub(crate) fn has_in_order(&self, column: &str) -> bool {
        self.team.is_some() && (column == "id" || self.orders.iter().any(|order| order == column))
    }
}

/// Everything one module says about one entity.
#[derive(Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is said on its own, or not")]
pub struct EntityDeclaration {
    /// Who says it.
    pub module: &'static str,
    /// Type name in the API.
    pub name: &'static str,
    /// Description in the API.
    pub description: &'static str,
    /// Plural of the name in camel case, the name of the list at the root.
    pub plural: String,
    /// Table in the database.
    pub table: String,
    /// All columns of the table, for checks.
    pub table_columns: Vec<String>,
    /// The leading column of every key, whose value comes from the request.
    pub partition: Option<String>,
    /// The right that reading needs.
    pub right: Option<&'static str>,
    /// Whose its records are. The engine makes nothing of it: it is for whoever answers
    /// [`Context::predicate`](crate::context::Context::predicate).
    pub ownership: Option<Ownership>,
    /// Relations to one; a row is visible if the other side of at least one of them is. Empty: every row is, as far as
    /// this goes.
    pub visible_with: Vec<&'static str>,
    /// True if a row that the caller may see by itself is visible whatever `visible_with` leads to.
    pub visible_either: bool,
    /// Column with the time of a soft deletion.
    pub deleted: Option<String>,
    /// False if it is reached through relations only.
    pub at_root: bool,
    /// Fields that are columns.
    pub columns: Vec<ColumnDeclaration>,
    /// Fields that are amounts of money.
    pub money: Vec<MoneyDeclaration>,
    /// Fields that are worked out.
    pub computed: Vec<ComputedDeclaration>,
    /// Fields that are other entities.
    pub relations: Vec<RelationDeclaration>,
    /// Interfaces it has, beside `Node`.
    pub interfaces: Vec<&'static str>,
    /// True if tenants may add fields of their own: `customFields`, and leaves by key in filter and order.
    pub custom_fields: bool,
    /// True if its changes can be subscribed to.
    pub changes: bool,
    /// False if nobody has to know who changed it when. The engine makes nothing of it.
    pub audited: bool,
}

impl EntityDeclaration {
    pub(crate) fn new<E: EntityTrait>(
        module: &'static str,
        name: &'static str,
        description: &'static str,
    ) -> Self {
        let mut plural = name.to_owned();
        if let Some(first) = plural.get_mut(0..1) {
            first.make_ascii_lowercase();
        }
        if plural.ends_with('y') && !plural.ends_with("ey") {
            plural.pop();
            plural.push_str("ies");
        } else if plural.ends_with('s') {
            plural.push_str("es");
        } else {
            plural.push('s');
        }
        Self {
            module,
            name,
            description,
            plural,
            table: E::default().table_name().to_owned(),
            table_columns: E::Column::iter().map(|column| column.as_str().to_owned()).collect(),
            partition: None,
            right: None,
            ownership: None,
            visible_with: Vec::new(),
            visible_either: false,
            deleted: None,
            at_root: true,
            columns: Vec::new(),
            money: Vec::new(),
            computed: Vec::new(),
            relations: Vec::new(),
            interfaces: Vec::new(),
            custom_fields: false,
            changes: false,
            audited: true,
        }
    }
}

/// Says things about the entity `E`.
pub struct EntityBuilder<'a, E> {
    declaration: &'a mut EntityDeclaration,
    entity: PhantomData<E>,
}

#[expect(clippy::return_self_not_must_use, reason = "what is said is in the registry already")]
impl<'a, E: EntityTrait> EntityBuilder<'a, E> {
    pub(crate) fn new(declaration: &'a mut EntityDeclaration) -> Self {
        Self { declaration, entity: PhantomData }
    }

    /// The leading column of the primary key and of every index; its value comes from the request.
    pub fn partition(self, column: E::Column) -> Self {
        self.declaration.partition = Some(column.as_str().to_owned());
        self
    }

    /// The right that reading it needs.
    pub fn right(self, right: &'static str) -> Self {
        self.declaration.right = Some(right);
        self
    }

    /// Whose a record is: columns with the id of the user and, if teams own any, of the team. Each has an index with the
    /// id behind it, best of the rows only that have an owner or a team: what callers see of a list may be read by it.
    pub fn owned_by(self, owner: E::Column, team: impl Into<Option<E::Column>>) -> Self {
        let team = team.into().map(|team| team.as_str().to_owned());
        let ownership = Ownership { owner: owner.as_str().to_owned(), team, orders: Vec::new() };
        self.declaration.ownership = Some(ownership);
        self
    }

    /// Further orders in which an index has the records of each team: `(tenant_id, team_id, column, id)`. In others,
    /// whoever sees only some teams' records waits for a walk through those of all.
    pub fn teams_ordered_by<const N: usize>(self, columns: [E::Column; N]) -> Self {
        if let Some(ownership) = &mut self.declaration.ownership {
            ownership.orders.extend(columns.map(|column| column.as_str().to_owned()));
        }
        self
    }

    /// A part of other records, without an owner of its own: a row is visible if the record that at least one of these
    /// relations to one leads to is, deleted or not. What the caller may see of the entity itself must hold too.
    pub fn visible_with(self, relations: &[&'static str]) -> Self {
        self.declaration.visible_with.extend(relations);
        self
    }

    /// A row is also visible if the record that one of these relations to one leads to is, deleted or not: files that somebody
    /// has uploaded, and those that are attached to what they may see. Whoever may see all rows sees them anyway; who lacks the
    /// right to read the entity sees none.
    pub fn or_visible_with(self, relations: &[&'static str]) -> Self {
        self.declaration.visible_either = true;
        self.visible_with(relations)
    }

    /// Another plural than the regular English one.
    pub fn plural(self, plural: &str) -> Self {
        plural.clone_into(&mut self.declaration.plural);
        self
    }

    /// Rows with a time in this column are deleted: hidden unless asked for.
    pub fn soft_delete(self, column: E::Column) -> Self {
        self.declaration.deleted = Some(column.as_str().to_owned());
        self
    }

    /// Reached through relations (and `node`) only: no fields at the root.
    pub fn not_at_root(self) -> Self {
        self.declaration.at_root = false;
        self
    }

    /// A field that is a column.
    pub fn column(self, column: ColumnDeclaration) -> Self {
        self.declaration.columns.push(column);
        self
    }

    /// A field that is an amount of money.
    pub fn money(self, money: MoneyDeclaration) -> Self {
        self.declaration.money.push(money);
        self
    }

    /// A field that is worked out.
    pub fn computed(self, computed: ComputedDeclaration) -> Self {
        let module = self.declaration.module;
        self.declaration.computed.push(ComputedDeclaration { module, ..computed });
        self
    }

    /// A field that is other entities.
    pub fn relation(self, relation: RelationDeclaration) -> Self {
        self.declaration.relations.push(relation);
        self
    }

    /// Has the fields of this interface.
    pub fn implements(self, interface: &'static str) -> Self {
        self.declaration.interfaces.push(interface);
        self
    }

    /// Tenants may add fields of their own.
    pub fn custom_fields(self) -> Self {
        self.declaration.custom_fields = true;
        self
    }

    /// Its changes can be subscribed to: `subscription { contactChanged(filter:) { … } }`. Whoever may read it may. A
    /// deletion can only be told of entities with [`soft_delete`](Self::soft_delete): of a row that is gone nobody knows
    /// who may see it.
    pub fn changes(self) -> Self {
        self.declaration.changes = true;
        self
    }

    /// Its changes are told, but not kept in the audit: those that happen by themselves, again and again.
    pub fn without_audit(self) -> Self {
        self.declaration.audited = false;
        self
    }
}

/// What a module adds to the entity of a table.
#[derive(Clone)]
pub struct ExtensionDeclaration {
    /// Who says it.
    pub module: &'static str,
    /// Table of the entity.
    pub table: String,
    /// Added relations.
    pub relations: Vec<RelationDeclaration>,
    /// Added computed fields.
    pub computed: Vec<ComputedDeclaration>,
}

impl ExtensionDeclaration {
    pub(crate) fn new<E: EntityTrait>(module: &'static str) -> Self {
        let table = E::default().table_name().to_owned();
        Self { module, table, relations: Vec::new(), computed: Vec::new() }
    }
}

/// Adds to the entity `E` of another module.
pub struct ExtensionBuilder<'a, E> {
    declaration: &'a mut ExtensionDeclaration,
    entity: PhantomData<E>,
}

#[expect(clippy::return_self_not_must_use, reason = "what is said is in the registry already")]
impl<'a, E: EntityTrait> ExtensionBuilder<'a, E> {
    pub(crate) fn new(declaration: &'a mut ExtensionDeclaration) -> Self {
        Self { declaration, entity: PhantomData }
    }

    /// A field that is other entities.
    pub fn relation(self, relation: RelationDeclaration) -> Self {
        self.declaration.relations.push(relation);
        self
    }

    /// A field that is worked out.
    pub fn computed(self, computed: ComputedDeclaration) -> Self {
        let module = self.declaration.module;
        self.declaration.computed.push(ComputedDeclaration { module, ..computed });
        self
    }
}

/// An interface (shared fields) or a union (named members).
#[derive(Debug, Clone)]
pub struct AbstractDeclaration {
    /// Who says it.
    pub module: &'static str,
    /// Type name in the API.
    pub name: &'static str,
    /// Description in the API.
    pub description: &'static str,
    /// Fields of an interface.
    pub fields: Vec<&'static str>,
    /// Members of a union; `None` for an interface.
    pub members: Option<Vec<&'static str>>,
}
