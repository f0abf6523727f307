//! What is wrong with a file or a row of it, as a message that has translations.

use serde_json::{Value as Json, json};
use shoal_graphql::context::Context as _;
use shoal_graphql::error::{Error, FieldError, Refusal};
use shoal_graphql::message;
use shoal_graphql::message::Message;
use shoal_tables::{FileError, RowError, RowErrorCode};

use super::mapping::Plan;
use crate::context::RequestContext;

/// What is said where a row names a record that is not there.
pub(super) const RECORD_MISSING: Message = message!("import-record-missing", "there is no such record");

/// What is wrong with a file is a refusal; that it cannot be read from the disk is a fault.
pub(super) fn refused(error: FileError) -> Error {
    let code = error.code();
    let message = match &error {
        FileError::Io(_) | FileError::Stopped => return Error::fault(error),
        FileError::Empty => message!("import-file-empty", "the file is empty"),
        FileError::Unsupported { .. } => message!(
            "import-file-unsupported",
            "this is no CSV, XLSX, vCard or JSON lines file; save it as one of those"
        ),
        FileError::Protected => {
            message!("import-file-protected", "the file is protected by a password; save it without one")
        }
        FileError::Broken(_) => {
            message!("import-file-broken", "the file is damaged; save it again, or save it as CSV")
        }
        FileError::Header { line, error } => {
            let (line, mistake) = (*line, of_row(error));
            message!(
                "import-file-header",
                "the names of the columns on line {line} cannot be read: {mistake}",
                line,
                mistake
            )
        }
        FileError::NoCard { line, error } => {
            let (line, mistake) = (*line, of_row(error));
            message!(
                "import-file-no-card",
                "no card in the file is whole; what begins on line {line} cannot be read: {mistake}",
                line,
                mistake
            )
        }
        FileError::TooManyColumns { most } => {
            let most = *most;
            message!(
                "import-file-columns",
                "the file has more than {most} columns; leave out those that are not needed",
                most
            )
        }
        FileError::TooLarge { most, .. } => {
            let most = *most;
            message!(
                "import-file-large",
                "a part of the file is larger than {most} bytes; save it as CSV, in parts if need be",
                most
            )
        }
        FileError::NoSuchSheet(sheet) => {
            message!("import-file-sheet", "there is no sheet {sheet} in the workbook", sheet = sheet.as_str())
        }
    };
    Refusal::new(code, message).into()
}

/// What is wrong with a row that cannot be read.
pub(super) fn of_row(error: &RowError) -> Message {
    match error.code {
        RowErrorCode::BrokenQuote => {
            message!("import-row-quote", "a quotation mark is not closed, or text follows the closing one")
        }
        RowErrorCode::InvalidBytes => {
            message!("import-row-bytes", "there are bytes that are no characters of the file's encoding")
        }
        RowErrorCode::NulCharacter => message!("import-row-nul", "the cell has the character U+0000"),
        RowErrorCode::TooManyCells => {
            message!("import-row-cells", "the row has more cells than there are columns")
        }
        RowErrorCode::CellTooLong => message!("import-row-cell-long", "the cell is too long"),
        RowErrorCode::RowTooLong => message!("import-row-long", "the row is too long"),
        RowErrorCode::FormulaError => message!("import-row-formula", "the cell has a formula that failed"),
        RowErrorCode::InvalidJson => message!("import-row-json", "the line is no JSON"),
        RowErrorCode::NotAnObject => message!("import-row-object", "the line is no JSON object"),
        RowErrorCode::NameTooLong => message!("import-row-name", "a name in the object is too long"),
        RowErrorCode::BrokenCard => {
            message!("import-row-card", "the card has no end, or a line stands outside of cards")
        }
    }
}

/// A refusal as it is stored with its row: in the language of whoever has asked for the import.
pub(super) fn told(context: &RequestContext, plan: &Plan, refusal: &Refusal) -> Json {
    let say = |message: &Message| context.words(message).unwrap_or_else(|| message.text().to_owned());
    if refusal.fields.is_empty() {
        return json!([{"code": refusal.code, "message": say(&refusal.message)}]);
    }
    let field = |field: &FieldError| {
        json!({"code": field.code, "column": plan.column_of(&field.path), "field": field.path.join("."),
            "message": say(&field.message)})
    };
    refusal.fields.iter().map(field).collect::<Vec<_>>().into()
}
