//! Writes JSON straight from the rows, with null propagation and paths after the specification (October 2021, 6.4.4).

mod money;
pub(super) mod payload;
mod totals;
mod value;

use super::load::{CursorSlots, Linked, Links, Page, Table};
use super::row;
use crate::context::Context;
use crate::declare::{OutputValue, RowView};
use crate::error::{Error, Location, PathSegment, ResponseError};
use crate::plan::{EdgeField, Keyed, Output, PageField, PageInfoField, PageShape, Shape, Veil};
use crate::read::{TextRules, cursor};
use uuid::Uuid;

/// A place in the response, as a list from the inside out.
#[derive(Clone, Copy)]
pub(crate) enum Path<'p> {
    Root,
    Key(&'p Path<'p>, &'p str),
    Index(&'p Path<'p>, usize),
}

impl Path<'_> {
    pub(crate) fn segments(&self) -> Vec<PathSegment> {
        let (mut segments, mut at) = (Vec::new(), self);
        loop {
            match at {
                Path::Root => break,
                Path::Key(parent, key) => {
                    segments.push(PathSegment::Key((*key).to_owned()));
                    at = parent;
                }
                Path::Index(parent, index) => {
                    segments.push(PathSegment::Index(*index));
                    at = parent;
                }
            }
        }
        segments.reverse();
        segments
    }
}

/// A field that must not be null has no value: whoever may be null further out becomes null.
pub(crate) struct Propagate;

pub(crate) type Written = Result<(), Propagate>;

/// The response under construction.
pub(crate) struct Writer<'a> {
    pub out: Vec<u8>,
    pub errors: Vec<ResponseError>,
    pub text: &'a TextRules,
    /// Who reads it.
    pub context: &'a dyn Context,
}

