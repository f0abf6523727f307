//! Runs plans.

mod aggregate;
mod change;
mod errors;
mod load;
mod row;
mod value;
mod write;

use std::sync::Arc;

use apollo_compiler::introspection;
use apollo_compiler::response::{JsonMap, JsonValue};
use apollo_compiler::validation::Valid;
use futures::future::join_all;
use uuid::Uuid;

use self::aggregate::Groups;
pub(crate) use self::errors::{Cost, body as error_body};
use self::load::{Linked, Loader, Table};
use self::value::{Answered, Records};
use self::write::payload::Changed;
use self::write::{Path, Writer};
use crate::catalog::{Catalog, MutationRoot, View};
use crate::context::Context;
use crate::database::StatementCount;
use crate::declare::Outcome;
use crate::error::{Error, FieldError, Refusal, ResponseError, code};
use crate::message;
use crate::plan::arguments::{Template, Variables};
use crate::plan::limits::Limits;
use crate::plan::prepare::Prepared;
use crate::plan::{Load, PayloadShape, Plan, Root, RootField};
use crate::read::{Scope, TextRules};
use crate::value::Input;

/// What a root field was answered with.
enum Answer {
    /// Known without reading.
    Typename,
    Introspected(Vec<u8>),
    Record(Table),
    /// The arm of the record's type.
    Node(usize, Table),
    Page(Linked),
    Aggregate(Groups),
    Value(Answered),
    Changed(Changed),
    Nothing,
}

/// An operation on its way.
pub(crate) struct Run<'a> {
    pub catalog: &'a Catalog,
    pub limits: &'a Limits,
    pub text: &'a TextRules,
    pub context: &'a Arc<dyn Context>,
    pub prepared: &'a Prepared,
    pub plan: &'a Plan,
    pub variables: &'a Variables,
    pub count: &'a StatementCount,
}

