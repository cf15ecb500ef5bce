//! The part of `cargo metadata` that chores need.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde_json::Value;

use crate::services::Service;

/// The members of the workspace.
#[derive(Debug)]
pub(crate) struct Metadata {
    pub(crate) packages: Vec<Package>,
    pub(crate) target_directory: PathBuf,
}

/// One member.
#[derive(Debug, Clone)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) manifest_path: PathBuf,
    pub(crate) is_library: bool,
    /// Features and what each turns on.
    pub(crate) features: BTreeMap<String, Vec<String>>,
    pub(crate) dependencies: Vec<Dependency>,
    /// The servers that its tests want, from `[package.metadata.xtask] services`.
    pub(crate) services: BTreeSet<Service>,
}

/// One line of a member's dependency tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    /// The version requirement; `*` when none is given.
    pub(crate) req: String,
    /// Where it comes from; `None` for a path.
    pub(crate) source: Option<String>,
}

/// Which table a dependency stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Normal,
    Dev,
    Build,
}

impl Metadata {
    /// Reads the answer of `cargo metadata --no-deps --format-version 1`.
    pub(crate) fn parse(json: &str) -> Result<Self, String> {
        let value: Value =
            serde_json::from_str(json).map_err(|e| format!("cargo metadata gave no JSON: {e}"))?;
        let packages = array(&value, "packages")?.iter().map(package).collect::<Result<_, _>>()?;
        Ok(Self { packages, target_directory: text(&value, "target_directory")?.into() })
    }

    /// The member of this name.
    pub(crate) fn package(&self, name: &str) -> Result<&Package, String> {
        self.packages
            .iter()
            .find(|package| package.name == name)
            .ok_or_else(|| format!("the workspace has no member named {name:?}"))
    }
}

fn package(value: &Value) -> Result<Package, String> {
    let mut features = BTreeMap::new();
    for (feature, enables) in value.get("features").and_then(Value::as_object).into_iter().flatten() {
        let enables = enables.as_array().into_iter().flatten();
        features.insert(feature.clone(), enables.filter_map(Value::as_str).map(str::to_owned).collect());
    }
    let is_library = array(value, "targets")?.iter().any(|target| {
        let kinds = target.get("kind").and_then(Value::as_array);
        kinds.into_iter().flatten().any(|kind| kind == "lib")
    });
    Ok(Package {
        name: text(value, "name")?,
        manifest_path: text(value, "manifest_path")?.into(),
        is_library,
        features,
        dependencies: array(value, "dependencies")?.iter().map(dependency).collect::<Result<_, _>>()?,
        services: services(value)?,
    })
}

fn services(value: &Value) -> Result<BTreeSet<Service>, String> {
    let Some(services) = value.pointer("/metadata/xtask/services") else { return Ok(BTreeSet::new()) };
    let of_whom =
        |what| format!("[package.metadata.xtask] of {:?}: {what}", text(value, "name").unwrap_or_default());
    let list = services.as_array().ok_or_else(|| of_whom("`services` is no list".to_owned()))?;
    let names = list.iter().map(|name| name.as_str().ok_or_else(|| of_whom(format!("{name} is no name"))));
    names.map(|name| Service::parse(name?).map_err(of_whom)).collect()
}

fn dependency(value: &Value) -> Result<Dependency, String> {
    let kind = match value.get("kind").and_then(Value::as_str) {
        None => Kind::Normal,
        Some("dev") => Kind::Dev,
        Some("build") => Kind::Build,
        Some(other) => return Err(format!("cargo metadata names an unknown dependency kind {other:?}")),
    };
    Ok(Dependency {
        name: text(value, "name")?,
        kind,
        req: text(value, "req")?,
        source: value.get("source").and_then(Value::as_str).map(str::to_owned),
    })
}

fn array<'a>(value: &'a Value, key: &str) -> Result<&'a Vec<Value>, String> {
    value.get(key).and_then(Value::as_array).ok_or_else(|| format!("cargo metadata lacks the list {key:?}"))
}

fn text(value: &Value, key: &str) -> Result<String, String> {
    value
        .get(key)
        .and_then(Value::as_str)
        .map(str::to_owned)
        .ok_or_else(|| format!("cargo metadata lacks the text {key:?}"))
}

#[cfg(test)]
mod tests;
