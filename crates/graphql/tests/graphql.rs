//! Everything the crate promises, on SQLite and PostgreSQL, over an invented library.

#[cfg(test)]
mod common;

#[cfg(test)]
mod aggregates;
#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod coercion;
#[cfg(test)]
mod composing;
#[cfg(test)]
mod cost;
#[cfg(test)]
mod execution;
#[cfg(test)]
mod filters;
#[cfg(test)]
mod modules;
#[cfg(test)]
mod oracle;
#[cfg(test)]
mod paging;
#[cfg(test)]
mod pets;
#[cfg(test)]
mod rights;
#[cfg(test)]
mod statements;
#[cfg(test)]
mod subscriptions;
#[cfg(test)]
mod told_with;
#[cfg(test)]
mod values;
#[cfg(test)]
mod visibility;
