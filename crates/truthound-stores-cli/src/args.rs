//! The command line.

mod values;

use std::path::PathBuf;

use clap::builder::{OsStringValueParser, TypedValueParser};
use clap::parser::ValueSource;
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};
use truthound_stores::{Collection, FileLayer};

use crate::commands::{
    backends, bench, completions, config, copy, count, delete, demo, diff, doctor, exists, failures, get,
    history, latest, list, maintain, query, reindex, retention, save, stats, trend, verify, versions, watch,
};
use crate::output::Format;

pub(crate) use values::{
    Tag, count as parse_count, duration, interval, on_conflict, order_by, status, tag, version_mode,
};

const AFTER_HELP: &str = "\
Examples:
  truthound-stores demo                                      try it with sample results
  truthound-stores save results.json                         save a result
  truthound-stores query --status failure --since 7d         what failed this week
  truthound-stores trend warehouse.sales.orders              a chart of its runs, by day
  truthound-stores verify                                    is all of it still sound?
  truthound-stores --store ./results history orders.csv      another store
  truthound-stores copy ./results file:/backup/results       all of it, to another place

Exit codes: 0 done, 1 error, 2 usage, 3 not found, 4 conflict, 5 damaged documents";

/// Save, find and compare data-quality validation results.
///
/// Results go to stdout, diagnostics to stderr. Output is a table on a terminal and JSON lines otherwise.
#[derive(Debug, Parser)]
#[command(name = "truthound-stores", version, propagate_version = false, after_help = AFTER_HELP)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options that stand before or after the command.
#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    /// The store: file:PATH, a bare path, memory:, … Options follow as ?name=value&name=value
    /// [default: file:.truthound/store]
    #[arg(long, global = true, value_name = "URL", env = "TRUTHOUND_STORE", hide_env_values = true)]
    pub(crate) store: Option<String>,
    /// A configuration file that names the store; instead of --store
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "TRUTHOUND_STORES_CONFIG",
        hide_env_values = true,
        // The usual reader of paths refuses an empty text; an empty variable is none.
        value_parser = OsStringValueParser::new().map(PathBuf::from)
    )]
    pub(crate) config: Option<PathBuf>,
    /// A layer around the store, as NAME[:key=value,…]: versioning:mode=semantic,max_versions=10. May be repeated, the outermost first
    #[arg(long = "layer", global = true, value_name = "LAYER", value_parser = FileLayer::parse)]
    pub(crate) layers: Vec<FileLayer>,
    /// The store's namespace [default: default]
    #[arg(long, global = true, value_name = "N")]
    pub(crate) namespace: Option<String>,
    /// The collection of documents to work on: results, expectations or another one [default: results]
    #[arg(long, global = true, value_name = "C", value_parser = Collection::new)]
    pub(crate) collection: Option<Collection>,
    /// How to print [default: table on a terminal, jsonl otherwise]
    #[arg(long, global = true, value_name = "F", value_enum)]
    pub(crate) format: Option<Format>,
    /// Whether --store or --config stands on the command line.
    #[arg(skip)]
    pub(crate) names_store: bool,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Demo(demo::Demo),
    Save(save::Save),
    Get(get::Get),
    Exists(exists::Exists),
    Delete(delete::Delete),
    Query(query::QueryCommand),
    List(list::List),
    Count(count::Count),
    Latest(latest::Latest),
    History(history::History),
    Failures(failures::Failures),
    Stats(stats::Stats),
    Trend(trend::Trend),
    Diff(diff::Diff),
    Copy(copy::Copy),
    Versions(versions::Versions),
    Retention(retention::RetentionCommand),
    Watch(watch::Watch),
    Verify(verify::Verify),
    Reindex(reindex::Reindex),
    Maintain(maintain::Maintain),
    Doctor(doctor::Doctor),
    Bench(bench::Bench),
    Backends(backends::Backends),
    Config(config::Config),
    Completions(completions::Completions),
}

/// Reads the command line and the environment variables that stand in for it.
///
/// # Errors
/// What clap has to say: a wrong command line, or the help that was asked for.
pub(crate) fn parse() -> Result<Cli, clap::Error> {
    let mut command = Cli::command();
    let matches = command.try_get_matches_from_mut(std::env::args_os())?;
    let mut cli = Cli::from_arg_matches(&matches).map_err(|error| error.format(&mut command))?;
    let source = |id| matches.value_source(id).unwrap_or(ValueSource::DefaultValue);
    cli.global.names_store = ["store", "config"].map(source).contains(&ValueSource::CommandLine);
    cli.global.settle(source("store"), source("config")).map_err(|(kind, text)| command.error(kind, text))?;
    Ok(cli)
}

impl Global {
    /// Leaves at most one of `store` and `config`: an option beats the environment, and an empty variable is none.
    fn settle(
        &mut self,
        store: ValueSource,
        config: ValueSource,
    ) -> Result<(), (clap::error::ErrorKind, &'static str)> {
        use clap::error::ErrorKind::ArgumentConflict;
        let from_environment = |source| source == ValueSource::EnvVariable;
        if from_environment(store) && self.store.as_ref().is_some_and(String::is_empty) {
            self.store = None;
        }
        if from_environment(config) && self.config.as_ref().is_some_and(|path| path.as_os_str().is_empty()) {
            self.config = None;
        }
        if self.store.is_none() || self.config.is_none() {
            return Ok(());
        }
        match (from_environment(store), from_environment(config)) {
            (true, false) => self.store = None,
            (false, true) => self.config = None,
            (false, false) => {
                return Err((ArgumentConflict, "--store and --config both name a store: give one of them"));
            }
            (true, true) => {
                return Err((
                    ArgumentConflict,
                    "TRUTHOUND_STORE and TRUTHOUND_STORES_CONFIG are both set: give --store or --config, or unset one",
                ));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
