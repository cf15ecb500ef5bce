//! `versions branch`: lines of versions beside the current document.

use clap::{Args, Subcommand};
use truthound_stores::{Error, ErrorKind, MergeMode, Store};

use super::{Said, rows};
use crate::context::Context;
use crate::exit::{Code, Failure};
use crate::output::print_objects;

/// Make, list, merge and delete branches; needs enable_branching=true.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  truthound-stores --layer versioning:enable_branching=true versions branch create run_1 fix --at v2
  truthound-stores --layer versioning:enable_branching=true save fixed.json --branch fix
  truthound-stores --layer versioning:enable_branching=true versions branch merge run_1 fix")]
pub(crate) struct BranchCommand {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Make a branch that begins with a version
    Create {
        /// The document's id
        id: String,
        /// The branch's name
        name: String,
        /// The version with which it begins
        #[arg(long, value_name = "V", default_value = "latest")]
        at: String,
        /// Who makes it
        #[arg(long, value_name = "A")]
        author: Option<String>,
    },
    /// List the branches of a document
    List {
        /// The document's id
        id: String,
    },
    /// Make the content of a branch the latest version; the exit code is 4 if both have moved on
    Merge {
        /// The document's id
        id: String,
        /// The branch
        name: String,
        /// The branch to merge into [default: main, the current document]
        #[arg(long, value_name = "B")]
        into: Option<String>,
        /// Take the branch's content though both have moved on
        #[arg(long)]
        theirs: bool,
        #[command(flatten)]
        said: Said,
    },
    /// Delete a branch; the exit code is 3 if there is none
    Delete {
        /// The document's id
        id: String,
        /// The branch
        name: String,
    },
}

pub(super) async fn run(options: &BranchCommand, context: &mut Context) -> Result<Code, Failure> {
    let format = context.format_without_ids("branches are")?;
    let store = context.place.open_versions().await?;
    match &options.action {
        Action::Create { id, name, at, author } => {
            let made = [store.create_branch(&context.key(id)?, name, at, author.clone()).await?];
            print_objects(&mut context.out, format, &made, |out| rows::branches(out, &made))?;
        }
        Action::List { id } => {
            let branches = store.list_branches(&context.key(id)?).await?;
            print_objects(&mut context.out, format, &branches, |out| rows::branches(out, &branches))?;
        }
        Action::Merge { id, name, into, theirs, said } => {
            let mut said = said.options();
            said.branch.clone_from(into);
            let how = if *theirs { MergeMode::Theirs } else { MergeMode::FastForward };
            let made = [store.merge(&context.key(id)?, name, how, said).await?];
            print_objects(&mut context.out, format, &made, |out| rows::versions(out, &made))?;
        }
        Action::Delete { id, name } => {
            let key = context.key(id)?;
            if !store.delete_branch(&key, name).await? {
                return Err(Error::new(ErrorKind::NotFound, format!("there is no branch {name:?}"))
                    .at(&key)
                    .into());
            }
        }
    }
    store.close().await?;
    Ok(Code::Done)
}
