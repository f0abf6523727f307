//! Reads what a plan needs, level by level: one statement per relation and level, siblings concurrently.

use std::collections::HashMap;
use std::ops::Range;

use futures::future::{BoxFuture, join_all};
use sea_orm::QueryResult;
use uuid::Uuid;

use super::row;
use crate::catalog::{Entity, Relation};
use crate::database::{Sql, StatementCount};
use crate::declare::RelationKind;
use crate::error::{Error, Refusal, code};
use crate::message;
use crate::plan::arguments::Variables;
use crate::plan::{Load, RelationLoad};
use crate::read::Scope;
use crate::read::list::{Listing, width};
use crate::read::order::Step;
use crate::read::relation::Sides;

/// Rows of one entity with what hangs on them, as the [`Load`] it was read for says.
#[derive(Default)]
pub(crate) struct Table {
    pub rows: Vec<QueryResult>,
    /// One for each relation of the load.
    pub linked: Vec<Result<Linked, Error>>,
}

/// The other side of a relation and which of it belongs to which row of this side.
#[derive(Default)]
pub(crate) struct Linked {
    /// One for each target of the relation.
    pub tables: Vec<Table>,
    pub links: Links,
}

pub(crate) enum Links {
    /// For each row of this side: target and row of the other.
    One(Vec<Option<(usize, usize)>>),
    /// For each row of this side the page; rows that are the same record share one.
    Many { of_row: Vec<usize>, pages: Vec<Page>, cursor: Option<CursorSlots> },
}

impl Default for Links {
    fn default() -> Self {
        Self::One(Vec::new())
    }
}

/// Where the ordering values stand in a row.
pub(crate) struct CursorSlots {
    pub first: usize,
    pub steps: Vec<Step>,
}

/// A stretch of rows.
#[derive(Default, Clone)]
pub(crate) struct Page {
    pub rows: Range<usize>,
    /// The rows were read from the end.
    pub backwards: bool,
    pub has_next: bool,
    pub has_previous: bool,
    pub total: Option<i64>,
}

/// Reads for one request.
pub(crate) struct Loader<'a> {
    pub scope: Scope<'a>,
    pub variables: &'a Variables,
    pub count: &'a StatementCount,
}

