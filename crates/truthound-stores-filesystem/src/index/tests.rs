//! The index on its own: one file, filled and asked without any document beside it.

use std::path::PathBuf;

use rusqlite::Connection;
use tempfile::TempDir;
use truthound_stores_core::{Attributes, Checksum, Statistics, Status, Timestamp};

use super::{Profile, Row, Texts, Writer};
use crate::config::Durability;

mod log;
mod plans;
mod reference;
mod rows;
mod tables;

/// An index in a folder of its own.
struct Sample {
    #[allow(dead_code, reason = "the folder lives as long as this")]
    dir: TempDir,
    path: PathBuf,
    index: Connection,
}

/// Makes an index that holds `rows`, as they are.
fn sample(rows: &[Row]) -> Sample {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(super::FILE);
    let index = super::create(&path).unwrap();
    let writer = Writer::begin(&index).unwrap();
    for row in rows {
        writer.insert(row, &Texts::of(&row.attributes).unwrap()).unwrap();
    }
    super::finish(index, &path).unwrap();
    let index = super::open(&path, Profile::Write(Durability::Os)).unwrap();
    Sample { dir, path, index }
}

/// A row with something in every column.
fn full_row(seq: i64, id: &str) -> Row {
    let mut attributes =
        Attributes::new("warehouse.orders", Timestamp::from_micros(1_700_000_000_000_001), Status::FAILURE)
            .with_tag("team", "x");
    attributes.suite_name = Some("suite".to_owned());
    attributes.statistics = Statistics {
        total_validators: 12,
        passed_validators: 9,
        failed_validators: 2,
        error_validators: 1,
        total_rows: 1000,
        total_columns: 10,
        total_issues: 14,
        critical_issues: 2,
        high_issues: 3,
        medium_issues: 4,
        low_issues: 5,
        execution_time_ms: 1.5,
    };
    attributes.ext.set("versioning.parent", "1").unwrap();
    Row {
        seq,
        id: id.to_owned(),
        attributes,
        stem: Some(format!("~{id}~")),
        suffix: ".json".to_owned(),
        size: 1234,
        checksum: Checksum::of(id.as_bytes()),
        digest: Some([7; 16]),
        modified: 1_700_000_000_000_002_345,
    }
}
