//! The part of a schema that is the same for all: scalars, paging, operators of filters.

use super::writer::Writer;

pub(super) fn write(out: &mut Writer) {
    out.line("\"Exactly one of the input's fields must be given, and it must not be null.\"");
    out.line("directive @oneOf on INPUT_OBJECT\n");
    scalars(out);
    enums(out);
    objects(out);
    filters(out);
}

fn scalars(out: &mut Writer) {
    out.scalar("Long", "A whole number of 64 bits, a JSON number.", None);
    out.scalar("Decimal", "An exact decimal number in a string, such as \"12.50\".", None);
    out.scalar(
        "Date",
        "A calendar day such as 2026-03-01.",
        Some("https://scalars.graphql.org/andimarek/local-date"),
    );
    out.scalar(
        "DateTime",
        "An instant in RFC 3339, written in UTC, such as 2026-03-01T09:30:00Z.",
        Some("https://scalars.graphql.org/andimarek/date-time"),
    );
    out.scalar("JSON", "Any JSON value.", None);
}

fn enums(out: &mut Writer) {
    let directions = [("ASC", "Smallest first, nulls last."), ("DESC", "Largest first, nulls last.")];
    out.enumeration("OrderDirection", "Which end comes first.", directions.into_iter());
    let deleted = [
        ("EXCLUDE", "Only those that are not deleted."),
        ("ONLY", "Only deleted ones."),
        ("INCLUDE", "Both."),
    ];
    out.enumeration("Deleted", "Whether deleted records are there.", deleted.into_iter());
    let buckets = [
        ("DAY", "Keys such as 2026-03-01."),
        ("WEEK", "ISO 8601 weeks, keys such as 2026-W09."),
        ("MONTH", "Keys such as 2026-03."),
        ("QUARTER", "Keys such as 2026-Q1."),
        ("YEAR", "Keys such as 2026."),
    ];
    out.enumeration("DateBucket", "How long a stretch of days is.", buckets.into_iter());
}

fn objects(out: &mut Writer) {
    out.open_type("type", "PageInfo", "What lies around a page.", &[]);
    out.field("hasNextPage", "True if there is more behind this page.", &[], "Boolean!");
    out.field("hasPreviousPage", "True if there is more in front of this page.", &[], "Boolean!");
    out.field("startCursor", "Cursor of the first record; null if the page is empty.", &[], "String");
    out.field("endCursor", "Cursor of the last record; null if the page is empty.", &[], "String");
    out.close();
    out.open_type("type", "Money", "An amount of money in one currency.", &[]);
    out.field("amount", "The amount with the decimals of its currency.", &[], "Decimal!");
    out.field("currency", "ISO 4217 code, such as EUR.", &[], "String!");
    out.close();
    out.open_type("type", "RowError", "Why a row was refused.", &[]);
    out.field("code", "What kind of reason it is, stable.", &[], "String!");
    out.field("message", "The reason in words.", &[], "String!");
    out.field("fields", "The fields it is about.", &[], "[FieldError!]!");
    out.close();
    out.open_type("type", "FieldError", "A value that is not acceptable.", &[]);
    out.field("path", "Where it is, from the row's input down.", &[], "[String!]!");
    out.field("code", "What kind of mistake it is, stable.", &[], "String!");
    out.field("message", "The mistake in words.", &[], "String!");
    out.close();
}

fn filters(out: &mut Writer) {
    let equality = |out: &mut Writer, of: &str| {
        out.input_field("eq", "Is this.", of);
        out.input_field("notEq", "Is not this, or is null.", of);
        out.input_field("in", "Is one of these.", &format!("[{of}!]"));
        out.input_field("notIn", "Is none of these, or is null.", &format!("[{of}!]"));
        out.input_field("isNull", "True: has no value. False: has one.", "Boolean");
    };
    let order = |out: &mut Writer, of: &str| {
        out.input_field("lt", "Is less than this.", of);
        out.input_field("lte", "Is at most this.", of);
        out.input_field("gt", "Is more than this.", of);
        out.input_field("gte", "Is at least this.", of);
    };
    for of in ["Int", "Long", "Float", "Decimal", "Date", "DateTime"] {
        out.open_input(
            &format!("{of}Filter"),
            &format!("Conditions on a {of}; all given ones must hold."),
            false,
        );
        equality(out, of);
        order(out, of);
        out.close();
    }
    out.open_input("IDFilter", "Conditions on an ID; all given ones must hold.", false);
    equality(out, "ID");
    out.close();
    out.open_input("StringFilter", "Conditions on a text; all given ones must hold.", false);
    equality(out, "String");
    let parts = "Letter case and accents do not count where the field has an order; Chinese characters match as they are, \
                 Latin letters also match their pinyin.";
    out.input_field("contains", &format!("Has this inside. {parts}"), "String");
    out.input_field("startsWith", &format!("Begins with this. {parts}"), "String");
    out.input_field("endsWith", &format!("Ends with this. {parts}"), "String");
    out.close();
    out.open_input("BooleanFilter", "Conditions on a Boolean.", false);
    out.input_field("eq", "Is this.", "Boolean");
    out.input_field("isNull", "True: has no value. False: has one.", "Boolean");
    out.close();
    out.open_input(
        "MoneyFilter",
        "Conditions on money; amounts are compared within their currency only.",
        false,
    );
    out.input_field("currency", "In one of these currencies.", "[String!]");
    out.input_field("eq", "Is this.", "MoneyInput");
    order(out, "MoneyInput");
    out.input_field("isNull", "True: has no value. False: has one.", "Boolean");
    out.close();
}

/// The operators on one closed list.
pub(super) fn write_choice_filter(out: &mut Writer, of: &str) {
    out.open_input(
        &format!("{of}Filter"),
        &format!("Conditions on a {of}; all given ones must hold."),
        false,
    );
    out.input_field("eq", "Is this.", of);
    out.input_field("notEq", "Is not this, or is null.", of);
    out.input_field("in", "Is one of these.", &format!("[{of}!]"));
    out.input_field("notIn", "Is none of these, or is null.", &format!("[{of}!]"));
    out.input_field("isNull", "True: has no value. False: has one.", "Boolean");
    out.close();
}
