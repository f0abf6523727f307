//! The library as several modules declare it.

use sea_orm::DbErr;
use shoal_graphql::catalog::Catalog;
use shoal_graphql::choices;
use shoal_graphql::declare::{
    EntityBuilder, ModuleRegistry, Registry, any_record, column, computed, money, through, to_many,
    to_many_of_any, to_many_through, to_one, to_one_through,
};
use shoal_graphql::error::{Error, Refusal};

use super::entities::{author, award, book, book_tag, loan, note, reader, shelf, tag};
use super::mutations;

choices! {
    /// What a book is about.
    pub enum Genre {
        /// Made up.
        Novel => "NOVEL",
        /// Rhymes, mostly.
        Poetry => "POETRY",
        /// Facts.
        Science => "SCIENCE",
    }
    /// How worn a book is.
    pub enum State {
        /// Never read.
        New => "NEW",
        /// Read.
        Used => "USED",
    }
    /// A colour.
    pub enum Colour {
        /// Like blood.
        Red => "RED",
        /// Like the sky.
        Blue => "BLUE",
    }
}

/// A book of so many pages has no label: the computed field fails, with a message for the caller.
pub const UNLABELLED: i32 = 13;
/// A book of so many pages has no summary: the computed field fails, with a text for the log.
pub const UNSUMMED: i32 = 14;

/// Everything, composed.
pub fn catalog() -> Catalog {
    registry().compose().expect("the library composes")
}

/// Everything, declared.
pub fn registry() -> Registry {
    let mut registry = Registry::default();
    declare_shared(&mut registry.module("library"));
    declare_author(&mut registry.module("people"));
    declare_readers(&mut registry.module("readers"));
    declare_book(&mut registry.module("library"));
    declare_shelf(&mut registry.module("library"));
    declare_tag(&mut registry.module("tags"));
    declare_note(&mut registry.module("notes"));
    mutations::declare(&mut registry.module("library"));
    declare_loans(&mut registry.module("loans"));
    registry
}

fn declare_shared(library: &mut ModuleRegistry<'_>) {
    library.interface("Named", "Anything with a name.", &["name"]).union(
        "Item",
        "What a note may be stuck on.",
        &["Book", "Tag"],
    );
}

fn declare_author(library: &mut ModuleRegistry<'_>) {
    use author::Column as A;
    library
        .entity::<author::Entity>("Author", "Someone who writes.")
        .partition(A::TenantId)
        .right("library.author.read")
        .soft_delete(A::DeletedAt)
        .implements("Named")
        .column(column(A::Id, "The id.").filterable())
        .column(column(A::Name, "The name.").filterable().sorted_by(A::NameSort))
        .column(column(A::Born, "The birthday.").filterable().orderable())
        .column(column(A::DeletedAt, "When it was deleted."))
        .relation(to_many::<book::Entity>("books", "What they wrote.", book::Column::AuthorId))
        .relation(
            to_many::<award::Entity>("awards", "What they won.", award::Column::AuthorId)
                .as_list()
                .ordered_by(award::Column::Year),
        )
        .relation(to_many_of_any::<note::Entity>(
            "notes",
            "What was noted.",
            note::Column::SubjectType,
            note::Column::SubjectId,
        ));
}

fn declare_readers(library: &mut ModuleRegistry<'_>) {
    use award::Column as W;
    use reader::Column as R;
    library
        .entity::<award::Entity>("Award", "A prize.")
        .partition(W::TenantId)
        .right("library.author.read")
        .not_at_root()
        .column(column(W::Id, "The id."))
        .column(column(W::Title, "What it is called.").filterable())
        .column(column(W::Year, "The year.").filterable().orderable())
        .column(column(W::Rank, "The place.").filterable().orderable().right("library.rank.read"));
    library
        .entity::<reader::Entity>("Reader", "Someone who reads.")
        .partition(R::TenantId)
        .right("library.reader.read")
        .implements("Named")
        .column(column(R::Id, "The id.").filterable())
        .column(
            column(R::Name, "The name.")
                .filterable()
                .sorted_by(R::NameSort)
                .right("library.reader_name.read"),
        )
        .column(column(R::Born, "The birthday.").filterable().orderable());
}

