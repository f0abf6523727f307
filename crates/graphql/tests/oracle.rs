//! Generated documents, answered by async-graphql's executor from memory and by ours from the databases: the same bytes.

use std::sync::Arc;

use async_graphql::Value;
use async_graphql::dynamic::{
    Field, FieldFuture, FieldValue, InputValue, Interface, InterfaceField, Object, ResolverContext, Scalar,
    Schema, TypeRef,
};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value as Json, json};
use shoal_graphql::engine::{Engine, Limits};
use uuid::Uuid;

use crate::common::data::{NOTE, id};
use crate::common::entities::{author, book, note, tag};
use crate::common::world::{BOOK_FIELDS, Of, World, cell, written};
use crate::common::{Library, TENANT, TEXT, runner, runtime, stored};

/// A record in memory: its kind and its place.
#[derive(Clone, Copy)]
enum At {
    Book(usize),
    Author(usize),
    Tag(usize),
    Note(usize),
}

struct Memory {
    world: World,
    notes: Vec<note::Model>,
}

impl Memory {
    fn new() -> Self {
        let mut world = World::random(41, 25);
        world.books.sort_by_key(|book| book.id);
        let subject = |number: usize| match number % 3 {
            0 => Some(("Author", world.authors[number % world.authors.len()].id)),
            1 => Some(("Tag", world.tags[number % world.tags.len()].id)),
            _ => None,
        };
        let notes = (0..9).map(|number| note::Model {
            tenant_id: TENANT,
            id: id(NOTE, number as u128),
            text: format!("note {number}"),
            position: 0,
            subject_type: subject(number).map(|(name, _)| name.to_owned()),
            subject_id: subject(number).map(|(_, id)| id),
            item_type: None,
            item_id: None,
        });
        Self { notes: notes.collect(), world }
    }

    fn book(&self, book: &book::Model) -> At {
        At::Book(self.world.books.iter().position(|other| other.id == book.id).expect("known"))
    }

    fn author(&self, author: &author::Model) -> At {
        At::Author(self.world.authors.iter().position(|other| other.id == author.id).expect("known"))
    }

    fn tag(&self, tag: &tag::Model) -> At {
        At::Tag(self.world.tags.iter().position(|other| other.id == tag.id).expect("known"))
    }

    fn books(&self, of: impl Fn(&book::Model) -> bool) -> Vec<At> {
        self.world.visible().filter(|book| of(book)).map(|book| self.book(book)).collect()
    }

    fn subject(&self, note: &note::Model) -> Option<(At, &'static str)> {
        let wanted: Uuid = note.subject_id?;
        if note.subject_type.as_deref() == Some("Tag") {
            return self.world.tags.iter().find(|tag| tag.id == wanted).map(|tag| (self.tag(tag), "Tag"));
        }
        let authors = self.world.authors.iter().filter(|author| author.deleted_at.is_none());
        authors.into_iter().find(|author| author.id == wanted).map(|author| (self.author(author), "Author"))
    }

    fn leaf(&self, at: At, field: &str) -> Json {
        let id = |id: Uuid| json!(id.to_string());
        match (at, field) {
            (At::Book(at), "id") => id(self.world.books[at].id),
            (At::Book(at), _) => {
                let of = BOOK_FIELDS.iter().find(|(name, _)| *name == field).map_or(Of::Text, |(_, of)| *of);
                written(cell(&self.world.books[at], field).as_ref(), of)
            }
            (At::Author(at), "id") => id(self.world.authors[at].id),
            (At::Author(at), "born") => json!(self.world.authors[at].born.map(|born| born.to_string())),
            (At::Author(at), _) => json!(self.world.authors[at].name),
            (At::Tag(at), "id") => id(self.world.tags[at].id),
            (At::Tag(at), _) => json!(self.world.tags[at].name),
            (At::Note(at), "id") => id(self.notes[at].id),
            (At::Note(at), _) => json!(self.notes[at].text),
        }
    }

    fn one(&self, at: At, field: &str) -> Option<At> {
        let At::Book(at) = at else { return None };
        let book = &self.world.books[at];
        match field {
            "author" => self.world.author(book).map(|author| self.author(author)),
            _ => self.world.sequel(book).map(|book| self.book(book)),
        }
    }

