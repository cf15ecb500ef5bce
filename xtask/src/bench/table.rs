//! The rows that a measurement prints, and the table that is made of them.

use serde_json::Value;

/// What a run printed.
#[derive(Debug, Default)]
pub(super) struct Table {
    machine: Value,
    rustc: String,
    rows: Vec<Value>,
}

/// The heads of the columns.
const HEADS: [&str; 6] = ["what", "store", "beside", "ratio", "limit", ""];

impl Table {
    /// Takes a line of the program's output; lines that are no rows are passed over.
    pub(super) fn read(&mut self, line: &str) {
        let Ok(Value::Object(mut value)) = serde_json::from_str(line) else { return };
        if let Some(machine) = value.remove("machine") {
            self.machine = machine;
        }
        self.rows.extend(value.remove("row"));
    }

    /// Says which compiler was used.
    pub(super) fn measured_with(&mut self, rustc: &str) {
        rustc.clone_into(&mut self.rustc);
    }

    /// Names the rows whose limits are not met.
    pub(super) fn unmet(&self) -> Vec<String> {
        let unmet = self.rows.iter().filter(|row| row.get("met") == Some(&Value::Bool(false)));
        unmet.map(|row| text(row, "id").to_owned()).collect()
    }

    /// Writes the table, what it was measured on, and the notes, as Markdown that can be read as it is, too.
    pub(super) fn markdown(&self) -> String {
        let mut lines = vec![self.measured_on(), String::new()];
        let heads = HEADS.map(str::to_owned);
        let cells: Vec<[String; 6]> = std::iter::once(heads).chain(self.rows.iter().map(cells)).collect();
        let mut widths = [0; 6];
        for row in &cells {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = cell.chars().count().max(*width);
            }
        }
        for (at, row) in cells.iter().enumerate() {
            let padded = row.iter().zip(widths).map(|(cell, width)| format!(" {cell:<width$} "));
            lines.push(format!("|{}|", padded.collect::<Vec<_>>().join("|")));
            if at == 0 {
                lines.push(format!("|{}|", widths.map(|width| "-".repeat(width + 2)).join("|")));
            }
        }
        lines.push(String::new());
        for row in &self.rows {
            if let Some(note) = row.get("note").and_then(Value::as_str) {
                lines.push(format!("- `{}`: {note}.", text(row, "id")));
            }
        }
        lines.join("\n").trim_end().to_owned()
    }

    fn measured_on(&self) -> String {
        let machine = &self.machine;
        let mut parts = vec![format!("a {} run", text(machine, "run"))];
        if text(machine, "run") == "quick" {
            parts.push("smaller and shorter than the limits are meant for".to_owned());
        }
        let cores = machine.get("cores").and_then(Value::as_u64).unwrap_or(0);
        let processor = machine.get("processor").and_then(Value::as_str);
        parts.push(match processor {
            Some(processor) => format!("{cores} cores of {processor}"),
            None => format!("{cores} cores"),
        });
        if let Some(memory) = machine.get("memory").and_then(Value::as_u64) {
            parts.push(format!("{memory} GB of memory"));
        }
        parts.push(text(machine, "kernel").to_owned());
        if let Some(file_system) = machine.get("file_system").and_then(Value::as_str) {
            parts.push(file_system.to_owned());
        }
        parts.push(self.rustc.clone());
        if let Some(load) = machine.get("load").and_then(Value::as_f64) {
            parts.push(format!("load {} at the start", number(load)));
        }
        format!("Measured on {}: {}.", text(machine, "date"), parts.join(", "))
    }
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or("unknown")
}

fn cells(row: &Value) -> [String; 6] {
    let what = format!("`{}`: {}", text(row, "id"), text(row, "what"));
    let theirs = match (figure(row.get("theirs")), row.get("beside").and_then(Value::as_str)) {
        (Some(figure), Some(beside)) => format!("{figure}: {beside}"),
        _ => String::new(),
    };
    let verdict = match row.get("met").and_then(Value::as_bool) {
        Some(true) => "met",
        Some(false) => "**not met**",
        None => "",
    };
    let ours = figure(row.get("ours")).unwrap_or_else(|| "not measured".to_owned());
    [what, ours, theirs, ratio(row), limit(row), verdict.to_owned()]
}

fn figure(figure: Option<&Value>) -> Option<String> {
    let figure = figure?;
    Some(format!("{} {}", number(figure.get("value")?.as_f64()?), figure.get("unit")?.as_str()?))
}

/// Writes a ratio with the smallest and the largest of single turns.
fn ratio(row: &Value) -> String {
    let Some(ratio) = row.get("ratio").and_then(Value::as_f64) else { return String::new() };
    let spread: Vec<f64> =
        row.get("spread").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_f64).collect();
    match spread.as_slice() {
        &[low, high] => format!("{} ({} to {})", number(ratio), number(low), number(high)),
        _ => number(ratio),
    }
}

fn limit(row: &Value) -> String {
    let limit = row.get("limit").and_then(Value::as_object).and_then(|limit| limit.iter().next());
    let Some((kind, value)) = limit else { return String::new() };
    let value = number(value.as_f64().unwrap_or(f64::NAN));
    match kind.as_str() {
        "ratio_at_least" => format!("ratio at least {value}"),
        "ratio_at_most" => format!("ratio at most {value}"),
        kind => {
            let unit = row.get("ours").and_then(|ours| ours.get("unit")).and_then(Value::as_str);
            let how = if kind == "at_least" { "at least" } else { "below" };
            format!("{how} {value} {}", unit.unwrap_or_default()).trim_end().to_owned()
        }
    }
}

/// Writes a number with three digits that matter, and commas between thousands.
fn number(value: f64) -> String {
    let digits = match value.abs() {
        size if size >= 100.0 => 0,
        size if size >= 10.0 => 1,
        size if size >= 0.1 => 2,
        _ => 4,
    };
    let plain = format!("{value:.digits$}");
    let (whole, rest) = plain.split_once('.').unwrap_or((&plain, ""));
    let count = whole.chars().count();
    let mut text = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (count - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    let rest = rest.trim_end_matches('0');
    if rest.is_empty() { text } else { format!("{text}.{rest}") }
}

#[cfg(test)]
mod tests;
