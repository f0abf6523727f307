//! The examples of sections 5 and 6 of the specification (October 2021), on its schema of pets as near as entities can
//! declare it. What cannot be declared here: fields below the root with arguments of their own (`doesKnowCommand`,
//! `isHouseTrained`), and directives of one's own. Arguments are those of lists instead: `first` for an optional `Int`,
//! `id` for a required one. The fields of the specification's `arguments` are root fields.

use std::sync::Arc;

use sea_orm::Database;
use serde_json::Value as Json;
use shoal_graphql::catalog::{Catalog, Entity};
use shoal_graphql::context::{Context, Predicate, RightSet};
use shoal_graphql::database::Reader;
use shoal_graphql::declare::{ModuleRegistry, QueryDeclaration, Registry, column, to_many, to_one};
use shoal_graphql::engine::{Engine, Limits};
use shoal_graphql::request::{Outcome, Request};
use shoal_graphql::{choices, input};
use uuid::Uuid;

use crate::common::TEXT;

macro_rules! table {
    ($module:ident, $table:tt, { $($field:ident : $type:ty),* $(,)? }) => {
        mod $module {
            use sea_orm::entity::prelude::*;

            #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
            #[sea_orm(table_name = $table)]
            pub struct Model {
                #[sea_orm(primary_key, auto_increment = false)]
                pub tenant_id: Uuid,
                #[sea_orm(primary_key, auto_increment = false)]
                pub id: Uuid,
                $(pub $field: $type,)*
            }

            #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
            pub enum Relation {}

            impl ActiveModelBehavior for ActiveModel {}
        }
    };
}

table!(dog, "pet_dog", { name: String, nickname: Option<String>, bark_volume: Option<i32>, owner_id: Option<Uuid>, command: Option<String> });
table!(cat, "pet_cat", { name: String, nickname: Option<String>, meow_volume: Option<i32> });
table!(human, "pet_human", { name: String });
table!(alien, "pet_alien", { name: String, home_planet: Option<String> });

choices! {
    /// What a dog may know.
    pub enum DogCommand {
        /// Sit.
        Sit => "SIT",
        /// Down.
        Down => "DOWN",
        /// Heel.
        Heel => "HEEL",
    }
}

input! {
    /// A boolean or nothing.
    pub struct BooleanArgument {
        /// Yes or no.
        pub boolean_arg: Option<bool>,
    }
    /// A boolean.
    pub struct NonNullBooleanArgument {
        /// Yes or no.
        pub non_null_boolean_arg: bool,
    }
    /// Booleans with gaps.
    pub struct BooleanListArgument {
        /// Yes or no.
        pub boolean_list_arg: Vec<Option<bool>>,
    }
    /// Booleans.
    pub struct NonNullBooleanListArgument {
        /// Yes or no.
        pub non_null_boolean_list_arg: Vec<bool>,
    }
}

/// The specification's `arguments`.
fn declare_arguments(pets: &mut ModuleRegistry<'_>) {
    pets.query(QueryDeclaration::new("booleanArgField", "It.", None, async |_, given: BooleanArgument| {
        Ok(given.boolean_arg)
    }))
    .query(QueryDeclaration::new(
        "nonNullBooleanArgField",
        "It.",
        None,
        async |_, given: NonNullBooleanArgument| Ok(given.non_null_boolean_arg),
    ))
    .query(QueryDeclaration::new(
        "booleanListArgField",
        "It.",
        None,
        async |_, given: BooleanListArgument| Ok(given.boolean_list_arg),
    ))
    .query(QueryDeclaration::new(
        "nonNullBooleanListField",
        "It.",
        None,
        async |_, given: NonNullBooleanListArgument| Ok(given.non_null_boolean_list_arg),
    ));
}

