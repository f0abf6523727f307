//! What Shoal asks of modules when it starts. Each rule that is broken is told in one sentence, which the guide for
//! those who write modules has, word for word.

use sea_orm_migration::MigrationTrait;
use sea_orm_migration::prelude::{DbErr, MigrationName, SchemaManager, async_trait::async_trait};
use shoal_contacts::Contacts;
use shoal_contacts::public::contact;
use shoal_core::UnitOfWork;
use shoal_core::file::Attachable as _;
use shoal_core::module::{
    Event, EventHandler, Handled, Manifest, Module, Modules, Right, Settings, SettingsSchema, Translations,
};
use shoal_core::timeline::OnTimeline as _;
use shoal_graphql::declare::{ModuleRegistry, RelationDeclaration, column, to_many, to_one};
use shoal_graphql::message::Message;

const GUIDE: &str = include_str!("../../docs/module-guide.md");

mod loan {
    use sea_orm::entity::prelude::*;

    shoal_core::record! {
        /// A loan.
        "loans_loan" {
            title: String,
            contact_id: Uuid,
            owner_id: Option<Uuid>,
            pages: i16,
            version: i32,
        }
    }
}

mod slip {
    use sea_orm::entity::prelude::*;

    shoal_core::record! {
        /// A slip of paper, which counts no versions.
        "loans_slip" {
            title: String,
        }
    }
}

mod book {
    use sea_orm::entity::prelude::*;

    shoal_core::record! {
        /// A table with another module's name.
        "books_loan" {
            title: String,
        }
    }
}

const TEXTS: &str = "module-title = T\nmodule-summary = S\nright-loans-loan-read = R\nsetting-days = D\n";
const FOREIGN_MESSAGE: &str =
    "module-title = T\nmodule-summary = S\nright-loans-loan-read = R\nerror-lent = L\n";

const READ: Right = Right { name: "loans.loan.read", employee: None, scoped: true };

const CALL_IN: (&str, &str) = ("call_in", "contacts.contact_deleted");

#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(default)]
struct Terms {
    days: u32,
}

/// A secret inside another setting.
#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(default)]
struct Nested {
    days: Mail,
}

#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(default)]
struct Mail {
    #[schemars(extend("writeOnly" = true))]
    password: String,
}

impl Settings for Nested {
    const MODULE: &'static str = "loans";
}

impl Settings for Terms {
    const MODULE: &'static str = "loans";

    fn check(&self) -> Vec<(&'static str, Message)> {
        vec![("days", "must be 1 to 365".into())]
    }
}

/// A module in which anything can be wrong.
#[derive(Clone)]
struct Toy {
    id: &'static str,
    requires: &'static [&'static str],
    declare: fn(&mut ModuleRegistry<'_>),
    texts: [&'static str; 3],
    rights: &'static [Right],
    handlers: &'static [(&'static str, &'static str)],
    settings: fn() -> SettingsSchema,
    has_tables: bool,
}

/// One in which nothing is.
const GOOD: Toy = Toy {
    id: "loans",
    requires: &["contacts"],
    declare: |api| declare(api, "The title."),
    texts: [TEXTS; 3],
    rights: &[READ],
    handlers: &[CALL_IN],
    settings: SettingsSchema::none,
    has_tables: true,
};

fn declare(api: &mut ModuleRegistry<'_>, title: &'static str) {
    api.entity::<loan::Entity>("Loan", "A loan.")
        .partition(loan::Column::TenantId)
        .right("loans.loan.read")
        .owned_by(loan::Column::OwnerId, None)
        .column(column(loan::Column::Id, "Stays the same for ever."))
        .column(column(loan::Column::Title, title))
        .relation(to_one::<contact::Entity>("contact", "Who has it.", loan::Column::ContactId));
    api.extend::<contact::Entity>().relation(loans());
}

fn loans() -> RelationDeclaration {
    to_many::<loan::Entity>("loans", "What they have borrowed.", loan::Column::ContactId)
}

impl Module for Toy {
    fn manifest(&self) -> Manifest {
        Manifest { id: self.id, version: "1", requires: self.requires, integrates: &[] }
    }

    fn declare(&self, api: &mut ModuleRegistry<'_>) {
        (self.declare)(api);
    }

    fn translations(&self) -> Translations {
        let [en, zh_cn, ru] = self.texts;
        Translations { en, zh_cn, ru }
    }

    fn migrations(&self) -> Vec<Box<dyn MigrationTrait>> {
        if self.has_tables { vec![Box::new(Tables)] } else { vec![] }
    }

    fn rights(&self) -> Vec<Right> {
        self.rights.to_vec()
    }

    fn settings(&self) -> SettingsSchema {
        (self.settings)()
    }

    fn handlers(&self) -> Vec<EventHandler> {
        let handler = |(name, event): &(&'static str, &'static str)| {
            EventHandler::new(name, Vec::leak(vec![*event]), nothing)
        };
        self.handlers.iter().map(handler).collect()
    }
}

fn nothing<'h>(_: &'h mut UnitOfWork, _: &'h [Event]) -> Handled<'h> {
    Box::pin(async { Ok(()) })
}

/// Never run.
struct Tables;

impl MigrationName for Tables {
    fn name(&self) -> &'static str {
        "m1_loans_tables"
    }
}

