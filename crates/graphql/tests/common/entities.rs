//! Tables of an invented library, with every kind of column.

/// Declares an entity with the key that all tables share.
macro_rules! table {
    ($module:ident, $table:tt, { $($field:ident : $type:ty),* $(,)? }) => {
        pub mod $module {
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

table!(shelf, "lib_shelf", { code: String, room: Option<String>, position: i32 });

table!(author, "lib_author", {
    name: String,
    name_sort: String,
    born: Option<Date>,
    deleted_at: Option<DateTimeUtc>,
});

table!(award, "lib_award", { author_id: Uuid, title: String, year: i32, rank: Option<i64> });

table!(book, "lib_book", {
    title: String,
    title_sort: String,
    subtitle: Option<String>,
    subtitle_sort: Option<String>,
    isbn: String,
    pages: i32,
    volume: Option<i32>,
    copies: i64,
    downloads: Option<i64>,
    weight: f64,
    rating: Option<f64>,
    available: bool,
    signed: Option<bool>,
    acquired: Date,
    published: Option<Date>,
    created_at: DateTimeUtc,
    lent_at: Option<DateTimeUtc>,
    late_fee: i64,
    factor: Option<i64>,
    cost_amount: i64,
    cost_currency: String,
    price_amount: Option<i64>,
    price_currency: Option<String>,
    genre: String,
    state: Option<String>,
    settings: Json,
    meta: Option<Json>,
    token: Option<Uuid>,
    shelf_id: Uuid,
    author_id: Option<Uuid>,
    sequel_id: Option<Uuid>,
    deleted_at: Option<DateTimeUtc>,
});

table!(tag, "lib_tag", { name: String, name_sort: String, colour: Option<String> });

table!(book_tag, "lib_book_tag", { book_id: Uuid, tag_id: Uuid });

table!(reader, "lib_reader", { name: String, name_sort: String, born: Option<Date> });

table!(loan, "lib_loan", {
    book_id: Uuid,
    reader_id: Uuid,
    kind: String,
    from_date: Option<Date>,
    to_date: Option<Date>,
});

table!(note, "lib_note", {
    text: String,
    position: i32,
    subject_type: Option<String>,
    subject_id: Option<Uuid>,
    item_type: Option<String>,
    item_id: Option<Uuid>,
});

// Only declared: there is no such table.
table!(odd, "lib_odd", { small: i16 });
