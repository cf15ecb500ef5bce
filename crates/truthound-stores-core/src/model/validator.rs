//! What one validator found.

use super::Severity;
use super::members::{Kept, Reader, Writer};
use super::misfit::Misfit;
use super::part::{Part, serde_by_json};
use crate::json::{Json, Object};

/// Holds what one validator found, in one column or in the whole asset.
///
/// # Examples
/// ```
/// use truthound_stores_core::{Severity, ValidatorResult};
///
/// let found = ValidatorResult::failed("null", Severity::HIGH, 3)
///     .with_column("email")
///     .with_message("3 values are null")
///     .with_detail("expected", "not null");
/// assert!(!found.success);
/// assert_eq!(found.column.as_deref(), Some("email"));
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct ValidatorResult {
    /// The validator.
    pub validator_name: String,
    /// Whether it found nothing. Other values than true and false are read as Python's `bool()` has them.
    pub success: bool,
    /// The column that it looked at, unless it looked at the whole asset.
    pub column: Option<String>,
    /// What kind of issue it looks for.
    pub issue_type: Option<String>,
    /// How many values are affected. Default: 0. Fractions are cut off; what is negative, or no number, is read as 0.
    pub count: u64,
    /// How bad the issue is.
    pub severity: Option<Severity>,
    /// What was found, for people.
    pub message: Option<String>,
    /// What was found, for programs: expected and actual values, samples.
    pub details: Object,
    /// How long it took, in milliseconds. Default: 0.
    pub execution_time_ms: f64,
    /// Fields of the document that have no field here, in their order.
    pub extra: Object,
    kept: Kept,
}

const FIELDS: [&str; 9] = [
    "validator_name",
    "success",
    "column",
    "issue_type",
    "count",
    "severity",
    "message",
    "details",
    "execution_time_ms",
];

impl ValidatorResult {
    /// Makes the result of a validator that found nothing.
    pub fn passed(validator_name: impl Into<String>) -> Self {
        Self { validator_name: validator_name.into(), success: true, ..Self::default() }
    }

    /// Makes the result of a validator that found an issue in `count` values.
    pub fn failed(validator_name: impl Into<String>, severity: impl Into<Severity>, count: u64) -> Self {
        Self {
            validator_name: validator_name.into(),
            count,
            severity: Some(severity.into()),
            ..Self::default()
        }
    }

    /// Names the column.
    #[must_use]
    pub fn with_column(mut self, column: impl Into<String>) -> Self {
        self.column = Some(column.into());
        self
    }

    /// Names the kind of issue.
    #[must_use]
    pub fn with_issue_type(mut self, issue_type: impl Into<String>) -> Self {
        self.issue_type = Some(issue_type.into());
        self
    }

    /// Says what was found.
    #[must_use]
    pub fn with_message(mut self, message: impl Into<String>) -> Self {
        self.message = Some(message.into());
        self
    }

    /// Adds a detail.
    #[must_use]
    pub fn with_detail(mut self, name: impl Into<String>, value: impl Into<Json>) -> Self {
        self.details.set(name, value);
        self
    }

    /// Says how long it took.
    #[must_use]
    pub fn with_execution_time_ms(mut self, milliseconds: f64) -> Self {
        self.execution_time_ms = milliseconds;
        self
    }

    /// Tells whether it found a critical issue.
    pub(super) fn is_critical(&self) -> bool {
        !self.success && self.severity.as_ref() == Some(&Severity::CRITICAL)
    }
}

impl Part for ValidatorResult {
    fn read(json: Json) -> Result<Self, Misfit> {
        let mut reader = Reader::new(json)?;
        let read = Self {
            validator_name: reader.text("validator_name")?,
            success: reader.required("success")?,
            column: reader.field("column", None),
            issue_type: reader.field("issue_type", None),
            count: reader.field("count", 0),
            severity: reader.field("severity", None),
            message: reader.field("message", None),
            details: reader.field("details", Object::new()),
            execution_time_ms: reader.field("execution_time_ms", 0.0),
            ..Self::default()
        };
        let (extra, kept) = reader.finish();
        Ok(Self { extra, kept, ..read })
    }

    fn write(&self) -> Result<Json, Misfit> {
        let mut writer = Writer::new(&self.kept);
        writer.text("validator_name", &self.validator_name);
        writer.field("success", &self.success, false)?;
        writer.field("column", &self.column, None)?;
        writer.field("issue_type", &self.issue_type, None)?;
        writer.field("count", &self.count, 0)?;
        writer.field("severity", &self.severity, None)?;
        writer.field("message", &self.message, None)?;
        writer.field("details", &self.details, Object::new())?;
        writer.field("execution_time_ms", &self.execution_time_ms, 0.0)?;
        writer.finish(&self.extra, &FIELDS)
    }
}

serde_by_json!(ValidatorResult);
