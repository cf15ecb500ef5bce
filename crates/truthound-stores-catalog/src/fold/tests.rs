//! Tests of folding and clean-up.

mod flaws;
mod measure;
mod plans;
mod steps;
mod storm;
pub(crate) mod world;
