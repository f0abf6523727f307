//! What an export asks of the API.

use std::sync::Arc;

use serde_json::{Map, Value as Json, json};
use shoal_graphql::catalog::Entity;
use shoal_graphql::context::Context;
use shoal_graphql::engine::{Engine, Limits};
use shoal_graphql::error::{Error, Refusal, ResponseError, code};
use shoal_graphql::message;
use shoal_graphql::request::Request;

use super::column::{Column, Columns};
use crate::context::RequestContext;
use crate::module::data_of;
use crate::text_rules;

/// Records of a page.
const PAGE: u32 = 1_000;

/// A list of the API, page by page.
pub(super) struct Query {
    pub columns: Columns,
    engine: Engine,
    request: Request,
}

/// A page of the list.
pub(super) struct Page {
    /// An array of records.
    pub nodes: Json,
    /// How many records there are in all, if it is the first page.
    pub total: Option<i64>,
    /// Where the next one begins.
    pub next: Option<Json>,
}

/// What is asked for: as [`Model`](super::entity::Model) has it.
pub(super) struct Wanted<'w> {
    pub record_type: &'w str,
    pub columns: &'w [Column],
    pub filter: Option<&'w Json>,
    pub order_by: Option<&'w Json>,
}

/// Calls `f` with the entity of a list that is there for the caller.
///
/// # Errors
/// `VALIDATION` if there is no such list.
pub(super) fn entity<T>(
    context: &RequestContext,
    record_type: &str,
    f: impl FnOnce(&shoal_graphql::catalog::Catalog, &Entity) -> T,
) -> Result<T, Refusal> {
    let catalog = context.kernel.modules.schemas().catalog(&context.caller.modules);
    let found = catalog.entity(record_type).map(|position| &catalog.entities[position]);
    let found = found.filter(|entity| entity.declaration.at_root).ok_or_else(|| {
        let message =
            message!("export-no-type", "there is no list of records of the type {name}", name = record_type);
        Refusal::field(["recordType"], "UNKNOWN_TYPE", message)
    })?;
    Ok(f(&catalog, found))
}

impl Query {
    /// The list with these columns.
    ///
    /// # Errors
    /// `VALIDATION` if there is no such list, or it has no such columns.
    pub fn new(context: &RequestContext, wanted: &Wanted<'_>) -> Result<Self, Refusal> {
        let (columns, query) = entity(context, wanted.record_type, |catalog, entity| {
            let columns = Columns::find(catalog, entity, wanted.columns).map_err(Refusal::validation)?;
            let query = document(entity, &columns, wanted);
            Ok::<_, Refusal>((columns, query))
        })??;
        let given = [("filter", wanted.filter), ("orderBy", wanted.order_by)];
        let mut variables: Map<String, Json> =
            given.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.clone()))).collect();
        variables.insert("count".to_owned(), json!(true));
        let schemas = Arc::clone(context.kernel.modules.schemas());
        let limits =
            Limits { page: PAGE, records: 1_000_000, cost: u64::MAX, tokens: 100_000, ..Limits::default() };
        let engine = Engine::new(schemas, context.caller.modules.clone(), limits, text_rules());
        let id = context.request_id.as_deref().map(str::to_owned);
        let request =
            Request { query, variables: Some(variables), read_only: true, id, ..Request::default() };
        Ok(Self { columns, engine, request })
    }

    /// Whether it could run for this caller.
    ///
    /// # Errors
    /// What the API would say, with paths from `filter` or `orderBy` on.
    pub fn check(&self, context: &RequestContext) -> Result<(), Error> {
        let context: Arc<dyn Context> = Arc::new(context.clone());
        self.engine.check(&self.request, &context).map_err(|errors| refused(errors).into())
    }

    /// The page that begins there, or the first.
    ///
    /// # Errors
    /// What the API says, however small the part of the answer that it is about; faults.
    pub async fn page(&mut self, context: &RequestContext, from: Option<Json>) -> Result<Page, Error> {
        let variables = self.request.variables.get_or_insert_default();
        variables.insert("count".to_owned(), from.is_none().into());
        variables.insert("after".to_owned(), from.into());
        let surroundings: Arc<dyn Context> = Arc::new(context.clone());
        let response = self.engine.execute(&self.request, &surroundings).await;
        let mut list = data_of(context, &response)?["list"].take();
        let goes_on = list["pageInfo"]["hasNextPage"] == true;
        let next = goes_on.then(|| list["pageInfo"]["endCursor"].take());
        Ok(Page { total: list["totalCount"].as_i64(), next, nodes: list["nodes"].take() })
    }
}

/// Deleted records are left out, as the list does by itself.
fn document(entity: &Entity, columns: &Columns, wanted: &Wanted<'_>) -> String {
    let (name, list, selection) = (entity.name(), &entity.declaration.plural, columns.selection());
    let (mut declared, mut arguments) = (String::new(), String::new());
    let given = [
        ("filter", format!("{name}Filter"), wanted.filter),
        ("orderBy", format!("[{name}Order!]"), wanted.order_by),
    ];
    for (argument, of, _) in given.iter().filter(|(_, _, value)| value.is_some()) {
        declared.extend([", $", argument, ": ", of]);
        arguments.extend([", ", argument, ": $", argument]);
    }
    format!(
        "query($count: Boolean!, $after: String{declared}) {{ list: {list}(first: {PAGE}, after: $after{arguments}) {{ \
         totalCount @include(if: $count) nodes {{ {selection} }} pageInfo {{ hasNextPage endCursor }} }} }}"
    )
}

/// The first of the engine's errors; of variables all mistakes.
fn refused(errors: Vec<ResponseError>) -> Refusal {
    let Some(first) = errors.into_iter().next() else {
        return Refusal::new(code::INTERNAL, message!("internal", "internal error"));
    };
    let ResponseError { message, code, fields, module, .. } = first;
    if code == code::VALIDATION && !fields.is_empty() {
        return Refusal::validation(fields);
    }
    Refusal { fields, module, ..Refusal::new(code, message) }
}