#[async_trait]
impl MigrationTrait for Tables {
    async fn up(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Ok(())
    }
}

/// What is said of these modules beside contacts.
fn said_of(toys: &[Toy]) -> Option<String> {
    let modules = toys.iter().fold(Modules::new().with(Contacts), |modules, toy| modules.with(toy.clone()));
    modules.compose().err().map(|error| error.to_string())
}

#[test]
fn a_good_module_is_taken() {
    assert_eq!(said_of(&[GOOD]), None);
}

/// Modules of which one breaks a rule.
fn broken() -> Vec<Vec<Toy>> {
    let bare = Toy { declare: |_| (), rights: &[], handlers: &[], requires: &[], ..GOOD };
    vec![
        vec![Toy { id: "Loans", ..GOOD }],
        vec![GOOD, GOOD],
        vec![GOOD, Toy { id: "loans_fines", ..bare.clone() }],
        vec![Toy { requires: &["contacts", "library"], ..GOOD }],
        vec![Toy { requires: &["fines"], ..GOOD }, Toy { id: "fines", requires: &["loans"], ..bare.clone() }],
        vec![Toy { declare: table_of_another, ..GOOD }],
        vec![Toy { rights: &[Right { name: "loan.read", employee: None, scoped: true }], ..bare.clone() }],
        vec![Toy { rights: &[], ..GOOD }],
        vec![Toy { rights: &[READ, READ], ..GOOD }],
        vec![Toy { rights: &[Right { scoped: false, ..READ }], ..GOOD }],
        vec![Toy { declare: without_owner, ..GOOD }],
        vec![Toy { declare: with_files, ..GOOD }],
        vec![Toy { declare: with_timeline, ..GOOD }],
        vec![Toy { texts: [TEXTS, TEXTS, "module-title = T\nmodule-summary = S\n"], ..GOOD }],
        vec![Toy { texts: [TEXTS, "module-title", TEXTS], ..GOOD }],
        vec![Toy { texts: [TEXTS, TEXTS, FOREIGN_MESSAGE], ..GOOD }],
        vec![Toy { settings: SettingsSchema::of::<Terms>, ..GOOD }],
        vec![Toy { settings: SettingsSchema::of::<Nested>, ..GOOD }],
        vec![Toy { handlers: &[("call_in", "contacts.contact_deletd")], ..GOOD }],
        vec![Toy { requires: &[], ..GOOD }],
        vec![Toy { requires: &[], handlers: &[CALL_IN], ..bare }],
        vec![Toy { handlers: &[CALL_IN, CALL_IN], ..GOOD }],
        vec![Toy { has_tables: false, ..GOOD }],
        vec![Toy { declare: |api| declare(api, ""), ..GOOD }],
        vec![Toy { declare: without_partition, ..GOOD }],
        vec![Toy { declare: without_id, ..GOOD }],
        vec![Toy { declare: without_right, ..GOOD }],
        vec![Toy { declare: type_of_another, ..GOOD }],
        vec![Toy { declare: field_of_another, ..GOOD }],
        vec![Toy { declare: unknown_target, ..GOOD }],
        vec![Toy { declare: unknown_kind, ..GOOD }],
    ]
}

