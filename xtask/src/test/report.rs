//! What is printed at the end: the servers, the backends, and the totals as the last line.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::tally::{Counts, Tally};

/// A test that could not be run on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Skip {
    /// What was not tested: a backend, or another thing that a test needs.
    pub(crate) subject: String,
    /// Why not.
    pub(crate) reason: String,
}

/// The outcome of a run of the tests.
#[derive(Debug)]
pub(crate) struct Report {
    servers: Option<String>,
    backends: String,
    broken: Vec<String>,
    counts: Counts,
}

/// Reads the file to which tests reported what they had to skip.
pub(crate) fn read_skips(file: &Path) -> Result<Vec<Skip>, String> {
    let text = std::fs::read_to_string(file).map_err(|e| format!("{}: {e}", file.display()))?;
    Ok(parse_skips(&text))
}

/// Reads lines of `subject<TAB>reason`.
pub(crate) fn parse_skips(text: &str) -> Vec<Skip> {
    text.lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| {
            let (subject, reason) = line.split_once('\t').unwrap_or((line, "no reason given"));
            Skip { subject: subject.trim().to_owned(), reason: reason.trim().to_owned() }
        })
        .collect()
}

impl Report {
    /// Puts together what the runners said and what the tests reported.
    ///
    /// `backends` are the features, each with the crate that holds its tests; `servers` says what tests had of servers.
    pub(crate) fn new(
        backends: &BTreeMap<String, String>,
        servers: Option<String>,
        tally: &Tally,
        skips: &[Skip],
    ) -> Self {
        let skipped: BTreeSet<&str> = skips.iter().map(|skip| skip.subject.as_str()).collect();
        let states: Vec<String> = backends
            .iter()
            .map(|(feature, krate)| {
                let counts = tally.package(krate);
                let state = if counts.failed > 0 {
                    "FAILED"
                } else if skipped.contains(feature.as_str()) {
                    "skipped"
                } else if counts.passed > 0 {
                    "ok"
                } else {
                    "not run"
                };
                format!("{feature} {state}")
            })
            .collect();
        let summary = format!("backends: {}; skipped: {}", states.join(", "), skipped.len());
        let reasons: BTreeSet<String> =
            skips.iter().map(|skip| format!("{}: {}", skip.subject, skip.reason)).collect();
        let backends = if reasons.is_empty() {
            summary
        } else {
            format!("{summary} ({})", Vec::from_iter(reasons).join("; "))
        };
        let Counts { passed, failed, skipped } = tally.total();
        // To its runner, a test that reported a skip has passed.
        let reported = u64::try_from(skips.len()).unwrap_or(u64::MAX).min(passed);
        // A run that broke has tested nothing of what it should have: it must not look like a pass.
        let broken = u64::try_from(tally.broken().len()).unwrap_or(u64::MAX);
        Self {
            servers,
            backends,
            broken: tally.broken().to_vec(),
            counts: Counts {
                passed: passed - reported,
                failed: failed + broken,
                skipped: skipped + reported,
            },
        }
    }

    /// Tells whether nothing failed.
    pub(crate) fn passed(&self) -> bool {
        self.counts.failed == 0
    }

    /// Prints the report; the totals are its last line and stand alone there.
    pub(crate) fn print(&self) {
        for line in self.lines() {
            println!("{line}");
        }
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        let Counts { passed, failed, skipped } = self.counts;
        let mut lines: Vec<String> = self
            .broken
            .iter()
            .map(|command| format!("`{command}` broke off without a failed test; counted as one failure"))
            .collect();
        lines.extend(self.servers.clone());
        lines.push(self.backends.clone());
        lines.push(format!("{passed} passed, {failed} failed, {skipped} skipped"));
        lines
    }
}