impl Writer<'_> {
    /// Writes `{…}`, each field by `write`.
    pub(crate) fn object<T>(
        &mut self,
        fields: &[Keyed<T>],
        path: &Path<'_>,
        mut write: impl FnMut(&mut Self, &Keyed<T>, &Path<'_>) -> Written,
    ) -> Written {
        self.out.push(b'{');
        for (position, field) in fields.iter().enumerate() {
            if position > 0 {
                self.out.push(b',');
            }
            self.out.extend_from_slice(field.json.as_bytes());
            write(self, field, &Path::Key(path, &field.key))?;
        }
        self.out.push(b'}');
        Ok(())
    }

    /// Writes `[…]`, each item by `write`. The items are not nullable.
    pub(crate) fn list(
        &mut self,
        count: usize,
        path: &Path<'_>,
        mut write: impl FnMut(&mut Self, usize, &Path<'_>) -> Written,
    ) -> Written {
        self.out.push(b'[');
        for position in 0..count {
            if position > 0 {
                self.out.push(b',');
            }
            write(self, position, &Path::Index(path, position))?;
        }
        self.out.push(b']');
        Ok(())
    }

    /// Writes something that may be null; it becomes null if something in it must not be and is.
    pub(crate) fn nullable(&mut self, write: impl FnOnce(&mut Self) -> Written) {
        let start = self.out.len();
        if write(self).is_err() {
            self.out.truncate(start);
            self.null();
        }
    }

    pub(crate) fn null(&mut self) {
        self.out.extend_from_slice(b"null");
    }

    fn boolean(&mut self, value: bool) {
        self.out.extend_from_slice(if value { b"true" } else { b"false" });
    }

    pub(crate) fn string(&mut self, text: &str) {
        row::write_text(&mut self.out, text);
    }

    /// Notes an error at `path`.
    pub(crate) fn failed(&mut self, error: &Error, path: &Path<'_>, location: Option<Location>) {
        self.errors.push(ResponseError::at(error, path.segments(), location.into_iter().collect()));
    }

    /// Ends a field: `false` says that there is no value, and nothing was written for it or for an error.
    fn settle(
        &mut self,
        written: Result<bool, Error>,
        nullable: bool,
        path: &Path<'_>,
        location: Option<Location>,
    ) -> Written {
        match written {
            Ok(true) => Ok(()),
            Ok(false) => self.absent(nullable, None, path, location),
            Err(error) => self.absent(nullable, Some(&error), path, location),
        }
    }

    /// A field without a value: null, or further out.
    fn absent(
        &mut self,
        nullable: bool,
        error: Option<&Error>,
        path: &Path<'_>,
        location: Option<Location>,
    ) -> Written {
        if let Some(error) = error {
            self.failed(error, path, location);
        } else if !nullable {
            self.failed(&Error::fault("a column that must not be null is null"), path, location);
        }
        if nullable {
            self.null();
            return Ok(());
        }
        Err(Propagate)
    }

    /// Writes a row of a table.
    pub(crate) fn row(&mut self, shape: &Shape, table: &Table, number: usize, path: &Path<'_>) -> Written {
        self.object(&shape.fields, path, |writer, field, path| {
            writer.field(&field.value, (table, number), path, field.location)
        })
    }

    /// Writes a field of a row.
    fn field(
        &mut self,
        output: &Output,
        (table, number): (&Table, usize),
        path: &Path<'_>,
        location: Option<Location>,
    ) -> Written {
        let row = &table.rows[number];
        match output {
            Output::Typename(name) => {
                self.string(name);
                Ok(())
            }
            Output::Column { slot, kind, nullable } => {
                let written = row::write(&mut self.out, row, *slot, *kind);
                self.settle(written, *nullable, path, location)
            }
            Output::Money { amount, currency, nullable, fields } => {
                let written = self.money_of(row, *amount, *currency, fields, path);
                self.settle(written, *nullable, path, location)
            }
            Output::Computed { field: computed, columns, shape } => {
                match (computed.compute)(&RowView { row, columns, context: self.context }) {
                    Ok(value) => self.value(shape, &value, &[], path, location),
                    Err(error) => self.absent(shape.nullable, Some(&error), path, location),
                }
            }
            Output::ToOne { relation, shapes } => {
                match linked(table, *relation) {
                    Ok(linked) => self.nullable(|writer| writer.one(shapes, linked, number, path)),
                    Err(error) => return self.absent(true, Some(error), path, location),
                }
                Ok(())
            }
            Output::List { relation, shape } => {
                match linked(table, *relation).map(|linked| many(linked, number)) {
                    Ok(Some((table, page, _))) => self.rows(shape, table, page, path),
                    Ok(None) => self.list(0, path, |_, _, _| Ok(())),
                    Err(error) => self.absent(false, Some(error), path, location),
                }
            }
            Output::Page { relation, shape } => match linked(table, *relation) {
                Ok(linked) => self.page(shape, linked, number, path),
                Err(error) => self.absent(false, Some(error), path, location),
            },
            Output::Hidden(veil) => {
                let written = is_hidden(*veil, table, number).map(|hidden| {
                    self.boolean(hidden);
                    true
                });
                self.settle(written, false, path, location)
            }
            Output::Veiled(veil, output) => match is_hidden(*veil, table, number) {
                Ok(true) => self.absent(true, None, path, location),
                Ok(false) => self.field(output, (table, number), path, location),
                Err(error) => self.absent(true, Some(&error), path, location),
            },
        }
    }

    /// Writes a leaf. `false` if there is none.
    fn output(&mut self, value: &OutputValue) -> Result<bool, Error> {
        match value {
            OutputValue::Null => return Ok(false),
            OutputValue::Boolean(value) => self.boolean(*value),
            OutputValue::Long(number) => row::write_integer(&mut self.out, *number),
            OutputValue::Float(number) => row::write_float(&mut self.out, *number)?,
            OutputValue::Text(text) => self.string(text),
            OutputValue::Json(json) => serde_json::to_writer(&mut self.out, json).map_err(Error::fault)?,
            other => return Err(Error::fault(format!("{other:?} is no leaf"))),
        }
        Ok(true)
    }

    fn one(&mut self, shapes: &[Shape], linked: &Linked, number: usize, path: &Path<'_>) -> Written {
        let Some((target, row)) = link(linked, number) else {
            self.null();
            return Ok(());
        };
        self.row(&shapes[target], &linked.tables[target], row, path)
    }

    fn rows(&mut self, shape: &Shape, table: &Table, page: &Page, path: &Path<'_>) -> Written {
        self.list(page.rows.len(), path, |writer, position, path| {
            writer.row(shape, table, row_number(page, position), path)
        })
    }

    /// Writes a connection.
    pub(crate) fn page(
        &mut self,
        shape: &PageShape,
        linked: &Linked,
        number: usize,
        path: &Path<'_>,
    ) -> Written {
        let nothing = (&Table::default(), &Page::default(), None);
        let (table, page, slots) = many(linked, number).unwrap_or(nothing);
        let view = PageView { entity: shape.entity, table, page, slots };
        self.object(&shape.fields, path, |writer, field, path| match &field.value {
            PageField::Typename(name) => {
                writer.string(name);
                Ok(())
            }
            PageField::TotalCount => {
                row::write_integer(&mut writer.out, page.total.unwrap_or_default());
                Ok(())
            }
            PageField::Nodes(shape) => writer.rows(shape, table, page, path),
            PageField::PageInfo(fields) => writer.object(fields, path, |writer, field, path| {
                writer.page_info(field, &view, path);
                Ok(())
            }),
            PageField::Edges(fields) => writer.list(page.rows.len(), path, |writer, position, path| {
                writer.object(fields, path, |writer, field, path| match &field.value {
                    EdgeField::Typename(name) => {
                        writer.string(name);
                        Ok(())
                    }
                    EdgeField::Node(shape) => writer.row(shape, table, row_number(page, position), path),
                    EdgeField::Cursor => writer.cursor(&view, position, path, field.location),
                })
            }),
        })
    }

    fn page_info(&mut self, field: &Keyed<PageInfoField>, view: &PageView<'_>, path: &Path<'_>) {
        let position = match field.value {
            PageInfoField::Typename => return self.string("PageInfo"),
            PageInfoField::HasNextPage => return self.boolean(view.page.has_next),
            PageInfoField::HasPreviousPage => return self.boolean(view.page.has_previous),
            PageInfoField::StartCursor => 0,
            PageInfoField::EndCursor => view.page.rows.len().saturating_sub(1),
        };
        if view.page.rows.is_empty() {
            return self.null();
        }
        self.nullable(|writer| writer.cursor(view, position, path, field.location));
    }

    /// Writes the cursor of the record at a position of the page.
    fn cursor(
        &mut self,
        view: &PageView<'_>,
        position: usize,
        path: &Path<'_>,
        location: Option<Location>,
    ) -> Written {
        match view.cursor(position) {
            Ok(cursor) => {
                self.string(&cursor);
                Ok(())
            }
            Err(error) => self.absent(false, Some(&error), path, location),
        }
    }
}

/// A page with what its cursors are made of.
struct PageView<'v> {
    entity: &'v str,
    table: &'v Table,
    page: &'v Page,
    slots: Option<&'v CursorSlots>,
}