fn table_of_another(api: &mut ModuleRegistry<'_>) {
    api.entity::<book::Entity>("Book", "A book.")
        .partition(book::Column::TenantId)
        .right("loans.loan.read")
        .column(column(book::Column::Id, "Stays the same for ever."));
}

fn without_partition(api: &mut ModuleRegistry<'_>) {
    api.entity::<loan::Entity>("Loan", "A loan.")
        .column(column(loan::Column::Id, "Stays the same for ever."));
}

fn without_id(api: &mut ModuleRegistry<'_>) {
    api.entity::<loan::Entity>("Loan", "A loan.").partition(loan::Column::TenantId);
}

fn without_right(api: &mut ModuleRegistry<'_>) {
    api.entity::<loan::Entity>("Loan", "A loan.")
        .partition(loan::Column::TenantId)
        .column(column(loan::Column::Id, "Stays the same for ever."));
}

fn without_owner(api: &mut ModuleRegistry<'_>) {
    api.entity::<loan::Entity>("Loan", "A loan.")
        .partition(loan::Column::TenantId)
        .right("loans.loan.read")
        .column(column(loan::Column::Id, "Stays the same for ever."));
}

fn with_files(api: &mut ModuleRegistry<'_>) {
    // There is a right to read loans, but none to change them.
    api.entity::<loan::Entity>("Loan", "A loan.")
        .partition(loan::Column::TenantId)
        .right("loans.loan.read")
        .owned_by(loan::Column::OwnerId, None)
        .attachable()
        .column(column(loan::Column::Id, "Stays the same for ever."));
}

fn with_timeline(api: &mut ModuleRegistry<'_>) {
    api.entity::<slip::Entity>("Loan", "A loan.")
        .partition(slip::Column::TenantId)
        .right("contacts.contact.read")
        .timeline()
        .column(column(slip::Column::Id, "Stays the same for ever."));
}

fn type_of_another(api: &mut ModuleRegistry<'_>) {
    api.entity::<loan::Entity>("Tag", "A tag.")
        .partition(loan::Column::TenantId)
        .right("loans.loan.read")
        .column(column(loan::Column::Id, "Stays the same for ever."));
}

fn field_of_another(api: &mut ModuleRegistry<'_>) {
    declare(api, "The title.");
    api.extend::<contact::Entity>().relation(RelationDeclaration { name: "emails", ..loans() });
}

fn unknown_target(api: &mut ModuleRegistry<'_>) {
    api.extend::<contact::Entity>().relation(loans());
}

fn unknown_kind(api: &mut ModuleRegistry<'_>) {
    api.entity::<loan::Entity>("Loan", "A loan.")
        .partition(loan::Column::TenantId)
        .right("loans.loan.read")
        .column(column(loan::Column::Id, "Stays the same for ever."))
        .column(column(loan::Column::Pages, "How long it is."));
}

#[test]
fn broken_rules_are_told_in_a_sentence_that_the_guide_has() {
    let mut sentences: Vec<String> = Vec::new();
    for modules in broken() {
        let said = said_of(&modules).unwrap_or_else(|| panic!("after {sentences:?} nothing is said"));
        let said = said.strip_prefix("the declarations of the modules do not fit: ").unwrap_or(&said);
        sentences.push(said.to_owned());
    }
    let missing: Vec<&String> = sentences.iter().filter(|said| !GUIDE.contains(said.as_str())).collect();
    assert!(missing.is_empty(), "docs/module-guide.md lacks {missing:#?}");
    sentences.sort();
    sentences.dedup();
    assert_eq!(sentences.len(), broken().len(), "{sentences:#?}");
}
