//! The search across all kinds of records.

use std::sync::Arc;

use futures::future::try_join_all;
use shoal_graphql::context::Context;
use shoal_graphql::declare::{AnyRecord, ModuleRegistry, QueryDeclaration};
use shoal_graphql::error::{Error, FieldError, Refusal};
use shoal_graphql::message;
use shoal_graphql::search::{Hit, search};
use uuid::Uuid;

use crate::context::RequestContext;

/// Hits if the caller names no number.
const FIRST: i32 = 20;

/// Hits at the most.
const MOST: i32 = 50;

shoal_graphql::input! {
    /// What to search for.
    pub struct SearchArguments {
        /// Parts of names, e-mail addresses and phone numbers, whatever the case and the accents; Chinese names also by
        /// pinyin (zhangsan) and its initials (zs). A record is found if all words stand in it.
        pub query: String,
        /// Only records of these types, such as Contact; all that you may read if absent.
        pub types: Option<Vec<String>>,
        /// So many at most, up to 50; 20 if absent.
        pub first: Option<i32>,
    }
}

shoal_graphql::output! {
    /// A record that was found.
    pub struct SearchHit {
        /// The record's type, as `__typename` says it.
        pub record_type: String,
        /// The record's id, for `node` and the root field of the type.
        pub id: Uuid,
        /// The record itself; null if it has gone meanwhile. Fields are selected by its type: `... on Contact { displayName }`.
        pub record: AnyRecord,
        /// What it is called; null if you may not see that.
        pub title: Option<String>,
        /// The type and the field that it was found by first, such as EmailAddress.normalised.
        pub matched: String,
    }
}

pub(crate) fn declare(api: &mut ModuleRegistry<'_>) {
    let search = QueryDeclaration::new(
        "search",
        "Finds records of all types. What begins with a word stands before what only has it inside, whole words stand first; \
         names before e-mail addresses, those before phone numbers and other texts; then the order is that of the titles.",
        None,
        handle,
    );
    api.query(search.cost(50));
}

async fn handle(context: Arc<dyn Context>, arguments: SearchArguments) -> Result<Vec<SearchHit>, Error> {
    let context = RequestContext::of(&context)?;
    let first = arguments.first.unwrap_or(FIRST);
    if !(0..=MOST).contains(&first) {
        let message = message!("search-first", "between 0 and {most}", most = MOST);
        return Err(Refusal::field(["first"], "RANGE", message).into());
    }
    let words = super::tokens::words(&arguments.query)
        .map_err(|message| Refusal::field(["query"], "TOO_LONG", message))?;
    let catalog = context.kernel.modules.schemas().catalog(&context.caller.modules);
    let searchable = catalog.entities.iter().enumerate().filter(|(_, entity)| !entity.search.is_empty());
    let searchable: Vec<usize> = searchable.map(|(index, _)| index).collect();
    let wanted = match &arguments.types {
        None => searchable,
        Some(types) => {
            let known = |(position, name): (usize, &String)| {
                let found = searchable.iter().find(|index| catalog.entities[**index].name() == name);
                found.copied().ok_or_else(|| {
                    let message = message!(
                        "search-type",
                        "no records of the type {name} can be searched for",
                        name = name.as_str()
                    );
                    FieldError::new(["types".to_owned(), position.to_string()], "UNKNOWN_TYPE", message)
                })
            };
            let (known, unknown): (Vec<_>, Vec<_>) =
                types.iter().enumerate().map(known).partition(Result::is_ok);
            let errors: Vec<FieldError> = unknown.into_iter().filter_map(Result::err).collect();
            if !errors.is_empty() {
                return Err(Refusal::validation(errors).into());
            }
            let mut known: Vec<usize> = known.into_iter().flatten().collect();
            known.sort_unstable();
            known.dedup();
            known
        }
    };
    let (rules, first) = (crate::text_rules(), u32::try_from(first).unwrap_or_default());
    let found = try_join_all(wanted.iter().map(|index| async {
        let hits = search((&catalog, *index), &context, &rules, &words, first).await?;
        Ok::<_, Error>(hits.into_iter().map(|hit| (*index, hit)).collect::<Vec<_>>())
    }));
    let mut hits: Vec<(usize, Hit)> = found.await?.into_iter().flatten().collect();
    hits.sort_by(|(_, one), (_, other)| {
        let key = |hit: &Hit| (hit.place, hit.order.is_none());
        (key(one), &one.order, one.id).cmp(&(key(other), &other.order, other.id))
    });
    hits.truncate(first as usize);
    let hit = |(index, hit): (usize, Hit)| SearchHit {
        record_type: catalog.entities[index].name().to_owned(),
        id: hit.id,
        record: AnyRecord { table: catalog.entities[index].table().to_owned(), id: hit.id },
        title: hit.title,
        matched: hit.matched,
    };
    Ok(hits.into_iter().map(hit).collect())
}
