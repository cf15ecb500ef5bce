//! Validation results.

use std::collections::HashSet;

use super::members::{Kept, Reader, Writer};
use super::misfit::Misfit;
use super::part::{Part, serde_by_json};
use super::{ResultStatistics, Tags, TimeText, ValidationResultBuilder, ValidatorResult};
use crate::json::{Json, Object};
use crate::{Clock, Collection, Document, Result, Status};

mod summary;

/// Holds the outcome of one validation run, as Truthound stores it.
///
/// Made by [`builder`](Self::builder), or read from a store. Reading needs `run_id`, `run_time`, `data_asset`
/// and `status`, and of each of the `results` its `validator_name` and `success`; everything else may be
/// missing, null, or of another type. What is odd in a document stays as it is when it is written back, except
/// where the field was changed meanwhile.
///
/// # Examples
/// ```
/// use truthound_stores_core::json::{Json, Layout};
/// use truthound_stores_core::{Document, Status, ValidationResult};
///
/// let text = br#"{"run_id": "r", "run_time": "2026-01-31 12:00", "data_asset": "orders", "status": "warning",
///     "results": [{"validator_name": "null", "success": 0, "count": 1.5}], "owner": "me"}"#;
/// let mut result = ValidationResult::from_json(Json::parse(text)?)?;
/// assert_eq!(result.results[0].count, 1);
///
/// result.status = Status::FAILURE;
/// let json = result.to_json()?;
/// assert_eq!(json.get("run_time").and_then(Json::as_str), Some("2026-01-31 12:00"));
/// assert!(json.to_string().contains(r#""success":0,"column":null,"issue_type":null,"count":1.5"#));
/// assert!(json.to_string().ends_with(r#""owner":"me"}"#));
/// # Ok::<(), truthound_stores_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ValidationResult {
    /// The id.
    pub run_id: String,
    /// When the run began.
    pub run_time: TimeText,
    /// What was validated.
    pub data_asset: String,
    /// How it ended.
    pub status: Status,
    /// What each validator found.
    pub results: Vec<ValidatorResult>,
    /// The counts.
    pub statistics: ResultStatistics,
    /// Labels.
    pub tags: Tags,
    /// Anything else that is known of the run.
    pub metadata: Object,
    /// The expectation suite that was run.
    pub suite_name: Option<String>,
    /// Where the run took place: versions, host.
    pub runtime_environment: Object,
    /// Fields of the document that have no field here, in their order.
    pub extra: Object,
    kept: Kept,
}

const FIELDS: [&str; 10] = [
    "run_id",
    "run_time",
    "data_asset",
    "status",
    "results",
    "statistics",
    "tags",
    "metadata",
    "suite_name",
    "runtime_environment",
];

impl ValidationResult {
    /// Begins a result for `data_asset`.
    pub fn builder(data_asset: impl Into<String>) -> ValidationResultBuilder {
        ValidationResultBuilder::new(data_asset.into())
    }

    /// Makes the result of a run that takes place now, with all the rest derived: see
    /// [`ValidationResultBuilder::build`].
    ///
    /// # Errors
    /// Those of [`ValidationResultBuilder::build`].
    pub fn from_parts(
        data_asset: impl Into<String>,
        results: Vec<ValidatorResult>,
        clock: &dyn Clock,
    ) -> Result<Self> {
        Self::builder(data_asset).results(results).build(clock)
    }

    /// Makes a result with nothing but what every result has.
    pub(super) fn new(run_id: String, run_time: TimeText, data_asset: String, status: Status) -> Self {
        Self {
            run_id,
            run_time,
            data_asset,
            status,
            results: Vec::new(),
            statistics: ResultStatistics::default(),
            tags: Tags::new(),
            metadata: Object::new(),
            suite_name: None,
            runtime_environment: Object::new(),
            extra: Object::new(),
            kept: Kept::default(),
        }
    }

    /// Returns the id: `run_id`.
    pub fn id(&self) -> &str {
        &self.run_id
    }

