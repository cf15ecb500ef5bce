//! `delete`: removes documents.

use clap::Args;
use truthound_stores::{DeleteOptions, Error};

use crate::context::Context;
use crate::exit::{Code, Failure};
use crate::stderr;

/// Delete documents.
///
/// If one is absent the others are deleted all the same, and the exit code is 3. A wrong id deletes nothing.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  truthound-stores delete run_20260131_120000_0a1b2c3d
  truthound-stores list --asset staging.orders --format ids | xargs truthound-stores delete")]
pub(crate) struct Delete {
    /// The documents' ids
    #[arg(required = true, value_name = "ID")]
    ids: Vec<String>,
}

pub(crate) async fn run(options: &Delete, context: &mut Context) -> Result<Code, Failure> {
    let keys = options.ids.iter().map(|id| context.key(id)).collect::<Result<Vec<_>, _>>()?;
    let store = context.open_to_read().await?;
    let outcomes = store.delete_many(keys.clone(), DeleteOptions::default()).await;
    let mut code = Code::Done;
    for (key, outcome) in keys.iter().zip(outcomes) {
        let error = match outcome {
            Ok(true) => continue,
            Ok(false) => Error::not_found(key).during("delete"),
            Err(error) => error.during("delete").at(key),
        };
        stderr::error(&error.report());
        // That something failed matters more than that something was not there.
        if matches!(code, Code::Done | Code::NotFound) {
            code = error.kind().into();
        }
    }
    store.close().await?;
    Ok(code)
}
