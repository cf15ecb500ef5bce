//! What measurements are made of: turns that alternate, medians, and rows of a table that `cargo xtask bench` reads.
//!
//! A program that measures prints one line of JSON for what it was measured on, and one for each row, as soon as it is measured.

mod documents;
mod machine;
mod measure;
mod program;
mod report;

pub use documents::{
    ASSET, LATEST, end_of_times, fill, is_complete, latest_of_asset, save_numbers, scattered_time,
    small_result,
};
pub use machine::{describe_machine, peak_memory};
pub use measure::{Turns, Watch, median, micros, millis, per_second, scattered};
pub use program::{Ask, Groups, Program, say};
pub use report::{Figure, Limit, Row, print_machine, print_row, thousands};

/// Why something could not be measured.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;
/// What was measured, or why it could not be.
pub type Outcome<T = ()> = Result<T, Failure>;
