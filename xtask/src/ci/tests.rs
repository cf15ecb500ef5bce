//! The summary tells which steps failed.

use super::*;

#[test]
fn the_summary_names_what_failed_and_adds_up_the_times() {
    let second = Duration::from_secs(1);
    let lines = table(&[("fmt", true, second), ("deny", false, second), ("test", false, second)]);
    let words: Vec<Vec<&str>> = lines.iter().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(words[0], ["fmt", "ok", "1.0", "s"]);
    assert_eq!(words[1], ["deny", "FAILED", "1.0", "s"]);
    assert_eq!(words[3], ["all", "3.0", "s"]);
    assert_eq!(lines[4], "2 of 3 steps failed: deny, test");
}

#[test]
fn the_summary_of_a_good_run_ends_with_the_time() {
    let lines = table(&[("fmt", true, Duration::ZERO)]);
    assert_eq!(lines.len(), 2, "{lines:?}");
}
