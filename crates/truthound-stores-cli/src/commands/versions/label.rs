//! `versions label`: names that people give to versions.

use clap::{Args, Subcommand};
use truthound_stores::{Error, ErrorKind, Store};

use super::rows;
use crate::context::Context;
use crate::exit::{Code, Failure};
use crate::output::print_objects;

/// Give, move, list and remove labels; a version that bears one is kept whatever max_versions says.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  truthound-stores versions label add run_1 approved v2")]
pub(crate) struct LabelCommand {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Give a version a label; the exit code is 4 if the document has such a label
    Add {
        /// The document's id
        id: String,
        /// The label
        name: String,
        /// The version
        #[arg(default_value = "latest")]
        version: String,
        /// Who gives it
        #[arg(long, value_name = "A")]
        author: Option<String>,
    },
    /// Move a label to another version
    Move {
        /// The document's id
        id: String,
        /// The label
        name: String,
        /// The version
        #[arg(default_value = "latest")]
        version: String,
    },
    /// List the labels of a document
    List {
        /// The document's id
        id: String,
    },
    /// Remove a label; the exit code is 3 if there is none
    Remove {
        /// The document's id
        id: String,
        /// The label
        name: String,
    },
}

pub(super) async fn run(options: &LabelCommand, context: &mut Context) -> Result<Code, Failure> {
    let format = context.format_without_ids("labels are")?;
    let store = context.place.open_versions().await?;
    let labels = match &options.action {
        Action::Add { id, name, version, author } => {
            vec![store.add_label(&context.key(id)?, name, version, author.clone()).await?]
        }
        Action::Move { id, name, version } => vec![store.move_label(&context.key(id)?, name, version).await?],
        Action::List { id } => store.list_labels(&context.key(id)?).await?,
        Action::Remove { id, name } => {
            let key = context.key(id)?;
            if !store.remove_label(&key, name).await? {
                return Err(Error::new(ErrorKind::NotFound, format!("there is no label {name:?}"))
                    .at(&key)
                    .into());
            }
            Vec::new()
        }
    };
    // What was removed leaves nothing to be told of.
    if !matches!(options.action, Action::Remove { .. }) {
        print_objects(&mut context.out, format, &labels, |out| rows::labels(out, &labels))?;
    }
    store.close().await?;
    Ok(Code::Done)
}
