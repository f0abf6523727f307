//! Columns of exports: paths of what the API answers, and their values in an answer.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use shoal_graphql::catalog::{Catalog, Entity, Field};
use shoal_graphql::declare::OutputForm;
use shoal_graphql::error::{Error, FieldError, Refusal, code};
use shoal_graphql::message;
use shoal_graphql::value::Kind;
use shoal_tables::Value;

/// Items of a list that an export can have; more are refused.
const MOST_ITEMS: usize = 100;

/// What the names of records stand in where a list of them is one cell.
const NAME: &str = "name";

/// A column: what the API answers at a path, under a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Field names and positions: `account.name`, `emails.0.address`. With `*` for a position there is a column for each.
    pub path: String,
    /// What it is called. Of a path with `*` it has `*` for the position from 0, or `#` for the number from 1.
    pub name: String,
}

/// A part of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Field(String),
    At(usize),
    Each,
}

/// What stands at the end of a path.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Leaf {
    Value(Kind),
    Values(Kind),
    /// The names of a list of records.
    Names,
}

/// A column that fits the schema.
#[derive(Debug, Clone)]
pub struct Found {
    name: String,
    steps: Vec<Step>,
    leaf: Leaf,
    /// What whoever reads it needs.
    pub rights: Vec<&'static str>,
}

/// What is selected of a type, and of what it leads to.
#[derive(Debug, Default)]
struct Selection {
    is_list: bool,
    fields: BTreeMap<String, Selection>,
}

/// Columns that fit the schema.
#[derive(Debug, Clone)]
pub struct Columns(Vec<Found>);

impl Columns {
    /// Looks columns up.
    ///
    /// # Errors
    /// What is wrong with them, with paths from `columns` on.
    pub fn find(catalog: &Catalog, entity: &Entity, columns: &[Column]) -> Result<Self, Vec<FieldError>> {
        let (mut found, mut errors) = (Vec::with_capacity(columns.len()), Vec::new());
        for (position, column) in columns.iter().enumerate() {
            match Found::find(catalog, entity, column) {
                Ok(column) => found.push(column),
                Err(error) => errors.push(error.under(position.to_string()).under("columns")),
            }
        }
        if errors.is_empty() { Ok(Self(found)) } else { Err(errors) }
    }

    /// They, in their order.
    pub fn iter(&self) -> impl Iterator<Item = &Found> {
        self.0.iter()
    }

    /// What a document selects of each record.
    pub fn selection(&self) -> String {
        let mut root = Selection::default();
        for column in &self.0 {
            let mut place = &mut root;
            for step in &column.steps {
                match step {
                    Step::Field(name) => place = place.fields.entry(name.clone()).or_default(),
                    Step::At(_) | Step::Each => place.is_list = true,
                }
            }
            if column.leaf == Leaf::Names {
                place.is_list = true;
                place.fields.entry(NAME.to_owned()).or_default();
            }
        }
        let mut text = String::new();
        root.write(&mut text);
        text
    }

    /// Notes how long the lists are for whose items there are columns.
    pub fn measure(&self, record: &Json, longest: &mut BTreeMap<String, usize>) {
        for column in &self.0 {
            let Some(list) = column.list() else { continue };
            let length = at(record, list).and_then(Json::as_array).map_or(0, Vec::len);
            let known = longest.entry(path(list)).or_default();
            *known = length.max(*known);
        }
    }

    /// The same with a column for each position in lists of these lengths; one if all are empty. Columns of one list that
    /// stand together go by the positions.
    #[must_use]
    pub fn repeated(&self, longest: &BTreeMap<String, usize>) -> Self {
        let mut repeated = Vec::new();
        for columns in self.0.chunk_by(|one, other| one.list().is_some() && one.list() == other.list()) {
            let Some(list) = columns[0].list() else {
                repeated.extend_from_slice(columns);
                continue;
            };
            let length = longest.get(&path(list)).copied().unwrap_or_default().max(1);
            repeated.extend(
                (0..length).flat_map(|position| columns.iter().map(move |column| column.at(position))),
            );
        }
        Self(repeated)
    }

