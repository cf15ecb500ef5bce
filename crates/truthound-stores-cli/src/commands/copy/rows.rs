//! The rows of `copy`.

use serde_json::Value;
use truthound_stores::{Collection, CopyReport};

use crate::context::Context;
use crate::exit::Failure;
use crate::output::{Format, Row, cell, number, print_objects, size, table};

/// What became of a collection.
pub(super) struct Copied {
    pub(super) collection: Collection,
    pub(super) dry_run: bool,
    pub(super) report: CopyReport,
}

impl Row for Copied {
    const NAMES: &'static [&'static str] = &[
        "collection",
        "dry_run",
        "documents",
        "copied",
        "overwritten",
        "equal",
        "kept",
        "gone",
        "conflicts",
        "unreadable",
        "refused",
        "bytes",
        "compared",
        "verified",
        "differing",
    ];

    fn values(&self) -> Vec<Value> {
        let report = &self.report;
        let compared = report.compared;
        vec![
            self.collection.as_str().into(),
            self.dry_run.into(),
            report.documents.into(),
            report.copied.into(),
            report.overwritten.into(),
            report.equal.into(),
            report.kept.into(),
            report.gone.into(),
            report.conflicts.into(),
            report.unreadable.into(),
            report.refused.into(),
            report.bytes.into(),
            compared.map(|found| found.documents).into(),
            compared.map(|found| found.equal).into(),
            compared.map(|found| found.unexplained).into(),
        ]
    }
}

/// A column of numbers, and whether it is left out where all are 0.
type Column = (&'static str, bool, fn(&CopyReport) -> u64);

const COLUMNS: [Column; 9] = [
    ("DOCUMENTS", false, |report| report.documents),
    ("COPIED", false, |report| report.copied),
    ("OVERWRITTEN", true, |report| report.overwritten),
    ("EQUAL", false, |report| report.equal),
    ("KEPT", true, |report| report.kept),
    ("GONE", true, |report| report.gone),
    ("CONFLICTS", true, |report| report.conflicts),
    ("UNREADABLE", true, |report| report.unreadable),
    ("REFUSED", true, |report| report.refused),
];

/// Prints a row for each collection.
pub(super) fn print(context: &mut Context, format: Format, all: &[Copied]) -> Result<(), Failure> {
    print_objects(&mut context.out, format, all, |out| {
        let shown: Vec<&Column> = COLUMNS
            .iter()
            .filter(|(_, optional, value)| !optional || all.iter().any(|row| value(&row.report) > 0))
            .collect();
        let mut heads = vec!["COLLECTION"];
        heads.extend(shown.iter().map(|(head, _, _)| *head));
        heads.extend(["SIZE", "COMPARISON"]);
        let mut lines = table(out, &heads);
        for row in all {
            let mut cells = vec![cell(row.collection.as_str())];
            cells.extend(shown.iter().map(|(_, _, value)| number(value(&row.report).to_string())));
            cells.push(number(size(row.report.bytes)));
            cells.push(cell(&comparison(row)));
            lines.add_row(cells);
        }
        lines
    })?;
    Ok(())
}

/// Says for people how the comparison ended.
fn comparison(row: &Copied) -> String {
    match row.report.compared {
        _ if row.dry_run => "nothing was written".to_owned(),
        None => "none".to_owned(),
        Some(found) if found.equal == found.documents => "all equal".to_owned(),
        Some(found) => format!("{} of {} equal", found.equal, found.documents),
    }
}
