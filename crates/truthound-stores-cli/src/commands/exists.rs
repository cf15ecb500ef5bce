//! `exists`: whether there is a document.

use clap::Args;
use truthound_stores::StoreExt;

use crate::context::Context;
use crate::exit::{Code, Failure};

/// Print whether a document is stored: true (exit code 0) or false (exit code 3).
#[derive(Debug, Args)]
pub(crate) struct Exists {
    /// The document's id
    id: String,
}

pub(crate) async fn run(options: &Exists, context: &mut Context) -> Result<Code, Failure> {
    let key = context.key(&options.id)?;
    let store = context.open_to_read().await?;
    let exists = store.exists(&key).await?;
    context.out.line(exists.to_string())?;
    store.close().await?;
    Ok(if exists { Code::Done } else { Code::NotFound })
}
