//! Execution after section 6 of the specification.

mod aggregates;
mod batching;
mod faults;
mod introspection;
mod mutations;
mod propagation;
mod relations;
mod selection;
mod variables;
