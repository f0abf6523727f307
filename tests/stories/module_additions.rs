//! What a module brings that is no record of its own: fields of others' records, and tables.

use sea_orm::{ConnectionTrait as _, Statement};
use sea_orm_migration::MigrationTrait;
use serde_json::json;
use shoal_contacts::Contacts;
use shoal_contacts::public::contact;
use shoal_core::module::{Manifest, Module, Modules, Translations};
use shoal_graphql::declare::{ModuleRegistry, computed};
use shoal_migrations::ddl::Definitions;
use shoal_testkit::{Backend, Options, TestApp};

/// A module that puts a stamp on contacts, with a pad of this shape.
struct Stamp(&'static [&'static str]);

const TEXTS: &str = "module-title = Stamp\nmodule-summary = Stamps contacts.\n";

impl Module for Stamp {
    fn manifest(&self) -> Manifest {
        Manifest { id: "stamp", version: "1", requires: &["contacts"], integrates: &[] }
    }

    fn declare(&self, api: &mut ModuleRegistry<'_>) {
        let columns = [contact::Column::DisplayName];
        let stamp = computed("stamp", "What is stamped on it.", columns, |row| {
            Ok(format!("* {} *", row.get::<String>(contact::Column::DisplayName)?))
        });
        api.extend::<contact::Entity>().computed(stamp);
    }

    fn translations(&self) -> Translations {
        Translations { en: TEXTS, zh_cn: TEXTS, ru: TEXTS }
    }

    fn migrations(&self) -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(Definitions { name: "m1_stamp_pad", texts: self.0 })]
    }
}

async fn start(backend: Backend, modules: fn() -> Modules) -> TestApp {
    TestApp::start_with(backend, Options { modules, ..Options::default() }).await
}

fn with_red() -> Modules {
    Modules::new().with(Contacts).with(Stamp(&["CREATE TABLE stamp_pad (red {int})"]))
}

fn with_blue() -> Modules {
    Modules::new().with(Contacts).with(Stamp(&["CREATE TABLE stamp_pad (blue {int})"]))
}

#[tokio::test]
async fn a_plan_names_fields_that_are_worked_out() {
    for backend in Backend::ALL {
        let app = start(backend, with_red).await;
        let plan = app.data("{ modulePlan(module: \"stamp\", action: ENABLE) { fields } }", json!({})).await;
        assert_eq!(plan["modulePlan"]["fields"], json!(["Contact.stamp"]), "{backend}");
        app.enable("stamp").await;
        let create = "mutation { contactCreate(input: {givenName: \"Anna\"}) { contact { stamp } } }";
        assert_eq!(app.data(create, json!({})).await["contactCreate"]["contact"]["stamp"], "* Anna *");
    }
}

/// Migrations of the same names that make something else do not share a database of tests.
#[tokio::test]
async fn tests_have_the_tables_of_their_modules() {
    for backend in Backend::ALL {
        for (modules, column) in [(with_red as fn() -> Modules, "red"), (with_blue, "blue")] {
            let app = start(backend, modules).await;
            let connection = app.database().reader().connection();
            let query = format!("SELECT {column} FROM stamp_pad");
            let asked = Statement::from_string(connection.get_database_backend(), query);
            assert!(connection.query_all_raw(asked).await.is_ok(), "{backend}: {column}");
        }
    }
}
