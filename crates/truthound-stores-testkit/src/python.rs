//! Packages of Python's, for tests of what other programs read and write, and the word of a test that it cannot run here.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Installs packages of Python's into the folder `name` of `tools`, the first time that somebody asks, and returns the folder, which is to
/// be on `PYTHONPATH`.
///
/// Several tests may ask at once, in one process or in several. A folder that was not filled to its end is filled anew.
///
/// # Errors
/// Says why it cannot be done here: there is no `python3`, or pip cannot get the packages.
pub fn python_packages(tools: &Path, name: &str, packages: &[&str]) -> Result<PathBuf, String> {
    let folder = tools.join(name);
    let trouble = |error: std::io::Error| format!("{}: {error}", tools.display());
    std::fs::create_dir_all(tools).map_err(trouble)?;
    let turn = File::create(tools.join(format!("{name}.lock"))).map_err(trouble)?;
    turn.lock().map_err(trouble)?;
    let wanted = packages.join(" ");
    let done = folder.join("installed");
    if std::fs::read_to_string(&done).is_ok_and(|installed| installed == wanted) {
        return Ok(folder);
    }
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip", "install", "--quiet", "--upgrade", "--target"]).arg(&folder).args(packages);
    let output = pip.output().map_err(|error| format!("python3 cannot be started: {error}"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("pip install {wanted}: {}", said.lines().last().unwrap_or_default()));
    }
    std::fs::write(&done, wanted).map_err(trouble)?;
    Ok(folder)
}

/// Reports that a test of a backend cannot run here: on stdout, and in the file that `TRUTHOUND_TEST_SKIPS` names, by which
/// `cargo xtask test` counts.
#[allow(clippy::print_stdout, reason = "what a test says is shown by its runner")]
pub fn skip(backend: &str, reason: &str) {
    println!("skipped: {reason}");
    if let Some(path) = std::env::var_os("TRUTHOUND_TEST_SKIPS") {
        let mut file = File::options().append(true).create(true).open(path).unwrap();
        file.write_all(format!("{backend}\t{reason}\n").as_bytes()).unwrap();
    }
}
