//! The rows, one line of JSON each.

use serde::Serialize;
use serde_json::json;

use super::Outcome;
use super::measure::{Turns, median};

/// A figure with its unit.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Figure {
    value: f64,
    unit: &'static str,
}

/// What a row is held to.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// The ratio is at least this.
    RatioAtLeast(f64),
    /// The ratio is at most this.
    RatioAtMost(f64),
    /// The figure itself, in its unit, is below this.
    Below(f64),
    /// The figure itself, in its unit, is at least this.
    AtLeast(f64),
}

impl Limit {
    fn is_met(self, ours: f64, ratio: Option<f64>) -> bool {
        match self {
            Self::RatioAtLeast(least) => ratio.is_some_and(|ratio| ratio >= least),
            Self::RatioAtMost(most) => ratio.is_some_and(|ratio| ratio <= most),
            Self::Below(bound) => ours < bound,
            Self::AtLeast(least) => ours >= least,
        }
    }
}

/// One line of the table.
#[derive(Debug, Serialize)]
pub struct Row {
    id: String,
    what: String,
    ours: Option<Figure>,
    beside: Option<String>,
    theirs: Option<Figure>,
    ratio: Option<f64>,
    /// The smallest and largest ratio of two turns next to each other.
    spread: Option<(f64, f64)>,
    limit: Option<Limit>,
    met: Option<bool>,
    note: Option<String>,
}

impl Row {
    /// Begins a row; `id` is what `docs/performance.md` explains it under.
    pub fn new(id: impl Into<String>, what: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            what: what.into(),
            ours: None,
            beside: None,
            theirs: None,
            ratio: None,
            spread: None,
            limit: None,
            met: None,
            note: None,
        }
    }

    /// Sets the store's figure.
    #[must_use]
    pub fn ours(mut self, value: f64, unit: &'static str) -> Self {
        self.ours = Some(Figure { value, unit });
        self
    }

    /// Sets what it stands beside; the ratio is ours by theirs.
    #[must_use]
    pub fn beside(mut self, what: impl Into<String>, value: f64, unit: &'static str) -> Self {
        self.beside = Some(what.into());
        self.theirs = Some(Figure { value, unit });
        self.ratio = self.ours.map(|ours| ours.value / value);
        self
    }

    /// Sets both sides from the medians of their turns.
    ///
    /// # Errors
    /// There was no turn.
    pub fn turns(self, turns: &Turns, unit: &'static str, beside: impl Into<String>) -> Outcome<Self> {
        let mut row = self.ours(median(&turns.ours)?, unit).beside(beside, median(&turns.beside)?, unit);
        row.spread = turns.spread();
        Ok(row)
    }

    /// Sets how far the ratios of single turns lie apart.
    #[must_use]
    pub fn spread(mut self, spread: Option<(f64, f64)>) -> Self {
        self.spread = spread;
        self
    }

    /// Sets the limit, and whether it is met.
    #[must_use]
    pub fn limit(mut self, limit: Limit) -> Self {
        self.limit = Some(limit);
        self.met = self.ours.map(|ours| limit.is_met(ours.value, self.ratio));
        self
    }

    /// Adds what a reader should know.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        let note = note.into();
        self.note = Some(match self.note {
            Some(before) => format!("{before}; {note}"),
            None => note,
        });
        self
    }
}

/// Writes a number of documents with commas between thousands.
pub fn thousands(number: u64) -> String {
    if number < 1_000 {
        return number.to_string();
    }
    format!("{},{:03}", thousands(number / 1_000), number % 1_000)
}

/// Prints what the rows were measured on.
#[allow(clippy::print_stdout, reason = "a measurement is printed")]
pub fn print_machine(machine: &serde_json::Value) {
    println!("{}", json!({ "machine": machine }));
}

/// Prints a row, as soon as it is measured.
#[allow(clippy::print_stdout, reason = "a measurement is printed")]
pub fn print_row(row: &Row) {
    println!("{}", json!({ "row": row }));
}
