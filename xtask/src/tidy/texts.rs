//! Texts that have no place in the tree: leftovers, sleeping tests, stray white space, paths of one machine.
//!
//! What is looked for is written in pieces here, so that this file does not find itself.

use super::finding::Finding;
use super::tree::{Tree, has_extension, is_test};

/// Leftovers in code.
const UNFINISHED: &[&str] =
    &[concat!("todo", "!("), concat!("unimplemented", "!("), concat!("dbg", "!("), concat!("FIX", "ME")];

/// A test that sleeps is slow when it passes and wrong when the machine is busy.
const SLEEPS: &[&str] = &[concat!("thread::", "sleep("), concat!("time::", "sleep(")];

/// Folders that exist on the machine of whoever wrote the line.
const MACHINES: &[&str] = &[concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/ho", "me/")];

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in tree.files() {
        // What other programs wrote is kept as they wrote it; cargo writes the lock file.
        if path.contains("fixtures/") || path == "Cargo.lock" {
            continue;
        }
        for (at, line) in text.lines().enumerate() {
            for message in objections(path, line) {
                findings.push(Finding::line(path, at + 1, message));
            }
        }
    }
    findings
}

fn objections(path: &str, line: &str) -> Vec<String> {
    let mut messages = Vec::new();
    let rust = has_extension(path, &["rs"]);
    if (rust || has_extension(path, &["md", "toml", "yml"])) && line != line.trim_end() {
        messages.push("white space at the end of the line".to_owned());
    }
    if rust {
        if line.contains('\t') {
            messages.push("a tab; indent with spaces".to_owned());
        }
        for needle in UNFINISHED.iter().filter(|needle| line.contains(**needle)) {
            messages.push(format!("`{needle}`: unfinished work does not go into the tree"));
        }
        if is_test(path) {
            for needle in SLEEPS.iter().filter(|needle| line.contains(**needle)) {
                messages.push(format!(
                    "`{needle}`: tests wait for events by gates or a manual clock, never by time"
                ));
            }
        }
    }
    for needle in MACHINES.iter().filter(|needle| contains_path(line, needle)) {
        messages.push(format!("`{needle}` is a folder of one machine"));
    }
    messages
}

/// Finds an absolute path: one that does not go on from a name before it.
fn contains_path(line: &str, needle: &str) -> bool {
    line.match_indices(needle).any(|(at, _)| {
        let before = line.get(..at).and_then(|before| before.chars().next_back());
        !before.is_some_and(|c| c.is_alphanumeric() || "_-.}*~".contains(c))
    })
}

#[cfg(test)]
mod tests;
