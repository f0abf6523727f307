//! What may be wrong with declarations.

/// Why declarations cannot be put together. Every variant names who is to blame.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ComposeError {
    /// Two declarations of one type.
    #[error("type {name} is declared by module {first} and again by module {second}")]
    DuplicateType {
        /// Type name.
        name: String,
        /// Who came first.
        first: &'static str,
        /// Who came second.
        second: &'static str,
    },
    /// Two declarations of one field, at a type or at the root.
    #[error("field {parent}.{field} is declared by module {first} and again by module {second}")]
    DuplicateField {
        /// Type name, `Query` or `Mutation` for the roots.
        parent: String,
        /// Field name.
        field: String,
        /// Who came first.
        first: &'static str,
        /// Who came second.
        second: &'static str,
    },
    /// An entity, field, argument, input or value without a description.
    #[error("module {module}: {what} has no description")]
    MissingDescription {
        /// Who declares it.
        module: &'static str,
        /// What lacks it.
        what: String,
    },
    /// A root field that names no right.
    #[error("module {module}: {what} names no right")]
    MissingRight {
        /// Who declares it.
        module: &'static str,
        /// What lacks it.
        what: String,
    },
    /// An extension of an entity that no module declares.
    #[error("module {module} extends the entity of table {table}, which no module declares")]
    ExtensionWithoutTarget {
        /// Who extends.
        module: &'static str,
        /// The table.
        table: String,
    },
    /// A relation, mutation or union with an entity or interface that no module declares.
    #[error("module {module}: {what} points at {target}, which no module declares")]
    UnknownTarget {
        /// Who declares it.
        module: &'static str,
        /// What points.
        what: String,
        /// Where to.
        target: String,
    },
    /// A column that the table does not have.
    #[error("module {module}: {what} names column {column}, which table {table} does not have")]
    UnknownColumn {
        /// Who declares it.
        module: &'static str,
        /// What names it.
        what: String,
        /// The column.
        column: String,
        /// The table.
        table: String,
    },
    /// A column whose database type has no kind in the API.
    #[error("module {module}: {what} has a database type without a kind in the API")]
    UnknownKind {
        /// Who declares it.
        module: &'static str,
        /// The column.
        what: String,
    },
    /// An entity without a leading key column or without `id`.
    #[error("module {module}: entity {entity} has no {missing}")]
    MissingKey {
        /// Who declares it.
        module: &'static str,
        /// The entity.
        entity: &'static str,
        /// What it lacks.
        missing: &'static str,
    },
    /// An interface and an entity that does not have its fields in the same type.
    #[error("module {module}: {entity} implements {interface} of module {interface_module}, but {problem}")]
    InterfaceMismatch {
        /// Who declares the entity.
        module: &'static str,
        /// The entity.
        entity: &'static str,
        /// The interface.
        interface: &'static str,
        /// Who declares the interface.
        interface_module: &'static str,
        /// What does not fit.
        problem: String,
    },
    /// Two entities over one table.
    #[error(
        "table {table} is declared by module {first} as {first_name} and by module {second} as {second_name}"
    )]
    DuplicateTable {
        /// The table.
        table: String,
        /// Who came first.
        first: &'static str,
        /// The first one's type name.
        first_name: &'static str,
        /// Who came second.
        second: &'static str,
        /// The second one's type name.
        second_name: &'static str,
    },
    /// Something that GraphQL cannot call so.
    #[error("module {module}: {what} is not a name in GraphQL")]
    InvalidName {
        /// Who declares it.
        module: &'static str,
        /// What has the name.
        what: String,
    },
    /// A column that is to be filtered or ordered by, but whose values have no order.
    #[error("module {module}: {what} cannot be filtered or ordered by, as its values cannot be compared")]
    NotComparable {
        /// Who declares it.
        module: &'static str,
        /// The column.
        what: String,
    },
    /// Two searchable columns whose names have the same hash.
    #[error(
        "module {module}: {what} is called the same as {other} in search terms; give the column another name"
    )]
    SameSearchCode {
        /// Who declares the second.
        module: &'static str,
        /// The second.
        what: String,
        /// The first.
        other: String,
    },
    /// A relation with an order of its own, by a column that not every reader may see.
    #[error("module {module}: {what} is ordered by a column that needs a right of its own")]
    HiddenOrder {
        /// Who declares it.
        module: &'static str,
        /// The relation.
        what: String,
    },
    /// Rows that are visible with others, which are visible with them.
    #[error("module {module}: {what} goes round in a circle")]
    Circular {
        /// Who declares it.
        module: &'static str,
        /// What does.
        what: String,
    },
    /// What the declarations say is not a valid schema for another reason.
    #[error("the schema is not valid: {0}")]
    InvalidSchema(String),
}
