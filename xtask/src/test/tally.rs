//! Reads what test runners print and adds it up.

use std::collections::BTreeMap;

/// Numbers of tests.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) skipped: u64,
}

/// What was read so far.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    total: Counts,
    per_package: BTreeMap<String, Counts>,
    /// Runs that ended badly without a failed test: nothing compiled, no test matched, a runner crashed.
    broken: Vec<String>,
    /// Test programs by file name, with the crate that each belongs to.
    programs: BTreeMap<String, String>,
    /// The crate whose test program is running, for `cargo test`.
    current: Option<String>,
    /// What the run that is going on has reported so far.
    run: Counts,
    /// Whether that run's closing line was seen.
    closed: bool,
}

impl Tally {
    /// The sums over everything that ran.
    pub(crate) fn total(&self) -> Counts {
        self.total
    }

    /// The sums of one crate's tests.
    pub(crate) fn package(&self, name: &str) -> Counts {
        self.per_package.get(name).copied().unwrap_or_default()
    }

    /// The runs that ended badly although no test failed.
    pub(crate) fn broken(&self) -> &[String] {
        &self.broken
    }

    /// Says which crate each test program belongs to; `cargo test` shows only the programs.
    pub(crate) fn programs(&mut self, programs: BTreeMap<String, String>) {
        self.programs = programs;
    }

    /// Reads one line of `cargo nextest run`.
    ///
    /// Totals come from the closing line. Lines of single tests only say which crate they belong to; those that the
    /// runner repeats after its closing line are not counted again.
    pub(crate) fn nextest_line(&mut self, line: &str) {
        if self.closed {
            return;
        }
        let text = line.trim_start();
        let indent = line.len() - text.len();
        // The runner's own lines are told from what tests print by their first word, which ends in this column.
        if text.split_once(" [").is_none_or(|(word, _)| indent + word.len() != 12) {
            return;
        }
        if let Some(counts) = nextest_summary(text) {
            self.run = counts;
            self.closed = true;
            return;
        }
        let Some((status, package)) = nextest_test(text) else { return };
        let counts = self.per_package.entry(package.to_owned()).or_default();
        match status {
            "PASS" | "LEAK" => counts.passed += 1,
            _ => counts.failed += 1,
        }
    }

    /// Reads one line of `cargo test`.
    pub(crate) fn libtest_line(&mut self, line: &str) {
        if let Some(rest) = line.trim_start().strip_prefix("Running ") {
            let program = rest.rsplit(['/', '\\', '(']).next().unwrap_or(rest).trim_end_matches(')');
            self.current = self.programs.get(program).cloned();
        } else if let Some(name) = line.trim_start().strip_prefix("Doc-tests ") {
            // Cargo shows the library's name here; every package of ours has dashes where that has underscores.
            self.current = Some(name.trim().replace('_', "-"));
        } else if let Some(counts) = libtest_summary(line) {
            add(&mut self.run, counts);
            if let Some(package) = &self.current {
                add(self.per_package.entry(package.clone()).or_default(), counts);
            }
        }
    }

    /// Ends a run: adds its sums and keeps the command if it ended badly for another reason than a failed test.
    pub(crate) fn end(&mut self, command: &str, succeeded: bool) {
        if !succeeded && self.run.failed == 0 {
            self.broken.push(command.to_owned());
        }
        add(&mut self.total, self.run);
        self.run = Counts::default();
        self.closed = false;
        self.current = None;
    }
}

fn add(sum: &mut Counts, counts: Counts) {
    sum.passed += counts.passed;
    sum.failed += counts.failed;
    sum.skipped += counts.skipped;
}

/// Reads `Summary [   0.1s] 5/9 tests run: 3 passed (1 slow, 1 flaky), 1 failed, 1 timed out, 2 skipped`.
fn nextest_summary(text: &str) -> Option<Counts> {
    let (_, list) = text.strip_prefix("Summary [")?.split_once(" run: ")?;
    let mut counts = Counts::default();
    let mut depth = 0_u32;
    // Commas within parentheses separate remarks about the tests that passed, not further tests.
    let parts = list.split(|c: char| {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == ',' && depth == 0
    });
    for part in parts {
        let Some((number, what)) = part.trim().split_once(' ') else { continue };
        let Ok(number) = number.parse::<u64>() else { continue };
        let what = what.split('(').next().unwrap_or(what).trim();
        match what {
            "passed" => counts.passed += number,
            "skipped" => counts.skipped += number,
            "failed" | "timed out" | "exec failed" | "aborted" => counts.failed += number,
            _ => {}
        }
    }
    Some(counts)
}

/// Reads `PASS [   0.008s] (1/3) truthound-stores-memory::it name` as the status and the crate.
fn nextest_test(text: &str) -> Option<(&str, &str)> {
    let (status, rest) = text.split_once(" [")?;
    let known = ["PASS", "LEAK", "FAIL", "LEAK-FAIL", "TIMEOUT", "ABORT", "XFAIL"];
    if !known.contains(&status) && !status.starts_with("SIG") {
        return None;
    }
    let (_, rest) = rest.split_once("] ")?;
    let mut words = rest.split_whitespace();
    let mut binary = words.next()?;
    if binary.starts_with('(') {
        // The counter is padded with spaces: `( 1/30)` is two words.
        while !binary.ends_with(')') {
            binary = words.next()?;
        }
        binary = words.next()?;
    }
    Some((status, binary.split("::").next()?))
}

/// Reads `test result: ok. 1 passed; 0 failed; 2 ignored; 0 measured; 0 filtered out; finished in 0.00s`.
fn libtest_summary(line: &str) -> Option<Counts> {
    let (_, list) = line.strip_prefix("test result: ")?.split_once(". ")?;
    let mut counts = Counts::default();
    for part in list.split(';') {
        let Some((number, what)) = part.trim().split_once(' ') else { continue };
        let Ok(number) = number.parse::<u64>() else { continue };
        match what {
            "passed" => counts.passed += number,
            "failed" => counts.failed += number,
            "ignored" => counts.skipped += number,
            _ => {}
        }
    }
    Some(counts)
}