    fn many(&self, at: Option<At>, field: &str) -> Vec<At> {
        match (at, field) {
            (None, "books") => self.books(|_| true),
            (None, "tags") => self.world.tags.iter().map(|tag| self.tag(tag)).collect(),
            (None, "notes") => (0..self.notes.len()).map(At::Note).collect(),
            (None, _) => {
                let authors = self.world.authors.iter().filter(|author| author.deleted_at.is_none());
                authors.map(|author| self.author(author)).collect()
            }
            (Some(At::Book(at)), "tags") => {
                self.world.tags(&self.world.books[at]).into_iter().map(|tag| self.tag(tag)).collect()
            }
            (Some(At::Book(at)), _) => {
                let own = self.world.books[at].id;
                self.books(|book| book.sequel_id == Some(own))
            }
            (Some(At::Author(at)), _) => {
                let own = self.world.authors[at].id;
                self.books(|book| book.author_id == Some(own))
            }
            (Some(At::Tag(at)), _) => {
                let own = self.world.tags[at].id;
                self.books(|book| self.world.tags(book).iter().any(|tag| tag.id == own))
            }
            (Some(At::Note(_)), _) => Vec::new(),
        }
    }
}

/// Fields of a type: leaves with their types, relations to one, relations to many, each with its target.
pub(crate) struct TypeOf {
    name: &'static str,
    leaves: &'static [(&'static str, &'static str)],
    pub ones: &'static [(&'static str, &'static str)],
    pub lists: &'static [(&'static str, &'static str)],
}

const TYPES: [TypeOf; 5] = [
    TypeOf {
        name: "Query",
        leaves: &[],
        ones: &[],
        lists: &[("books", "Book"), ("authors", "Author"), ("tags", "Tag"), ("notes", "Note")],
    },
    TypeOf {
        name: "Book",
        leaves: &[
            ("id", "ID!"),
            ("title", "String!"),
            ("subtitle", "String"),
            ("pages", "Int!"),
            ("volume", "Int"),
            ("weight", "Float!"),
            ("rating", "Float"),
            ("available", "Boolean!"),
            ("signed", "Boolean"),
            ("copies", "Long!"),
            ("lentAt", "DateTime"),
            ("factor", "Decimal"),
        ],
        ones: &[("author", "Author"), ("sequel", "Book")],
        lists: &[("tags", "Tag"), ("prequels", "Book")],
    },
    TypeOf {
        name: "Author",
        leaves: &[("id", "ID!"), ("name", "String!"), ("born", "Date")],
        ones: &[],
        lists: &[("books", "Book")],
    },
    TypeOf {
        name: "Tag",
        leaves: &[("id", "ID!"), ("name", "String!")],
        ones: &[],
        lists: &[("books", "Book")],
    },
    TypeOf {
        name: "Note",
        leaves: &[("id", "ID!"), ("text", "String!")],
        ones: &[("subject", "Named")],
        lists: &[],
    },
];

pub(crate) fn type_of(name: &str) -> Option<&'static TypeOf> {
    TYPES.iter().find(|known| known.name == name)
}

fn type_ref(text: &str) -> TypeRef {
    text.strip_suffix('!').map_or_else(|| TypeRef::named(text), TypeRef::named_nn)
}

fn memory<'c>(context: &ResolverContext<'c>) -> &'c Memory {
    context.data_unchecked::<Arc<Memory>>()
}

/// What a resolver of a relation to many hands to its connection.
struct Connection {
    all: Vec<At>,
    first: usize,
}

fn leaf(name: &'static str, of: &str) -> Field {
    Field::new(name, type_ref(of), move |context| {
        let at = *context.parent_value.try_downcast_ref::<At>().expect("a record");
        let value = Value::from_json(memory(&context).leaf(at, name)).expect("JSON");
        FieldFuture::Value((value != Value::Null).then(|| FieldValue::value(value)))
    })
}

fn one(name: &'static str, target: &'static str) -> Field {
    Field::new(name, TypeRef::named(target), move |context| {
        let at = *context.parent_value.try_downcast_ref::<At>().expect("a record");
        let memory = memory(&context);
        if let (At::Note(at), "subject") = (at, name) {
            let subject = memory.subject(&memory.notes[at]);
            return FieldFuture::Value(subject.map(|(at, of)| FieldValue::owned_any(at).with_type(of)));
        }
        FieldFuture::Value(memory.one(at, name).map(FieldValue::owned_any))
    })
}

