//! pyarrow and `DuckDB`, for tests of what other programs read. The unit tests of segments use this file, too.

use std::path::{Path, PathBuf};

use truthound_stores_testkit::python_packages;

/// Finds the libraries, and installs them into `target/tools` the first time. Answers why they cannot be.
pub(crate) fn libraries() -> Result<PathBuf, String> {
    let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/tools");
    python_packages(&tools, "parquet", &["pyarrow==26.0.1", "duckdb==2.0.1"])
}

/// Reports that this machine cannot do what the test needs.
pub(crate) fn skip(reason: &str) {
    truthound_stores_testkit::skip("catalog", reason);
}
