//! Rows that are no documents: sums, findings, measurements.

use std::io;

use comfy_table::Table;
use serde_json::Value;

use super::{Format, Out, csv, rows, table};

/// A row for programs. Names and order are an interface.
pub(crate) trait Row {
    /// The names of the values.
    const NAMES: &'static [&'static str];

    /// Returns the values, one for each name.
    fn values(&self) -> Vec<Value>;
}

/// A JSON object on one line, whose names stay in order.
#[derive(Debug, Default)]
pub(crate) struct Object {
    text: String,
}

impl Object {
    /// Adds a member.
    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.text.push(if self.text.is_empty() { '{' } else { ',' });
        self.text.push_str(&Value::from(name).to_string());
        self.text.push(':');
        self.text.push_str(&value.into().to_string());
        self
    }

    /// Returns the text.
    pub(crate) fn finish(mut self) -> String {
        if self.text.is_empty() {
            self.text.push('{');
        }
        self.text.push('}');
        self.text
    }
}

/// Prints rows; `people` makes the table for people, and nothing is printed there if there is no row.
///
/// As CSV, an absent value is nothing and text stands as it is.
pub(crate) fn print<R: Row>(
    out: &mut Out,
    format: Format,
    all: &[R],
    people: impl FnOnce(&Out) -> Table,
) -> io::Result<()> {
    match format {
        Format::Table if all.is_empty() => Ok(()),
        Format::Table => {
            let lines = people(out);
            table::print(out, &lines)
        }
        Format::Json if all.is_empty() => out.line("[]"),
        Format::Json => {
            let objects: Vec<String> = all.iter().map(object).collect();
            out.data(format!("[\n{}\n]", objects.join(",\n")))
        }
        // A row has no id.
        Format::Jsonl | Format::Ids => all.iter().try_for_each(|row| out.data(object(row))),
        Format::Csv => {
            out.text(csv::line(R::NAMES))?;
            for row in all {
                let line = csv::line(row.values().into_iter().map(field));
                let line = rows::as_data(out, line.into_bytes());
                out.text(line)?;
            }
            Ok(())
        }
    }
}

fn object<R: Row>(row: &R) -> String {
    let members = R::NAMES.iter().zip(row.values());
    members.fold(Object::default(), |object, (name, value)| object.with(name, value)).finish()
}

fn field(value: Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text,
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests;
