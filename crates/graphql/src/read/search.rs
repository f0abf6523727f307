//! Search terms: which records are found by a word, and the best of them.
//!
//! The table of terms is kept by whoever gives the [`TextRules`]. It has the columns `tenant_id`, `rank`, `token`, `record_id`
//! and `field` in this order in its key. A token is folded text from some place of a value on, so that a range of the key has
//! all records in which a word stands. `rank` is behind [`search_ranks`] of the table: below, ranks are without that, [`Searchable::place`] of a token
//! from the beginning of a word on, and [`Searchable::KINDS`] more of one from the middle of a word on.

use sea_orm::QueryResult;
use uuid::Uuid;

use super::Scope;
use super::condition::Deleted;
use crate::catalog::{Catalog, Entity, EntityIndex, SearchField, search_ranks};
use crate::context::Context;
use crate::database::{Dialect, Sql, StatementCount};
use crate::declare::Searchable;
use crate::engine::TextRules;
use crate::error::Error;
use crate::plan::limits::Limits;
use crate::value::Kind;

/// A word of a search, folded as tokens are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// What names, e-mail addresses and other texts are searched for.
    pub text: String,
    /// Another way to write it, which finds as much.
    pub also: Option<String>,
    /// Whether it is looked for in the middle of words, too.
    pub inside: bool,
    /// What phone numbers are searched for, if anything.
    pub digits: Option<String>,
}

/// A record that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// The record.
    pub id: Uuid,
    /// Its first searchable column, if the caller may see that.
    pub title: Option<String>,
    /// Where it stands among all hits: first by the place, then by the order.
    pub place: i64,
    /// The key that orders titles.
    pub order: Option<String>,
    /// The type and the field by which it was found.
    pub matched: String,
}

/// Tokens that are looked at, the best places first: what is found more often is not ranked any further.
const CANDIDATES: u32 = 200;

/// The same of several words: each that is looked at is looked for by the others, and most of them may not be found.
const CANDIDATES_OF_SEVERAL: u32 = 100;

/// Words that stand in more tokens are not told from each other.
const OFTEN: u32 = 2_000;

/// Behind the word and what follows it as a word of its own: the character after the space.
const AFTER_WORD: char = '!';

/// Behind every token that begins with a word.
const LAST_CHARACTER: char = '\u{10FFFF}';

/// Codes of fields are below this number.
const CODES: i64 = 1 << 31;

/// How a word stands in a text, the best first: what one of them finds stands before all that the next ones find.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Whole,
    Beginning,
    Inside,
}

impl Standing {
    /// How words stand in tokens of a rank.
    fn of(rank: i32) -> &'static [Self] {
        if rank < Searchable::KINDS { &[Self::Whole, Self::Beginning] } else { &[Self::Inside] }
    }

    /// Where hits of a rank stand among all.
    fn place(self, rank: i32) -> i32 {
        if self == Self::Whole { rank } else { rank + Searchable::KINDS }
    }

    /// The tokens in which a word stands so: from the one text on to before the other.
    fn bounds(self, word: &str) -> [String; 2] {
        let behind_word = format!("{word}{AFTER_WORD}");
        let [from, to] = anywhere(word);
        match self {
            Self::Whole => [from, behind_word],
            Self::Beginning => [behind_word, to],
            Self::Inside => [from, to],
        }
    }
}

/// The tokens that begin with a word: from the one text on to before the other.
fn anywhere(word: &str) -> [String; 2] {
    [word.to_owned(), format!("{word}{LAST_CHARACTER}")]
}

/// How many tokens are looked at if the records must be found by other words, too.
fn most(others: &[&Word]) -> u32 {
    if others.is_empty() { CANDIDATES } else { CANDIDATES_OF_SEVERAL }
}

/// Tokens of some ranks in which a word stands.
struct Range<'w> {
    ranks: Vec<i32>,
    word: &'w str,
}

/// The ranges of tokens by which records with these fields are found.
fn ranges<'w>(word: &'w Word, fields: &[&SearchField]) -> Vec<Range<'w>> {
    let phone = Searchable::Phone.place();
    let ranks = |phones: bool, inside: bool| {
        let has = |place: &i32| fields.iter().any(|field| field.kind.place() == *place);
        let places = (0..Searchable::KINDS).filter(|place| (*place == phone) == phones).filter(has);
        let places: Vec<i32> = places.collect();
        let inner = places.iter().filter(|_| inside).map(|place| place + Searchable::KINDS);
        places.iter().copied().chain(inner).collect::<Vec<i32>>()
    };
    let texts = std::iter::once(&word.text).chain(&word.also);
    let mut ranges: Vec<_> =
        texts.map(|text| Range { ranks: ranks(false, word.inside), word: text.as_str() }).collect();
    if let Some(digits) = &word.digits {
        ranges.push(Range { ranks: ranks(true, true), word: digits });
    }
    ranges.retain(|range| !range.ranks.is_empty());
    ranges
}

