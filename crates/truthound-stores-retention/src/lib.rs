#![doc = include_str!("docs.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod action;
mod ahead;
mod applied;
mod assets;
mod calendar;
mod config;
mod days;
mod decide;
mod lately;
mod layer;
mod lease;
mod plan;
mod policy;
mod reason;
mod relocate;
mod retention;
#[cfg(test)]
mod sample;
mod saying;
mod schedule;
mod stamp;
mod store;
mod tag;
mod targets;

pub use action::RetentionAction;
pub use applied::{Applied, Restored};
pub use config::RetentionConfig;
pub use layer::RetentionLayer;
pub use plan::{Amount, PlanSink, PlanTotals, Removal, RetentionPlan};
pub use policy::{
    CompositePolicy, CountBasedPolicy, KeepPolicy, Policy, PolicyMode, PredicatePolicy, SizeBasedPolicy,
    StatusBasedPolicy, TagBasedPolicy, TimeBasedPolicy,
};
pub use reason::{Because, Protection, Reason};
pub use retention::{Deleted, RestoreFrom, Retention, Tick};
pub use schedule::RetentionSchedule;
pub use store::RetentionStore;
pub use tag::TagMatch;
pub use targets::RetentionTargets;
