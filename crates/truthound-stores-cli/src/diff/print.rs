//! A difference, for people and for programs.

use std::io;

use truthound_stores::json::{Json, Layout, Object, strict};

use super::{Change, Difference, ValidatorChange, ValueChange};
use crate::exit::Failure;
use crate::output::{Format, Out, pretty};
use crate::stderr::printable;

/// Prints what changed from one document to another; what is neither table nor json is JSON lines.
///
/// With `is_strict`, numbers that are not finite become null.
pub(crate) fn print(
    out: &mut Out,
    format: Format,
    is_strict: bool,
    documents: (&Json, &Json),
    difference: &Difference,
) -> Result<(), Failure> {
    let text = |json: &Json| -> Result<String, Failure> {
        let text = json.to_vec(Layout::Compact);
        let text = if is_strict { strict(&text)? } else { text };
        Ok(String::from_utf8_lossy(&text).into_owned())
    };
    match format {
        Format::Table => Text { out }.difference(documents, difference)?,
        Format::Json => out.line(pretty(&text(&whole(documents, difference))?))?,
        Format::Jsonl | Format::Csv | Format::Ids => {
            for change in changes(difference) {
                out.line(text(&change)?)?;
            }
        }
    }
    Ok(())
}

fn object<const N: usize>(members: [(&str, Json); N]) -> Object {
    members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// Makes one object of it all.
fn whole((before, after): (&Json, &Json), difference: &Difference) -> Json {
    let head = |document: &Json| {
        let names = ["run_id", "name", "run_time", "data_asset", "status"];
        let known = names.into_iter().filter_map(|name| Some((name.to_owned(), document.get(name)?.clone())));
        Json::Object(known.collect())
    };
    let values =
        |changes: &[ValueChange]| Json::Array(changes.iter().map(|change| value(change).into()).collect());
    let status =
        difference.status.as_ref().map(|(from, to)| object([("from", from.clone()), ("to", to.clone())]));
    object([
        ("from", head(before)),
        ("to", head(after)),
        ("status", status.into()),
        (
            "validators",
            Json::Array(difference.validators.iter().map(|change| validator(change).into()).collect()),
        ),
        ("statistics", values(&difference.statistics)),
        ("values", values(&difference.values)),
    ])
    .into()
}

/// Makes an object of each change.
fn changes(difference: &Difference) -> Vec<Json> {
    let kind = |kind: &str, rest: Object| {
        let mut all = object([("kind", kind.into())]);
        for (name, value) in rest {
            all.set(name, value);
        }
        Json::Object(all)
    };
    let status = difference.status.iter();
    let status =
        status.map(|(from, to)| kind("status", object([("from", from.clone()), ("to", to.clone())])));
    let validators = difference.validators.iter().map(|change| kind("validator", validator(change)));
    let statistics = difference.statistics.iter().map(|change| kind("statistic", value(change)));
    let values = difference.values.iter().map(|change| kind("value", value(change)));
    status.chain(validators).chain(statistics).chain(values).collect()
}

/// Leaves `from` or `to` out where there was or is nothing: null is a value of its own.
fn value(change: &ValueChange) -> Object {
    let mut members = object([("path", change.path.as_str().into())]);
    if let Some(from) = &change.from {
        members.set("from", from.clone());
    }
    if let Some(to) = &change.to {
        members.set("to", to.clone());
    }
    members
}

fn validator(change: &ValidatorChange) -> Object {
    let count = |entry: &Option<Json>| {
        entry.as_ref().and_then(|entry| entry.get("count")).cloned().unwrap_or_default()
    };
    object([
        ("change", change.change.as_str().into()),
        ("validator", change.name.as_str().into()),
        ("column", change.column.as_deref().map(str::to_owned).into()),
        ("count_from", count(&change.from)),
        ("count_to", count(&change.to)),
        ("fields", Json::Array(change.fields.iter().map(|change| value(change).into()).collect())),
    ])
}

/// Prints for people.
struct Text<'a> {
    out: &'a mut Out,
}

