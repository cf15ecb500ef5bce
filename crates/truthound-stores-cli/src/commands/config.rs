//! `config check`: whether a configuration file can be used.

use clap::{Args, Subcommand};
use serde_json::Value;

use crate::context::Context;
use crate::exit::{Code, Failure};
use crate::output::{Row, cell, print_objects, table};

/// Check a configuration file.
#[derive(Debug, Args)]
pub(crate) struct Config {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Check that the file of --config can be used, and say which store it names
    ///
    /// Unknown and contradictory options, and environment variables that are not set, are errors that name them. Nothing is saved, and
    /// no folder is made; `doctor` says how the store itself is.
    #[command(after_help = "\
Example:
  truthound-stores --config truthound-stores.toml config check")]
    Check,
}

/// A file that can be used.
struct Usable {
    file: String,
    backend: String,
    location: String,
}

impl Row for Usable {
    const NAMES: &'static [&'static str] = &["file", "backend", "location"];

    fn values(&self) -> Vec<Value> {
        vec![self.file.as_str().into(), self.backend.as_str().into(), self.location.as_str().into()]
    }
}

pub(crate) async fn run(options: &Config, context: &mut Context) -> Result<Code, Failure> {
    let Action::Check = options.action;
    let format = context.format_without_ids("configurations are")?;
    let Some(file) = context.place.config() else {
        return Err(Failure::Usage("name the file to check: --config FILE".to_owned()));
    };
    let file = file.display().to_string();
    let store = context.open().await?;
    let info = store.info();
    let usable = [Usable { file, backend: info.backend, location: info.location }];
    print_objects(&mut context.out, format, &usable, |out| {
        let mut lines = table(out, &["FILE", "BACKEND", "LOCATION"]);
        lines.add_rows(usable.iter().map(|one| [cell(&one.file), cell(&one.backend), cell(&one.location)]));
        lines
    })?;
    store.close().await?;
    Ok(Code::Done)
}