/// Writes that a term finds records of an entity, is of some places and between two tokens.
fn is_in(
    sql: &mut Sql,
    alias: &str,
    (entity, fields): (&Entity, &[&SearchField]),
    ranks: &[i32],
    [from, to]: [String; 2],
) {
    let first = search_ranks(entity.table());
    let of_entity = |rank: &i32| first + rank;
    match ranks {
        [rank] => drop(sql.push(&format!("{alias}.rank = {}", of_entity(rank)))),
        ranks => drop(sql.push(&format!("{alias}.rank IN ({})", numbers(ranks.iter().map(of_entity))))),
    }
    sql.push(" AND ").ordered_column(alias, "token", Kind::Text).push(" >= ").bind(from);
    sql.push(" AND ").ordered_column(alias, "token", Kind::Text).push(" < ").bind(to);
    let of_ranks = |field: &&&SearchField| {
        ranks.contains(&field.kind.place()) || ranks.contains(&(field.kind.place() + Searchable::KINDS))
    };
    let codes = numbers(fields.iter().filter(of_ranks).map(|field| field.code));
    // An expression is only compared: as a part of the index's condition, PostgreSQL would read the range once for each field.
    sql.push(&format!(" AND {alias}.field + 0 IN ({codes})"));
}

fn numbers(numbers: impl Iterator<Item = i32>) -> String {
    numbers.map(|number| number.to_string()).collect::<Vec<_>>().join(", ")
}

impl Scope<'_> {
    /// What the caller may find records of an entity by.
    fn search_fields<'e>(&self, entity: &'e Entity) -> Vec<&'e SearchField> {
        let rights = self.context.rights();
        let may = |field: &&SearchField| field.rights.iter().all(|right| rights.holds(right));
        entity.search.iter().filter(may).collect()
    }

    /// Writes `FROM … WHERE …` for the terms `k` of some ranks between two tokens.
    fn in_range(&self, sql: &mut Sql, found: (&Entity, &[&SearchField]), ranks: &[i32], bounds: [String; 2]) {
        sql.push(" FROM ").name(self.text.terms).push(" AS k WHERE ");
        self.partition(sql, "tenant_id", "k");
        sql.push(" AND ");
        is_in(sql, "k", found, ranks, bounds);
    }

    /// Writes that the record of the term `k` is found by a word, too: by what the index has of the record, as the range of
    /// the word may be long.
    fn is_found_by(&self, sql: &mut Sql, (entity, fields): (&Entity, &[&SearchField]), word: &Word) {
        let sqlite = self.dialect() == Dialect::Sqlite;
        sql.push(" AND EXISTS (SELECT 1 FROM ").name(self.text.terms).push(" AS o WHERE ");
        self.partition(sql, "tenant_id", "o");
        sql.push(" AND o.record_id = k.record_id AND (");
        let ranges = ranges(word, fields);
        if ranges.is_empty() {
            sql.push("1 = 0");
        }
        for (position, Range { ranks, word }) in ranges.iter().enumerate() {
            sql.push(if position > 0 { " OR (" } else { "(" });
            // SQLite does not look for an expression in an index.
            is_in(sql, if sqlite { "+o" } else { "o" }, (entity, fields), ranks, anywhere(word));
            sql.push(")");
        }
        // PostgreSQL joins nothing with what has an offset.
        sql.push(if sqlite { "))" } else { ") OFFSET 0)" });
    }

    /// Writes a statement: the ids of the records that are found by a word, each as often as it is.
    pub(super) fn found_by(&self, sql: &mut Sql, entity: &Entity, word: &Word) {
        let fields = self.search_fields(entity);
        let ranges = ranges(word, &fields);
        if ranges.is_empty() {
            sql.push("SELECT NULL WHERE 1 = 0");
        }
        for (position, Range { ranks, word }) in ranges.iter().enumerate() {
            sql.push(if position > 0 { " UNION ALL " } else { "" }).push("SELECT k.record_id");
            self.in_range(sql, (entity, &fields), ranks, anywhere(word));
        }
    }

    /// The statement that says of each word how often it stands in terms, up to [`OFTEN`].
    fn frequencies(&self, entity: &Entity, words: &[Word]) -> Sql {
        let mut sql = Sql::new(self.dialect());
        for (position, word) in words.iter().enumerate() {
            sql.push(if position > 0 { ", " } else { "SELECT " });
            sql.push("(SELECT count(*) FROM (SELECT * FROM (");
            self.found_by(&mut sql, entity, word);
            sql.push(&format!(") AS f LIMIT {OFTEN}) AS l)"));
        }
        sql
    }

    /// The statement that reads the best records that are found by `word` and by the others.
    fn best(&self, entity: &Entity, word: &Word, others: &[&Word], first: u32) -> Option<Sql> {
        let fields = self.search_fields(entity);
        let mut sql = Sql::new(self.dialect());
        let title = self.title(entity);
        sql.push("SELECT t.id, ");
        for column in [title.map(|(title, _)| title), title.map(|(_, order)| order)] {
            match column {
                Some(column) => drop(sql.column("t", column).push(", ")),
                None => drop(sql.push("NULL, ")),
            }
        }
        sql.push("c.place FROM (SELECT u.record_id, min(u.place) AS place FROM (SELECT * FROM (");
        let ranges = ranges(word, &fields);
        let ranks = ranges.iter().flat_map(|range| range.ranks.iter().map(|rank| (*rank, range.word)));
        let of_rank = |(rank, word)| Standing::of(rank).iter().map(move |standing| (*standing, rank, word));
        let mut places: Vec<(Standing, i32, &str)> = ranks.flat_map(of_rank).collect();
        if places.is_empty() {
            return None;
        }
        places.sort_by_key(|(standing, rank, _)| standing.place(*rank));
        for (position, place) in places.into_iter().enumerate() {
            sql.push(if position > 0 { " UNION ALL " } else { "" });
            self.candidates(&mut sql, (entity, &fields), place, others);
        }
        // Both databases read one behind the other, and no further than they need.
        sql.push(&format!(") AS r LIMIT {}) AS u GROUP BY u.record_id) AS c JOIN ", most(others)));
        sql.name(entity.table()).push(" AS t ON t.id = c.record_id WHERE ");
        self.visible(&mut sql, entity, "t", Deleted::Exclude);
        sql.push(&format!(" ORDER BY c.place / {CODES}, "));
        if let Some((_, order)) = title {
            sql.ordered_column("t", order, Kind::Text).push(", ");
        }
        sql.push(&format!("t.id LIMIT {first}"));
        Some(sql)
    }

    /// Writes a statement: records with terms of a rank in which a word stands so, each with its place.
    fn candidates(
        &self,
        sql: &mut Sql,
        (entity, fields): (&Entity, &[&SearchField]),
        (standing, rank, word): (Standing, i32, &str),
        others: &[&Word],
    ) {
        let place = i64::from(standing.place(rank)) * CODES;
        sql.push(&format!("SELECT * FROM (SELECT k.record_id, {place} + k.field AS place"));
        self.in_range(sql, (entity, fields), &[rank], standing.bounds(word));
        for other in others {
            self.is_found_by(sql, (entity, fields), other);
        }
        sql.push(" AND EXISTS (SELECT 1 FROM ")
            .name(entity.table())
            .push(" AS t WHERE t.id = k.record_id AND ");
        self.visible(sql, entity, "t", Deleted::Exclude);
        sql.push(")");
        sql.push(" ORDER BY ").ordered_column("k", "token", Kind::Text);
        sql.push(&format!(" LIMIT {}) AS r", most(others)));
    }

    /// The column that a record is called by and the one that orders it, if the caller may see it.
    fn title<'e>(&self, entity: &'e Entity) -> Option<(&'e str, &'e str)> {
        let columns = &entity.declaration.columns;
        let named = |kind| matches!(kind, Some(Searchable::Person | Searchable::Name));
        let title = columns.iter().find(|column| named(column.searchable));
        let title = title.or_else(|| columns.iter().find(|column| column.searchable.is_some()))?;
        let may = self.context.rights().allows(title.right);
        may.then(|| (title.column.as_str(), title.sort_column.as_ref().unwrap_or(&title.column).as_str()))
    }
}

