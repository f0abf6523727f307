//! What can be wrong with a list of modules. Each is one sentence that says what to do.

use shoal_graphql::compose::ComposeError;

/// Why modules do not make a program.
#[derive(Debug, thiserror::Error)]
pub enum ModuleError {
    /// A name that cannot stand in tables, rights and addresses.
    #[error("the module name {0:?} must begin with a small letter and have small letters, digits and _ only")]
    Name(&'static str),
    /// Two modules of one name.
    #[error("two modules are called {0}; every module needs a name of its own")]
    Twice(&'static str),
    /// Two modules of which one's tables could be the other's.
    #[error(
        "module {module} must not begin with {other}_: its tables would be deleted with those of module {other}"
    )]
    Within {
        /// The longer name.
        module: &'static str,
        /// The shorter one.
        other: &'static str,
    },
    /// A module that is not there.
    #[error(
        "module {module} requires module {missing}, which is not part of this program; add it to the list of modules"
    )]
    Missing {
        /// Who requires it.
        module: &'static str,
        /// What it requires.
        missing: &'static str,
    },
    /// Modules that require each other.
    #[error("the modules {} require each other in a circle; let one of them integrate with the other instead", .0.join(" → "))]
    Circle(Vec<&'static str>),
    /// Declarations that do not fit together.
    #[error("the declarations of the modules do not fit: {0}")]
    Declarations(ComposeError),
    /// Something that does not begin with the module's name.
    #[error("module {module} calls {what} {name}, which must begin with {module}{separator}")]
    Prefix {
        /// The module.
        module: &'static str,
        /// What kind of thing it is.
        what: &'static str,
        /// The name.
        name: String,
        /// What stands behind the module's name.
        separator: char,
    },
    /// A right that is used and not declared.
    #[error(
        "module {module} names the right {right} ({place}), which no module declares; add it to the rights of the module"
    )]
    UndeclaredRight {
        /// Who names it.
        module: &'static str,
        /// The right.
        right: String,
        /// Where it is named.
        place: String,
    },
    /// A right that is declared twice.
    #[error("the right {right} is declared twice, by module {module}")]
    RightTwice {
        /// Who declares it.
        module: &'static str,
        /// The right.
        right: &'static str,
    },
    /// A right with scopes that reads records of which nothing says whose they are.
    #[error(
        "module {module}: {entity} is read by the scoped right {right}, but nothing says whose its records are; add `owned_by` or `visible_with`"
    )]
    Ownerless {
        /// The module.
        module: &'static str,
        /// The type.
        entity: String,
        /// The right.
        right: &'static str,
    },
    /// Records to which files can be attached, but nobody could say who may.
    #[error(
        "module {module}: files can be attached to {entity}, which needs a column `version`, and rights called `….read` and `….update`"
    )]
    Attachable {
        /// The module.
        module: &'static str,
        /// The type.
        entity: &'static str,
    },
    /// Records with timelines, or on them, of which nobody knows what becomes of them.
    #[error("module {module}: {entity} has to do with timelines, which needs a column `version`")]
    Timeline {
        /// The module.
        module: &'static str,
        /// The type.
        entity: &'static str,
    },
    /// A right to read records with an owner that is not said to have scopes.
    #[error("the right {right} of module {module} reads records with an owner; add `scoped` to it")]
    Scopes {
        /// The module.
        module: &'static str,
        /// The right.
        right: String,
    },
    /// A translation that cannot be read.
    #[error("the {language} texts of module {module} cannot be read: {message}")]
    Texts {
        /// The module.
        module: &'static str,
        /// Tag of the language.
        language: &'static str,
        /// The mistake.
        message: String,
    },
    /// A text that is not there.
    #[error("module {module} has no {language} text for {key}; add it to its translations")]
    MissingText {
        /// The module.
        module: &'static str,
        /// Tag of the language.
        language: &'static str,
        /// The key.
        key: String,
    },
    /// Defaults that are not valid themselves.
    #[error("the default of the setting {field} of module {module} {message}")]
    Default {
        /// The module.
        module: &'static str,
        /// The setting.
        field: String,
        /// What is wrong.
        message: String,
    },
    /// A secret inside another setting.
    #[error("the setting {field} of module {module} has a secret inside; make it a setting of its own")]
    NestedSecret {
        /// The module.
        module: &'static str,
        /// The setting.
        field: String,
    },
    /// Two handlers or kinds of work of one name.
    #[error("module {module} has two {what} called {name}; each needs a name of its own")]
    NameTwice {
        /// The module.
        module: &'static str,
        /// What kind of thing it is.
        what: &'static str,
        /// The name.
        name: String,
    },
    /// A handler of an event that nobody publishes.
    #[error("handler {handler} of module {module} waits for {event}, which no module publishes; the nearest is {}", nearest.as_deref().unwrap_or("none"))]
    UnknownEvent {
        /// The module.
        module: &'static str,
        /// The handler.
        handler: &'static str,
        /// The event.
        event: &'static str,
        /// An event with a similar name.
        nearest: Option<String>,
    },
    /// A handler of an event of a module that the manifest does not name.
    #[error(
        "handler {handler} of module {module} waits for {event}; name the module {publisher} in `requires` or `integrates` of the manifest"
    )]
    UnnamedModule {
        /// The module.
        module: &'static str,
        /// The handler.
        handler: &'static str,
        /// The event.
        event: &'static str,
        /// Who publishes it.
        publisher: &'static str,
    },
    /// A time at which nothing can begin.
    #[error("the job {job} of module {module} cannot begin at {pattern:?}: {mistake}")]
    Schedule {
        /// The module.
        module: &'static str,
        /// The job.
        job: &'static str,
        /// When it should.
        pattern: &'static str,
        /// What is wrong with that.
        mistake: String,
    },
    /// A route that cannot be mounted.
    #[error("the route {route} of module {module} cannot be used: {mistake}")]
    Route {
        /// The module.
        module: &'static str,
        /// Method and path.
        route: String,
        /// What is wrong with it.
        mistake: &'static str,
    },
    /// Two routes of one address.
    #[error(
        "the routes {other} and {route} of module {module} have the same address; give one of them another path, or, if the methods differ, the same names to the parameters"
    )]
    RoutesCollide {
        /// The module.
        module: &'static str,
        /// One of them.
        route: String,
        /// The other.
        other: String,
    },
    /// A relation with an entity of a module that the manifest does not name.
    #[error(
        "module {module} has {field}, which is about module {other}; name it in `requires` or `integrates` of the manifest"
    )]
    UnnamedRelation {
        /// The module.
        module: &'static str,
        /// Type and field.
        field: String,
        /// Whose entity it is on or leads to.
        other: &'static str,
    },
    /// Entities without tables.
    #[error("module {0} declares entities but has no migrations that make their tables")]
    NoMigrations(&'static str),
}

// Not as a source, too: whoever prints an error with its sources would say everything twice.
impl From<ComposeError> for ModuleError {
    fn from(error: ComposeError) -> Self {
        Self::Declarations(error)
    }
}
