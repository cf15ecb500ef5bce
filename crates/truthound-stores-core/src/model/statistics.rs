//! The counts of a validation result, as its document has them.

use super::field::Field;
use super::members::{Kept, Reader, Writer};
use super::misfit::Misfit;
use super::part::{Part, serde_by_json};
use super::{Severity, ValidatorResult};
use crate::Statistics;
use crate::json::{Json, Object};

/// Holds what a validation run counted.
///
/// The document's `pass_rate` and `issue_rate` follow from the counts: they are written and not read
/// (an odd original stays as long as the counts it follows from do).
///
/// # Examples
/// ```
/// use truthound_stores_core::{ResultStatistics, Severity, ValidatorResult};
///
/// let results = [ValidatorResult::passed("range"), ValidatorResult::failed("null", Severity::HIGH, 3)];
/// let statistics = ResultStatistics::of(&results);
/// assert_eq!(statistics.counts.high_issues, 1);
/// assert_eq!(statistics.counts.pass_rate(), 0.5);
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct ResultStatistics {
    /// The counts.
    pub counts: Statistics,
    /// Fields of the document that have no field here, in their order.
    pub extra: Object,
    kept: Kept,
    rates: Vec<Rate>,
}

/// The original of a rate that is not written as it follows from the counts.
#[derive(Clone, Debug, PartialEq)]
struct Rate {
    name: &'static str,
    /// What followed from the counts when the original was read.
    derived: f64,
    original: Json,
}

const FIELDS: [&str; 14] = [
    "total_validators",
    "passed_validators",
    "failed_validators",
    "error_validators",
    "total_rows",
    "total_columns",
    "total_issues",
    "critical_issues",
    "high_issues",
    "medium_issues",
    "low_issues",
    "execution_time_ms",
    "pass_rate",
    "issue_rate",
];

impl ResultStatistics {
    /// Counts what `results` hold.
    ///
    /// Each result is a validator, and each that failed is one issue, as Truthound counts them (`count` says how many rows
    /// an issue concerns). The time is the sum of the results' times. Rows and columns are not known: they stay 0.
    pub fn of(results: &[ValidatorResult]) -> Self {
        let mut counts = Statistics::default();
        for result in results {
            counts.total_validators += 1;
            counts.execution_time_ms += result.execution_time_ms;
            if result.success {
                counts.passed_validators += 1;
                continue;
            }
            counts.failed_validators += 1;
            counts.total_issues += 1;
            let by_severity = match &result.severity {
                Some(severity) if *severity == Severity::CRITICAL => &mut counts.critical_issues,
                Some(severity) if *severity == Severity::HIGH => &mut counts.high_issues,
                Some(severity) if *severity == Severity::MEDIUM => &mut counts.medium_issues,
                Some(severity) if *severity == Severity::LOW => &mut counts.low_issues,
                _ => continue,
            };
            *by_severity += 1;
        }
        counts.into()
    }
}

impl From<Statistics> for ResultStatistics {
    fn from(counts: Statistics) -> Self {
        Self { counts, ..Self::default() }
    }
}

/// Takes the counts as queries see them: a time that is not finite counts as 0.
impl From<&ResultStatistics> for Statistics {
    fn from(statistics: &ResultStatistics) -> Self {
        let mut counts = statistics.counts.clone();
        if !counts.execution_time_ms.is_finite() {
            counts.execution_time_ms = 0.0;
        }
        counts
    }
}

impl Part for ResultStatistics {
    fn read(json: Json) -> Result<Self, Misfit> {
        let mut reader = Reader::new(json)?;
        let counts = Statistics {
            total_validators: reader.field("total_validators", 0),
            passed_validators: reader.field("passed_validators", 0),
            failed_validators: reader.field("failed_validators", 0),
            error_validators: reader.field("error_validators", 0),
            total_rows: reader.field("total_rows", 0),
            total_columns: reader.field("total_columns", 0),
            total_issues: reader.field("total_issues", 0),
            critical_issues: reader.field("critical_issues", 0),
            high_issues: reader.field("high_issues", 0),
            medium_issues: reader.field("medium_issues", 0),
            low_issues: reader.field("low_issues", 0),
            execution_time_ms: reader.field("execution_time_ms", 0.0),
        };
        let mut rates = Vec::new();
        for (name, derived) in derived(&counts) {
            if let Some(original) = reader.take(name)
                && Json::try_from(derived).ok().as_ref() != Some(&original)
            {
                rates.push(Rate { name, derived, original });
            }
        }
        let (extra, kept) = reader.finish();
        Ok(Self { counts, extra, kept, rates })
    }

    fn write(&self) -> Result<Json, Misfit> {
        let mut writer = Writer::new(&self.kept);
        let counts = &self.counts;
        writer.field("total_validators", &counts.total_validators, 0)?;
        writer.field("passed_validators", &counts.passed_validators, 0)?;
        writer.field("failed_validators", &counts.failed_validators, 0)?;
        writer.field("error_validators", &counts.error_validators, 0)?;
        writer.field("total_rows", &counts.total_rows, 0)?;
        writer.field("total_columns", &counts.total_columns, 0)?;
        writer.field("total_issues", &counts.total_issues, 0)?;
        writer.field("critical_issues", &counts.critical_issues, 0)?;
        writer.field("high_issues", &counts.high_issues, 0)?;
        writer.field("medium_issues", &counts.medium_issues, 0)?;
        writer.field("low_issues", &counts.low_issues, 0)?;
        writer.field("execution_time_ms", &counts.execution_time_ms, 0.0)?;
        for (name, derived) in derived(counts) {
            let original = self.rates.iter().find(|rate| rate.name == name && rate.derived.same(&derived));
            let json = original.map_or_else(|| derived.write(), |rate| Ok(rate.original.clone()));
            writer.put(name, json.map_err(|misfit| misfit.within(name))?);
        }
        writer.finish(&self.extra, &FIELDS)
    }
}

fn derived(counts: &Statistics) -> [(&'static str, f64); 2] {
    [("pass_rate", counts.pass_rate()), ("issue_rate", counts.issue_rate())]
}

impl Field for ResultStatistics {
    fn read(json: Json, default: Self) -> (Self, Option<Json>) {
        match json {
            Json::Object(_) => (<Self as Part>::read(json).unwrap_or(default), None),
            other => (default, Some(other)),
        }
    }

    fn write(&self) -> Result<Json, Misfit> {
        Part::write(self)
    }

    fn same(&self, other: &Self) -> bool {
        self == other
    }
}

serde_by_json!(ResultStatistics);

#[cfg(test)]
mod tests;
