//! A document as rows, made before time is taken.

use truthound_stores_core::{Checksum, Record};
use truthound_stores_testkit::bench::Outcome;

/// What the tables hold of a document.
pub(crate) struct Line {
    pub(super) collection: String,
    pub(super) id: String,
    pub(super) asset: String,
    pub(super) run_time: i64,
    pub(super) status: String,
    pub(super) tags: Option<String>,
    pub(super) suite: Option<String>,
    pub(super) counts: [i64; 11],
    pub(super) execution_time: f64,
    pub(super) ext: Option<String>,
    pub(super) revision: String,
    pub(super) size: i64,
    pub(super) checksum: Vec<u8>,
    pub(super) saved_at: i64,
    /// A number as large as the store's: what it is does not matter here.
    pub(super) seal: i64,
    pub(super) body: String,
    /// As the change feed has them.
    pub(super) attributes: String,
    pub(super) tag_keys: Vec<Vec<u8>>,
}

impl Line {
    pub(crate) fn of(record: &Record) -> Outcome<Self> {
        let (facts, counts) = (&record.attributes, &record.attributes.statistics);
        let checksum = record.body.checksum().as_bytes().to_vec();
        let start = |bytes: &[u8]| bytes.iter().copied().take(16).collect::<Vec<u8>>();
        let named = Checksum::of(record.key.id().as_bytes());
        let seal = start(named.as_bytes()).into_iter().take(8);
        Ok(Self {
            collection: record.key.collection().as_str().to_owned(),
            id: record.key.id().to_owned(),
            asset: facts.data_asset.clone(),
            run_time: facts.run_time.as_micros(),
            status: facts.status.as_str().to_owned(),
            tags: Some(serde_json::to_string(&facts.tags)?),
            suite: facts.suite_name.clone(),
            counts: [
                counts.total_validators,
                counts.passed_validators,
                counts.failed_validators,
                counts.error_validators,
                counts.total_rows,
                counts.total_columns,
                counts.total_issues,
                counts.critical_issues,
                counts.high_issues,
                counts.medium_issues,
                counts.low_issues,
            ]
            .map(u64::cast_signed),
            execution_time: counts.execution_time_ms,
            ext: (!facts.ext.is_empty()).then(|| serde_json::to_string(&facts.ext)).transpose()?,
            // 32 digits, as the store's.
            revision: format!(
                "{:032x}",
                start(named.as_bytes()).into_iter().fold(0, |n: u128, byte| n << 8 | u128::from(byte))
            ),
            size: i64::try_from(record.body.as_bytes().len())?,
            checksum,
            saved_at: facts.run_time.as_micros(),
            seal: seal.fold(0, |seal, byte| seal << 8 | i64::from(byte)),
            body: record.body.as_str().to_owned(),
            attributes: serde_json::to_string(facts)?,
            tag_keys: facts
                .tags
                .iter()
                .map(|(name, value)| start(Checksum::of(format!("{name}={value}").as_bytes()).as_bytes()))
                .collect(),
        })
    }
}
