//! ARCHITECTURE.md lists every crate and every module, and none that is not there.
//!
//! A crate is a heading with its name in backticks. Below it, each module stands in backticks as its path from the
//! crate's `src`, without `.rs` (`json/lexer`). What a list item or a table row begins with is read as a module, so a
//! name that is gone is noticed too. Each crate states at least one invariant.

use std::collections::BTreeSet;

use super::finding::Finding;
use super::tree::{Tree, is_test};

const FILE: &str = "ARCHITECTURE.md";
const INVARIANT: &str = "**Invariant:**";

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let Some(text) = tree.text(FILE) else {
        return vec![Finding::file(FILE, "is missing: it lists every crate and module with its invariants")];
    };
    let sections = sections(text);
    let crates = tree.crates();
    let mut findings = Vec::new();
    for &krate in &crates {
        match sections.iter().find(|section| section.crates.contains(krate)) {
            Some(section) => findings.extend(missing_in(section, krate, &modules(tree, krate))),
            None => findings.push(Finding::file(FILE, format!("no heading names the crate `{krate}`"))),
        }
    }
    for section in &sections {
        let known: BTreeSet<String> = section.crates.iter().flat_map(|krate| modules(tree, krate)).collect();
        for krate in section.crates.iter().filter(|krate| !crates.contains(*krate)) {
            findings.push(Finding::line(FILE, section.line, format!("there is no crate `{krate}`")));
        }
        for (line, claim) in section.claims() {
            if !known.contains(claim) {
                let crates = section.crates.iter().copied().collect::<Vec<_>>().join("`, `");
                findings.push(Finding::line(
                    FILE,
                    line,
                    format!("`{crates}` has no module `{claim}` (what a list item or table row begins with is read as one)"),
                ));
            }
        }
    }
    findings
}

fn missing_in(section: &Section<'_>, krate: &str, modules: &BTreeSet<String>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let named: BTreeSet<&str> = section.body.iter().flat_map(|&(_, line)| backticked(line)).collect();
    for module in modules.iter().filter(|module| !named.contains(module.as_str())) {
        findings.push(Finding::line(
            FILE,
            section.line,
            format!("module `{module}` of `{krate}` is not listed"),
        ));
    }
    if !section.body.iter().any(|(_, line)| line.contains(INVARIANT)) {
        findings.push(Finding::line(FILE, section.line, format!("`{krate}` states no {INVARIANT}")));
    }
    findings
}

/// The modules of a crate, as ARCHITECTURE.md names them.
fn modules(tree: &Tree, krate: &str) -> BTreeSet<String> {
    let source = format!("crates/{krate}/src/");
    tree.files()
        .filter(|(path, _)| !is_test(path))
        .filter_map(|(path, _)| path.strip_prefix(&source)?.strip_suffix(".rs"))
        .filter(|&module| !matches!(module, "lib" | "main"))
        .map(|module| module.strip_suffix("/mod").unwrap_or(module).to_owned())
        .collect()
}

/// A heading that names crates, and the lines below it up to the next heading of its level.
struct Section<'a> {
    line: usize,
    crates: BTreeSet<&'a str>,
    body: Vec<(usize, &'a str)>,
}

impl<'a> Section<'a> {
    /// The names that list items and table rows begin with, where they look like modules.
    fn claims(&self) -> impl Iterator<Item = (usize, &'a str)> {
        self.body.iter().flat_map(|&(number, line)| {
            leading_names(line)
                .into_iter()
                .filter(|name| is_module_path(name))
                .map(move |name| (number, name))
        })
    }
}

fn sections(text: &str) -> Vec<Section<'_>> {
    let mut done = Vec::new();
    let mut open: Option<(usize, Section<'_>)> = None;
    let mut fenced = false;
    for (at, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
            continue;
        }
        if fenced {
            continue;
        }
        let level = line.chars().take_while(|&c| c == '#').count();
        if level > 0 {
            let crates: BTreeSet<&str> = backticked(line)
                .map(|name| name.strip_prefix("crates/").unwrap_or(name))
                .filter(|name| name.starts_with("truthound-stores"))
                .collect();
            let deeper = open.as_ref().is_some_and(|(outer, _)| level > *outer);
            if !deeper || !crates.is_empty() {
                done.extend(open.take().map(|(_, section)| section));
                if !crates.is_empty() {
                    open = Some((level, Section { line: at + 1, crates, body: Vec::new() }));
                }
                continue;
            }
        }
        if let Some((_, section)) = &mut open {
            section.body.push((at + 1, line));
        }
    }
    done.extend(open.map(|(_, section)| section));
    done
}

fn backticked(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

/// Gives `a` and `b` of "- `a`, `b`: what they do".
fn leading_names(line: &str) -> Vec<&str> {
    let line = line.trim_start();
    let mut names = Vec::new();
    let Some(mut rest) = ["- ", "* ", "| "].iter().find_map(|bullet| line.strip_prefix(bullet)) else {
        return names;
    };
    while let Some((name, after)) =
        rest.trim_start().strip_prefix('`').and_then(|inside| inside.split_once('`'))
    {
        names.push(name);
        rest = after.trim_start_matches([',', ' ', '/']);
        rest = rest.strip_prefix("and ").unwrap_or(rest);
    }
    names
}

fn is_module_path(name: &str) -> bool {
    !name.is_empty()
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '/'))
}

#[cfg(test)]
mod tests;