impl Loader<'_> {
    pub(crate) async fn rows(&self, sql: Sql) -> Result<Vec<QueryResult>, Error> {
        self.scope.context.reader().rows(sql, self.count).await
    }

    /// Loads what hangs on rows that were read for `load`.
    pub(crate) fn table<'s>(&'s self, load: &'s Load, rows: Vec<QueryResult>) -> BoxFuture<'s, Table> {
        Box::pin(async move {
            let linked = match load.relations.as_slice() {
                [] => Vec::new(),
                [only] => vec![self.relation(load, only, &rows).await],
                several => join_all(several.iter().map(|below| self.relation(load, below, &rows))).await,
            };
            Table { rows, linked }
        })
    }

    /// One record by its id.
    pub(crate) async fn one(&self, load: &Load, id: Uuid) -> Result<Table, Error> {
        self.by_ids(load, &[id]).await
    }

    /// Records by their ids, in no order; the id stands behind the columns.
    pub(crate) async fn by_ids(&self, load: &Load, ids: &[Uuid]) -> Result<Table, Error> {
        let sql = self.scope.by_ids(self.scope.entity(load.entity), &load.columns, ids);
        let rows = self.rows(sql).await?;
        Ok(self.table(load, rows).await)
    }

    /// Which entity has a record with this id: all are asked in one statement.
    pub(crate) async fn probe(&self, id: Uuid) -> Result<Option<usize>, Error> {
        let Some(sql) = self.scope.probe(id) else { return Ok(None) };
        let rows = self.rows(sql).await?;
        let entity = rows.first().map(|found| row::value::<i64>(found, 0)).transpose()?.flatten();
        entity.map(|entity| usize::try_from(entity).map_err(Error::fault)).transpose()
    }

    /// A page at the root.
    pub(crate) async fn root_page(&self, below: &RelationLoad) -> Result<Linked, Error> {
        let Some(load) = below.targets.first() else { return Ok(Linked::default()) };
        let entity = self.scope.entity(load.entity);
        let listing = self.scope.listing(entity, below, self.variables, None)?;
        let total = async {
            if !below.count {
                return Ok(None);
            }
            let rows = self.rows(self.scope.count(entity, &listing)?).await?;
            rows.first().map_or(Ok(None), |row| row::value::<i64>(row, 0))
        };
        let page = async {
            if !below.rows {
                return Ok((Page::default(), Table::default()));
            }
            let mut rows =
                self.rows(self.scope.page(entity, &load.columns, below.cursors, &listing)?).await?;
            let read = rows.len();
            rows.truncate(size(&listing));
            Ok::<_, Error>((page(&listing, 0, read), self.table(load, rows).await))
        };
        let (total, (page, table)) = futures::future::try_join(total, page).await?;
        let links = Links::Many {
            of_row: Vec::new(),
            pages: vec![Page { total, ..page }],
            cursor: cursor_slots(below, load, listing.steps),
        };
        Ok(Linked { tables: vec![table], links })
    }

    async fn relation(
        &self,
        parent: &Load,
        below: &RelationLoad,
        rows: &[QueryResult],
    ) -> Result<Linked, Error> {
        let entity = self.scope.entity(parent.entity);
        let Some(relation) = below.relation.and_then(|position| entity.relations.get(position)) else {
            return Err(Error::fault("a relation of the plan is not in the catalogue"));
        };
        match &relation.declaration.kind {
            RelationKind::AnyRecord { .. } => self.any_record(below, rows).await,
            kind if kind.is_to_one() => self.to_one(kind, below, rows).await,
            _ => self.to_many(entity, relation, below, rows).await,
        }
    }

    async fn to_one(
        &self,
        kind: &RelationKind,
        below: &RelationLoad,
        rows: &[QueryResult],
    ) -> Result<Linked, Error> {
        let (Some(load), Some(slot)) = (below.targets.first(), below.parent_slots.first()) else {
            return Ok(Linked::default());
        };
        let keys = Keys::of(rows, *slot)?;
        if keys.unique.is_empty() {
            return Ok(Linked { tables: vec![Table::default()], links: Links::One(vec![None; rows.len()]) });
        }
        let target = self.scope.entity(load.entity);
        let sql = match kind {
            RelationKind::ToOneThrough(through) => {
                self.scope.by_parents_through(target, &load.columns, through, &keys.unique)
            }
            _ => self.scope.by_ids(target, &load.columns, &keys.unique),
        };
        let found = self.rows(sql).await?;
        let mut of_key: Vec<Option<(usize, usize)>> = vec![None; keys.unique.len()];
        for (position, row) in found.iter().enumerate() {
            if let Some(key) = keys.position(row, width(&load.columns))? {
                of_key[key].get_or_insert((0, position));
            }
        }
        let links = keys.of_row.iter().map(|key| key.and_then(|key| of_key[key])).collect();
        Ok(Linked { tables: vec![self.table(load, found).await], links: Links::One(links) })
    }

    async fn any_record(&self, below: &RelationLoad, rows: &[QueryResult]) -> Result<Linked, Error> {
        let [type_slot, id_slot] = below.parent_slots[..] else { return Ok(Linked::default()) };
        let entities = below.targets.iter().map(|load| self.scope.entity(load.entity));
        // What the caller may not read is as absent.
        let names: Vec<_> =
            entities.map(|entity| self.scope.may_read(entity).then(|| entity.name())).collect();
        let mut wanted: Vec<Vec<Uuid>> = vec![Vec::new(); names.len()];
        let mut asked: Vec<Option<(usize, Uuid)>> = Vec::with_capacity(rows.len());
        for row in rows {
            let target =
                row::text(row, type_slot, |name| names.iter().position(|known| *known == Some(name)))?
                    .flatten();
            let pair = target.zip(row::value::<Uuid>(row, id_slot)?);
            if let Some((target, id)) = pair {
                wanted[target].push(id);
            }
            asked.push(pair);
        }
        let reads = below.targets.iter().zip(&mut wanted).map(|(load, ids)| async move {
            ids.sort_unstable();
            ids.dedup();
            if ids.is_empty() { Ok(Table::default()) } else { self.by_ids(load, ids).await }
        });
        let tables = join_all(reads).await.into_iter().collect::<Result<Vec<_>, Error>>()?;
        let mut position: HashMap<(usize, Uuid), usize> = HashMap::new();
        for (target, (table, load)) in tables.iter().zip(&below.targets).enumerate() {
            for (number, row) in table.rows.iter().enumerate() {
                if let Some(id) = row::value::<Uuid>(row, width(&load.columns))? {
                    position.insert((target, id), number);
                }
            }
        }
        let link = |pair: Option<(usize, Uuid)>| {
            pair.and_then(|pair| position.get(&pair).map(|number| (pair.0, *number)))
        };
        Ok(Linked { links: Links::One(asked.into_iter().map(link).collect()), tables })
    }

    async fn to_many(
        &self,
        parent: &Entity,
        relation: &Relation,
        below: &RelationLoad,
        rows: &[QueryResult],
    ) -> Result<Linked, Error> {
        let (Some(load), Some(slot)) = (below.targets.first(), below.parent_slots.first()) else {
            return Ok(Linked::default());
        };
        let declaration = &relation.declaration;
        let target = self.scope.entity(load.entity);
        let listing = self.scope.listing(target, below, self.variables, Some(declaration))?;
        let keys = Keys::of(rows, *slot)?;
        self.within_limit(declaration.name, keys.unique.len(), &listing)?;
        let mut pages = vec![Page::default(); keys.unique.len()];
        let mut table = Table::default();
        if !keys.unique.is_empty() {
            let sides = Sides { parent, target, kind: &declaration.kind, listing: &listing };
            let totals = async {
                if !below.count {
                    return Ok(Vec::new());
                }
                self.rows(self.scope.counts(&sides, &keys.unique)?).await
            };
            let read = async {
                if !below.rows {
                    return Ok(Vec::new());
                }
                let sql = self.scope.pages(&sides, &load.columns, below.cursors, &keys.unique)?;
                self.rows(sql).await
            };
            let (totals, read) = futures::future::try_join(totals, read).await?;
            let ordinal = width(&load.columns) + if below.cursors { listing.steps.len() } else { 0 };
            let rows = split(read, ordinal, self.first_ordinal(), &listing, &mut pages)?;
            if below.count {
                for page in &mut pages {
                    page.total = Some(0);
                }
            }
            for row in &totals {
                if let Some(key) = keys.position(row, 0)? {
                    pages[key].total = row::value(row, 1)?;
                }
            }
            table = self.table(load, rows).await;
        }
        let of_row = keys.of_row.iter().map(|key| key.unwrap_or_default()).collect();
        let cursor = cursor_slots(below, load, listing.steps);
        Ok(Linked { tables: vec![table], links: Links::Many { of_row, pages, cursor } })
    }

    /// PostgreSQL counts from 1, SQLite from 0.
    fn first_ordinal(&self) -> i64 {
        match self.scope.dialect() {
            crate::database::Dialect::Postgres => 1,
            crate::database::Dialect::Sqlite => 0,
        }
    }

    /// Refuses a level that could fill the memory: so many parents, so many for each.
    fn within_limit(&self, name: &str, parents: usize, listing: &Listing) -> Result<(), Error> {
        let most = self.scope.limits.records;
        if parents.saturating_mul(size(listing)) <= most {
            return Ok(());
        }
        let size = listing.size;
        let message = message!(
            "level-too-large",
            "{parents} records with up to {size} {name} each are more than {most}; ask for less at once",
            parents,
            size,
            name,
            most,
        );
        Err(Refusal::new(code::LIMIT_EXCEEDED, message).into())
    }
}

