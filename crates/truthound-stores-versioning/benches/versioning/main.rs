//! Measures saves that make versions, and looks at long histories: `cargo xtask bench versioning`.
//!
//! What is printed is one line of JSON per row; `docs/performance.md` explains the rows.

mod document;
mod list;
mod place;
mod save;

use std::path::Path;
use std::process::ExitCode;

use truthound_stores_testkit::bench::{Ask, Groups, Outcome, Program, say};

use place::Kind;

/// A group of rows for each kind of store.
const GROUPS: &[&str] = &["memory", "filesystem", "sqlite"];

fn main() -> ExitCode {
    Program { name: "versioning", groups: GROUPS }.run(measure)
}

fn measure(ask: &Ask) -> Outcome {
    std::fs::create_dir_all(&ask.folder)?;
    // Removed when the program ends, whether it ends well or not.
    let room = tempfile::Builder::new().prefix("bench-").tempdir_in(&ask.folder)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(measure_groups(ask, room.path()))
}

async fn measure_groups(ask: &Ask, room: &Path) -> Outcome {
    let mut groups = Groups::default();
    for kind in Kind::ALL {
        let name = kind.name();
        if !ask.wants(name) {
            continue;
        }
        say(name);
        groups.add(name, save::rows(ask, kind, room).await);
        groups.add(name, list::rows(ask, kind, room).await);
    }
    groups.finish()
}
