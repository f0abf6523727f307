//! The tables in SQL. Words in capitals stand for types that the two databases call differently.

use shoal_testkit::Backend;

const TABLES: &str = "
CREATE TABLE lib_shelf (tenant_id UUID NOT NULL, id UUID NOT NULL, code KEY NOT NULL, room KEY,
    position integer NOT NULL, PRIMARY KEY (tenant_id, id));
CREATE TABLE lib_author (tenant_id UUID NOT NULL, id UUID NOT NULL, name text NOT NULL, name_sort KEY NOT NULL,
    born date, deleted_at INSTANT, PRIMARY KEY (tenant_id, id));
CREATE INDEX lib_author_name ON lib_author (tenant_id, name_sort, id);
CREATE TABLE lib_award (tenant_id UUID NOT NULL, id UUID NOT NULL, author_id UUID NOT NULL, title text NOT NULL,
    year integer NOT NULL, rank bigint, PRIMARY KEY (tenant_id, id));
CREATE INDEX lib_award_author ON lib_award (tenant_id, author_id, year, id);
CREATE TABLE lib_book (tenant_id UUID NOT NULL, id UUID NOT NULL, title text NOT NULL, title_sort KEY NOT NULL,
    subtitle text, subtitle_sort KEY, isbn KEY NOT NULL, pages integer NOT NULL, volume integer,
    copies bigint NOT NULL, downloads bigint, weight DOUBLE NOT NULL, rating DOUBLE,
    available boolean NOT NULL, signed boolean, acquired date NOT NULL, published date,
    created_at INSTANT NOT NULL, lent_at INSTANT, late_fee bigint NOT NULL, factor bigint,
    cost_amount bigint NOT NULL, cost_currency text NOT NULL, price_amount bigint, price_currency text,
    genre text NOT NULL, state text, settings JSON NOT NULL, meta JSON, token UUID,
    shelf_id UUID NOT NULL, author_id UUID, sequel_id UUID, deleted_at INSTANT, PRIMARY KEY (tenant_id, id));
CREATE INDEX lib_book_title ON lib_book (tenant_id, title_sort, id);
CREATE INDEX lib_book_subtitle ON lib_book (tenant_id, subtitle_sort, id);
CREATE INDEX lib_book_isbn ON lib_book (tenant_id, isbn, id);
CREATE INDEX lib_book_published ON lib_book (tenant_id, published, id);
CREATE INDEX lib_book_author ON lib_book (tenant_id, author_id, title_sort, id);
CREATE INDEX lib_book_shelf ON lib_book (tenant_id, shelf_id, id);
CREATE INDEX lib_book_sequel ON lib_book (tenant_id, sequel_id, id);
CREATE TABLE lib_tag (tenant_id UUID NOT NULL, id UUID NOT NULL, name text NOT NULL, name_sort KEY NOT NULL,
    colour text, PRIMARY KEY (tenant_id, id));
CREATE TABLE lib_book_tag (tenant_id UUID NOT NULL, id UUID NOT NULL, book_id UUID NOT NULL, tag_id UUID NOT NULL,
    PRIMARY KEY (tenant_id, book_id, tag_id));
CREATE INDEX lib_book_tag_tag ON lib_book_tag (tenant_id, tag_id, book_id);
CREATE TABLE lib_reader (tenant_id UUID NOT NULL, id UUID NOT NULL, name text NOT NULL, name_sort KEY NOT NULL,
    born date, PRIMARY KEY (tenant_id, id));
CREATE TABLE lib_loan (tenant_id UUID NOT NULL, id UUID NOT NULL, book_id UUID NOT NULL, reader_id UUID NOT NULL,
    kind text NOT NULL, from_date date, to_date date, PRIMARY KEY (tenant_id, id));
CREATE INDEX lib_loan_book ON lib_loan (tenant_id, book_id, reader_id);
CREATE INDEX lib_loan_reader ON lib_loan (tenant_id, reader_id, book_id);
CREATE TABLE lib_note (tenant_id UUID NOT NULL, id UUID NOT NULL, text text NOT NULL, position integer NOT NULL,
    subject_type text, subject_id UUID, item_type text, item_id UUID, PRIMARY KEY (tenant_id, id));
CREATE INDEX lib_note_subject ON lib_note (tenant_id, subject_type, subject_id, position, id);
";

/// The statements that make the tables.
pub fn tables(backend: Backend) -> String {
    let words = match backend {
        Backend::Sqlite => [
            ("UUID", "blob"),
            ("KEY ", "text "),
            ("KEY,", "text,"),
            ("INSTANT", "text"),
            ("DOUBLE", "real"),
            ("JSON", "text"),
        ],
        Backend::Postgres => [
            ("UUID", "uuid"),
            ("KEY ", "text COLLATE \"C\" "),
            ("KEY,", "text COLLATE \"C\","),
            ("INSTANT", "timestamptz"),
            ("DOUBLE", "double precision"),
            ("JSON", "jsonb"),
        ],
    };
    // `PRIMARY KEY` is not a type.
    let mut text = TABLES.replace("PRIMARY KEY", "PRIMARY~");
    for (word, type_name) in words {
        text = text.replace(word, type_name);
    }
    text.replace("PRIMARY~", "PRIMARY KEY")
}