fn list(name: &'static str, target: &'static str) -> Field {
    let connection = TypeRef::named_nn(format!("{target}Connection"));
    let field = Field::new(name, connection, move |context| {
        let at = context.parent_value.try_downcast_ref::<At>().ok().copied();
        let first = context.args.get("first").and_then(|first| first.u64().ok()).unwrap_or(20);
        let all = memory(&context).many(at, name);
        let first = usize::try_from(first).expect("small");
        FieldFuture::Value(Some(FieldValue::owned_any(Connection { all, first })))
    });
    field.argument(InputValue::new("first", TypeRef::named("Int")))
}

fn connections(target: &'static str) -> [Object; 2] {
    let page = |context: &ResolverContext<'_>| -> Vec<At> {
        let connection = context.parent_value.try_downcast_ref::<Connection>().expect("a page");
        connection.all.iter().take(connection.first).copied().collect()
    };
    let edge = format!("{target}Edge");
    let items = |of: &str, name: &'static str| {
        Field::new(name, TypeRef::named_nn_list_nn(of), move |context| {
            FieldFuture::Value(Some(FieldValue::list(page(&context).into_iter().map(FieldValue::owned_any))))
        })
    };
    let total = Field::new("totalCount", TypeRef::named_nn("Int"), |context| {
        let connection = context.parent_value.try_downcast_ref::<Connection>().expect("a page");
        FieldFuture::Value(Some(FieldValue::value(connection.all.len())))
    });
    let node = Field::new("node", TypeRef::named_nn(target), |context| {
        let at = *context.parent_value.try_downcast_ref::<At>().expect("a record");
        FieldFuture::Value(Some(FieldValue::owned_any(at)))
    });
    let connection = Object::new(format!("{target}Connection"));
    let connection = connection.field(items(target, "nodes")).field(items(&edge, "edges")).field(total);
    [connection, Object::new(edge).field(node)]
}

fn their_schema(memory: Arc<Memory>) -> Schema {
    let named = Interface::new("Named")
        .field(InterfaceField::new("id", TypeRef::named_nn("ID")))
        .field(InterfaceField::new("name", TypeRef::named_nn("String")));
    let node = Interface::new("Node").field(InterfaceField::new("id", TypeRef::named_nn("ID")));
    let mut schema = Schema::build("Query", None, None).data(memory).register(named).register(node);
    for scalar in ["Long", "Date", "DateTime", "Decimal"] {
        schema = schema.register(Scalar::new(scalar));
    }
    for of in &TYPES {
        let mut object = Object::new(of.name);
        for (name, leaf_type) in of.leaves {
            object = object.field(leaf(name, leaf_type));
        }
        for (name, target) in of.ones {
            object = object.field(one(name, target));
        }
        for (name, target) in of.lists {
            object = object.field(list(name, target));
        }
        if of.name != "Query" {
            object = object.implement("Node");
            for object in connections(of.name) {
                schema = schema.register(object);
            }
        }
        if matches!(of.name, "Author" | "Tag") {
            object = object.implement("Named");
        }
        schema = schema.register(object);
    }
    schema.finish().expect("their schema")
}

pub(crate) const FRAGMENTS: &str = "
    fragment OnBook on Book { z: title author { ...OnNamed } pages ... on Node { id } }
    fragment OnNamed on Named { name __typename ... on Author { born name } ... on Tag { n: name } }
    fragment OnAuthor on Author { a: born ...OnNamed books_1: books(first: 1) { nodes { title } } }";

fn condition() -> impl Strategy<Value = &'static str> {
    select(vec![
        "",
        "",
        "",
        "@include(if: true)",
        "@skip(if: false)",
        "@include(if: $yes)",
        "@skip(if: $yes)",
        "@include(if: $no) @skip(if: $no)",
        "@include(if: $yes) @skip(if: $no)",
    ])
}

