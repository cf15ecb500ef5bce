//! pyarrow and `DuckDB`, for tests of what other programs read. The unit tests of segments use this file, too.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Finds the libraries, and installs them into `target/tools` the first time. Answers why they cannot be.
pub(crate) fn libraries() -> Result<PathBuf, String> {
    let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/tools");
    let folder = tools.join("parquet");
    let trouble = |error: std::io::Error| format!("{}: {error}", tools.display());
    std::fs::create_dir_all(&tools).map_err(trouble)?;
    // Several tests may come at once, in one process or in several.
    let turn = File::create(tools.join("parquet.lock")).map_err(trouble)?;
    turn.lock().map_err(trouble)?;
    if !folder.join("duckdb").is_dir() {
        let mut pip = Command::new("python3");
        pip.args(["-m", "pip", "install", "--quiet", "--upgrade", "--target"])
            .arg(&folder)
            .args(["pyarrow==26.0.1", "duckdb==2.0.1"]);
        let output = pip.output().map_err(|error| format!("python3 cannot be started: {error}"))?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr)
                .lines()
                .last()
                .unwrap_or_default()
                .to_owned());
        }
    }
    Ok(folder)
}

/// Reports that this machine cannot do what the test needs.
pub(crate) fn skip(reason: &str) {
    println!("skipped: {reason}");
    if let Some(path) = std::env::var_os("TRUTHOUND_TEST_SKIPS") {
        let mut file = File::options().append(true).create(true).open(path).unwrap();
        file.write_all(format!("catalog\t{reason}\n").as_bytes()).unwrap();
    }
}