fn catalog() -> Catalog {
    let mut registry = Registry::default();
    let mut pets = registry.module("pets");
    declare_arguments(&mut pets);
    pets.interface("Sentient", "Has a name and knows it.", &["name"])
        .interface("Pet", "Lives with someone.", &["name"])
        .union("CatOrDog", "A cat or a dog.", &["Cat", "Dog"])
        .union("DogOrHuman", "A dog or a human.", &["Dog", "Human"])
        .union("HumanOrAlien", "A human or an alien.", &["Human", "Alien"]);
    pets.entity::<dog::Entity>("Dog", "Barks.")
        .partition(dog::Column::TenantId)
        .changes()
        .right("pets")
        .implements("Pet")
        .column(column(dog::Column::Id, "The id."))
        .column(column(dog::Column::Name, "The name.").filterable())
        .column(column(dog::Column::Nickname, "At home."))
        .column(column(dog::Column::BarkVolume, "How loud.").filterable().orderable())
        .column(column(dog::Column::Command, "What it knows.").choice::<DogCommand>().filterable())
        .relation(to_one::<human::Entity>("owner", "Whose it is.", dog::Column::OwnerId));
    pets.entity::<cat::Entity>("Cat", "Meows.")
        .partition(cat::Column::TenantId)
        .right("pets")
        .implements("Pet")
        .column(column(cat::Column::Id, "The id."))
        .column(column(cat::Column::Name, "The name."))
        .column(column(cat::Column::Nickname, "At home."))
        .column(column(cat::Column::MeowVolume, "How loud."));
    pets.entity::<human::Entity>("Human", "Talks.")
        .partition(human::Column::TenantId)
        .right("pets")
        .implements("Sentient")
        .column(column(human::Column::Id, "The id."))
        .column(column(human::Column::Name, "The name."))
        .relation(to_many::<dog::Entity>("pets", "Its dogs.", dog::Column::OwnerId));
    pets.entity::<alien::Entity>("Alien", "Comes from elsewhere.")
        .partition(alien::Column::TenantId)
        .right("pets")
        .implements("Sentient")
        .column(column(alien::Column::Id, "The id."))
        .column(column(alien::Column::Name, "The name."))
        .column(column(alien::Column::HomePlanet, "From where."));
    registry.compose().expect("pets compose")
}

struct Nobody(Reader, RightSet);

impl Context for Nobody {
    fn reader(&self) -> &Reader {
        &self.0
    }
    fn partition(&self) -> sea_orm::Value {
        Uuid::nil().into()
    }
    fn rights(&self) -> &RightSet {
        &self.1
    }
    fn predicate(&self, _: &Entity) -> Predicate {
        Predicate::All
    }
    fn today(&self) -> chrono::NaiveDate {
        chrono::NaiveDate::default()
    }
}

