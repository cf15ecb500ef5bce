//! The rows of `copy`.

use serde_json::Value;
use truthound_stores::{Collection, CopyReport, ImportReport};

use crate::context::Context;
use crate::exit::Failure;
use crate::output::{Format, Row, cell, number, print_objects, size, table};

/// What became of a collection.
pub(super) struct Copied {
    pub(super) collection: Collection,
    pub(super) dry_run: bool,
    pub(super) report: CopyReport,
    /// What became of its histories, if they were to be copied.
    pub(super) imported: Option<ImportReport>,
}

impl Copied {
    /// Looks up a number of the histories.
    fn of_histories(&self, number: fn(&ImportReport) -> u64) -> Option<u64> {
        self.imported.as_ref().map(number)
    }

    /// Adds what was met in histories to what was met in documents.
    fn met(&self, documents: u64, histories: fn(&ImportReport) -> u64) -> u64 {
        documents + self.of_histories(histories).unwrap_or_default()
    }

    fn conflicts(&self) -> u64 {
        self.met(self.report.conflicts, |histories| histories.conflicts)
    }

    fn kept(&self) -> u64 {
        self.met(self.report.kept, |histories| histories.kept)
    }

    fn unreadable(&self) -> u64 {
        self.met(self.report.unreadable, |histories| histories.unreadable)
    }

    fn refused(&self) -> u64 {
        self.met(self.report.refused, |histories| histories.refused)
    }
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
        "histories",
        "versions",
        "branches",
        "labels",
        "damaged_versions",
        "missing_versions",
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
            self.kept().into(),
            report.gone.into(),
            self.conflicts().into(),
            self.unreadable().into(),
            self.refused().into(),
            report.bytes.into(),
            compared.map(|found| found.documents).into(),
            compared.map(|found| found.equal).into(),
            compared.map(|found| found.unexplained).into(),
            self.of_histories(|histories| histories.items).into(),
            self.of_histories(|histories| histories.versions).into(),
            self.of_histories(|histories| histories.branches).into(),
            self.of_histories(|histories| histories.labels).into(),
            self.of_histories(|histories| histories.damaged).into(),
            self.of_histories(|histories| histories.missing).into(),
        ]
    }
}

/// A column of numbers, and whether it is left out where all are 0.
type Column = (&'static str, bool, fn(&Copied) -> u64);

const COLUMNS: [Column; 15] = [
    ("DOCUMENTS", false, |row| row.report.documents),
    ("COPIED", false, |row| row.report.copied),
    ("OVERWRITTEN", true, |row| row.report.overwritten),
    ("EQUAL", false, |row| row.report.equal),
    ("KEPT", true, Copied::kept),
    ("GONE", true, |row| row.report.gone),
    ("CONFLICTS", true, Copied::conflicts),
    ("UNREADABLE", true, Copied::unreadable),
    ("REFUSED", true, Copied::refused),
    ("HISTORIES", true, |row| row.of_histories(|histories| histories.items).unwrap_or_default()),
    ("VERSIONS", true, |row| row.of_histories(|histories| histories.versions).unwrap_or_default()),
    ("BRANCHES", true, |row| row.of_histories(|histories| histories.branches).unwrap_or_default()),
    ("LABELS", true, |row| row.of_histories(|histories| histories.labels).unwrap_or_default()),
    ("DAMAGED", true, |row| row.of_histories(|histories| histories.damaged).unwrap_or_default()),
    ("MISSING", true, |row| row.of_histories(|histories| histories.missing).unwrap_or_default()),
];

/// Prints a row for each collection.
pub(super) fn print(context: &mut Context, format: Format, all: &[Copied]) -> Result<(), Failure> {
    print_objects(&mut context.out, format, all, |out| {
        let shown: Vec<&Column> = COLUMNS
            .iter()
            .filter(|(_, optional, value)| !optional || all.iter().any(|row| value(row) > 0))
            .collect();
        let mut heads = vec!["COLLECTION"];
        heads.extend(shown.iter().map(|(head, _, _)| *head));
        heads.extend(["SIZE", "COMPARISON"]);
        let mut lines = table(out, &heads);
        for row in all {
            let mut cells = vec![cell(row.collection.as_str())];
            cells.extend(shown.iter().map(|(_, _, value)| number(value(row).to_string())));
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
