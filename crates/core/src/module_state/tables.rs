//! The tables of a module, as the database knows them.

use std::collections::BTreeMap;

use shoal_graphql::database::{Dialect, Sql, StatementCount};
use shoal_graphql::error::Error;

use crate::context::RequestContext;

/// A table of a module.
pub(super) struct OwnTable {
    /// Its name.
    pub name: String,
    /// The columns of its primary key.
    pub key: Vec<String>,
    /// Columns that refer to rows of the same table.
    pub own_references: Vec<String>,
}

/// The module's tables, each in front of those that it refers to.
pub(super) async fn of(context: &RequestContext, module: &str) -> Result<Vec<OwnTable>, Error> {
    let prefix = format!("{module}_");
    let names = texts(context, |sql| match sql.dialect() {
        Dialect::Sqlite => drop(sql.push("SELECT name, '' FROM sqlite_master WHERE type = 'table' ORDER BY name")),
        Dialect::Postgres => drop(sql.push("SELECT tablename::text, '' FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename")),
    })
    .await?;
    let own = |name: &String| name.starts_with(&prefix) && *name != format!("{module}_migration");
    let mut waiting: BTreeMap<String, (OwnTable, Vec<String>)> = BTreeMap::new();
    for (name, _) in names.into_iter().filter(|(name, _)| own(name)) {
        let key = key(context, &name).await?;
        let references = references(context, &name).await?;
        let own_references = references.iter().filter(|(table, _)| *table == name);
        let own_references = own_references.map(|(_, column)| column.clone()).collect();
        let others = references.into_iter().map(|(table, _)| table).filter(|table| *table != name).collect();
        waiting.insert(name.clone(), (OwnTable { name, key, own_references }, others));
    }
    let mut ordered = Vec::with_capacity(waiting.len());
    while !waiting.is_empty() {
        let referred = |name: &String| waiting.values().any(|(_, others)| others.contains(name));
        let Some(free) = waiting.keys().find(|name| !referred(name)).cloned() else {
            return Err(Error::fault(format!("the tables of {module} refer to each other in a circle")));
        };
        ordered.extend(waiting.remove(&free).map(|(table, _)| table));
    }
    Ok(ordered)
}

async fn texts(
    context: &RequestContext,
    write: impl FnOnce(&mut Sql),
) -> Result<Vec<(String, String)>, Error> {
    let reader = context.database().reader();
    let mut sql = Sql::new(reader.dialect());
    write(&mut sql);
    let rows = reader.rows(sql, &StatementCount::default()).await?;
    rows.iter().map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?))).collect()
}

async fn key(context: &RequestContext, table: &str) -> Result<Vec<String>, Error> {
    let columns = texts(context, |sql| match sql.dialect() {
        Dialect::Sqlite => {
            sql.push("SELECT name, '' FROM pragma_table_info(")
                .bind(table)
                .push(") WHERE pk > 0 ORDER BY pk");
        }
        Dialect::Postgres => {
            sql.push("SELECT a.attname::text, '' FROM pg_index AS i");
            sql.push(" CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k(number, position)");
            sql.push(" JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = k.number");
            sql.push(" WHERE i.indisprimary AND i.indrelid = to_regclass(")
                .bind(table)
                .push(") ORDER BY k.position");
        }
    });
    Ok(columns.await?.into_iter().map(|(column, _)| column).collect())
}

/// `(table, column)`: where the table refers to, by which column beside the tenant's.
async fn references(context: &RequestContext, table: &str) -> Result<Vec<(String, String)>, Error> {
    let all = texts(context, |sql| match sql.dialect() {
        Dialect::Sqlite => {
            sql.push("SELECT \"table\", \"from\" FROM pragma_foreign_key_list(").bind(table).push(")");
        }
        Dialect::Postgres => {
            sql.push("SELECT r.relname::text, a.attname::text FROM pg_constraint AS c");
            sql.push(
                " JOIN pg_class AS r ON r.oid = c.confrelid CROSS JOIN LATERAL unnest(c.conkey) AS k(number)",
            );
            sql.push(" JOIN pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = k.number");
            sql.push(" WHERE c.contype = 'f' AND c.conrelid = to_regclass(").bind(table).push(")");
        }
    });
    Ok(all.await?.into_iter().filter(|(_, column)| column != "tenant_id").collect())
}