/// The best of those records of an entity that the caller may see and that are found by all words, at most `first`.
///
/// One statement; one more if there are several words, which says which of them is the rarest: where that stands,
/// the others are looked for.
///
/// # Errors
/// Faults of the database.
pub async fn search(
    (catalog, entity): (&Catalog, EntityIndex),
    context: &dyn Context,
    text: &TextRules,
    words: &[Word],
    first: u32,
) -> Result<Vec<Hit>, Error> {
    let limits = Limits::default();
    let scope = Scope { catalog, context, limits: &limits, text };
    let entity = scope.entity(entity);
    let count = StatementCount::default();
    if words.is_empty() || first == 0 || !scope.may_read(entity) || scope.search_fields(entity).is_empty() {
        return Ok(Vec::new());
    }
    let mut rarest = 0;
    if words.len() > 1 {
        let rows = context.reader().rows(scope.frequencies(entity, words), &count).await?;
        let counts = rows.first().map(|row| (0..words.len()).map(|word| row.try_get_by_index::<i64>(word)));
        let counts: Vec<i64> = counts.into_iter().flatten().collect::<Result<_, _>>()?;
        rarest = counts.iter().enumerate().min_by_key(|(_, count)| **count).map_or(0, |(word, _)| word);
    }
    let others = words.iter().enumerate().filter(|(position, _)| *position != rarest);
    let others: Vec<&Word> = others.map(|(_, word)| word).collect();
    let Some(sql) = scope.best(entity, &words[rarest], &others, first) else { return Ok(Vec::new()) };
    let rows = context.reader().rows(sql, &count).await?;
    rows.iter().map(|row| hit(entity, row)).collect()
}

fn hit(entity: &Entity, row: &QueryResult) -> Result<Hit, Error> {
    let place: i64 = row.try_get_by_index(3)?;
    let field = entity.search.iter().find(|field| i64::from(field.code) == place % CODES);
    Ok(Hit {
        id: row.try_get_by_index(0)?,
        title: row.try_get_by_index(1)?,
        order: row.try_get_by_index(2)?,
        place: place / CODES,
        matched: field.map(|field| field.name.clone()).unwrap_or_default(),
    })
}
