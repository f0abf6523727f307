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

/// What the language library says of a document. If a limit was met, nothing but that: the rest may be its effect.
pub(super) fn diagnostics(list: &DiagnosticList) -> Vec<ResponseError> {
    let all = list.iter().map(|diagnostic| diagnostic.to_json());
    let (mut limits, mut mistakes) = (Vec::new(), Vec::new());
    for error in all {
        let is_limit = is_limit(&error.message);
        let list = if is_limit { &mut limits } else { &mut mistakes };
        if list.len() == MOST_DIAGNOSTICS {
            continue;
        }
        let code = if is_limit { code::LIMIT_EXCEEDED } else { code::GRAPHQL };
        let mut told = ResponseError::request(code, error.message);
        let locations = error.locations.iter();
        told.locations =
            locations.map(|position| Location { line: position.line, column: position.column }).collect();
        list.push(told);
    }
    limits.truncate(1);
    if limits.is_empty() { mistakes } else { limits }
}

/// The library has no codes for these.
fn is_limit(message: &str) -> bool {
    message.starts_with("token limit reached")
        || message.starts_with("parser recursion limit reached")
        || message.starts_with("too much recursion")
        || message.ends_with("contains too much nesting")
}
