//! What the processes do that the program starts of itself.

use std::path::PathBuf;

use truthound_stores_core::{Collection, Reading, Record, Store as _, StoreExt as _};
use truthound_stores_filesystem::{FileSystemConfig, FileSystemStore};

use truthound_stores_testkit::bench::peak_memory;

use crate::list::{complete, query};
use crate::{Outcome, baseline};

/// One process's work.
pub(crate) enum Child {
    /// Nothing: what starting a process costs.
    Start,
    /// Saves the document in a file, with the store under a folder.
    Save(PathBuf, PathBuf),
    /// Saves the document in a file into a folder, by the loop.
    Loop(PathBuf, PathBuf),
    /// Lists the latest documents of an asset in the store under a folder.
    List(PathBuf),
}

impl Child {
    /// Reads what follows `--child`.
    pub(crate) fn read(words: &[String]) -> Result<Self, String> {
        match words {
            [what] if what == "start" => Ok(Self::Start),
            [what, base, input] if what == "save" => Ok(Self::Save(base.into(), input.into())),
            [what, folder, input] if what == "loop" => Ok(Self::Loop(folder.into(), input.into())),
            [what, base] if what == "list" => Ok(Self::List(base.into())),
            _ => Err(format!("no process does {words:?}")),
        }
    }
}

/// Does a process's work.
pub(crate) fn run(child: &Child) -> Outcome {
    match child {
        Child::Start => Ok(()),
        Child::Save(base, input) => on_runtime(async {
            let record = Record::parse(Collection::RESULTS, &std::fs::read(input)?, &Reading::default())?;
            let store = FileSystemStore::open(FileSystemConfig::new(base)).await?;
            store.put(record).await?;
            Ok(store.close().await?)
        }),
        Child::Loop(folder, input) => {
            let name = input.file_stem().ok_or("the document's file has no name")?.to_string_lossy();
            baseline::Saver::new(folder, 0)?.save(&name, &std::fs::read(input)?)
        }
        Child::List(base) => on_runtime(async {
            let store = FileSystemStore::open(FileSystemConfig::new(base)).await?;
            let page = store.list_page(&query(), None).await?;
            // The parent stops its watch at this line.
            println!("{}", page.metas.len());
            complete(page.metas.len())?;
            store.close().await?;
            if let Some(kilobytes) = peak_memory() {
                println!("{kilobytes}");
            }
            Ok(())
        }),
    }
}

/// Runs on one thread, as a program that makes one call does.
fn on_runtime(work: impl Future<Output = Outcome>) -> Outcome {
    tokio::runtime::Builder::new_current_thread().build()?.block_on(work)
}
