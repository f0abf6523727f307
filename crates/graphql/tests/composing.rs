//! Declarations that do not fit: the error names both sides.

use std::fmt::Write as _;

use shoal_graphql::declare::{
    InputObject, ModuleRegistry, MutationDeclaration, NoArguments, OutputType, QueryDeclaration, Record,
    Registry, any_record, column, computed, money, through, to_many, to_many_through, to_one,
};
use shoal_graphql::error::Error;
use shoal_graphql::{choices, input, output};

use crate::common::entities::{book, book_tag, loan, note, odd, reader, shelf, tag};

choices! {
    /// Size of a shelf.
    pub enum Size {
        /// Wide.
        Wide => "WIDE",
    }
    /// A name that the grammar does not have.
    pub enum Odd {
        /// Nobody can write it.
        Odd => "NOT A NAME",
    }
}

mod named {
    shoal_graphql::output! {
        /// A name that is an input's.
        pub struct Tag {
            /// The word.
            pub word: String,
        }
    }
}

/// The same names, other things.
mod other {
    shoal_graphql::choices! {
        /// Size of a tag.
        pub enum Size {
            /// Long.
            Long => "LONG",
        }
    }

    shoal_graphql::output! {
        /// Another answer of this name.
        pub struct Answer {
            /// The words.
            pub words: String,
        }
    }

    shoal_graphql::input! {
        /// Another input of this name.
        pub struct TagWords {
            /// The words.
            pub words: String,
        }
    }
}

input! {
    /// What a tag says.
    pub struct TagWords {
        /// The word.
        pub word: String,
    }
    /// Two inputs of one name.
    pub struct Both {
        /// One.
        pub one: TagWords,
        /// The other.
        pub two: other::TagWords,
    }
    /// A name that is an entity's.
    pub struct Tag {
        /// The word.
        pub word: String,
    }
    /// What nobody describes.
    pub struct Undescribed {
        pub word: String,
    }
}

output! {
    /// What is answered.
    pub struct Answer {
        /// The word.
        pub word: String,
    }
    /// Two answers of one name.
    pub struct Answers {
        /// One.
        pub one: Answer,
        /// The other.
        pub two: Vec<other::Answer>,
    }
    /// A name that is an entity's.
    pub struct Shelf {
        /// The word.
        pub word: String,
    }
    /// What nobody describes.
    pub struct Unspoken {
        pub word: Size,
    }
    /// A reference to what is not there.
    pub struct Lost {
        /// Who.
        pub readers: Vec<Option<Record<reader::Entity>>>,
    }
}

fn query<T: OutputType>(name: &'static str, right: Option<&'static str>) -> QueryDeclaration {
    with_arguments::<NoArguments, T>(name, right)
}

fn with_arguments<A: InputObject, T: OutputType>(
    name: &'static str,
    right: Option<&'static str>,
) -> QueryDeclaration {
    QueryDeclaration::new(name, "Answers.", right, async |_, _: A| Err::<T, _>(Error::fault("never called")))
}

fn tag<'a>(
    module: &'a mut ModuleRegistry<'_>,
    name: &'static str,
) -> shoal_graphql::declare::EntityBuilder<'a, tag::Entity> {
    let tag = module.entity::<tag::Entity>(name, "A word.");
    tag.partition(tag::Column::TenantId).right("tag").column(column(tag::Column::Id, "The id."))
}

fn shelf<'a>(
    module: &'a mut ModuleRegistry<'_>,
    name: &'static str,
) -> shoal_graphql::declare::EntityBuilder<'a, shelf::Entity> {
    let shelf = module.entity::<shelf::Entity>(name, "A board.");
    shelf.partition(shelf::Column::TenantId).right("shelf").column(column(shelf::Column::Id, "The id."))
}

fn mutation<I: InputObject>(name: &'static str, right: &'static str) -> MutationDeclaration {
    MutationDeclaration::new::<tag::Entity, I, _, _>(name, "Changes.", right, async |_, _| Ok(Vec::new()))
}