/// `(section, document, valid)`. `node(id: "…")` stands for a field of an interface or union type.
const EXAMPLES: &[(&str, &str, bool)] = &[
    ("5.1.1", "query getDogName { dog(id: ID) { name color } } extend type Dog { color: String }", false),
    (
        "5.2.1.1",
        "query getDogName { dog(id: ID) { name } } query getOwnerName { dog(id: ID) { owner { name } } }",
        true,
    ),
    (
        "5.2.1.1",
        "query getName { dog(id: ID) { name } } query getName { dog(id: ID) { owner { name } } }",
        false,
    ),
    (
        "5.2.1.1",
        "query dogOperation { dog(id: ID) { name } } mutation dogOperation { mutateDog { id } }",
        false,
    ),
    ("5.2.2.1", "{ dog(id: ID) { name } }", true),
    ("5.2.2.1", "{ dog(id: ID) { name } } query getName { dog(id: ID) { owner { name } } }", false),
    ("5.2.3.1", "subscription sub { dogChanged { kind id } }", true),
    (
        "5.2.3.1",
        "subscription sub { ...newDog } fragment newDog on Subscription { dogChanged { kind id } }",
        true,
    ),
    ("5.2.3.1", "subscription sub { dogChanged { kind } disallowed: dogChanged { id } }", false),
    (
        "5.2.3.1",
        "subscription sub { ...two } fragment two on Subscription { dogChanged { kind } more: dogChanged { id } }",
        false,
    ),
    ("5.2.3.1", "subscription sub { __typename }", false),
    ("5.3.1", "{ ...fieldNotDefined } fragment fieldNotDefined on Dog { meowVolume }", false),
    ("5.3.1", "{ node(id: ID) { ...aliased } } fragment aliased on Dog { barkVolume: kawVolume }", false),
    (
        "5.3.1",
        "{ node(id: ID) { ...interfaceFieldSelection } } fragment interfaceFieldSelection on Pet { name }",
        true,
    ),
    ("5.3.1", "{ node(id: ID) { ...f } } fragment f on Pet { nickname }", false),
    (
        "5.3.1",
        "{ node(id: ID) { ...f } } fragment f on CatOrDog { __typename ... on Pet { name } ... on Dog { barkVolume } }",
        true,
    ),
    ("5.3.1", "{ node(id: ID) { ...f } } fragment f on CatOrDog { name barkVolume }", false),
    (
        "5.3.2",
        "{ dog(id: ID) { ...mergeIdenticalFields } } fragment mergeIdenticalFields on Dog { name name }",
        true,
    ),
    ("5.3.2", "{ dog(id: ID) { ...f } } fragment f on Dog { otherName: name otherName: name }", true),
    ("5.3.2", "{ dog(id: ID) { ...f } } fragment f on Dog { name: nickname name }", false),
    ("5.3.2", "{ dogs(first: 1) { totalCount } dogs(first: 1) { totalCount } }", true),
    ("5.3.2", "query($n: Int) { dogs(first: $n) { totalCount } dogs(first: $n) { totalCount } }", true),
    ("5.3.2", "{ dogs(first: 1) { totalCount } dogs(first: 2) { totalCount } }", false),
    ("5.3.2", "query($n: Int) { dogs(first: 1) { totalCount } dogs(first: $n) { totalCount } }", false),
    (
        "5.3.2",
        "query($n: Int, $m: Int) { dogs(first: $n) { totalCount } dogs(first: $m) { totalCount } }",
        false,
    ),
    ("5.3.2", "{ dogs(first: 1) { totalCount } dogs { totalCount } }", false),
    (
        "5.3.2",
        "{ node(id: ID) { ...f } } fragment f on Pet { ... on Dog { volume: barkVolume } ... on Cat { volume: meowVolume } }",
        true,
    ),
    (
        "5.3.2",
        "{ node(id: ID) { ...f } } fragment f on Pet { ... on Dog { someValue: nickname } ... on Cat { someValue: meowVolume } }",
        false,
    ),
    ("5.3.2 nested", "{ dogs { nodes { owner { a: name } } nodes { owner { a: id } } } }", false),
    ("5.3.3", "{ dog(id: ID) { ...f } } fragment f on Dog { barkVolume }", true),
    ("5.3.3", "{ dog(id: ID) { ...f } } fragment f on Dog { barkVolume { sinceWhen } }", false),
    ("5.3.3", "{ dog(id: ID) }", false),
    ("5.3.3", "{ node(id: ID) }", false),
    ("5.4.1", "{ dogs(first: 1) { totalCount } }", true),
    ("5.4.1", "{ dog(id: ID) { name @include(if: true) } }", true),
    ("5.4.1", "{ dogs(command: CLEAN_UP_HOUSE) { totalCount } }", false),
    ("5.4.1", "{ dog(id: ID) { name @include(unless: false) } }", false),
    ("5.4.1", "{ dogs(first: 1, last: 2) { totalCount } cats(last: 2, first: 1) { totalCount } }", true),
    ("5.4.2", "{ dogs(first: 1, first: 1) { totalCount } }", false),
    ("5.4.2.1", "{ dogs { totalCount } }", true),
    ("5.4.2.1", "{ dog { name } }", false),
    ("5.4.2.1", "{ dog(id: null) { name } }", false),
    (
        "5.5.1.1",
        "{ dog(id: ID) { ...fragmentOne ...fragmentTwo } } fragment fragmentOne on Dog { name } fragment fragmentTwo on Dog { owner { name } }",
        true,
    ),
    (
        "5.5.1.1",
        "{ dog(id: ID) { ...f } } fragment f on Dog { name } fragment f on Dog { owner { name } }",
        false,
    ),
    (
        "5.5.1.2",
        "{ dog(id: ID) { ...f ...i ...d } } fragment f on Dog { name } fragment i on Dog { ... on Dog { name } } fragment d on Dog { ... @include(if: true) { name } }",
        true,
    ),
    ("5.5.1.2", "{ node(id: ID) { ...f } } fragment f on NotInSchema { name }", false),
    ("5.5.1.2", "{ dog(id: ID) { ...f } } fragment f on Dog { ... on NotInSchema { name } }", false),
    (
        "5.5.1.3",
        "{ node(id: ID) { ...o ...i ...u } } fragment o on Dog { name } fragment i on Pet { name } fragment u on CatOrDog { ... on Dog { name } }",
        true,
    ),
    ("5.5.1.3", "{ dog(id: ID) { ...f } } fragment f on Int { something }", false),
    ("5.5.1.3", "{ dog(id: ID) { ...f } } fragment f on Dog { ... on Boolean { somethingElse } }", false),
    ("5.5.1.4", "fragment nameFragment on Dog { name } { dog(id: ID) { ...nameFragment } }", true),
    ("5.5.1.4", "fragment nameFragment on Dog { name } { dog(id: ID) { name } }", false),
    ("5.5.2.1", "{ dog(id: ID) { ...undefinedFragment } }", false),
    (
        "5.5.2.2",
        "{ dog(id: ID) { ...nameFragment } } fragment nameFragment on Dog { name ...barkVolumeFragment } fragment barkVolumeFragment on Dog { barkVolume ...nameFragment }",
        false,
    ),
    (
        "5.5.2.2",
        "{ dog(id: ID) { ...d } } fragment d on Dog { name owner { ...o } } fragment o on Human { name pets { nodes { ...d } } }",
        false,
    ),
    ("5.5.2.3.1", "{ dog(id: ID) { ...f } } fragment f on Dog { ... on Dog { barkVolume } }", true),
    ("5.5.2.3.1", "{ dog(id: ID) { ...f } } fragment f on Dog { ... on Cat { meowVolume } }", false),
    (
        "5.5.2.3.2",
        "{ dog(id: ID) { ...p ...u } } fragment p on Pet { name } fragment u on CatOrDog { ... on Cat { meowVolume } }",
        true,
    ),
    (
        "5.5.2.3.3",
        "{ node(id: ID) { ...p ...c } } fragment p on Pet { name ... on Dog { barkVolume } } fragment c on CatOrDog { ... on Cat { meowVolume } }",
        true,
    ),
    ("5.5.2.3.3", "{ node(id: ID) { ...f } } fragment f on Sentient { ... on Dog { barkVolume } }", false),
    (
        "5.5.2.3.3",
        "{ node(id: ID) { ...f } } fragment f on HumanOrAlien { ... on Cat { meowVolume } }",
        false,
    ),
    (
        "5.5.2.3.4",
        "{ node(id: ID) { ...u } } fragment u on Pet { ...d } fragment d on DogOrHuman { ... on Dog { barkVolume } }",
        true,
    ),
    (
        "5.5.2.3.4",
        "{ node(id: ID) { ...f } } fragment f on Pet { ...s } fragment s on Sentient { name }",
        false,
    ),
    ("5.6.1", "{ dogs(first: 1, filter: {barkVolume: {eq: 3}}) { totalCount } }", true),
    (
        "5.6.1",
        "query goodComplexDefaultValue($search: DogFilter = {name: {eq: \"Fido\"}}) { dogs(filter: $search) { totalCount } }",
        true,
    ),
    ("5.6.1", "{ dogs(first: \"123\") { totalCount } }", false),
    ("5.6.1", "query badComplexValue { dogs(filter: {name: {eq: 123}}) { totalCount } }", false),
    ("5.6.1", "{ dogs(filter: {command: {eq: JUMP}}) { totalCount } }", false),
    ("5.6.2", "{ dogs(filter: {name: {eq: \"Fido\"}}) { totalCount } }", true),
    ("5.6.2", "{ dogs(filter: {favoriteCookieFlavor: {eq: \"Bacon\"}}) { totalCount } }", false),
    ("5.6.3", "{ dogs(filter: {name: {eq: \"Fido\"}, name: {eq: \"Rex\"}}) { totalCount } }", false),
    (
        "5.6.3 default",
        "query($f: DogFilter = {name: {eq: \"a\", eq: \"b\"}}) { dogs(filter: $f) { totalCount } }",
        false,
    ),
    (
        "5.6.3 elsewhere",
        "query A { dogs { totalCount } } query B { dogs(filter: {name: {eq: \"a\", eq: \"b\"}}) { totalCount } }",
        false,
    ),
    ("5.7.1", "{ dog(id: ID) { name @include(if: true) } }", true),
    ("5.7.1", "{ dog(id: ID) { name @nothing } }", false),
    ("5.7.2", "query @skip(if: $foo) { dog(id: ID) { name } }", false),
    (
        "5.7.3",
        "query($foo: Boolean = true, $bar: Boolean = false) { dog(id: ID) { name @skip(if: $foo) @skip(if: $bar) } }",
        false,
    ),
    (
        "5.7.3",
        "query($foo: Boolean = true, $bar: Boolean = false) { dog(id: ID) { name @skip(if: $foo) } cat(id: ID) { name @skip(if: $bar) } }",
        true,
    ),
    ("5.8.1", "query($a: Int, $a: Int) { dogs(first: $a) { totalCount } }", false),
    (
        "5.8.1",
        "query A($a: Int) { dogs(first: $a) { totalCount } } query B($a: Int) { ...F } fragment F on Query { dogs(first: $a) { totalCount } }",
        true,
    ),
    (
        "5.8.2",
        "query($a: Boolean, $b: Int, $c: DogFilter, $d: [DogOrder!], $e: ID) { dogs(first: $b, filter: $c, orderBy: $d) { nodes { name @skip(if: true) } } x: dogs(filter: {name: {isNull: $a}}) { totalCount } n: __typename }",
        false,
    ),
    (
        "5.8.2",
        "query($a: Boolean = true, $b: Int, $c: DogFilter, $d: [DogOrder!]) { dogs(first: $b, filter: $c, orderBy: $d) { nodes { name @skip(if: $a) } } }",
        true,
    ),
    ("5.8.2", "query($cat: Cat) { dogs { totalCount } }", false),
    ("5.8.2", "query($dog: Dog!) { dogs { totalCount } }", false),
    ("5.8.2", "query($pets: [Pet]) { dogs { totalCount } }", false),
    ("5.8.2", "query($u: CatOrDog) { dogs { totalCount } }", false),
    ("5.8.3", "query variableIsDefined($n: Int) { dogs(first: $n) { totalCount } }", true),
    ("5.8.3", "query variableIsNotDefined { dogs(first: $n) { totalCount } }", false),
    ("5.8.3", "query($n: Int) { ...f } fragment f on Query { dogs(first: $n) { totalCount } }", true),
    ("5.8.3", "{ ...f } fragment f on Query { dogs(first: $n) { totalCount } }", false),
    (
        "5.8.3",
        "{ ...o } fragment o on Query { ...f } fragment f on Query { dogs(first: $n) { totalCount } }",
        false,
    ),
    (
        "5.8.3",
        "query A($n: Int) { ...f } query B($n: Int) { ...f } fragment f on Query { dogs(first: $n) { totalCount } }",
        true,
    ),
    (
        "5.8.3",
        "query A($n: Int) { ...f } query B { ...f } fragment f on Query { dogs(first: $n) { totalCount } }",
        false,
    ),
    ("5.8.4", "query($n: Int) { dogs { totalCount } }", false),
    ("5.8.4", "query($n: Int) { ...f } fragment f on Query { dogs { totalCount } }", false),
    (
        "5.8.4",
        "query A($n: Int) { ...f } query B($n: Int, $extra: Int) { ...f } fragment f on Query { dogs(first: $n) { totalCount } }",
        false,
    ),
    ("5.8.5", "query($n: Int) { dogs(first: $n) { totalCount } cats(first: $n) { totalCount } }", true),
    ("5.8.5", "query($n: Boolean) { dogs(first: $n) { totalCount } }", false),
    ("5.8.5", "query($list: [String]) { dogs(filter: {name: {eq: $list}}) { totalCount } }", false),
    ("5.8.5", "query($list: [String!]) { dogs(filter: {name: {in: $list}}) { totalCount } }", true),
    (
        "5.8.5",
        "query($list: [String!]! = [\"a\"]) { dogs(filter: {name: {in: $list}}) { totalCount } }",
        true,
    ),
    ("5.8.5", "query($list: [String]) { dogs(filter: {name: {in: $list}}) { totalCount } }", false),
    ("5.8.5", "query($n: Int) { dogs(filter: {barkVolume: {in: [$n]}}) { totalCount } }", false),
    ("5.8.5", "query($n: Int = 1) { dogs(filter: {barkVolume: {in: [$n]}}) { totalCount } }", true),
    (
        "5.8.5",
        "query B($n: Int!) { ...f } query A { ...g } fragment f on Query { dogs(filter: {barkVolume: {in: [$n]}}) { totalCount } } fragment g on Query { __typename }",
        true,
    ),
    (
        "5.8.5",
        "query A { __typename } query C($n: [Int!]) { dogs(filter: {barkVolume: {in: [$n]}}) { totalCount } }",
        false,
    ),
    ("5.8.5", "query($id: ID) { dog(id: $id) { name } }", false),
    ("5.8.5", "query($id: ID = \"00000000-0000-0000-0000-000000000001\") { dog(id: $id) { name } }", true),
    ("5.8.5", "query($b: Boolean) { dog(id: ID) { name @include(if: $b) } }", false),
    ("5.8.5", "query($b: Boolean = true) { dog(id: ID) { name @include(if: $b) } }", true),
    ("5.4.1", "{ booleanArgField(booleanArg: true) }", true),
    (
        "5.4.2.1",
        "{ booleanArgField(booleanArg: true) nonNullBooleanArgField(nonNullBooleanArg: true) }",
        true,
    ),
    ("5.4.2.1", "{ booleanArgField }", true),
    ("5.4.2.1", "{ nonNullBooleanArgField(nonNullBooleanArg: null) }", false),
    ("5.6.1", "{ booleanArgField(booleanArg: \"true\") }", false),
    ("5.8.5", "query($booleanArg: Boolean) { booleanArgField(booleanArg: $booleanArg) }", true),
    ("5.8.5", "query($intArg: Int) { booleanArgField(booleanArg: $intArg) }", false),
    ("5.8.5", "query($booleanListArg: [Boolean]) { booleanArgField(booleanArg: $booleanListArg) }", false),
    (
        "5.8.5",
        "query($booleanArg: Boolean) { nonNullBooleanArgField(nonNullBooleanArg: $booleanArg) }",
        false,
    ),
    (
        "5.8.5",
        "query($booleanArg: Boolean = true) { nonNullBooleanArgField(nonNullBooleanArg: $booleanArg) }",
        true,
    ),
    (
        "5.8.5",
        "query A($list: [Boolean!] = [true]) { nonNullBooleanListField(nonNullBooleanListArg: $list) }",
        true,
    ),
    ("5.8.5", "query($list: [Boolean]) { nonNullBooleanListField(nonNullBooleanListArg: $list) }", false),
    ("6.1", "query getName { dog(id: ID) { name } }", true),
    (
        "6.3.2",
        "{ dog(id: ID) { name ...extra owner { name } } } fragment extra on Dog { barkVolume owner { id } }",
        true,
    ),
];

