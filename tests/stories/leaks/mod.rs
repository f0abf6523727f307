//! Nothing leaks: whatever can be asked by the schema is asked by those who must not learn of a record, before the record is
//! there and after. The answers are the same, to the byte.
//!
//! Nothing here names a field of the API but `seed`, which makes records: what is asked comes from introspection, so that
//! a new entity, relation, filter or mutation is looked at by itself. Each story also says that there was something to
//! learn: whoever may see everything is answered otherwise than before.

mod ask;
mod listen;
mod mutations;
mod nobody;
mod other_company;
mod questions;
mod schema;
mod scopes;
pub mod seed;
mod stored;
mod without;

use nobody::without_rights_everything_is_refused;
use other_company::another_company_learns_nothing;
use scopes::scopes_hold_everywhere;
use without::what_a_right_is_for_is_refused_without_it;

crate::support::both_databases!(
    @ (flavor = "multi_thread", worker_threads = 2), super::seed::start,
    another_company_learns_nothing,
    without_rights_everything_is_refused,
    scopes_hold_everywhere,
    what_a_right_is_for_is_refused_without_it
);