/// A selection on a type. Response keys tell fields and arguments apart, so that any two selections merge. Something is
/// always selected: async-graphql answers null for an object without fields.
pub(crate) fn selection(name: &'static str, depth: u32) -> BoxedStrategy<String> {
    let mut items: Vec<BoxedStrategy<String>> =
        vec![Just("__typename".to_owned()).boxed(), Just("t: __typename".to_owned()).boxed()];
    if let Some(of) = type_of(name) {
        if !of.leaves.is_empty() {
            let leaves: Vec<_> = of.leaves.iter().map(|(name, _)| *name).collect();
            let aliased = (select(leaves), any::<bool>(), condition())
                .prop_map(|(name, alias, condition)| {
                    if alias {
                        format!("x_{name}: {name} {condition}")
                    } else {
                        format!("{name} {condition}")
                    }
                })
                .boxed();
            items.extend([aliased.clone(), aliased.clone(), aliased]);
        }
        if depth > 0 {
            for (field, target) in of.ones {
                let inner = (selection(target, depth - 1), any::<bool>(), condition());
                items.push(
                    inner
                        .prop_map(move |(inner, alias, condition)| {
                            let alias = if alias { "y: " } else { "" }.replace('y', &format!("y_{field}"));
                            format!("{alias}{field} {condition} {{ {inner} }}")
                        })
                        .boxed(),
                );
            }
            for (field, target) in of.lists {
                items.push(connection(field, target, depth - 1));
            }
        }
    } else {
        items.push(Just("name".to_owned()).boxed());
        items.push(Just("...OnNamed".to_owned()).boxed());
        items.push(
            selection("Author", depth).prop_map(|inner| format!("... on Author {{ {inner} }}")).boxed(),
        );
        items.push(selection("Tag", depth).prop_map(|inner| format!("... on Tag {{ {inner} }}")).boxed());
    }
    match name {
        "Book" => items.push(condition().prop_map(|condition| format!("...OnBook {condition}")).boxed()),
        "Author" => {
            items.extend([Just("...OnAuthor".to_owned()).boxed(), Just("...OnNamed".to_owned()).boxed()]);
        }
        _ => {}
    }
    let plain = prop::collection::vec(prop::strategy::Union::new(items), 1..5)
        .prop_map(|items| format!("k: __typename {}", items.join(" ")))
        .boxed();
    if name == "Query" || depth == 0 {
        return plain;
    }
    let inline = (plain.clone(), plain.clone(), condition()).prop_map(move |(before, inner, condition)| {
        format!("{before} ... on {name} {condition} {{ {inner} }} ... {condition} {{ {before} }}")
    });
    prop_oneof![3 => plain, 1 => inline].boxed()
}

fn connection(field: &'static str, target: &'static str, depth: u32) -> BoxedStrategy<String> {
    let inner = selection(target, depth);
    let part = prop_oneof![
        2 => inner.clone().prop_map(|inner| format!("nodes {{ {inner} }}")),
        1 => inner.prop_map(|inner| format!("edges {{ __typename node {{ {inner} }} }}")),
        1 => Just("totalCount".to_owned()),
        1 => Just("__typename".to_owned()),
    ];
    let parts = prop::collection::vec(part, 1..3);
    (prop::option::of(0_u32..4), parts, condition())
        .prop_map(move |(first, parts, condition)| {
            let parts = format!("k: __typename {}", parts.join(" "));
            match first {
                Some(first) => format!("{field}_{first}: {field}(first: {first}) {condition} {{ {parts} }}"),
                None => format!("{field} {condition} {{ {parts} }}"),
            }
        })
        .boxed()
}

async fn ours(library: &Library, query: &str) -> String {
    library.data(query, json!({"yes": true, "no": false})).await.to_string()
}

#[test]
fn the_same_bytes_as_async_graphql() {
    let runtime = runtime();
    let memory = Arc::new(Memory::new());
    let mut libraries = runtime.block_on(stored(&memory.world));
    let limits =
        Limits { aliases: 5_000, fields: 50_000, directives: 5_000, tokens: 100_000, ..Limits::default() };
    for library in &mut libraries {
        library.engine = Engine::with_catalog(Arc::clone(library.engine.catalog()), limits, TEXT);
        runtime.block_on(library.context.insert_models::<note::Entity>(&memory.notes));
    }
    let theirs = their_schema(Arc::clone(&memory));
    runner(200)
        .run(&selection("Query", 3), |selection| {
            // What is used nowhere would not be valid.
            let query = format!(
                "query($yes: Boolean!, $no: Boolean!) {{ {selection} ... @skip(if: true) {{ books {{ nodes {{
                 ...OnBook @include(if: $yes) author @skip(if: $no) {{ ...OnAuthor }} }} }} }} }} {FRAGMENTS}"
            );
            let variables = async_graphql::Variables::from_json(json!({"yes": true, "no": false}));
            let request = async_graphql::Request::new(&query).variables(variables);
            let response = runtime.block_on(theirs.execute(request));
            prop_assert!(response.errors.is_empty(), "{}: {:?}", query, response.errors);
            let expected = response.data.into_json().expect("JSON").to_string();
            for library in &libraries {
                prop_assert_eq!(
                    &runtime.block_on(ours(library, &query)),
                    &expected,
                    "{}: {}",
                    library.backend,
                    query
                );
            }
            Ok(())
        })
        .expect("the same bytes");
}
