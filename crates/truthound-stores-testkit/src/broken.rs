//! Stores with exactly one bug each, by which the suite itself is tested.
//!
//! Every [`Flaw`] names the case that must catch it. A bug that was once found in a real store, and that the suite missed,
//! comes here together with the case that catches it.

mod behaviour;
mod list;
mod store;

mod batch;
mod capabilities;
mod changes;
mod content;
mod keys;
mod lifecycle;
mod listing;
mod paging;
mod query;
mod read;
mod scan;
mod summary;
mod trouble;
mod upkeep;
mod write;

pub use list::{Flaw, flaws};
pub use store::{BrokenPlace, BrokenStore};
