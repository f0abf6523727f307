//! Changes of the library, with the simplest handlers that could work.

use std::any::Any;
use std::fmt::Write as _;
use std::sync::Arc;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use sea_orm::{ConnectionTrait as _, Statement, Value};
use shoal_graphql::context::Context;
use shoal_graphql::declare::{Handled, ModuleRegistry, MoneyInput, MutationDeclaration, Patch};
use shoal_graphql::error::{Error, FieldError, Refusal, code};
use shoal_graphql::input;
use uuid::Uuid;

use super::LibraryContext;
use super::entities::{book, tag};
use super::schema::{Colour, Genre};

input! {
    /// A new tag.
    pub struct TagCreate {
        /// The word.
        pub name: String,
        /// The colour.
        pub colour: Option<Colour>,
    }
    /// A change of a tag.
    pub struct TagUpdate {
        /// Which.
        pub id: Uuid,
        /// The word.
        pub name: Patch<String>,
        /// The colour.
        pub colour: Patch<Option<Colour>>,
    }
    /// Everything that an input may hold; it is only described.
    pub struct BookDescribe {
        /// A text.
        pub title: String,
        /// A number.
        pub pages: Option<i32>,
        /// A large number.
        pub copies: Option<i64>,
        /// A fraction.
        pub weight: Option<f64>,
        /// Yes or no.
        pub available: Option<bool>,
        /// A day.
        pub acquired: Option<NaiveDate>,
        /// An exact number.
        pub late_fee: Option<Decimal>,
        /// An amount.
        pub cost: Option<MoneyInput>,
        /// One of several.
        pub genre: Option<Genre>,
        /// Anything.
        pub settings: Option<serde_json::Value>,
        /// Words.
        pub words: Option<Vec<String>>,
        /// Words in rows, with gaps.
        pub rows: Option<Vec<Option<Vec<Option<i32>>>>>,
        /// Tags to make.
        pub tags: Option<Vec<TagCreate>>,
        /// Kept, cleared or set.
        pub note: Patch<Option<String>>,
    }
}

pub fn declare(library: &mut ModuleRegistry<'_>) {
    library
        .mutation(
            MutationDeclaration::new::<tag::Entity, TagCreate, _, _>(
                "tagCreate",
                "Makes a tag.",
                "library.tag.create",
                create,
            )
            .many("tagCreateMany", "Makes many tags."),
        )
        .mutation(MutationDeclaration::new::<tag::Entity, TagUpdate, _, _>(
            "tagUpdate",
            "Changes a tag.",
            "library.tag.update",
            update,
        ))
        .mutation(MutationDeclaration::new::<book::Entity, BookDescribe, _, _>(
            "bookDescribe",
            "Refuses, and says in the message what it was given.",
            "library.book.update",
            async |_, rows: Vec<BookDescribe>| {
                let said = |row: &BookDescribe| Err(Refusal::new("LIBRARY_SAID", format!("{row:?}")));
                Ok(rows.iter().map(said).collect())
            },
        ));
}

async fn create(context: Arc<dyn Context>, rows: Vec<TagCreate>) -> Result<Handled, Error> {
    let library = library(&context);
    let mut handled = Vec::with_capacity(rows.len());
    for row in rows {
        if row.name.is_empty() {
            let wrong = FieldError::new(["name"], "BLANK", "must not be empty");
            handled.push(Err(Refusal::validation(vec![wrong])));
            continue;
        }
        if row.name == "fault" {
            return Err(Error::fault("secret text"));
        }
        let id = library.next_id();
        let colour = row.colour.map(|colour| shoal_graphql::value::Choice::code(colour).to_owned());
        let values = [
            ("tenant_id", Value::from(library.tenant)),
            ("id", id.into()),
            ("name", row.name.clone().into()),
            ("name_sort", super::fold(&row.name).into()),
            ("colour", colour.into()),
        ];
        library.insert("lib_tag", vec![values.to_vec()]).await;
        handled.push(Ok(id.into()));
    }
    Ok(handled)
}

async fn update(context: Arc<dyn Context>, rows: Vec<TagUpdate>) -> Result<Handled, Error> {
    let library = library(&context);
    let mut handled = Vec::with_capacity(rows.len());
    for row in rows {
        let mut changes: Vec<(&str, Value)> = Vec::new();
        if let Patch::Set(name) = row.name {
            changes.push(("name_sort", super::fold(&name).into()));
            changes.push(("name", name.into()));
        }
        if let Patch::Set(colour) = row.colour {
            let colour = colour.map(|colour| shoal_graphql::value::Choice::code(colour).to_owned());
            changes.push(("colour", colour.into()));
        }
        let mut sql = "UPDATE lib_tag SET id = id".to_owned();
        let mut values = Vec::new();
        for (position, (column, value)) in changes.into_iter().enumerate() {
            let _ = write!(sql, ", {column} = ${}", position + 1);
            values.push(value);
        }
        let _ = write!(sql, " WHERE id = ${}", values.len() + 1);
        values.push(row.id.into());
        let connection = library.reader.connection();
        let statement = Statement::from_sql_and_values(library.reader.dialect().backend(), sql, values);
        let done = connection.execute_raw(statement).await?;
        handled.push(if done.rows_affected() == 0 {
            Err(Refusal { code: code::NOT_FOUND, ..Refusal::not_found("tag not found", ["id"]) })
        } else {
            Ok(row.id.into())
        });
    }
    Ok(handled)
}

fn library(context: &Arc<dyn Context>) -> LibraryContext {
    let context: &dyn Any = &**context;
    context.downcast_ref::<LibraryContext>().expect("the test's context").clone()
}