    /// What they are called.
    pub fn names(&self) -> Vec<String> {
        self.0.iter().map(|column| column.name.clone()).collect()
    }

    /// The values of a record; choices by other words, if they have any.
    ///
    /// # Errors
    /// `LIMIT_EXCEEDED` where a list has more items than an export can have.
    pub fn values(&self, record: &Json, words: Option<&[(&str, &str)]>) -> Result<Vec<Value>, Error> {
        self.0.iter().map(|column| column.value(record, words)).collect()
    }
}

impl Selection {
    fn write(&self, text: &mut String) {
        for (name, below) in &self.fields {
            text.push_str(name);
            if below.is_list {
                // One more, to know of it.
                let _ = write!(text, "(first: {})", MOST_ITEMS + 1);
            }
            if !below.fields.is_empty() {
                text.push_str(" {");
                below.write(text);
                text.push('}');
            }
            text.push(' ');
        }
    }
}

impl Found {
    fn find(catalog: &Catalog, root: &Entity, column: &Column) -> Result<Self, FieldError> {
        let steps: Vec<Step> = column.path.split('.').map(Step::of).collect();
        let mut finding = Finding { catalog, record: root, rights: Vec::new() };
        finding.rights.extend(root.declaration.right);
        let leaf = finding.leaf(&steps).ok_or_else(|| {
            let message = message!(
                "export-no-column",
                "{record} has no {path} that can be a column",
                record = root.name(),
                path = column.path.as_str(),
            );
            FieldError::new(["path"], "UNKNOWN_COLUMN", message)
        })?;
        let is_repeated = steps.contains(&Step::Each);
        if column.name.is_empty() || (is_repeated && !column.name.contains(['*', '#'])) {
            let message = message!(
                "export-column-name",
                "the column needs a name, with `*` or `#` if its path has `*`"
            );
            return Err(FieldError::new(["name"], "NAME_INVALID", message));
        }
        Ok(Self { name: column.name.clone(), steps, leaf, rights: finding.rights })
    }

    /// The path of the list of which it has a column for each item.
    fn list(&self) -> Option<&[Step]> {
        let each = self.steps.iter().position(|step| *step == Step::Each)?;
        self.steps.get(..each)
    }

    /// The column of an item.
    fn at(&self, position: usize) -> Self {
        let name = self.name.replace('*', &position.to_string()).replace('#', &(position + 1).to_string());
        let steps = self.steps.iter().map(|step| match step {
            Step::Each => Step::At(position),
            other => other.clone(),
        });
        Self { name, steps: steps.collect(), ..self.clone() }
    }

    fn value(&self, record: &Json, words: Option<&[(&str, &str)]>) -> Result<Value, Error> {
        let Some(found) = at(record, &self.steps) else { return Ok(Value::Null) };
        let item = |item: &Json, kind| value(item, kind, words).to_text();
        Ok(match self.leaf {
            Leaf::Value(kind) => value(found, kind, words),
            Leaf::Values(kind) => Value::List(array(found)?.iter().map(|text| item(text, kind)).collect()),
            Leaf::Names => Value::List(array(found)?.iter().map(|of| item(&of[NAME], Kind::Text)).collect()),
        })
    }
}

impl Step {
    fn of(text: &str) -> Self {
        match text.parse() {
            _ if text == "*" => Self::Each,
            Ok(position) => Self::At(position),
            Err(_) => Self::Field(text.to_owned()),
        }
    }
}

/// Follows a path from type to type.
struct Finding<'c> {
    catalog: &'c Catalog,
    record: &'c Entity,
    rights: Vec<&'static str>,
}

