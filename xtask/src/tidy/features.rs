//! Features are told to users and compiled by the workflows: the README names each, the matrices name each backend.

use std::collections::{BTreeMap, BTreeSet};

use toml::{Table, Value};

use super::finding::Finding;
use super::manifests::table;
use super::tree::Tree;
use crate::roles::backends_of;

const UMBRELLA: &str = "crates/truthound-stores/Cargo.toml";
const README: &str = "README.md";
/// Compiles each backend's feature.
const COMPILE: &str = ".github/workflows/features.yml";
/// Runs each backend's conformance tests.
const CONFORMANCE: &str = ".github/workflows/conformance.yml";

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let Some(features) = tree.text(UMBRELLA).and_then(features) else {
        return vec![Finding::file(UMBRELLA, "has no [features] to hold the README against")];
    };
    let mut findings = readme(tree, &features);
    let backends = backends_of(features.iter().map(|(name, enables)| (name.as_str(), enables.as_slice())));
    let names = backends.keys().map(String::as_str).collect();
    findings.extend(matrix(tree, COMPILE, "feature", &names));
    let crates = backends.values().filter_map(|krate| krate.strip_prefix("truthound-stores-")).collect();
    findings.extend(matrix(tree, CONFORMANCE, "backend", &crates));
    findings
}

fn features(manifest: &str) -> Option<BTreeMap<String, Vec<String>>> {
    let manifest = manifest.parse::<Table>().ok()?;
    let features = table(&manifest, &["features"])?.iter().map(|(name, enables)| {
        let enables = enables.as_array().into_iter().flatten();
        (name.clone(), enables.filter_map(Value::as_str).map(str::to_owned).collect())
    });
    Some(features.collect())
}

fn readme(tree: &Tree, features: &BTreeMap<String, Vec<String>>) -> Vec<Finding> {
    let Some(text) = tree.text(README) else {
        return vec![Finding::file(README, "is missing")];
    };
    features
        .keys()
        .filter(|&name| name != "default" && !text.contains(&format!("`{name}`")))
        .map(|name| Finding::file(README, format!("does not mention the feature `{name}` in backticks")))
        .collect()
}

fn matrix(tree: &Tree, path: &str, key: &str, wanted: &BTreeSet<&str>) -> Vec<Finding> {
    let Some(text) = tree.text(path) else {
        return vec![Finding::file(path, format!("is missing: its matrix lists each {key}"))];
    };
    let Some((line, found)) = list(text, key) else {
        return vec![Finding::file(path, format!("has no list `{key}:` in its matrix"))];
    };
    let mut findings = Vec::new();
    for missing in wanted.difference(&found) {
        findings.push(Finding::line(path, line, format!("the matrix lacks the {key} `{missing}`")));
    }
    for extra in found.difference(wanted) {
        findings.push(Finding::line(path, line, format!("the matrix names `{extra}`, which is no {key}")));
    }
    findings
}

/// Reads the first list of this name in a YAML file, written `key: [a, b]` or with one `- a` a line.
fn list<'a>(text: &'a str, key: &str) -> Option<(usize, BTreeSet<&'a str>)> {
    let mut lines = text.lines().enumerate();
    let (at, rest) = lines
        .find_map(|(at, line)| Some((at, line.trim_start().strip_prefix(key)?.strip_prefix(':')?.trim())))?;
    if let Some(inline) = rest.strip_prefix('[') {
        let inline = inline.strip_suffix(']')?;
        return Some((at + 1, inline.split(',').map(str::trim).filter(|name| !name.is_empty()).collect()));
    }
    let names = lines.map_while(|(_, line)| line.trim_start().strip_prefix("- ")).map(str::trim);
    Some((at + 1, names.collect()))
}

#[cfg(test)]
mod tests;
