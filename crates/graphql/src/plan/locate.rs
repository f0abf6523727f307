//! Positions and error texts of the language library in our form.

use apollo_compiler::parser::{SourceMap, SourceSpan};
use apollo_compiler::validation::DiagnosticList;

use crate::error::{Location, ResponseError, code};

pub(super) fn location(span: Option<SourceSpan>, sources: &SourceMap) -> Option<Location> {
    let position = span?.line_column(sources)?;
    Some(Location { line: position.line, column: position.column })
}

/// At most this many mistakes of one document are told.
const MOST_DIAGNOSTICS: usize = 20;

pub(super) fn diagnostics(list: &DiagnosticList) -> Vec<ResponseError> {
    list.iter()
        .take(MOST_DIAGNOSTICS)
        .map(|diagnostic| {
            let error = diagnostic.to_json();
            let limit = error.message.contains("token limit") || error.message.contains("recursion");
            let code = if limit { code::LIMIT_EXCEEDED } else { code::GRAPHQL };
            let mut told = ResponseError::request(code, error.message);
            told.locations = error
                .locations
                .iter()
                .map(|position| Location { line: position.line, column: position.column })
                .collect();
            told
        })
        .collect()
}
