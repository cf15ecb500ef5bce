//! Versions and lints are declared once, in the root manifest; every crate says what it is.

use toml::{Table, Value};

use super::finding::Finding;
use super::tree::Tree;

const ROOT: &str = "Cargo.toml";
const TABLES: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in tree.files() {
        let is_manifest = path == ROOT || path.ends_with("/Cargo.toml");
        if !is_manifest || path.contains("/fixtures/") {
            continue;
        }
        let manifest = match text.parse::<Table>() {
            Ok(manifest) => manifest,
            Err(e) => {
                findings.push(Finding::file(path, format!("is no TOML: {}", e.message())));
                continue;
            }
        };
        if path == ROOT {
            findings.extend(root(&manifest));
        } else {
            let folder = path.strip_suffix("Cargo.toml").unwrap_or(path);
            let is_library = tree.text(&format!("{folder}src/lib.rs")).is_some();
            let folder_name = folder.trim_end_matches('/').rsplit('/').next().unwrap_or(folder);
            let findings_here = member(&manifest, is_library, folder_name);
            findings.extend(findings_here.into_iter().map(|message| Finding::file(path, message)));
        }
    }
    findings
}

fn root(manifest: &Table) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, value) in table(manifest, &["workspace", "dependencies"]).into_iter().flatten() {
        if value.get("git").is_some() {
            findings.push(Finding::file(
                ROOT,
                format!("`{name}` comes from a git repository; take it from the registry"),
            ));
        }
        let ours = name.starts_with("truthound-stores");
        if ours && value.get("default-features").and_then(Value::as_bool) != Some(false) {
            findings.push(Finding::file(
                ROOT,
                format!("`{name}` needs default-features = false: a member cannot switch them off later"),
            ));
        }
    }
    findings
}

fn member(manifest: &Table, is_library: bool, folder: &str) -> Vec<String> {
    let mut messages = Vec::new();
    if table(manifest, &["lints"]).and_then(|lints| lints.get("workspace")) != Some(&Value::Boolean(true)) {
        messages.push("lacks `[lints] workspace = true`".to_owned());
    }
    for (place, name, value) in dependencies(manifest) {
        if value.get("workspace") != Some(&Value::Boolean(true)) {
            messages.push(format!(
                "[{place}] {name} is not `workspace = true`: versions stand in the root manifest only"
            ));
        }
    }
    let empty = Table::new();
    let package = table(manifest, &["package"]).unwrap_or(&empty);
    if package.get("name").and_then(Value::as_str) != Some(folder) {
        messages.push(format!("the crate must be named as its folder, `{folder}`"));
    }
    for key in ["description", "license"] {
        let said = match package.get(key) {
            Some(Value::String(text)) => !text.trim().is_empty(),
            Some(value) => value.get("workspace") == Some(&Value::Boolean(true)),
            None => false,
        };
        if !said {
            messages.push(format!("[package] lacks `{key}`"));
        }
    }
    let published = package.get("publish") != Some(&Value::Boolean(false));
    if published && package.get("version").is_some_and(|version| version.get("workspace").is_none()) {
        messages.push("[package] has a version of its own; write `version.workspace = true`".to_owned());
    }
    if is_library && published && table(manifest, &["package", "metadata", "docs", "rs"]).is_none() {
        messages.push(
            "a library needs [package.metadata.docs.rs], else its page lacks all optional features"
                .to_owned(),
        );
    }
    messages
}

/// Every dependency with the table that it stands in, those of single platforms too.
fn dependencies(manifest: &Table) -> Vec<(String, &str, &Value)> {
    let mut tables: Vec<(String, &Table)> =
        TABLES.iter().filter_map(|name| Some(((*name).to_owned(), table(manifest, &[name])?))).collect();
    for (target, value) in table(manifest, &["target"]).into_iter().flatten() {
        for name in TABLES {
            if let Some(found) = value.get(name).and_then(Value::as_table) {
                tables.push((format!("target.{target}.{name}"), found));
            }
        }
    }
    tables
        .into_iter()
        .flat_map(|(place, found)| {
            found.iter().map(move |(name, value)| (place.clone(), name.as_str(), value))
        })
        .collect()
}

/// Goes down into nested tables.
pub(crate) fn table<'a>(manifest: &'a Table, path: &[&str]) -> Option<&'a Table> {
    path.iter().try_fold(manifest, |table, key| table.get(*key)?.as_table())
}

#[cfg(test)]
mod tests;
