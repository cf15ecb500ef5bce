//! Decisions are numbered without repeats, and each file's first line repeats its number.

use super::finding::Finding;
use super::tree::Tree;

const FOLDER: &str = "docs/decisions/";

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    let files = tree.files().filter_map(|(path, text)| Some((path, path.strip_prefix(FOLDER)?, text)));
    let mut last = String::new();
    for (path, name, text) in files {
        let title = name.strip_suffix(".md").and_then(|name| name.split_once('-'));
        let Some((found, title)) = title.filter(|(found, _)| is_number(found)) else {
            findings.push(Finding::file(path, "name it NNNN-title.md"));
            continue;
        };
        // A number that is missing belongs to a decision that is on its way on another branch.
        if found == last {
            findings.push(Finding::file(path, format!("{found} is taken: give it a number of its own")));
        }
        found.clone_into(&mut last);
        if title.is_empty()
            || title.contains(|c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'))
        {
            findings.push(Finding::file(path, "titles in file names are lower-case words joined by dashes"));
        }
        let heading = format!("# {found} ");
        let first = text.lines().next().unwrap_or_default();
        if first.strip_prefix(&heading).is_none_or(|title| title.trim().is_empty()) {
            findings.push(Finding::line(path, 1, format!("the first line must be `{heading}Title`")));
        }
    }
    findings
}

fn is_number(text: &str) -> bool {
    text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests;
