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

/// Returns how many columns the terminal has; 80 if stdout is none.
pub(crate) fn width(out: &Out) -> usize {
    let known = if out.is_terminal() { Table::new().width() } else { None };
    known.map_or(80, usize::from)
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

/// Makes a cell of lines that may hold anything.
pub(crate) fn lines_cell<'a>(lines: impl IntoIterator<Item = &'a str>) -> Cell {
    Cell::new(lines.into_iter().map(printable).collect::<Vec<_>>().join("\n"))
}

/// Makes a cell of a status or a level, in its colour if colours are welcome.
pub(crate) fn status_cell(out: &Out, status: &str) -> Cell {
    let cell = cell(status);
    match status_color(status).filter(|_| out.is_colored()) {
        Some(color) => cell.fg(color),
        None => cell,
    }
}

/// Picks the colour that a status or a level is shown in.
fn status_color(status: &str) -> Option<Color> {
    match status {
        "success" | "good" => Some(Color::Green),
        "failure" | "error" | "damage" => Some(Color::Red),
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

/// Prints how long something took, in the unit that suits it.
pub(crate) fn millis(millis: f64) -> String {
    match millis {
        ..0.9995 => format!("{:.0} µs", millis * 1000.0),
        ..9.995 => format!("{millis:.2} ms"),
        ..99.95 => format!("{millis:.1} ms"),
        ..999.5 => format!("{millis:.0} ms"),
        ..59_950.0 => format!("{:.1} s", millis / 1000.0),
        _ => format!("{:.1} min", millis / 60_000.0),
    }
}

/// Prints a size in the unit that suits it.
#[allow(clippy::cast_precision_loss, reason = "a figure for people")]
pub(crate) fn size(bytes: u64) -> String {
    let bytes = bytes as f64;
    match bytes {
        ..1024.0 => format!("{bytes:.0} B"),
        ..1_048_525.0 => format!("{:.1} KiB", bytes / 1024.0),
        ..1_073_689_395.0 => format!("{:.1} MiB", bytes / 1_048_576.0),
        _ => format!("{:.1} GiB", bytes / 1_073_741_824.0),
    }
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
