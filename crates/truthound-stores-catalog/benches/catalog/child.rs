//! What the processes do that the program starts of itself.

use std::path::PathBuf;
use std::sync::Arc;

use object_store::local::LocalFileSystem;
use truthound_stores_catalog::TokioRuntime;
use truthound_stores_core::{Grouping, Query, Store as _};
use truthound_stores_testkit::bench::{Outcome, peak_memory};

use crate::fill::{complete, open, query};

/// One process's work.
pub(crate) enum Child {
    /// Nothing: what starting a process costs.
    Start,
    /// Lists the latest documents of an asset, in a bucket that is a folder.
    List(PathBuf),
    /// Reads a whole catalog: counts, sums up by day, and pages through all of it.
    Read(PathBuf),
}

impl Child {
    /// Reads what follows `--child`.
    pub(crate) fn read(words: &[String]) -> Result<Self, String> {
        match words {
            [what] if what == "start" => Ok(Self::Start),
            [what, folder] if what == "list" => Ok(Self::List(folder.into())),
            [what, folder] if what == "read" => Ok(Self::Read(folder.into())),
            _ => Err(format!("no process does {words:?}")),
        }
    }
}

/// Does a process's work; its last line says how much memory that took at most, where that is known.
pub(crate) fn run(child: &Child) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        match child {
            Child::Start => return Ok(()),
            Child::List(folder) => {
                let store =
                    open(Arc::new(LocalFileSystem::new_with_prefix(folder)?), Arc::new(TokioRuntime))?;
                let page = store.list_page(&query(), None).await?;
                // The parent stops its watch at this line.
                println!("{}", page.metas.len());
                complete(page.metas.len())?;
                store.close().await?;
            }
            Child::Read(folder) => {
                let store =
                    open(Arc::new(LocalFileSystem::new_with_prefix(folder)?), Arc::new(TokioRuntime))?;
                let count = store.count(&Query::new()).await?;
                store.summarize(&Query::new(), Grouping::new().with_day(true)).await?;
                let (all, mut after, mut found) = (Query::new().with_page_size(10_000), None, 0);
                loop {
                    let page = store.list_page(&all, after).await?;
                    found += page.metas.len() as u64;
                    after = page.next;
                    if after.is_none() {
                        break;
                    }
                }
                if found != count {
                    return Err(format!("{found} of {count} documents were listed").into());
                }
                println!("{count}");
                store.close().await?;
            }
        }
        if let Some(kilobytes) = peak_memory() {
            println!("{kilobytes}");
        }
        Ok(())
    })
}