impl Run<'_> {
    /// Runs the operation and writes its data. The errors are the fields' that failed.
    pub(crate) async fn data(&self) -> (Vec<u8>, Vec<ResponseError>) {
        let introspected = self.introspect();
        let answers = if self.prepared.is_mutation() {
            let mut answers = Vec::with_capacity(self.plan.roots.len());
            for root in &self.plan.roots {
                answers.push(self.answer(root, &introspected).await);
            }
            answers
        } else if let [only] = self.plan.roots.as_slice() {
            vec![self.answer(only, &introspected).await]
        } else {
            join_all(self.plan.roots.iter().map(|root| self.answer(root, &introspected))).await
        };
        self.write(&answers)
    }

    fn loader(&self) -> Loader<'_> {
        let scope =
            Scope { catalog: self.catalog, context: &**self.context, limits: self.limits, text: self.text };
        Loader { scope, variables: self.variables, count: self.count }
    }

    async fn answer(&self, root: &Root, introspected: &Result<JsonMap, Error>) -> Result<Answer, Error> {
        let loader = self.loader();
        match &root.value {
            RootField::Typename(_) => Ok(Answer::Typename),
            // Told one by one, as they happen.
            RootField::Change(_) => Ok(Answer::Nothing),
            RootField::Introspection => {
                let value = introspected.as_ref().map_err(Clone::clone)?.get(&*root.key);
                Ok(Answer::Introspected(serde_json::to_vec(&value).map_err(Error::fault)?))
            }
            RootField::One { id, load, .. } => {
                let Some(id) = self.id(id)? else { return Ok(Answer::Nothing) };
                let table = loader.one(load, id).await?;
                Ok(if table.rows.is_empty() { Answer::Nothing } else { Answer::Record(table) })
            }
            RootField::Page { load, .. } => Ok(Answer::Page(loader.root_page(load).await?)),
            RootField::Value(plan) => Ok(Answer::Value(self.value(plan).await?)),
            RootField::Aggregate(plan) => Ok(Answer::Aggregate(loader.aggregate(plan).await?)),
            RootField::Node { id, arms } => {
                let Some(id) = self.id(id)? else { return Ok(Answer::Nothing) };
                let Some(arm) = loader.probe(id).await? else { return Ok(Answer::Nothing) };
                let table = loader.one(&arms[arm].0, id).await?;
                Ok(if table.rows.is_empty() { Answer::Nothing } else { Answer::Node(arm, table) })
            }
            RootField::Mutation { root, input, load, shape } => self.mutate(*root, input, load, shape).await,
        }
    }

    fn id(&self, template: &Template) -> Result<Option<Uuid>, Error> {
        Ok(match template.fill(self.variables)? {
            Some(Input::Id(id)) => Some(id),
            _ => None,
        })
    }

    async fn mutate(
        &self,
        root: MutationRoot,
        input: &Template,
        load: &Load,
        shape: &PayloadShape,
    ) -> Result<Answer, Error> {
        let mutation = &self.catalog.mutations[root.mutation];
        let inputs = match input.fill(self.variables)? {
            Some(Input::List(rows)) if root.many => rows,
            Some(row) => vec![row],
            None => Vec::new(),
        };
        if inputs.len() > self.limits.rows {
            let (rows, most) = (inputs.len(), self.limits.rows);
            let message = message!("rows-too-many", "{rows} rows; at most {most} at once", rows, most);
            return Err(Refusal::new(code::LIMIT_EXCEEDED, message).into());
        }
        self.context.may_change(mutation.module)?;
        let Outcome { mut rows, values } = mutation.run(Arc::clone(self.context), inputs).await?;
        if !root.many
            && let Some(Err(refusal)) = rows.pop_if(|row| row.is_err())
        {
            return Err(under_input(refusal).into());
        }
        let loader = self.loader();
        let ids: Vec<Uuid> = rows.iter().filter_map(|row| row.as_ref().ok().copied()).collect();
        let wanted = if shape.wants_records() { ids.as_slice() } else { &[] };
        let records: Records = loader.records(load, wanted).await?;
        let referred = loader.referred(&shape.records, &values).await;
        Ok(Answer::Changed(Changed { rows, records, values: Answered { value: values, records: referred } }))
    }

    /// Answers `__schema` and `__type`, if they are selected.
    fn introspect(&self) -> Result<JsonMap, Error> {
        if !self.plan.roots.iter().any(|root| matches!(root.value, RootField::Introspection)) {
            return Ok(JsonMap::new());
        }
        let View { schema, implementers, .. } = self.catalog.view(self.context.rights());
        let operation = &self.prepared.operation;
        let variables = Valid::assume_valid(self.introspection_variables());
        let document = &self.prepared.document;
        let response =
            introspection::partial_execute(&schema, &implementers, document, operation, &variables)
                .map_err(|error| Refusal::new(code::GRAPHQL, error.message().to_string()))?;
        Ok(response.data.unwrap_or_default())
    }

    /// The variables that introspection and conditions can use; they are coerced already.
    fn introspection_variables(&self) -> JsonMap {
        let declared = self.prepared.variables.iter().zip(self.variables);
        declared
            .filter_map(|(variable, value)| {
                let value = match value.as_ref()? {
                    Input::Boolean(value) => (*value).into(),
                    Input::Text(text) => text.as_str().into(),
                    Input::Null => JsonValue::Null,
                    _ => return None,
                };
                Some((variable.name.as_str().into(), value))
            })
            .collect()
    }

    fn writer(&self, capacity: usize) -> Writer<'_> {
        let (out, errors) = (Vec::with_capacity(capacity), Vec::new());
        Writer { out, errors, text: self.text, context: &**self.context }
    }

    fn write(&self, answers: &[Result<Answer, Error>]) -> (Vec<u8>, Vec<ResponseError>) {
        let mut writer = self.writer(4096);
        let mut answers = answers.iter();
        writer.nullable(|writer| {
            writer.object(&self.plan.roots, &Path::Root, |writer, root, path| {
                match answers.next() {
                    Some(Ok(answer)) => Self::write_root(writer, root, answer, path),
                    Some(Err(error)) => {
                        writer.failed(error, path, root.location);
                        writer.null();
                    }
                    None => writer.null(),
                }
                Ok(())
            })
        });
        (writer.out, writer.errors)
    }

    /// Root fields are nullable: what cannot be answered stops here.
    fn write_root(writer: &mut Writer<'_>, root: &Root, answer: &Answer, path: &Path<'_>) {
        writer.nullable(|writer| match (&root.value, answer) {
            (RootField::Typename(name), _) => {
                writer.string(name);
                Ok(())
            }
            (_, Answer::Introspected(json)) => {
                writer.out.extend_from_slice(json);
                Ok(())
            }
            (RootField::One { shape, .. }, Answer::Record(table)) => writer.row(shape, table, 0, path),
            (RootField::Node { arms, .. }, Answer::Node(arm, table)) => {
                writer.row(&arms[*arm].1, table, 0, path)
            }
            (RootField::Page { shape, .. }, Answer::Page(linked)) => writer.page(shape, linked, 0, path),
            (RootField::Aggregate(plan), Answer::Aggregate(groups)) => writer.aggregate(plan, groups, path),
            (RootField::Value(plan), Answer::Value(answered)) => {
                writer.value(&plan.shape, &answered.value, &answered.records, path, root.location)
            }
            (RootField::Mutation { shape, .. }, Answer::Changed(changed)) => {
                writer.payload(&shape.fields, changed, 0..changed.rows.len(), path)
            }
            _ => {
                writer.null();
                Ok(())
            }
        });
    }
}

/// Field paths of a mutation of one row begin with the argument.
fn under_input(mut refusal: Refusal) -> Refusal {
    let under = |field: FieldError| field.under("input");
    refusal.fields = refusal.fields.into_iter().map(under).collect();
    refusal
}
