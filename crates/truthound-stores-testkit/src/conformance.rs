//! The suite that every store passes: backends, wrappers and stacks of wrappers.
//!
//! [`for_each_case!`](crate::for_each_case) holds the only list of cases; [`conformance_tests!`](crate::conformance_tests)
//! turns all of them into tests of one store. The suite cannot be run in part by its users, and a capability that a store
//! does not claim is not skipped: the store must then refuse with `Unsupported`.

use std::pin::Pin;
use std::time::Duration;

mod check;
mod list;
mod place;
mod places;
mod run;
mod sample;

mod attributes;
mod batch;
mod bodies;
mod capabilities;
mod changes;
mod comforts;
mod damage;
mod delete;
mod display;
mod isolation;
mod keys;
mod lifecycle;
mod order;
mod outage;
mod paging;
mod query;
mod races;
mod read;
mod scan;
mod summaries;
mod upkeep;
mod write;

pub use place::Place;
pub use places::{OpenedPlace, WrappedPlace};
pub use run::{Case, Outcome, case_names, cases, run_all, run_case, test_case};

/// What a case's function returns.
type Running<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// How long a case may take before it counts as stuck.
const PATIENCE: Duration = Duration::from_mins(2);
