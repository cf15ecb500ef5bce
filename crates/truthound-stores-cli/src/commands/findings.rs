//! Printing what upkeep found, and what that means for the exit code.

use serde_json::Value;
use truthound_stores::{Finding, Level, Report};

use crate::context::Context;
use crate::exit::{Code, Failure};
use crate::output::{Format, Row, cell, lines_cell, print_objects, status_cell, table};
use crate::stderr;

impl Row for Finding {
    const NAMES: &'static [&'static str] = &["level", "subject", "key", "message", "remedy", "repaired"];

    fn values(&self) -> Vec<Value> {
        vec![
            word(self.level).into(),
            self.subject.into(),
            self.key.as_ref().map(ToString::to_string).into(),
            self.message.as_str().into(),
            self.remedy.as_deref().into(),
            self.repaired.into(),
        ]
    }
}

/// Prints findings: a table for people, an object each for programs.
pub(super) fn print(context: &mut Context, format: Format, findings: &[Finding]) -> Result<(), Failure> {
    let heads = ["LEVEL", "SUBJECT", "DOCUMENT", "FINDING"];
    let row = |out: &_, finding: &Finding| {
        let level = if finding.repaired { "repaired" } else { word(finding.level) };
        let key = finding.key.as_ref().map(ToString::to_string).unwrap_or_default();
        let remedy = finding.remedy.as_ref().map(|remedy| format!("→ {remedy}"));
        let lines = std::iter::once(finding.message.as_str()).chain(remedy.as_deref());
        [status_cell(out, level), cell(finding.subject), cell(&key), lines_cell(lines)]
    };
    print_objects(&mut context.out, format, findings, |out| {
        let mut lines = table(out, &heads);
        lines.add_rows(findings.iter().map(|finding| row(out, finding)));
        lines
    })?;
    Ok(())
}

/// Prints a report, with a line of totals on stderr that begins with what was `done`: `verified`.
pub(super) fn report(
    context: &mut Context,
    format: Format,
    done: &str,
    report: &Report,
) -> Result<Code, Failure> {
    print(context, format, &report.findings)?;
    // The totals come last also where both streams are one terminal.
    context.out.flush()?;
    stderr::note(&totals(done, report));
    Ok(if report.is_damaged() { Code::Integrity } else { Code::Done })
}

/// Sums a report up in a line.
fn totals(done: &str, report: &Report) -> String {
    let count =
        |level| report.findings.iter().filter(|finding| finding.level == level && !finding.repaired).count();
    let repaired = report.findings.iter().filter(|finding| finding.repaired).count();
    let mut parts = vec![format!("{done} {}", counted(report.documents, "document"))];
    parts.push(match count(Level::Damage) {
        0 => "no damage".to_owned(),
        1 => "1 case of damage".to_owned(),
        damages => format!("{damages} cases of damage"),
    });
    for (number, one) in [(count(Level::Warning), "warning"), (count(Level::Note), "note")] {
        if number > 0 {
            parts.push(counted(number as u64, one));
        }
    }
    if repaired > 0 {
        parts.push(format!("{repaired} repaired"));
    }
    parts.join(", ")
}

fn counted(number: u64, one: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {one}s") }
}

fn word(level: Level) -> &'static str {
    match level {
        Level::Good => "good",
        Level::Note => "note",
        Level::Warning => "warning",
        Level::Damage => "damage",
    }
}

#[cfg(test)]
mod tests;
