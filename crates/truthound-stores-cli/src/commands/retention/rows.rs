//! Rows and sentences about what goes, what went and what came back.

use comfy_table::Table;
use serde_json::Value;
use truthound_stores::{Amount, Applied, PlanTotals, Removal};

use crate::output::{Object, Out, Row, cell, lines_cell, number, size, table};

impl Row for Removal {
    const NAMES: &'static [&'static str] = &["id", "action", "reasons", "size"];

    fn values(&self) -> Vec<Value> {
        let reasons = self.reasons.iter().map(|reason| Value::from(reason.to_string()));
        vec![
            self.key.id().into(),
            self.action.as_str().into(),
            Value::Array(reasons.collect()),
            self.size.into(),
        ]
    }
}

/// The object of a record that is not kept, on one line.
pub(super) fn object(removal: &Removal) -> String {
    let members = Removal::NAMES.iter().zip(removal.values());
    members.fold(Object::default(), |object, (name, value)| object.with(name, value)).finish()
}

pub(in crate::commands) fn removals(out: &Out, removals: &[Removal]) -> Table {
    let mut lines = table(out, &["ID", "ACTION", "RUN TIME", "SIZE", "WHY"]);
    lines.add_rows(removals.iter().map(|removal| {
        let reasons: Vec<String> = removal.reasons.iter().map(ToString::to_string).collect();
        let time = removal.run_time;
        [
            cell(removal.key.id()),
            cell(removal.action.as_str()),
            cell(&time.plus_micros(-time.as_micros().rem_euclid(1_000_000)).to_string()),
            number(size(removal.size)),
            lines_cell(reasons.iter().map(String::as_str)),
        ]
    }));
    lines
}

/// The names and values of what a plan comes to.
fn sums(totals: &PlanTotals) -> [(&'static str, u64); 12] {
    let PlanTotals {
        scanned, damaged, delete, archive, quarantine, held, in_grace, latest, excluded, ..
    } = totals;
    [
        ("scanned", *scanned),
        ("damaged", *damaged),
        ("delete", delete.records),
        ("delete_bytes", delete.bytes),
        ("archive", archive.records),
        ("archive_bytes", archive.bytes),
        ("quarantine", quarantine.records),
        ("quarantine_bytes", quarantine.bytes),
        ("held", *held),
        ("in_grace", *in_grace),
        ("latest", *latest),
        ("excluded", *excluded),
    ]
}

/// The object that ends the rows of a plan, on one line: `{"totals":{…}}`.
pub(super) fn totals_object(totals: &PlanTotals) -> String {
    let sums = sums(totals).into_iter();
    let inner = sums.fold(Object::default(), |object, (name, value)| object.with(name, value)).finish();
    format!(r#"{{"totals":{inner}}}"#)
}

/// Sums a plan up in a line.
pub(in crate::commands) fn totals(totals: &PlanTotals) -> String {
    let gone =
        [("deleted", totals.delete), ("archived", totals.archive), ("put in quarantine", totals.quarantine)];
    let gone: Vec<String> = gone
        .iter()
        .filter(|(_, amount)| amount.records > 0)
        .map(|(what, amount)| format!("{} {what} ({})", amount.records, size(amount.bytes)))
        .collect();
    let gone = if gone.is_empty() { String::new() } else { format!(": {}", gone.join(", ")) };
    let stay = match staying(totals) {
        stay if stay.is_empty() => stay,
        stay => format!("; {stay}"),
    };
    let damaged = match totals.damaged {
        0 => String::new(),
        count => format!("; {count} cannot be read"),
    };
    format!("{} of {} records would go{gone}{stay}{damaged}", totals.removed(), totals.scanned)
}

/// Says which records stay though a policy wants them gone; empty if there are none.
fn staying(totals: &PlanTotals) -> String {
    let stay = [
        (totals.held, "held by a tag"),
        (totals.in_grace, "saved lately"),
        (totals.latest, "the latest of their asset"),
        (totals.excluded, "of excluded assets"),
    ];
    let stay: Vec<String> =
        stay.iter().filter(|(count, _)| *count > 0).map(|(count, why)| format!("{count} {why}")).collect();
    if stay.is_empty() { String::new() } else { format!("kept all the same: {}", stay.join(", ")) }
}

/// Says why nothing went where that may surprise: policies want records gone that were saved lately. `None` otherwise, so that a nightly run over what is held by
/// a tag has nothing to say.
pub(super) fn idle(applied: &Applied) -> Option<String> {
    let totals = applied.planned.as_ref().filter(|totals| totals.removed() == 0 && totals.in_grace > 0)?;
    Some(format!("none of {} records went; {}", totals.scanned, staying(totals)))
}

/// What was done.
pub(super) struct Done<'a>(pub(super) &'a Applied);

impl Row for Done<'_> {
    const NAMES: &'static [&'static str] = &[
        "deleted",
        "deleted_bytes",
        "archived",
        "archived_bytes",
        "quarantined",
        "quarantined_bytes",
        "changed",
        "gone",
        "failed",
        "purged",
        "purged_bytes",
        "planned",
    ];

    fn values(&self) -> Vec<Value> {
        let Applied { deleted, archived, quarantined, changed, gone, failed, purged, planned, .. } = self.0;
        let planned = planned.as_ref().map(|totals| {
            sums(totals).into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect()
        });
        let numbers = [
            deleted.records,
            deleted.bytes,
            archived.records,
            archived.bytes,
            quarantined.records,
            quarantined.bytes,
            *changed,
            *gone,
            *failed,
            purged.records,
            purged.bytes,
        ];
        let planned = planned.map_or(Value::Null, Value::Object);
        numbers.map(Value::from).into_iter().chain([planned]).collect()
    }
}

/// The object of what a run has done, on one line.
pub(super) fn ran(applied: &Applied) -> String {
    let row = Done(applied);
    let members = Done::NAMES.iter().zip(row.values());
    let begun = Object::default().with("op", "ran");
    members.fold(begun, |object, (name, value)| object.with(name, value)).finish()
}

pub(super) fn done(out: &Out, applied: &Applied) -> Table {
    let mut lines = table(out, &["WHAT", "RECORDS", "SIZE"]);
    let amounts = [
        ("deleted", applied.deleted),
        ("archived", applied.archived),
        ("put in quarantine", applied.quarantined),
        ("gone for good, their grace period over", applied.purged),
    ];
    let is_some = |(_, amount): &&(&str, Amount)| amount.records > 0;
    lines.add_rows(
        amounts
            .iter()
            .filter(is_some)
            .map(|(what, amount)| [cell(what), number(amount.records), number(size(amount.bytes))]),
    );
    let counts = [
        ("changed since they were planned, and kept", applied.changed),
        ("gone already", applied.gone),
        ("failed", applied.failed),
    ];
    let counts = counts.iter().filter(|(_, count)| *count > 0);
    lines.add_rows(counts.map(|(what, count)| [cell(what), number(*count), cell("")]));
    if lines.is_empty() {
        lines.add_row([cell("nothing was to be done"), number(0), cell("")]);
    }
    lines
}
