//! `file:///absolute`, `file:relative` or a bare path: the folder of the store.

use std::sync::Arc;

use async_trait::async_trait;
use truthound_stores_core::options::Options;
use truthound_stores_core::{Error, Result, Store, StoreUrl};
use truthound_stores_filesystem::{FileSystemConfig, FileSystemStore};

use crate::{Backend, Factory};

pub(super) fn backend() -> Backend {
    Backend::new("filesystem", FileSystem).with_schemes(["file"]).with_url_forms([
        "file:///absolute/path",
        "file:relative/path",
        "a bare path",
    ])
}

struct FileSystem;

#[async_trait]
impl Factory for FileSystem {
    fn place(&self, url: &StoreUrl, options: Options) -> Result<Options> {
        let path = url.path()?;
        if path.is_empty() {
            return Err(Error::invalid(
                "the store's URL names no folder: write file:PATH, or file:. for the current one",
            ));
        }
        if options.get("base_path").is_some() {
            return Err(Error::invalid(
                "the URL names the folder already: leave the option \"base_path\" out",
            ));
        }
        Ok(options.with("base_path", path))
    }

    async fn open(&self, options: Options) -> Result<Arc<dyn Store>> {
        Ok(Arc::new(FileSystemStore::open(FileSystemConfig::from_options(&options)?).await?))
    }
}