impl Finding<'_> {
    fn leaf(&mut self, steps: &[Step]) -> Option<Leaf> {
        let [Step::Field(name), rest @ ..] = steps else { return None };
        let (record, declaration) = (self.record, &self.record.declaration);
        match (record.fields.get(name)?, rest) {
            (Field::Column(position), []) => {
                let column = &declaration.columns[*position];
                self.rights.extend(column.right);
                column.kind.map(Leaf::Value)
            }
            (Field::Money(position), [Step::Field(part)]) => {
                self.rights.extend(declaration.money[*position].right);
                match part.as_str() {
                    "amount" => Some(Leaf::Value(Kind::Decimal { scale: 0 })),
                    "currency" => Some(Leaf::Value(Kind::Text)),
                    _ => None,
                }
            }
            (Field::Computed(position), []) => {
                let computed = &record.computed[*position];
                self.rights.extend(computed.right);
                let is_list = matches!(computed.ty.form, OutputForm::List(_));
                Some(if is_list { Leaf::Values(computed.kind) } else { Leaf::Value(computed.kind) })
            }
            (Field::Relation(position), rest) => {
                let relation = &record.relations[*position];
                let [target] = relation.targets.as_slice() else { return None };
                self.record = &self.catalog.entities[*target];
                self.rights.extend(self.record.declaration.right);
                self.rights.extend(relation.declaration.right);
                match (relation.declaration.kind.is_to_one(), relation.declaration.as_list, rest) {
                    (true, _, rest) => self.leaf(rest),
                    (false, true, [Step::At(position), rest @ ..]) if *position < MOST_ITEMS => {
                        self.leaf(rest)
                    }
                    (false, true, [Step::Each, rest @ ..]) if !rest.contains(&Step::Each) => self.leaf(rest),
                    (false, true, []) => self.leaf(&[Step::Field(NAME.to_owned())]).map(|_| Leaf::Names),
                    _ => None,
                }
            }
            _ => None,
        }
    }
}

fn path(steps: &[Step]) -> String {
    let text = |step: &Step| match step {
        Step::Field(name) => name.clone(),
        Step::At(position) => position.to_string(),
        Step::Each => "*".to_owned(),
    };
    steps.iter().map(text).collect::<Vec<_>>().join(".")
}

/// What stands at a path; `None` if there is nothing.
fn at<'j>(record: &'j Json, steps: &[Step]) -> Option<&'j Json> {
    steps.iter().try_fold(record, |json, step| match step {
        Step::Field(name) => json.get(name),
        Step::At(position) => json.get(position),
        Step::Each => None,
    })
}

/// A list that was read to its end.
fn array(json: &Json) -> Result<&[Json], Error> {
    let items = json.as_array().map(Vec::as_slice).unwrap_or_default();
    expect_few(items.len())?;
    Ok(items)
}

/// Refuses a list of which not all has been read.
///
/// # Errors
/// `LIMIT_EXCEEDED`
pub(super) fn expect_few(items: usize) -> Result<(), Refusal> {
    if items <= MOST_ITEMS {
        return Ok(());
    }
    let message =
        message!("export-list-too-long", "a record has a list of more than {most} items", most = MOST_ITEMS);
    Err(Refusal::new(code::LIMIT_EXCEEDED, message))
}

/// A leaf of an answer as files have it.
fn value(json: &Json, kind: Kind, words: Option<&[(&str, &str)]>) -> Value {
    let text = json.as_str();
    let value = match kind {
        _ if json.is_null() => Some(Value::Null),
        Kind::Boolean => json.as_bool().map(Value::Boolean),
        Kind::Int | Kind::Long => json.as_i64().map(Value::Integer),
        Kind::Float => Some(Value::Decimal(json.to_string())),
        Kind::Decimal { .. } => text.map(|text| Value::Decimal(text.to_owned())),
        Kind::Date => text.and_then(|text| text.parse().ok()).map(Value::Date),
        Kind::DateTime => text.and_then(|text| text.parse().ok()).map(Value::Instant),
        Kind::Choice(_) => text.map(|code| Value::Text(word(code, words))),
        Kind::Id | Kind::Text | Kind::Json => text.map(|text| Value::Text(text.to_owned())),
    };
    value.unwrap_or_else(|| Value::Text(json.to_string()))
}

fn word(code: &str, words: Option<&[(&str, &str)]>) -> String {
    let Some(words) = words else { return code.to_owned() };
    let known = words.iter().find(|(known, _)| *known == code);
    known.map_or_else(|| code.to_lowercase(), |(_, word)| (*word).to_owned())
}