fn size(listing: &Listing) -> usize {
    listing.size as usize
}

fn cursor_slots(below: &RelationLoad, load: &Load, steps: Vec<Step>) -> Option<CursorSlots> {
    below.cursors.then(|| CursorSlots { first: width(&load.columns), steps })
}

/// The page of rows that begin at `start`, of which `read` were read: one too many tells that there are more.
fn page(listing: &Listing, start: usize, read: usize) -> Page {
    let more = read > size(listing);
    Page {
        rows: start..start + read.min(size(listing)),
        backwards: listing.backwards,
        has_next: if listing.backwards { listing.before.is_some() } else { more },
        has_previous: if listing.backwards { more } else { listing.after.is_some() },
        total: None,
    }
}

/// Cuts rows that come parent by parent into pages and drops those that are one too many.
fn split(
    read: Vec<QueryResult>,
    ordinal: usize,
    first: i64,
    listing: &Listing,
    pages: &mut [Page],
) -> Result<Vec<QueryResult>, Error> {
    for empty in pages.iter_mut() {
        *empty = page(listing, 0, 0);
    }
    let number = |row: QueryResult| {
        let number = row::value::<i64>(&row, ordinal)?.unwrap_or_default() - first;
        Ok::<_, Error>((usize::try_from(number).map_err(Error::fault)?, row))
    };
    let mut read = read.into_iter().map(number).collect::<Result<Vec<_>, _>>()?;
    // They always were so far, but SQL does not promise it.
    if !read.is_sorted_by_key(|(number, _)| *number) {
        read.sort_by_key(|(number, _)| *number);
    }
    let mut rows = Vec::with_capacity(read.len());
    let (mut current, mut start, mut of_current) = (usize::MAX, 0, 0);
    for (number, row) in read {
        if number != current {
            (current, start, of_current) = (number, rows.len(), 0);
        }
        of_current += 1;
        if of_current <= size(listing) {
            rows.push(row);
        }
        let page_of = pages.get_mut(number).ok_or_else(|| Error::fault("a row of no parent"))?;
        *page_of = page(listing, start, of_current);
    }
    Ok(rows)
}

/// Ids in a slot of many rows, each once.
struct Keys {
    unique: Vec<Uuid>,
    positions: HashMap<Uuid, usize>,
    /// For each row the position of its id in `unique`.
    of_row: Vec<Option<usize>>,
}

impl Keys {
    fn of(rows: &[QueryResult], slot: usize) -> Result<Self, Error> {
        let mut keys = Self {
            unique: Vec::with_capacity(rows.len()),
            positions: HashMap::with_capacity(rows.len()),
            of_row: Vec::with_capacity(rows.len()),
        };
        for row in rows {
            let position = row::value::<Uuid>(row, slot)?.map(|id| {
                *keys.positions.entry(id).or_insert_with(|| {
                    keys.unique.push(id);
                    keys.unique.len() - 1
                })
            });
            keys.of_row.push(position);
        }
        Ok(keys)
    }

    /// The position of the id that stands in a slot of a row.
    fn position(&self, row: &QueryResult, slot: usize) -> Result<Option<usize>, Error> {
        Ok(row::value::<Uuid>(row, slot)?.and_then(|id| self.positions.get(&id).copied()))
    }
}
