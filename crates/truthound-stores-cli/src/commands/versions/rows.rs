//! Rows about versions, changes, branches and labels.

use comfy_table::Table;
use serde_json::Value;
use truthound_stores::json::Json;
use truthound_stores::{BranchInfo, LabelInfo, PathChange, Timestamp, VersionInfo};

use crate::output::{Out, Row, cell, number, size, table};

impl Row for VersionInfo {
    const NAMES: &'static [&'static str] =
        &["ordinal", "version", "created_at", "created_by", "message", "parent", "checksum", "size"];

    fn values(&self) -> Vec<Value> {
        vec![
            self.ordinal.into(),
            self.version.as_str().into(),
            self.created_at.to_string().into(),
            self.created_by.as_deref().into(),
            self.message.as_deref().into(),
            self.parent.as_deref().into(),
            self.checksum.as_str().into(),
            self.size.into(),
        ]
    }
}

/// As many digits of a hash as people compare.
const DIGITS: usize = 12;

/// Shortens a version that is named by a hash.
fn short(version: &str) -> &str {
    let is_hash = version.len() == 40 && version.bytes().all(|byte| byte.is_ascii_hexdigit());
    version.get(..DIGITS).filter(|_| is_hash).unwrap_or(version)
}

fn whole_seconds(time: Timestamp) -> String {
    time.plus_micros(-time.as_micros().rem_euclid(1_000_000)).to_string()
}

pub(in crate::commands) fn versions(out: &Out, versions: &[VersionInfo]) -> Table {
    let mut lines = table(out, &["ORDINAL", "VERSION", "MADE", "BY", "SIZE", "HOW", "MESSAGE"]);
    lines.add_rows(versions.iter().map(|version| {
        [
            number(version.ordinal),
            cell(short(&version.version)),
            cell(&whole_seconds(version.created_at)),
            cell(version.created_by.as_deref().unwrap_or_default()),
            number(size(version.size)),
            cell(version.origin.as_str()),
            cell(version.message.as_deref().unwrap_or_default()),
        ]
    }));
    lines
}

impl Row for PathChange {
    const NAMES: &'static [&'static str] = &["path", "kind", "from", "to"];

    fn values(&self) -> Vec<Value> {
        vec![
            self.path.as_str().into(),
            self.kind.as_str().into(),
            value(self.from.as_ref()),
            value(self.to.as_ref()),
        ]
    }
}

/// A value of a document as strict JSON: what is not finite becomes null.
fn value(json: Option<&Json>) -> Value {
    let text = json.map(ToString::to_string).unwrap_or_default();
    let strict = truthound_stores::json::strict(text.as_bytes()).unwrap_or_default();
    serde_json::from_slice(&strict).unwrap_or_default()
}

pub(super) fn changes(out: &Out, changes: &[PathChange]) -> Table {
    let text = |json: Option<&Json>| json.map(ToString::to_string).unwrap_or_default();
    let mut lines = table(out, &["PATH", "WHAT", "FROM", "TO"]);
    lines.add_rows(changes.iter().map(|change| {
        [
            cell(&change.path),
            cell(change.kind.as_str()),
            cell(&text(change.from.as_ref())),
            cell(&text(change.to.as_ref())),
        ]
    }));
    lines
}

impl Row for BranchInfo {
    const NAMES: &'static [&'static str] =
        &["branch", "version", "ordinal", "base", "created_at", "created_by"];

    fn values(&self) -> Vec<Value> {
        vec![
            self.name.as_str().into(),
            self.version.as_str().into(),
            self.ordinal.into(),
            self.base.into(),
            self.created_at.to_string().into(),
            self.created_by.as_deref().into(),
        ]
    }
}

pub(super) fn branches(out: &Out, branches: &[BranchInfo]) -> Table {
    let mut lines = table(out, &["BRANCH", "VERSION", "ORDINAL", "LEFT AT", "MADE", "BY"]);
    lines.add_rows(branches.iter().map(|branch| {
        [
            cell(&branch.name),
            cell(short(&branch.version)),
            number(branch.ordinal),
            number(branch.base),
            cell(&whole_seconds(branch.created_at)),
            cell(branch.created_by.as_deref().unwrap_or_default()),
        ]
    }));
    lines
}

impl Row for LabelInfo {
    const NAMES: &'static [&'static str] = &["label", "version", "ordinal", "created_at", "created_by"];

    fn values(&self) -> Vec<Value> {
        vec![
            self.name.as_str().into(),
            self.version.as_str().into(),
            self.ordinal.into(),
            self.created_at.to_string().into(),
            self.created_by.as_deref().into(),
        ]
    }
}

pub(super) fn labels(out: &Out, labels: &[LabelInfo]) -> Table {
    let mut lines = table(out, &["LABEL", "VERSION", "ORDINAL", "GIVEN", "BY"]);
    lines.add_rows(labels.iter().map(|label| {
        [
            cell(&label.name),
            cell(short(&label.version)),
            number(label.ordinal),
            cell(&whole_seconds(label.created_at)),
            cell(label.created_by.as_deref().unwrap_or_default()),
        ]
    }));
    lines
}