/// What is wrong when two modules say these things.
fn told(say: impl FnOnce(&mut Registry)) -> String {
    let mut registry = Registry::default();
    say(&mut registry);
    match registry.compose() {
        Ok(_) => "nothing is wrong".to_owned(),
        Err(error) => error.to_string(),
    }
}

type Case = (&'static str, fn(&mut Registry));

const TYPES: &[Case] = &[
    ("one type name for two entities", |registry| {
        tag(&mut registry.module("first"), "Word");
        shelf(&mut registry.module("second"), "Word");
    }),
    ("one type name for an entity and an interface", |registry| {
        registry.module("first").interface("Word", "Spoken.", &["id"]);
        tag(&mut registry.module("second"), "Word");
    }),
    ("one table for two entities", |registry| {
        tag(&mut registry.module("first"), "Tag");
        tag(&mut registry.module("second"), "Word");
    }),
    ("an enum and an entity", |registry| {
        tag(&mut registry.module("first"), "Size");
        shelf(&mut registry.module("second"), "Shelf")
            .column(column(shelf::Column::Code, "Size.").choice::<Size>());
    }),
    ("what an enum brings and an entity", |registry| {
        tag(&mut registry.module("first"), "SizeFilter");
        shelf(&mut registry.module("second"), "Shelf")
            .column(column(shelf::Column::Code, "Size.").choice::<Size>());
    }),
    ("what an entity brings and another", |registry| {
        tag(&mut registry.module("first"), "Shelf");
        shelf(&mut registry.module("second"), "ShelfConnection");
    }),
    ("what everybody has", |registry| {
        tag(&mut registry.module("first"), "PageInfo");
    }),
    ("what the language has", |registry| {
        tag(&mut registry.module("first"), "String");
    }),
    ("the root", |registry| {
        tag(&mut registry.module("first"), "Query");
    }),
    ("two enums of one name", |registry| {
        tag(&mut registry.module("first"), "Tag")
            .column(column(tag::Column::Colour, "Size.").choice::<other::Size>());
        shelf(&mut registry.module("second"), "Shelf")
            .column(column(shelf::Column::Code, "Size.").choice::<Size>());
    }),
    ("two inputs of one name", |registry| {
        tag(&mut registry.module("first"), "Tag");
        registry.module("first").mutation(mutation::<TagWords>("tagOne", "r"));
        registry.module("second").mutation(mutation::<other::TagWords>("tagTwo", "r"));
    }),
    ("two inputs of one name in one", |registry| {
        tag(&mut registry.module("first"), "Tag");
        registry.module("second").mutation(mutation::<Both>("tagOne", "r"));
    }),
    ("an input and an entity", |registry| {
        tag(&mut registry.module("first"), "Tag");
        registry.module("second").mutation(mutation::<Tag>("tagOne", "r"));
    }),
];

const FIELDS: &[Case] = &[
    ("one field twice", |registry| {
        tag(&mut registry.module("first"), "Tag")
            .column(column(tag::Column::Name, "The name.").named("books"));
        shelf(&mut registry.module("first"), "Shelf");
        let relation = to_many::<shelf::Entity>("books", "Others.", shelf::Column::TenantId);
        registry.module("second").extend::<tag::Entity>().relation(relation);
    }),
    ("one root field twice", |registry| {
        tag(&mut registry.module("first"), "Tag").plural("words");
        shelf(&mut registry.module("second"), "Shelf").plural("words");
    }),
    ("a singular and a plural", |registry| {
        tag(&mut registry.module("first"), "Words");
        shelf(&mut registry.module("second"), "Shelf").plural("words");
    }),
    ("one mutation twice", |registry| {
        tag(&mut registry.module("first"), "Tag");
        registry.module("first").mutation(mutation::<TagWords>("tagChange", "r"));
        registry.module("second").mutation(mutation::<TagWords>("tagSet", "r").many("tagChange", "Many."));
    }),
    ("a field that every filter has", |registry| {
        tag(&mut registry.module("first"), "Tag")
            .column(column(tag::Column::Name, "Name.").named("not").filterable());
    }),
    ("no description", |registry| {
        tag(&mut registry.module("first"), "Tag").column(column(tag::Column::Name, " "));
    }),
    ("no description of an entity", |registry| {
        registry.module("first").entity::<tag::Entity>("Tag", "");
    }),
    ("no description of an input", |registry| {
        tag(&mut registry.module("first"), "Tag");
        registry.module("second").mutation(mutation::<Undescribed>("tagOne", "r"));
    }),
    ("no right of an entity", |registry| {
        let mut module = registry.module("first");
        let tag = module.entity::<tag::Entity>("Tag", "A word.").partition(tag::Column::TenantId);
        tag.column(column(tag::Column::Id, "The id."));
    }),
    ("no right of a mutation", |registry| {
        tag(&mut registry.module("first"), "Tag");
        registry.module("second").mutation(mutation::<TagWords>("tagOne", ""));
    }),
    ("no leading key", |registry| {
        registry.module("first").entity::<tag::Entity>("Tag", "A word.").right("r");
    }),
    ("no id", |registry| {
        let mut module = registry.module("first");
        module.entity::<tag::Entity>("Tag", "A word.").right("r").partition(tag::Column::TenantId);
    }),
    ("a type with a space", |registry| {
        tag(&mut registry.module("first"), "Two Words").plural("words");
    }),
    ("a type of introspection", |registry| {
        tag(&mut registry.module("first"), "__Tag").plural("words");
    }),
    ("a field with a digit in front", |registry| {
        tag(&mut registry.module("first"), "Tag").column(column(tag::Column::Name, "Name.").named("1st"));
    }),
    ("a field without a name", |registry| {
        tag(&mut registry.module("first"), "Tag").column(column(tag::Column::Name, "Name.").named(""));
    }),
    ("a mutation with a dash", |registry| {
        tag(&mut registry.module("first"), "Tag");
        registry.module("second").mutation(mutation::<TagWords>("tag-one", "r"));
    }),
    ("a value that is no name", |registry| {
        tag(&mut registry.module("first"), "Tag").column(column(tag::Column::Colour, "Odd.").choice::<Odd>());
    }),
];

const TARGETS: &[Case] = &[
    ("an extension of nothing", |registry| {
        registry.module("second").extend::<tag::Entity>();
    }),
    ("a relation to nothing", |registry| {
        tag(&mut registry.module("first"), "Tag").relation(to_one::<reader::Entity>(
            "reader",
            "Who.",
            tag::Column::Id,
        ));
    }),
    ("any record of nothing", |registry| {
        let relation = any_record("item", "What.", "Item", tag::Column::Name, tag::Column::Id);
        tag(&mut registry.module("first"), "Tag").relation(relation);
    }),
    ("a union of nothing", |registry| {
        registry.module("second").union("Item", "Something.", &["Tag"]);
    }),
    ("an interface of nothing", |registry| {
        tag(&mut registry.module("first"), "Tag").implements("Named");
    }),
    ("a union as an interface", |registry| {
        tag(&mut registry.module("first"), "Tag").implements("Item");
        registry.module("second").union("Item", "Something.", &["Tag"]);
    }),
    ("a mutation of nothing", |registry| {
        registry.module("second").mutation(mutation::<TagWords>("tagOne", "r"));
    }),
    ("a field that an interface wants", |registry| {
        registry.module("first").interface("Named", "Has a name.", &["name"]);
        tag(&mut registry.module("second"), "Tag").implements("Named");
    }),
    ("another type than an interface wants", |registry| {
        registry.module("first").interface("Named", "Has a name.", &["name"]);
        let name = column(tag::Column::Name, "Name.");
        tag(&mut registry.module("second"), "Tag").implements("Named").column(name);
        let name = column(shelf::Column::Room, "Name.").named("name");
        shelf(&mut registry.module("third"), "Shelf").implements("Named").column(name);
    }),
];

const COLUMNS: &[Case] = &[
    ("a column of another table", |registry| {
        tag(&mut registry.module("first"), "Tag").column(column(shelf::Column::Code, "Code."));
    }),
    ("a sort key of another table", |registry| {
        let name = column(tag::Column::Name, "Name.").sorted_by(book::Column::TitleSort);
        tag(&mut registry.module("first"), "Tag").column(name);
    }),
    ("money of another table", |registry| {
        let cost = money("cost", "What it cost.", book::Column::CostAmount, book::Column::CostCurrency);
        tag(&mut registry.module("first"), "Tag").money(cost);
    }),
    ("a computed field of another table", |registry| {
        let field = computed("words", "Words.", [book::Column::Title], |_| Ok(1_i32));
        tag(&mut registry.module("first"), "Tag").computed(field);
    }),
    ("a key of another table", |registry| {
        shelf(&mut registry.module("first"), "Shelf");
        let relation = to_one::<shelf::Entity>("shelf", "Where.", book::Column::ShelfId);
        tag(&mut registry.module("second"), "Tag").relation(relation);
    }),
    ("an order of another table", |registry| {
        shelf(&mut registry.module("first"), "Shelf");
        let relation =
            to_many::<shelf::Entity>("shelves", "Where.", shelf::Column::Id).ordered_by(book::Column::Title);
        tag(&mut registry.module("second"), "Tag").relation(relation);
    }),
    ("an order without order", |registry| {
        let relation =
            to_many::<book::Entity>("books", "What.", book::Column::Id).ordered_by(book::Column::Meta);
        tag(&mut registry.module("second"), "Tag").relation(relation);
        let mut module = registry.module("first");
        let book =
            module.entity::<book::Entity>("Book", "A book.").right("r").partition(book::Column::TenantId);
        book.column(column(book::Column::Id, "The id."));
    }),
    ("an order that not everybody may see", |registry| {
        let code = column(shelf::Column::Code, "Code.").right("r");
        shelf(&mut registry.module("first"), "Shelf").column(code);
        let relation =
            to_many::<shelf::Entity>("shelves", "Where.", shelf::Column::Id).ordered_by(shelf::Column::Code);
        tag(&mut registry.module("second"), "Tag").relation(relation);
    }),
    ("an id with a right of its own", |registry| {
        let mut module = registry.module("first");
        let tag = module.entity::<tag::Entity>("Tag", "A word.").partition(tag::Column::TenantId).right("r");
        tag.column(column(tag::Column::Id, "The id.").right("r"));
    }),
    ("a condition of another table", |registry| {
        shelf(&mut registry.module("first"), "Shelf");
        let between = through::<book_tag::Entity>(book_tag::Column::TagId, book_tag::Column::BookId);
        let relation =
            to_many_through::<shelf::Entity>("all", "All.", between.when(loan::Column::Kind, "LOAN"));
        tag(&mut registry.module("second"), "Tag").relation(relation);
    }),
    ("a filter without equality", |registry| {
        let mut module = registry.module("first");
        let book =
            module.entity::<book::Entity>("Book", "A book.").right("r").partition(book::Column::TenantId);
        book.column(column(book::Column::Id, "The id."))
            .column(column(book::Column::Meta, "Meta.").filterable());
    }),
    ("a type of the database without a kind", |registry| {
        let mut module = registry.module("first");
        let odd = module.entity::<odd::Entity>("Odd", "Odd.").right("r").partition(odd::Column::TenantId);
        odd.column(column(odd::Column::Id, "The id.")).column(column(odd::Column::Small, "A small number."));
    }),
    ("nothing wrong: an interface that nobody has", |registry| {
        registry.module("first").interface("Named", "Has a name.", &["name"]);
        let about = any_record("about", "What.", "Named", note::Column::SubjectType, note::Column::SubjectId);
        let mut module = registry.module("first");
        let note =
            module.entity::<note::Entity>("Note", "A note.").right("r").partition(note::Column::TenantId);
        note.column(column(note::Column::Id, "The id.")).relation(about);
    }),
    ("nothing wrong: no entities", |_| {}),
    ("a union without members", |registry| {
        registry.module("first").union("Item", "Something.", &[]);
    }),
];

const VALUES: &[Case] = &[
    ("a query and a plural", |registry| {
        tag(&mut registry.module("first"), "Tag");
        registry.module("second").query(query::<i32>("tags", None));
    }),
    ("one query twice", |registry| {
        registry.module("first").query(query::<i32>("count", None));
        registry.module("second").query(query::<String>("count", None));
    }),
    ("a query called node", |registry| {
        tag(&mut registry.module("first"), "Tag");
        registry.module("second").query(query::<i32>("node", None));
    }),
    ("a query without a name", |registry| {
        registry.module("first").query(query::<i32>("two words", None));
    }),
    ("a query with an empty right", |registry| {
        registry.module("first").query(query::<i32>("count", Some("")));
    }),
    ("a query without a description", |registry| {
        let count = QueryDeclaration::new("count", " ", None, async |_, _: NoArguments| Ok(1_i32));
        registry.module("first").query(count);
    }),
    ("two answers of one name", |registry| {
        registry.module("first").query(query::<Answer>("one", None));
        registry.module("second").query(query::<other::Answer>("two", None));
    }),
    ("two answers of one name in one", |registry| {
        registry.module("second").query(query::<Answers>("one", None));
    }),
    ("an answer and an entity", |registry| {
        shelf(&mut registry.module("first"), "Shelf");
        registry.module("second").query(query::<Shelf>("one", None));
    }),
    ("an answer and an input", |registry| {
        tag(&mut registry.module("first"), "Word");
        registry.module("first").mutation(mutation::<Tag>("tagOne", "r"));
        registry.module("second").query(query::<Vec<named::Tag>>("one", None));
    }),
    ("no description of an answer", |registry| {
        registry.module("first").query(query::<Option<Unspoken>>("one", None));
    }),
    ("no description of an argument", |registry| {
        registry.module("first").query(with_arguments::<Undescribed, i32>("one", None));
    }),
    ("an answer that refers to nothing", |registry| {
        registry.module("first").query(query::<Lost>("one", None));
    }),
    ("a query that refers to nothing", |registry| {
        registry.module("first").query(query::<Vec<Record<reader::Entity>>>("one", None));
    }),
    ("two enums of one name in inputs and answers", |registry| {
        registry.module("first").query(query::<Size>("one", None));
        registry.module("second").query(query::<other::Size>("two", None));
    }),
    ("a value that has the record's name", |registry| {
        tag(&mut registry.module("first"), "Tag");
        registry
            .module("second")
            .mutation(mutation::<TagWords>("tagOne", "r").returning::<i32>("tag", "Number."));
    }),
    ("a value without a description", |registry| {
        tag(&mut registry.module("first"), "Tag");
        registry
            .module("second")
            .mutation(mutation::<TagWords>("tagOne", "r").returning::<i32>("number", ""));
    }),
    ("a value that refers to nothing", |registry| {
        tag(&mut registry.module("first"), "Tag");
        let declared = mutation::<TagWords>("tagOne", "r").returning::<Record<reader::Entity>>("by", "Who.");
        registry.module("second").mutation(declared);
    }),
    ("a payload that has an entity's name", |registry| {
        tag(&mut registry.module("first"), "Tag");
        shelf(&mut registry.module("first"), "TagOnePayload");
        registry
            .module("second")
            .mutation(mutation::<TagWords>("tagOne", "r").returning::<i32>("number", "How many."));
    }),
    ("nothing wrong: queries and no entities", |registry| {
        registry
            .module("first")
            .query(query::<Answer>("one", None))
            .query(query::<Option<Answer>>("two", Some("r")));
    }),
];

#[test]
fn declarations_that_do_not_fit() {
    let mut text = String::new();
    for (name, say) in [TYPES, FIELDS, TARGETS, COLUMNS, VALUES].concat() {
        let _ = writeln!(text, "{name}:\n  {}", told(say));
    }
    insta::assert_snapshot!(text);
}
