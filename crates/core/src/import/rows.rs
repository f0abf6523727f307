//! What a chunk of rows does: find the records that they name, save, and say what became of each.

use std::collections::{BTreeMap, HashMap, HashSet};

use sea_orm::{ColumnTrait as _, QueryFilter as _};
use serde_json::{Map, Value as Json};
use shoal_graphql::error::{Error, Refusal};
use shoal_graphql::message;
use shoal_graphql::value::{Choice as _, Input};
use uuid::Uuid;

use super::brought::Brought;
use super::entity::{ImportMode, ImportOutcome, row};
use super::field::ID;
use super::kind::{Finds, Found, ImportKind, Make, SavedRow};
use super::mapping::{ImportMissing, LookedUp, Lookup, Plan, Said, put};
use super::words;
use crate::unit_of_work::UnitOfWork;
use crate::value::fold;

/// A row that could be read from the file.
#[derive(Debug)]
pub struct ReadRow {
    /// From 1.
    pub number: i64,
    /// The line of the file.
    pub line: i64,
    /// What it says, or why it could not be read.
    pub said: Result<Said, Json>,
}

/// How rows are brought in.
pub struct Bringing<'i> {
    /// What they are.
    pub kind: &'i ImportKind,
    /// Which column is what.
    pub plan: &'i Plan,
    /// What they do.
    pub mode: ImportMode,
    /// The key by which they name records.
    pub match_by: Option<&'i str>,
    /// The import whose rows they are.
    pub rows_of: Uuid,
    /// Whether nothing is to stay.
    pub is_trial: bool,
}

/// A row on its way.
struct Way {
    number: i64,
    line: i64,
    said: Said,
    key: Option<String>,
    existing: Option<Found>,
    refusal: Option<Refusal>,
}

/// Rows that know which records they are about.
pub struct Named {
    /// Those that could not be read.
    brought: Vec<Brought>,
    ways: Vec<Way>,
    /// Whether records that rows refer to were made.
    pub has_made: bool,
}

