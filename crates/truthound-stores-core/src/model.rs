//! The documents of Truthound, typed: validation results and expectation suites.
//!
//! Reading is lenient, as real documents need: Truthound checks no types. A value that is not quite of its
//! field's type is read as what it most likely means, and its original is remembered, so that writing the
//! document back changes nothing but what was changed through the type. Fields that the types do not know
//! are kept in `extra` and written after the known ones, which always stand in Truthound's order. Fields
//! that are absent are written with their defaults.

mod builder;
mod field;
mod members;
mod misfit;
mod part;
mod result;
mod severity;
mod statistics;
mod suite;
mod tags;
mod time_text;
mod validator;

pub use builder::ValidationResultBuilder;
pub use result::ValidationResult;
pub use severity::Severity;
pub use statistics::ResultStatistics;
pub use suite::{Expectation, ExpectationSuite};
pub use tags::Tags;
pub use time_text::TimeText;
pub use validator::ValidatorResult;
