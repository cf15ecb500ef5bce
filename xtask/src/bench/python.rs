//! A Python with Truthound, in a virtual environment of its own under `target/tools`.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::run;
use crate::workspace::Workspace;

/// What the store is measured beside.
const TRUTHOUND: &str = "truthound==3.2.0";

/// Finds the Python of an earlier run, or makes it; says why it cannot.
pub(super) fn with_truthound(workspace: &Workspace) -> Result<PathBuf, String> {
    let folder = workspace.target("tools").join("truthound-3.2.0");
    let python = folder.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    if works(&python) {
        return Ok(python);
    }
    println!("installing {TRUTHOUND} into {}", folder.display());
    let found = if cfg!(windows) { "python" } else { "python3" };
    // `--clear`: an installation that broke off is begun anew.
    run::run(Command::new(found).args(["-m", "venv", "--clear"]).arg(&folder))?;
    run::run(Command::new(&python).args(["-m", "pip", "install", "--quiet", TRUTHOUND]))?;
    if works(&python) {
        Ok(python)
    } else {
        Err(format!("{TRUTHOUND} was installed, but cannot be imported"))
    }
}

fn works(python: &Path) -> bool {
    run::answers(Command::new(python).args(["-c", "import truthound.stores.backends.filesystem"]))
}