impl Bringing<'_> {
    /// Finds the records that rows refer to, or makes them, and those that rows name themselves.
    ///
    /// # Errors
    /// Faults of the database.
    pub async fn find(&self, unit: &mut UnitOfWork, rows: Vec<ReadRow>) -> Result<Named, Error> {
        let mut brought = Vec::with_capacity(rows.len());
        let mut ways = Vec::with_capacity(rows.len());
        for ReadRow { number, line, said } in rows {
            match said {
                Err(errors) => {
                    let refused = ImportOutcome::Refused;
                    brought.push(Brought { errors: Some(errors), ..Brought::new(number, line, refused) });
                }
                Ok(mut said) => {
                    let mistakes = std::mem::take(&mut said.mistakes);
                    let refusal = (!mistakes.is_empty()).then(|| Refusal::validation(mistakes));
                    ways.push(Way { number, line, said, key: None, existing: None, refusal });
                }
            }
        }
        let has_made = self.refer(unit, &mut ways).await?;
        self.name(unit, &mut ways).await?;
        Ok(Named { brought, ways, has_made })
    }

    /// Brings rows in. What is staged is flushed.
    ///
    /// # Errors
    /// Faults of the database.
    pub async fn bring(&self, unit: &mut UnitOfWork, named: Named) -> Result<Vec<Brought>, Error> {
        let Named { mut brought, ways, .. } = named;
        brought.extend(self.save(unit, ways).await?);
        brought.sort_unstable_by_key(|row| row.number);
        Ok(brought)
    }

    /// Looks up the records that rows refer to. Whether some were made.
    async fn refer(&self, unit: &mut UnitOfWork, ways: &mut [Way]) -> Result<bool, Error> {
        let mut has_made = false;
        for LookedUp { path, by, missing } in &self.plan.lookups {
            let Some(reference) = self.kind.reference(path) else { continue };
            let Some((key, parameter)) = ImportKind::key(&reference.keys, by) else { continue };
            let named = |way: &Way| way.said.references.iter().find(|named| named.path == *path).cloned();
            let texts: HashSet<String> = ways.iter().filter_map(named).map(|named| named.text).collect();
            if texts.is_empty() {
                continue;
            }
            let mut finds = (key.find)(unit, parameter, texts.iter().cloned().collect()).await?;
            if let (ImportMissing::Create, Some(make)) = (missing, reference.make) {
                let wanted: Vec<String> =
                    texts.into_iter().filter(|text| !finds.contains_key(text)).collect();
                if !wanted.is_empty() {
                    has_made = true;
                    self.make(unit, make, wanted, &mut finds, (&mut *ways, path)).await?;
                }
            }
            for way in ways.iter_mut() {
                let Some(Lookup { text, .. }) = named(way) else { continue };
                let path: Vec<String> = path.split('.').map(str::to_owned).collect();
                let visible: Vec<&Found> =
                    finds.get(&text).into_iter().flatten().filter(|found| found.visible).collect();
                match visible.as_slice() {
                    [found] => put(&mut way.said.details, &path, Input::Id(found.id)),
                    [] if *missing == ImportMissing::Skip || way.refusal.is_some() => {}
                    [] => {
                        let message =
                            message!("import-reference-missing", "there is no record called {text}", text);
                        way.refuse(Refusal::not_found(message, path));
                    }
                    _ => {
                        let message =
                            message!("import-reference-ambiguous", "several records are called {text}", text);
                        way.refuse(Refusal::field(path, "AMBIGUOUS", message));
                    }
                }
            }
        }
        Ok(has_made)
    }

    /// Makes the records that rows refer to and that are not there, once for each name.
    async fn make(
        &self,
        unit: &mut UnitOfWork,
        make: Make,
        wanted: Vec<String>,
        finds: &mut Finds,
        (ways, path): (&mut [Way], &str),
    ) -> Result<(), Error> {
        // Two spellings of one name are one record.
        let mut texts: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for text in wanted {
            texts.entry(fold(&text)).or_default().push(text);
        }
        let names = texts.values().filter_map(|same| same.iter().min().cloned()).collect();
        let answers = make(unit, names).await?;
        unit.flush().await?;
        for (same, answer) in texts.into_values().zip(answers) {
            match answer {
                Ok(done) => {
                    let found = Found { id: done.id, version: 1, visible: true };
                    finds.extend(same.into_iter().map(|text| (text, vec![found])));
                }
                Err(refusal) => {
                    let names = |way: &Way| {
                        way.said
                            .references
                            .iter()
                            .any(|named| named.path == path && same.contains(&named.text))
                    };
                    for way in ways.iter_mut().filter(|way| names(way)) {
                        way.refuse(Refusal::field([path], refusal.code, refusal.message.clone()));
                    }
                }
            }
        }
        Ok(())
    }

    /// Finds the records that rows name themselves. A record belongs to one row of the file.
    async fn name(&self, unit: &UnitOfWork, ways: &mut [Way]) -> Result<(), Error> {
        let Some(by) = self.match_by.filter(|_| self.mode != ImportMode::Create) else { return Ok(()) };
        let finds = if by == ID {
            let ids = ways.iter().filter_map(|way| way.said.id);
            (self.kind.by_ids)(unit, ids.collect())
                .await?
                .into_iter()
                .map(|found| (found.id.to_string(), vec![found]))
                .collect()
        } else {
            let Some((key, parameter)) = ImportKind::key(&self.kind.keys, by) else { return Ok(()) };
            for way in ways.iter_mut() {
                way.key = (key.of_row)(&way.said.details, parameter);
            }
            let texts: HashSet<String> = ways.iter().filter_map(|way| way.key.clone()).collect();
            (key.find)(unit, parameter, texts.into_iter().collect()).await?
        };
        let mut first: HashMap<String, i64> = self.earlier(unit, ways, &finds).await?;
        for way in ways.iter_mut() {
            if by == ID {
                way.key = way.said.id.map(|id| id.to_string());
            }
            let Some(key) = way.key.clone() else {
                let message = message!(
                    "import-no-key-value",
                    "the row does not say its {by}, by which it names a record",
                    by
                );
                way.refuse(Refusal::field([by], "REQUIRED", message));
                continue;
            };
            let found = finds.get(&key).map(Vec::as_slice).unwrap_or_default();
            // Two texts may be the same to the key, such as addresses in other letters.
            let name = found.first().map_or_else(|| fold(&key), |found| found.id.to_string());
            if let Some(row) = first.get(&name).copied().filter(|row| *row != way.number) {
                let message = message!("import-row-twice", "row {row} is about the same record", row);
                way.refuse(Refusal::field([by], "DUPLICATE_ROW", message));
                continue;
            }
            if way.refusal.is_none() {
                first.insert(name, way.number);
            }
            match self.choose(by, found) {
                Ok(existing) => way.existing = existing,
                Err(refusal) => way.refuse(refusal),
            }
        }
        Ok(())
    }

    /// The record that a row changes, of those that it names; `None` if it makes one.
    fn choose(&self, by: &str, found: &[Found]) -> Result<Option<Found>, Refusal> {
        match found {
            [one] if one.visible => Ok(Some(*one)),
            [] if self.mode == ImportMode::Upsert && by != ID => Ok(None),
            [] => Err(Refusal::not_found(words::RECORD_MISSING, [by])),
            [_] => {
                let message = message!(
                    "import-record-hidden",
                    "this record is there, but not for you: ask whoever looks after it"
                );
                Err(Refusal::field([by], "FORBIDDEN", message))
            }
            _ => {
                let message = message!("import-record-ambiguous", "several records have this");
                Err(Refusal::field([by], "AMBIGUOUS", message))
            }
        }
    }

    /// The rows before these that are about the same records, by the record's id or the key.
    async fn earlier(
        &self,
        unit: &UnitOfWork,
        ways: &[Way],
        finds: &Finds,
    ) -> Result<HashMap<String, i64>, Error> {
        let keys = ways.iter().filter_map(|way| way.key.as_deref()).map(fold);
        let ids: HashSet<Uuid> = finds.values().flatten().map(|found| found.id).collect();
        let own =
            |unit: &UnitOfWork| unit.find::<row::Entity>().filter(row::Column::ImportId.eq(self.rows_of));
        let mut first = HashMap::new();
        let by_record =
            own(unit).filter(unit.any_of(row::Column::RecordId, ids)).all(unit.transaction()).await?;
        first.extend(by_record.into_iter().filter_map(|row| Some((row.record_id?.to_string(), row.row))));
        let by_key = own(unit).filter(unit.any_of(row::Column::Key, keys.collect::<HashSet<_>>()));
        let by_key = by_key
            .filter(row::Column::Outcome.ne(ImportOutcome::Refused.code()))
            .all(unit.transaction())
            .await?;
        first.extend(by_key.into_iter().filter_map(|row| Some((row.key?, row.row))));
        Ok(first)
    }

    async fn save(&self, unit: &mut UnitOfWork, ways: Vec<Way>) -> Result<Vec<Brought>, Error> {
        let existing: Vec<Uuid> = ways.iter().filter_map(|way| Some(way.existing?.id)).collect();
        let mut images = if self.is_trial || existing.is_empty() {
            HashMap::new()
        } else {
            (self.kind.images)(unit, existing).await?
        };
        let rows = ways.iter().filter(|way| way.refusal.is_none()).map(|way| SavedRow {
            existing: way.existing.map(|found| (found.id, found.version)),
            details: way.said.details.clone(),
        });
        let rows: Vec<_> = rows.collect();
        let mut saved = (self.kind.save)(unit, rows).await?.into_iter();
        unit.flush().await?;
        let mut brought = Vec::with_capacity(ways.len());
        for way in ways {
            let Way { number, line, key, existing, refusal, .. } = way;
            let key = key.map(|key| fold(&key));
            let saved = match refusal {
                Some(refusal) => Err(refusal),
                None => saved.next().ok_or_else(|| Error::fault("an import has answered too few rows"))?,
            };
            brought.push(match saved {
                Ok(done) => {
                    let before = existing
                        .and_then(|found| images.remove(&found.id))
                        .map(|image| self.mapped_part(image));
                    let outcome =
                        if existing.is_some() { ImportOutcome::Updated } else { ImportOutcome::Created };
                    let version = existing.map_or(0, |found| found.version);
                    Brought {
                        record: Some((done.id, version)),
                        key,
                        before,
                        ..Brought::new(number, line, outcome)
                    }
                }
                Err(refusal) => Brought {
                    errors: Some(words::told(unit.context(), self.plan, &refusal)),
                    ..Brought::new(number, line, ImportOutcome::Refused)
                },
            });
        }
        self.versions(unit, &mut brought).await?;
        Ok(brought)
    }

    /// Looks which records have really changed, and how often they have by now.
    async fn versions(&self, unit: &UnitOfWork, brought: &mut [Brought]) -> Result<(), Error> {
        if self.is_trial {
            for row in brought.iter_mut().filter(|row| row.record.is_some()) {
                (row.outcome, row.record) = (ImportOutcome::Checked, None);
            }
            return Ok(());
        }
        let ids = brought.iter().filter_map(|row| Some(row.record?.0)).collect();
        let found = (self.kind.by_ids)(unit, ids).await?;
        let versions: HashMap<Uuid, i32> = found.into_iter().map(|found| (found.id, found.version)).collect();
        for row in brought.iter_mut() {
            let Some((id, before)) = row.record else { continue };
            let now = versions.get(&id).copied().unwrap_or(before);
            if row.outcome == ImportOutcome::Updated && now == before {
                (row.outcome, row.before) = (ImportOutcome::Unchanged, None);
            }
            row.record = Some((id, now));
        }
        Ok(())
    }

    /// What an image says of the fields that the import says something of.
    fn mapped_part(&self, image: Json) -> Json {
        let mapped = self.plan.top_fields();
        match image {
            Json::Object(fields) => fields
                .into_iter()
                .filter(|(name, _)| mapped.contains(name.as_str()))
                .collect::<Map<_, _>>()
                .into(),
            other => other,
        }
    }
}

impl Way {
    fn refuse(&mut self, refusal: Refusal) {
        // What is wrong in the row itself comes first.
        match &mut self.refusal {
            Some(known) => known.fields.extend(refusal.fields),
            None => self.refusal = Some(refusal),
        }
    }
}