#[tokio::test]
async fn the_examples_of_the_specification() {
    let connection = Database::connect("sqlite::memory:").await.expect("a database in memory");
    let context: Arc<dyn Context> = Arc::new(Nobody(Reader::new(connection), RightSet::all()));
    let engine = Engine::with_catalog(Arc::new(catalog()), Limits::default(), TEXT);
    let mut wrong = Vec::new();
    for (section, document, valid) in EXAMPLES {
        let query = document.replace("(id: ID)", "(id: \"00000000-0000-0000-0000-000000000001\")");
        let operation_name = match document {
            text if text.contains("query A") => Some("A".to_owned()),
            text if text.contains("query getDogName") => Some("getDogName".to_owned()),
            _ => None,
        };
        let request = Request { query, operation_name, ..Request::default() };
        // There are no tables: what is valid runs and fails, what is not does not run.
        let (is_valid, body) = if document.starts_with("subscription") {
            let subscribed = engine.subscribe(&request, &context);
            (subscribed.is_ok(), subscribed.err().map_or_else(|| b"null".to_vec(), |response| response.body))
        } else {
            let response = engine.execute(&request, &context).await;
            (response.outcome == Outcome::Executed, response.body)
        };
        if is_valid != *valid {
            let body: Json = serde_json::from_slice(&body).expect("JSON");
            wrong.push(format!("{section} {document}: {body}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), EXAMPLES.len(), wrong.join("\n"));
}