impl Text<'_> {
    fn difference(&mut self, (before, after): (&Json, &Json), difference: &Difference) -> io::Result<()> {
        let text = |document: &Json, name: &str| document.get(name).and_then(Json::as_str).map(printable);
        let id =
            |document: &Json| text(document, "run_id").or_else(|| text(document, "name")).unwrap_or_default();
        self.out.line(format!("{} → {}", id(before), id(after)))?;
        for name in ["data_asset", "run_time"] {
            if let (Some(from), Some(to)) = (text(before, name), text(after, name)) {
                let both = if from == to { from } else { format!("{from} → {to}") };
                self.out.line(format!("  {name:<11} {both}"))?;
            }
        }
        if let Some((from, to)) = &difference.status {
            let good = same_word(to, "success") || (same_word(from, "failure") && same_word(to, "warning"));
            let line = format!("{} → {}", short(from), short(to));
            let line = self.paint(if good { GREEN } else { RED }, &line);
            self.out.line(format!("  {:<11} {line}", "status"))?;
        }
        if difference.is_empty() {
            return self.out.line("\nNothing else differs.");
        }
        self.validators(&difference.validators)?;
        self.values("Statistics", &difference.statistics)?;
        self.values("Other values", &difference.values)
    }

    fn validators(&mut self, changes: &[ValidatorChange]) -> io::Result<()> {
        if changes.is_empty() {
            return Ok(());
        }
        self.out.line("\nValidators")?;
        let width = changes.iter().map(ValidatorChange::width).max().unwrap_or_default();
        for change in changes {
            let color = match change.change {
                Change::Broke => RED,
                Change::Fixed => GREEN,
                Change::Changed | Change::Added | Change::Removed => YELLOW,
            };
            let word = self.paint(color, &format!("{:<8}", change.change.as_str()));
            let column =
                change.column.as_ref().map(|column| format!("({})", printable(column))).unwrap_or_default();
            let name = format!("{}{column}", printable(&change.name));
            let line = format!("  {word} {name:<width$}  {}", findings(change));
            self.out.line(line.trim_end())?;
        }
        Ok(())
    }

    fn values(&mut self, head: &str, changes: &[ValueChange]) -> io::Result<()> {
        if changes.is_empty() {
            return Ok(());
        }
        self.out.line(format!("\n{head}"))?;
        for ValueChange { path, from, to } in changes {
            let path = printable(path);
            self.out.line(match (from, to) {
                (Some(from), Some(to)) => {
                    format!("  {path}: {} → {}{}", short(from), short(to), delta(from, to))
                }
                (None, Some(to)) => format!("  {path}: new, {}", short(to)),
                (Some(from), None) => format!("  {path}: gone, was {}", short(from)),
                (None, None) => continue,
            })?;
        }
        Ok(())
    }

    fn paint(&self, color: &str, text: &str) -> String {
        if self.out.is_colored() { format!("{color}{text}\u{1b}[0m") } else { text.to_owned() }
    }
}

const RED: &str = "\u{1b}[31m";
const GREEN: &str = "\u{1b}[32m";
const YELLOW: &str = "\u{1b}[33m";

fn same_word(value: &Json, word: &str) -> bool {
    value.as_str() == Some(word)
}

impl ValidatorChange {
    /// Counts the characters of name and column, as they are printed.
    fn width(&self) -> usize {
        let column = self.column.as_ref().map_or(0, |column| printable(column).chars().count() + 2);
        printable(&self.name).chars().count() + column
    }
}

/// Says what a validator found: the count if it changed or is new, else which fields changed.
fn findings(change: &ValidatorChange) -> String {
    let field = |entry: &Option<Json>, name: &str| entry.as_ref().and_then(|entry| entry.get(name)).cloned();
    let message =
        field(&change.to, "message").and_then(|message| message.as_str().map(printable)).unwrap_or_default();
    let (from, to) = (field(&change.from, "count"), field(&change.to, "count"));
    match (change.change, from, to) {
        (Change::Broke, _, Some(count)) => format!("count {}  {message}", short(&count)),
        (Change::Fixed, Some(count), _) => format!("count was {}", short(&count)),
        (Change::Removed, Some(count), _) if count.as_i64() != Some(0) => {
            format!("count was {}", short(&count))
        }
        (Change::Changed, Some(from), Some(to)) if !super::same(&from, &to) => {
            format!("count {} → {}{}", short(&from), short(&to), delta(&from, &to))
        }
        (Change::Changed, _, _) => {
            let paths: Vec<String> = change.fields.iter().map(|field| printable(&field.path)).collect();
            paths.join(", ")
        }
        _ => String::new(),
    }
}

/// Shows a value on one line, its beginning if it is long; a string without quotes if that is clear.
fn short(value: &Json) -> String {
    const LONGEST: usize = 60;
    let text = match value {
        Json::String(text) if !text.is_empty() && text.trim().len() == text.len() => printable(text),
        other => printable(&other.to_string()),
    };
    if text.chars().count() <= LONGEST {
        return text;
    }
    let start: String = text.chars().take(LONGEST - 1).collect();
    format!("{start}…")
}

/// Shows by how much a whole number grew.
fn delta(from: &Json, to: &Json) -> String {
    match (from.as_i64(), to.as_i64()) {
        (Some(from), Some(to)) => {
            to.checked_sub(from).map(|delta| format!(" ({delta:+})")).unwrap_or_default()
        }
        _ => String::new(),
    }
}