impl PageView<'_> {
    fn cursor(&self, position: usize) -> Result<String, Error> {
        let slots = self.slots.ok_or_else(|| Error::fault("no ordering values were read"))?;
        let row = &self.table.rows[row_number(self.page, position)];
        let steps = slots.steps.iter().enumerate();
        let values = steps
            .map(|(number, step)| row::cursor_value(row, slots.first + number, step.kind))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(cursor::encode(self.entity, &slots.steps, &values))
    }
}

fn linked(table: &Table, relation: usize) -> Result<&Linked, &Error> {
    match table.linked.get(relation) {
        Some(Ok(linked)) => Ok(linked),
        Some(Err(error)) => Err(error),
        None => Err(const { &Error::Timeout }),
    }
}

/// Table and row of the other side of a relation to one.
fn link(linked: &Linked, number: usize) -> Option<(usize, usize)> {
    match &linked.links {
        Links::One(links) => links.get(number).copied().flatten(),
        Links::Many { .. } => None,
    }
}

/// Whether a row names a record that the caller may not see.
fn is_hidden(veil: Veil, table: &Table, number: usize) -> Result<bool, Error> {
    let Some((relation, id)) = veil else { return Ok(true) };
    if row::value::<Uuid>(&table.rows[number], id)?.is_none() {
        return Ok(false);
    }
    match linked(table, relation) {
        Ok(linked) => Ok(link(linked, number).is_none()),
        Err(error) => Err(error.clone()),
    }
}

/// The page of a row.
fn many(linked: &Linked, number: usize) -> Option<(&Table, &Page, Option<&CursorSlots>)> {
    match &linked.links {
        Links::Many { of_row, pages, cursor } => {
            let page = of_row.get(number).copied().unwrap_or_default();
            Some((linked.tables.first()?, pages.get(page)?, cursor.as_ref()))
        }
        Links::One(_) => None,
    }
}

/// The row at a position of a page; pages read from the end are turned round.
fn row_number(page: &Page, position: usize) -> usize {
    if page.backwards { page.rows.end - 1 - position } else { page.rows.start + position }
}
