//! The columns of a listing.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use truthound_stores::RecordMeta;
use truthound_stores::json::python_float;

/// The names of the columns, in the order of [`Columns`].
pub(super) const NAMES: [&str; 11] = [
    "id",
    "data_asset",
    "run_time",
    "status",
    "tags",
    "suite_name",
    "total_issues",
    "pass_rate",
    "size",
    "revision",
    "saved_at",
];

/// A document's description as `list --format jsonl` prints it. Names and order are an interface.
#[derive(Serialize)]
pub(super) struct Columns<'a> {
    id: &'a str,
    data_asset: &'a str,
    run_time: String,
    status: &'a str,
    tags: &'a BTreeMap<String, String>,
    suite_name: Option<&'a str>,
    total_issues: u64,
    pass_rate: f64,
    size: u64,
    revision: &'a str,
    saved_at: String,
}

impl<'a> Columns<'a> {
    pub(super) fn of(meta: &'a RecordMeta) -> Self {
        let facts = &meta.attributes;
        Self {
            id: meta.key.id(),
            data_asset: &facts.data_asset,
            run_time: facts.run_time.to_string(),
            status: facts.status.as_str(),
            tags: &facts.tags,
            suite_name: facts.suite_name.as_deref(),
            total_issues: facts.statistics.total_issues,
            pass_rate: facts.statistics.pass_rate(),
            size: meta.size,
            revision: meta.revision.as_str(),
            saved_at: meta.saved_at.to_string(),
        }
    }

    /// Prints a JSON object on one line.
    pub(super) fn json(&self) -> String {
        // Text, whole numbers and a rate between 0 and 1 always have a JSON form.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Prints each column as a CSV field: tags as a JSON object, an absent suite as nothing.
    pub(super) fn fields(&self) -> [String; NAMES.len()] {
        [
            self.id.to_owned(),
            self.data_asset.to_owned(),
            self.run_time.clone(),
            self.status.to_owned(),
            serde_json::to_string(self.tags).unwrap_or_default(),
            self.suite_name.unwrap_or_default().to_owned(),
            self.total_issues.to_string(),
            python_float(self.pass_rate),
            self.size.to_string(),
            self.revision.to_owned(),
            self.saved_at.clone(),
        ]
    }
}

/// Returns the columns of a document but for its id, to be printed among others.
pub(crate) fn object(meta: &RecordMeta) -> Vec<(&'static str, Value)> {
    let columns = serde_json::to_value(Columns::of(meta)).unwrap_or_default();
    let value = |name: &'static str| (name, columns.get(name).cloned().unwrap_or_default());
    NAMES.into_iter().filter(|name| !["id", "revision"].contains(name)).map(value).collect()
}