fn declare_book(library: &mut ModuleRegistry<'_>) {
    use book::Column as B;
    let book = library
        .entity::<book::Entity>("Book", "Something to read.")
        .partition(B::TenantId)
        .right("library.book.read")
        .changes()
        .soft_delete(B::DeletedAt)
        .column(column(B::Id, "The id.").filterable())
        .column(column(B::Title, "The title.").filterable().sorted_by(B::TitleSort))
        .column(column(B::Subtitle, "The smaller title.").filterable().sorted_by(B::SubtitleSort))
        .column(column(B::Isbn, "The number.").filterable().orderable())
        .column(column(B::Pages, "How long it is.").filterable().orderable())
        .column(column(B::Volume, "Which of several.").filterable().orderable())
        .column(column(B::Copies, "How many there are.").filterable().orderable())
        .column(column(B::Downloads, "How often it was copied.").filterable().orderable())
        .column(column(B::Weight, "In kilograms.").filterable().orderable())
        .column(column(B::Rating, "How good it is.").filterable().orderable().right("library.rating.read"))
        .column(column(B::Available, "True if it can be had.").filterable().orderable())
        .column(column(B::Signed, "True if it is signed.").filterable().orderable())
        .column(
            column(B::Acquired, "When it was bought.").filterable().orderable().right("library.cost.read"),
        )
        .column(column(B::Published, "When it came out.").filterable().orderable())
        .column(column(B::CreatedAt, "When it was entered.").filterable().orderable())
        .column(column(B::LentAt, "When it was lent.").filterable().orderable())
        .column(column(B::LateFee, "Per day.").decimal(2).filterable().orderable())
        .column(column(B::Factor, "A factor.").decimal(4).filterable().orderable())
        .column(
            column(B::Genre, "What it is about.")
                .choice::<Genre>()
                .filterable()
                .orderable()
                .write_right("library.genre.update"),
        )
        .column(column(B::State, "How worn it is.").choice::<State>().filterable().orderable())
        .column(column(B::Settings, "Anything."))
        .column(column(B::Meta, "Anything or nothing."))
        .column(column(B::Token, "A number of another system.").filterable().orderable())
        .column(column(B::AuthorId, "Who wrote it.").filterable())
        .column(column(B::DeletedAt, "When it was deleted."))
        .money(
            money("cost", "What it cost.", B::CostAmount, B::CostCurrency)
                .right("library.cost.read")
                .write_right("library.cost.update"),
        )
        .money(money("price", "What it sells for.", B::PriceAmount, B::PriceCurrency));
    declare_around_book(book);
}

fn declare_around_book(book: EntityBuilder<'_, book::Entity>) {
    use book::Column as B;
    book.computed(computed("label", "What stands on its back.", [B::Isbn, B::Pages], |row| {
        let pages: i32 = row.get(B::Pages)?;
        if pages == UNLABELLED {
            return Err(Error::from(Refusal::new("LIBRARY_UNLABELLED", "nobody wrote a label")));
        }
        Ok(format!("{} ({pages})", row.get::<String>(B::Isbn)?))
    }))
    .computed(
        computed("summary", "What happens.", [B::Title, B::Pages], |row| {
            let pages: i32 = row.get(B::Pages)?;
            if pages == UNSUMMED {
                return Err(Error::from(DbErr::Custom("secret text".to_owned())));
            }
            Ok((pages > 0).then_some(format!("{} happens", row.get::<String>(B::Title)?)))
        })
        .right("library.summary.read"),
    )
    .relation(to_one::<author::Entity>("author", "Who wrote it.", B::AuthorId))
    .relation(to_one::<shelf::Entity>("shelf", "Where it stands.", B::ShelfId))
    .relation(to_one::<book::Entity>("sequel", "What comes next.", B::SequelId).right("library.sequel.read"))
    .relation(to_many::<book::Entity>("prequels", "What came before.", B::SequelId))
    .relation(to_many_through::<tag::Entity>(
        "tags",
        "What is stuck on it.",
        through::<book_tag::Entity>(book_tag::Column::BookId, book_tag::Column::TagId).unique(),
    ))
    .relation(
        to_many_through::<tag::Entity>(
            "words",
            "The same by their words.",
            through::<book_tag::Entity>(book_tag::Column::BookId, book_tag::Column::TagId),
        )
        .ordered_by(tag::Column::NameSort),
    )
    .relation(to_many_of_any::<note::Entity>(
        "stuck",
        "The notes on it.",
        note::Column::ItemType,
        note::Column::ItemId,
    ));
}

