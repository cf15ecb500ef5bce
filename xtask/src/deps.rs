//! `cargo xtask deps`: what a set of features may pull in, and which of our crates may depend on which.

use std::collections::BTreeSet;

use crate::metadata::{Kind, Metadata, Package};
use crate::outcome::{Failure, Outcome};
use crate::roles::{Role, UMBRELLA};
use crate::run;
use crate::workspace::Workspace;

/// A promise about the external crates that one set of features builds on Linux.
struct Rule {
    package: &'static str,
    /// Features, separated by commas, with the default ones off; `None` is all of them.
    features: Option<&'static str>,
    /// How many external crates at most.
    max: usize,
    /// Names that must not be among them.
    forbidden: &'static [&'static [&'static str]],
}

/// The platform whose tree is counted: others add their own system crates.
const PLATFORM: &str = "x86_64-unknown-linux-gnu";

const HTTP: &[&str] = &["reqwest", "hyper", "hyper-util", "ureq", "object_store"];
const TLS: &[&str] = &["openssl", "openssl-sys", "native-tls", "aws-lc-rs", "aws-lc-sys", "rustls", "ring"];
/// What TLS must not be made of.
const AWS: &[&str] = &["openssl", "openssl-sys", "native-tls", "aws-lc-rs", "aws-lc-sys"];
const SQLITE: &[&str] = &["libsqlite3-sys", "rusqlite"];
const SQL: &[&str] = &[
    "sqlx",
    "sqlx-core",
    "sqlx-postgres",
    "sqlx-mysql",
    "sqlx-sqlite",
    "tokio-postgres",
    "postgres",
    "mysql_async",
    "rsa",
];
const RUNTIMES: &[&str] = &["tokio", "async-std", "smol", "async-io"];
/// Compression and formats that somebody who asked for `memory` alone has no use for.
const CODECS: &[&str] = &["flate2", "lz4_flex", "saphyr-parser", "zstd", "zstd-sys"];

/// Raise a `max` only together with the reason for the new crates.
const RULES: &[Rule] = &[
    Rule {
        package: "truthound-stores-core",
        features: Some(""),
        max: 40,
        forbidden: &[RUNTIMES, HTTP, TLS, SQL, SQLITE, CODECS],
    },
    Rule {
        package: "truthound-stores-core",
        features: None,
        max: 50,
        forbidden: &[RUNTIMES, HTTP, TLS, SQL, SQLITE],
    },
    Rule {
        package: UMBRELLA,
        features: Some("memory"),
        max: 45,
        forbidden: &[RUNTIMES, HTTP, TLS, SQL, SQLITE, CODECS],
    },
    Rule {
        package: "truthound-stores-resilience",
        features: Some(""),
        max: 36,
        forbidden: &[RUNTIMES, HTTP, TLS, SQL, SQLITE, CODECS],
    },
    // Eleven for SHA-1, SHA-2 and MD5, see decision 0016.
    Rule {
        package: "truthound-stores-versioning",
        features: Some(""),
        max: 50,
        forbidden: &[RUNTIMES, HTTP, TLS, SQL, SQLITE, CODECS],
    },
    Rule {
        package: UMBRELLA,
        features: Some("memory,resilience"),
        max: 45,
        forbidden: &[HTTP, TLS, SQL, SQLITE, CODECS],
    },
    Rule {
        package: UMBRELLA,
        features: Some("memory,versioning"),
        max: 50,
        forbidden: &[RUNTIMES, HTTP, TLS, SQL, SQLITE, CODECS],
    },
    Rule {
        package: "truthound-stores-retention",
        features: Some(""),
        max: 40,
        forbidden: &[RUNTIMES, HTTP, TLS, SQL, SQLITE, CODECS],
    },
    // sqlx, its drivers, and TLS with ring where there is a server; see decision 0014.
    Rule {
        package: "truthound-stores-database",
        features: Some("postgres"),
        max: 160,
        forbidden: &[HTTP, SQLITE, AWS, &["sqlx-mysql", "sqlx-sqlite", "rsa"]],
    },
    Rule {
        package: "truthound-stores-database",
        features: Some("mysql"),
        max: 150,
        forbidden: &[HTTP, SQLITE, AWS, &["sqlx-postgres", "sqlx-sqlite", "rsa"]],
    },
    Rule {
        package: "truthound-stores-database",
        features: Some("sqlite"),
        max: 130,
        forbidden: &[HTTP, TLS, &["rusqlite", "sqlx-mysql", "sqlx-postgres"]],
    },
    // SQLite and its binding are 11 of them: the filesystem store's index, see decision 0008.
    Rule { package: UMBRELLA, features: Some("filesystem"), max: 58, forbidden: &[HTTP, TLS, SQL] },
    Rule {
        package: UMBRELLA,
        features: Some("config-file,filesystem,memory"),
        max: 63,
        forbidden: &[HTTP, TLS, SQL],
    },
];

/// Checks the table and the rules between our own crates.
pub(crate) fn run(workspace: &Workspace) -> Outcome {
    let mut broken = internal(workspace.metadata());
    for rule in RULES {
        let names = external(workspace, rule)?;
        let set = describe(rule);
        println!("{set}: {} external crates, {} allowed", names.len(), rule.max);
        broken.extend(judge(&set, &names, rule.max, rule.forbidden));
    }
    if broken.is_empty() {
        return Ok(());
    }
    Err(Failure::Failed(format!("dependencies break {} rules:\n  {}", broken.len(), broken.join("\n  "))))
}

fn describe(rule: &Rule) -> String {
    match rule.features {
        None => format!("{} with all features", rule.package),
        Some("") => format!("{} without features", rule.package),
        Some(features) => format!("{} with {features} alone", rule.package),
    }
}

/// Asks cargo for the external crates of a rule's set, as `name version`.
fn external(workspace: &Workspace, rule: &Rule) -> Result<BTreeSet<String>, String> {
    let mut tree = workspace.cargo(&["tree", "--locked", "--edges", "normal,build", "--target", PLATFORM]);
    tree.args(["--prefix", "none", "--no-dedupe", "--format", "{p}", "--package", rule.package]);
    match rule.features {
        None => tree.arg("--all-features"),
        Some("") => tree.arg("--no-default-features"),
        Some(features) => tree.args(["--no-default-features", "--features", features]),
    };
    Ok(external_in(&run::capture(&mut tree)?, workspace.metadata()))
}

/// Reads lines such as `syn v2.0.119` and `core v0.1.0 (/path)`, and leaves out the members of the workspace.
fn external_in(tree: &str, metadata: &Metadata) -> BTreeSet<String> {
    tree.lines()
        .filter_map(|line| {
            let mut words = line.split_whitespace();
            let (name, version) = (words.next()?, words.next()?);
            let ours = metadata.packages.iter().any(|package| package.name == name);
            (!ours).then(|| format!("{name} {}", version.trim_start_matches('v')))
        })
        .collect()
}

/// Holds what was found against what is allowed.
fn judge(set: &str, found: &BTreeSet<String>, max: usize, forbidden: &[&[&str]]) -> Vec<String> {
    let mut broken = Vec::new();
    if found.len() > max {
        let list: Vec<&str> = found.iter().map(String::as_str).collect();
        broken.push(format!("{set}: {} external crates, {max} allowed: {}", found.len(), list.join(", ")));
    }
    for krate in found {
        let name = krate.split(' ').next().unwrap_or(krate);
        if forbidden.iter().any(|group| group.contains(&name)) {
            broken.push(format!(
                "{set}: must not contain {krate} (`cargo tree -i {name}` shows who asks for it)"
            ));
        }
    }
    broken
}

/// The rules between the members of the workspace.
fn internal(metadata: &Metadata) -> Vec<String> {
    let mut broken = Vec::new();
    for package in &metadata.packages {
        let Some(role) = Role::of(&package.name) else {
            broken.push(format!("{}: has no role yet; give it one in xtask/src/roles.rs", package.name));
            continue;
        };
        broken.extend(internal_of(package, role));
    }
    broken
}

fn internal_of(package: &Package, role: Role) -> Vec<String> {
    let name = &package.name;
    let mut broken = Vec::new();
    for dependency in &package.dependencies {
        let on = &dependency.name;
        if dependency.source.as_deref().is_some_and(|source| source.starts_with("git+")) {
            broken.push(format!("{name}: {on} comes from a git repository; take it from the registry"));
        }
        if dependency.kind == Kind::Dev {
            if Role::of(on) == Some(Role::Testkit) && dependency.req != "*" {
                broken.push(format!(
                    "{name}: asks for version {} of {on}; by path alone, else publishing goes round in a circle",
                    dependency.req
                ));
            }
            continue;
        }
        if role == Role::Core && RUNTIMES.contains(&on.as_str()) {
            broken.push(format!("{name}: depends on {on}, but core knows no runtime"));
        }
        if let Some(other) = Role::of(on)
            && !role.may_depend_on(other)
        {
            broken.push(format!("{name} ({role:?}) must not depend on {on} ({other:?})"));
        }
    }
    broken
}

#[cfg(test)]
mod tests;
