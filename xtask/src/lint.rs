//! The checks that are one cargo command each.

use crate::outcome::Outcome;
use crate::run;
use crate::workspace::Workspace;

/// Fails when a file is not formatted.
pub(crate) fn fmt(workspace: &Workspace) -> Outcome {
    Ok(run::run(&mut workspace.cargo(&["fmt", "--all", "--check", "--", "--color", "never"]))?)
}

/// Fails on any warning of the compiler or of clippy, tests included.
pub(crate) fn clippy(workspace: &Workspace) -> Outcome {
    Ok(run::run(&mut workspace.cargo(&[
        "clippy",
        "--workspace",
        "--all-targets",
        "--all-features",
        "--",
        "-D",
        "warnings",
    ]))?)
}

/// Fails on any warning of rustdoc.
pub(crate) fn docs(workspace: &Workspace) -> Outcome {
    let mut cargo = workspace.cargo(&["doc", "--workspace", "--no-deps", "--all-features"]);
    Ok(run::run(cargo.env("RUSTDOCFLAGS", "-D warnings"))?)
}