    /// Tells whether the status is `success`.
    pub fn success(&self) -> bool {
        self.status == Status::SUCCESS
    }

    /// Lists the columns in which a validator failed, each once, in the order of the results.
    pub fn get_failed_columns(&self) -> Vec<&str> {
        let mut seen = HashSet::new();
        let failed = self.results.iter().filter(|result| !result.success);
        let columns = failed.filter_map(|result| result.column.as_deref());
        columns.filter(|column| !column.is_empty() && seen.insert(*column)).collect()
    }

    /// Lists the failed results of one severity, given as [`Severity`](crate::Severity) or as its word.
    pub fn get_issues_by_severity(&self, severity: impl AsRef<str>) -> Vec<&ValidatorResult> {
        let severity = severity.as_ref();
        let failed = self.results.iter().filter(|result| !result.success);
        failed.filter(|result| result.severity.as_ref().is_some_and(|of| of.as_str() == severity)).collect()
    }

    /// Describes the result to people, in a few lines.
    ///
    /// # Examples
    /// ```
    /// use truthound_stores_core::{Severity, ValidationResult, ValidatorResult};
    ///
    /// # let clock = truthound_stores_core::SystemClock::new();
    /// let result = ValidationResult::builder("warehouse.orders")
    ///     .run_id("run_7")
    ///     .run_time("2026-01-31T12:00:00Z".parse::<truthound_stores_core::Timestamp>()?)
    ///     .result(ValidatorResult::passed("unique"))
    ///     .result(ValidatorResult::failed("null", Severity::HIGH, 3).with_column("email"))
    ///     .build(&clock)?;
    /// assert_eq!(
    ///     result.summary(),
    ///     "warehouse.orders: warning\n\
    ///      run run_7, 2026-01-31T12:00:00Z\n\
    ///      validators: 1 of 2 passed, 1 failed\n\
    ///      issues: 1 (1 high)\n\
    ///      failed columns: email"
    /// );
    /// # Ok::<(), truthound_stores_core::Error>(())
    /// ```
    pub fn summary(&self) -> String {
        summary::summary(self)
    }
}

impl Part for ValidationResult {
    fn read(json: Json) -> Result<Self, Misfit> {
        let mut reader = Reader::new(json)?;
        let run_id = reader.text("run_id")?;
        let run_time = reader.time("run_time")?;
        let data_asset = reader.text("data_asset")?;
        let status = reader.word("status", Status::NONE)?;
        let read = Self {
            results: reader.list("results")?,
            statistics: reader.field("statistics", ResultStatistics::default()),
            tags: reader.field("tags", Tags::new()),
            metadata: reader.field("metadata", Object::new()),
            suite_name: reader.field("suite_name", None),
            runtime_environment: reader.field("runtime_environment", Object::new()),
            ..Self::new(run_id, run_time, data_asset, status)
        };
        let (extra, kept) = reader.finish();
        Ok(Self { extra, kept, ..read })
    }

    fn write(&self) -> Result<Json, Misfit> {
        let mut writer = Writer::new(&self.kept);
        writer.text("run_id", &self.run_id);
        writer.text("run_time", self.run_time.as_str());
        writer.text("data_asset", &self.data_asset);
        writer.field("status", &self.status, Status::NONE)?;
        writer.list("results", &self.results)?;
        writer.field("statistics", &self.statistics, ResultStatistics::default())?;
        writer.field("tags", &self.tags, Tags::new())?;
        writer.field("metadata", &self.metadata, Object::new())?;
        writer.field("suite_name", &self.suite_name, None)?;
        writer.field("runtime_environment", &self.runtime_environment, Object::new())?;
        writer.finish(&self.extra, &FIELDS)
    }
}

impl Document for ValidationResult {
    const COLLECTION: Collection = Collection::RESULTS;

    fn from_json(json: Json) -> Result<Self> {
        Ok(Part::read(json)?)
    }

    fn to_json(&self) -> Result<Json> {
        Ok(Part::write(self)?)
    }
}

serde_by_json!(ValidationResult);
