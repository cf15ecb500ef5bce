//! Tables for people.

use std::io;

use comfy_table::{Attribute, Cell, CellAlignment, Color, ContentArrangement, Table, presets};
use truthound_stores::{RecordMeta, Timestamp};

use super::Out;
use crate::stderr::printable;

/// Makes a table with column heads.
pub(crate) fn table(out: &Out, heads: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(heads.iter().map(|head| {
        let cell = Cell::new(head);
        if out.is_colored() { cell.add_attribute(Attribute::Bold) } else { cell }
    }));
    // Wrapped cells could be neither copied nor searched for: the terminal wraps what does not fit.
    table.set_content_arrangement(ContentArrangement::Disabled);
    if let Some(first) = table.column_mut(0) {
        first.set_padding((0, 1));
    }
    table
}

/// Prints a table.
pub(crate) fn print(out: &mut Out, table: &Table) -> io::Result<()> {
    for line in table.lines() {
        out.line(line.trim_end())?;
    }
    Ok(())
}

/// Makes a cell of text that may hold anything.
pub(crate) fn cell(text: &str) -> Cell {
    Cell::new(printable(text))
}

/// Makes a cell of a number.
pub(crate) fn number(value: impl ToString) -> Cell {
    Cell::new(value).set_alignment(CellAlignment::Right)
}

/// Makes a cell of a status, in its colour if colours are welcome.
pub(crate) fn status_cell(out: &Out, status: &str) -> Cell {
    let cell = cell(status);
    match status_color(status).filter(|_| out.is_colored()) {
        Some(color) => cell.fg(color),
        None => cell,
    }
}

/// Picks the colour that a status is shown in.
fn status_color(status: &str) -> Option<Color> {
    match status {
        "success" => Some(Color::Green),
        "failure" | "error" => Some(Color::Red),
        "warning" => Some(Color::Yellow),
        _ => None,
    }
}

/// Prints a share as a percentage, rounded towards the failures: 100% means all.
pub(crate) fn percent(rate: f64) -> String {
    // The small addend undoes that 0.57 * 1000 is a little less than 570.
    let tenths = (rate * 1000.0 + 1e-6).floor() / 10.0;
    if tenths.fract() == 0.0 { format!("{tenths:.0}%") } else { format!("{tenths:.1}%") }
}

pub(super) const HEADS: [&str; 6] = ["ID", "ASSET", "RUN TIME", "STATUS", "ISSUES", "PASSED"];

/// Makes the row of a listing.
pub(super) fn row(out: &Out, meta: &RecordMeta) -> [Cell; HEADS.len()] {
    let facts = &meta.attributes;
    [
        cell(meta.key.id()),
        cell(&facts.data_asset),
        Cell::new(to_the_second(facts.run_time)),
        status_cell(out, facts.status.as_str()),
        number(facts.statistics.total_issues),
        number(percent(facts.statistics.pass_rate())),
    ]
}

/// Prints a time without its fraction, for which a table has no room.
fn to_the_second(time: Timestamp) -> Timestamp {
    time.plus_micros(-time.as_micros().rem_euclid(1_000_000))
}

#[cfg(test)]
mod tests;
