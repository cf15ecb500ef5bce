//! `memory:`: a store of its own at each opening.

use std::sync::Arc;

use async_trait::async_trait;
use truthound_stores_core::options::Options;
use truthound_stores_core::{Error, Result, Store, StoreUrl};
use truthound_stores_memory::{MemoryConfig, MemoryStore};

use crate::{Backend, Factory};

pub(super) fn backend() -> Backend {
    Backend::new("memory", Memory).with_schemes(["memory"]).with_url_forms(["memory:"])
}

struct Memory;

#[async_trait]
impl Factory for Memory {
    fn place(&self, url: &StoreUrl, options: Options) -> Result<Options> {
        if url.rest().is_empty() {
            return Ok(options);
        }
        Err(Error::invalid(format!(
            "a store in memory has no path: write memory: and nothing after it, not {url}"
        )))
    }

    async fn open(&self, options: Options) -> Result<Arc<dyn Store>> {
        Ok(Arc::new(MemoryStore::open(MemoryConfig::from_options(&options)?)?))
    }
}
