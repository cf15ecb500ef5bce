//! Measurements in print.

use std::time::Duration;

use comfy_table::Table;
use serde_json::Value;

use super::measure::Measured;
use crate::output::{self, Out, Row, cell, millis, number};

impl Measured {
    /// Returns how many there were a second.
    #[allow(clippy::cast_precision_loss, reason = "a rate for people")]
    fn per_second(&self, number: u64) -> f64 {
        number as f64 / self.took.as_secs_f64().max(1e-9)
    }

    fn calls(&self) -> u64 {
        self.latencies.len() as u64
    }
}

impl Row for Measured {
    const NAMES: &'static [&'static str] = &[
        "operation",
        "calls",
        "documents",
        "seconds",
        "calls_per_second",
        "documents_per_second",
        "p50_ms",
        "p99_ms",
        "longest_ms",
    ];

    fn values(&self) -> Vec<Value> {
        vec![
            self.operation.into(),
            self.calls().into(),
            self.documents.into(),
            self.took.as_secs_f64().into(),
            self.per_second(self.calls()).into(),
            self.per_second(self.documents).into(),
            in_millis(self.percentile(50)).into(),
            in_millis(self.percentile(99)).into(),
            in_millis(self.percentile(100)).into(),
        ]
    }
}

/// Lays measurements out for people.
pub(super) fn table(out: &Out, all: &[Measured]) -> Table {
    let heads = ["OPERATION", "CALLS", "CALLS/S", "DOCUMENTS/S", "P50", "P99", "LONGEST"];
    let mut table = output::table(out, &heads);
    for one in all {
        table.add_row([
            cell(one.operation),
            number(one.calls()),
            number(format!("{:.0}", one.per_second(one.calls()))),
            number(format!("{:.0}", one.per_second(one.documents))),
            number(millis(in_millis(one.percentile(50)))),
            number(millis(in_millis(one.percentile(99)))),
            number(millis(in_millis(one.percentile(100)))),
        ]);
    }
    table
}

/// Whole nanoseconds are exact, and print as such: `2.727549`, not `2.7275490000000002`.
#[allow(clippy::cast_precision_loss, reason = "a call that takes a hundred days is not measured")]
fn in_millis(time: Duration) -> f64 {
    time.as_nanos() as f64 / 1e6
}
