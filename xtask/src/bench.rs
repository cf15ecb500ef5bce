//! `cargo xtask bench`: measures, and puts the table into `docs/performance.md`.
//!
//! The measuring is done by the crate's own bench target, which prints a line of JSON per row. What is measured against what is
//! explained in `docs/performance.md`. Nothing here is a test: figures depend on the machine, and a busy one makes them wrong.

mod page;
mod python;
mod table;

use std::path::PathBuf;

use table::Table;

use crate::outcome::{Failure, Outcome};
use crate::run;
use crate::services::{self, Service};
use crate::workspace::Workspace;

/// The page that holds the tables.
const PAGE: &str = "docs/performance.md";

/// The crates that have measurements, by the names of their tables; the first one is meant where none is named.
const MEASURED: [&str; 5] = ["filesystem", "catalog", "retention", "versioning", "database"];

/// The features that a crate's measurements need.
fn features(what: &str) -> &'static [&'static str] {
    if what == "database" { &["postgres", "mysql", "sqlite"] } else { &[] }
}

/// The servers that a crate's measurements need.
fn servers(what: &str) -> &'static [Service] {
    if what == "database" { &[Service::Postgres, Service::Mariadb] } else { &[] }
}

/// What the chore was asked for.
#[derive(Debug, PartialEq, Eq)]
struct Options {
    what: &'static str,
    quick: bool,
    write: bool,
    folder: Option<PathBuf>,
    documents: Option<String>,
    only: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        let [what, ..] = MEASURED;
        Self { what, quick: false, write: false, folder: None, documents: None, only: None }
    }
}

/// Measures a store.
pub(crate) fn chore(workspace: &Workspace, args: &[String]) -> Outcome {
    let options = parse(args)?;
    if options.write {
        // A page that cannot take the table is better known before a long run than after it.
        written(workspace, options.what, "")?;
    }
    let (folder, ours) = match &options.folder {
        // Cargo runs the program in another folder than this one.
        Some(folder) => (std::path::absolute(folder).map_err(|e| e.to_string())?, false),
        None => (workspace.target("bench"), true),
    };
    if ours && folder.exists() {
        // What a run that was stopped has left behind: up to a million files.
        std::fs::remove_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    }
    let servers = services::for_bench(servers(options.what))?;
    if let Some(summary) = servers.found.summary() {
        println!("{summary}");
    }
    if options.write && !servers.found.lacking.is_empty() {
        return Err(Failure::Failed(
            "--write takes whole runs, and a server is lacking: see above".to_owned(),
        ));
    }
    let package = format!("truthound-stores-{}", options.what);
    let mut cargo = workspace.cargo(&["bench", "-p", &package, "--bench", options.what]);
    cargo.envs(servers.found.variables());
    for feature in features(options.what) {
        cargo.args(["--features", feature]);
    }
    cargo.arg("--").arg("--folder").arg(&folder);
    if options.quick {
        cargo.arg("--quick");
    }
    if let Some(documents) = &options.documents {
        cargo.args(["--documents", documents]);
    }
    if let Some(only) = &options.only {
        cargo.args(["--only", only]);
    }
    let wants_truthound = options.what == "filesystem"
        && options.only.as_ref().is_none_or(|only| only.split(',').any(|group| group == "truthound"));
    if wants_truthound {
        match python::with_truthound(workspace) {
            Ok(python) => cargo.arg("--python").arg(python),
            Err(why) => {
                println!("Truthound is left out: {why}");
                // The reason goes into the table: one line of it, without paths of this machine.
                cargo.args(["--no-python", "Truthound 3.2.0 could not be installed with Python here"])
            }
        };
    }
    let mut table = Table::default();
    let ended = run::stream(cargo, |line| table.read(line))?;
    if ours {
        // It is empty now; if it is not, whatever is in it is not ours to remove.
        drop(std::fs::remove_dir(&folder));
    }
    table.measured_with(&rustc()?);
    let text = table.markdown();
    println!("\n{text}");
    if !ended {
        return Err(Failure::Failed("the measurement broke off: see above".to_owned()));
    }
    if options.write {
        write(workspace, options.what, &text)?;
    }
    match table.unmet().as_slice() {
        [] => Ok(()),
        unmet => Err(Failure::Failed(format!("limits that are not met: {}", unmet.join(", ")))),
    }
}

fn write(workspace: &Workspace, what: &str, text: &str) -> Result<(), String> {
    let page = written(workspace, what, text)?;
    std::fs::write(workspace.root().join(PAGE), page).map_err(|e| format!("{PAGE}: {e}"))?;
    println!("written to {PAGE}");
    Ok(())
}

/// Gives the page with the table in it.
fn written(workspace: &Workspace, what: &str, text: &str) -> Result<String, String> {
    let read = std::fs::read_to_string(workspace.root().join(PAGE)).map_err(|e| format!("{PAGE}: {e}"))?;
    page::with_table(&read, what, text).map_err(|e| format!("{PAGE}: {e}"))
}

fn rustc() -> Result<String, String> {
    let version = run::capture(std::process::Command::new("rustc").arg("--version"))?;
    Ok(version.split_whitespace().take(2).collect::<Vec<_>>().join(" "))
}

fn parse(args: &[String]) -> Outcome<Options> {
    let mut options = Options::default();
    let mut words = args.iter();
    while let Some(word) = words.next() {
        let mut value =
            || words.next().cloned().ok_or_else(|| Failure::Usage(format!("bench: {word} needs a value")));
        match word.as_str() {
            "--quick" => options.quick = true,
            "--write" => options.write = true,
            "--folder" => options.folder = Some(value()?.into()),
            "--documents" => options.documents = Some(value()?),
            "--only" => options.only = Some(value()?),
            _ => {
                let Some(what) = MEASURED.into_iter().find(|what| what == word) else {
                    let known = MEASURED.join(", ");
                    return Err(Failure::Usage(format!(
                        "bench: what is {word:?}? What can be measured: {known}"
                    )));
                };
                options.what = what;
            }
        }
    }
    if options.write && (options.only.is_some() || options.documents.is_some()) {
        return Err(Failure::Usage(
            "bench: --write takes whole runs; leave --only and --documents out".to_owned(),
        ));
    }
    Ok(options)
}

#[cfg(test)]
mod tests;
