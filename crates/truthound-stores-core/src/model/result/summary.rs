//! A validation result in a few lines.

use std::fmt::Write;

use super::ValidationResult;

pub(super) fn summary(result: &ValidationResult) -> String {
    let mut text =
        format!("{}: {}\nrun {}, {}", result.data_asset, result.status, result.run_id, result.run_time);
    if let Some(suite) = &result.suite_name {
        // Writing to a string cannot fail.
        let _ = write!(text, ", suite {suite}");
    }
    let counts = &result.statistics.counts;
    let _ = write!(text, "\nvalidators: {} of {} passed", counts.passed_validators, counts.total_validators);
    for (count, word) in [(counts.failed_validators, "failed"), (counts.error_validators, "broke")] {
        if count > 0 {
            let _ = write!(text, ", {count} {word}");
        }
    }
    let _ = write!(text, "\nissues: {}", counts.total_issues);
    let severities = [
        (counts.critical_issues, "critical"),
        (counts.high_issues, "high"),
        (counts.medium_issues, "medium"),
        (counts.low_issues, "low"),
    ];
    let severities = severities.into_iter().filter(|(count, _)| *count > 0);
    let severities: Vec<String> = severities.map(|(count, word)| format!("{count} {word}")).collect();
    if !severities.is_empty() {
        let _ = write!(text, " ({})", severities.join(", "));
    }
    let columns = result.get_failed_columns();
    if !columns.is_empty() {
        let _ = write!(text, "\nfailed columns: {}", columns.join(", "));
    }
    text
}