fn declare_shelf(library: &mut ModuleRegistry<'_>) {
    use shelf::Column as S;
    library
        .entity::<shelf::Entity>("Shelf", "Where books stand.")
        .partition(S::TenantId)
        .right("library.shelf.read")
        .plural("shelves")
        .column(column(S::Id, "The id."))
        .column(column(S::Code, "The sign on it.").filterable().orderable())
        .column(column(S::Room, "The room.").filterable().orderable())
        .column(column(S::Position, "The place.").filterable().orderable())
        .relation(to_many::<book::Entity>("books", "What stands there.", book::Column::ShelfId));
}

fn declare_tag(library: &mut ModuleRegistry<'_>) {
    use tag::Column as T;
    library
        .entity::<tag::Entity>("Tag", "A word on books.")
        .partition(T::TenantId)
        .right("library.tag.read")
        .changes()
        .implements("Named")
        .column(column(T::Id, "The id.").filterable())
        .column(column(T::Name, "The word.").filterable().sorted_by(T::NameSort))
        .column(column(T::Colour, "The colour.").choice::<Colour>().filterable())
        .relation(to_many_through::<book::Entity>(
            "books",
            "The books with it.",
            through::<book_tag::Entity>(book_tag::Column::TagId, book_tag::Column::BookId).unique(),
        ));
}

fn declare_note(library: &mut ModuleRegistry<'_>) {
    use note::Column as N;
    library
        .entity::<note::Entity>("Note", "A few words.")
        .partition(N::TenantId)
        .right("library.note.read")
        .column(column(N::Id, "The id.").filterable())
        .column(column(N::Text, "The words.").filterable())
        .column(column(N::Position, "Its place.").filterable().orderable())
        .relation(any_record("subject", "Whom it is about.", "Named", N::SubjectType, N::SubjectId))
        .relation(any_record("item", "What it sticks on.", "Item", N::ItemType, N::ItemId));
}

fn declare_loans(loans: &mut ModuleRegistry<'_>) {
    use loan::Column as L;
    let between = || {
        through::<loan::Entity>(L::BookId, L::ReaderId).when(L::Kind, "LOAN").current(L::FromDate, L::ToDate)
    };
    loans
        .extend::<book::Entity>()
        .relation(to_many_through::<reader::Entity>("readers", "Who has it.", between()))
        .relation(to_one_through::<reader::Entity>(
            "keeper",
            "Who may keep it.",
            through::<loan::Entity>(L::BookId, L::ReaderId).when(L::Kind, "KEEP"),
        ))
        .computed(computed("isHeavy", "True above one kilogram.", [book::Column::Weight], |row| {
            Ok(row.get::<f64>(book::Column::Weight)? > 1.0)
        }));
    loans.extend::<reader::Entity>().relation(to_many_through::<book::Entity>(
        "books",
        "What they have.",
        through::<loan::Entity>(L::ReaderId, L::BookId).when(L::Kind, "LOAN").current(L::FromDate, L::ToDate),
    ));
}
