//! A backend of the caller's own, beside those that are compiled in.

use std::sync::Arc;

use async_trait::async_trait;
use truthound_stores::{
    Backend, Error, Factory, MemoryConfig, MemoryStore, Options, Registry, Result, Store, StoreUrl,
};

use crate::sample;

/// Hands out one shared store.
struct Shelf(MemoryStore);

#[async_trait]
impl Factory for Shelf {
    fn place(&self, url: &StoreUrl, options: Options) -> Result<Options> {
        Ok(options.with("shelf", url.rest()))
    }

    async fn open(&self, mut options: Options) -> Result<Arc<dyn Store>> {
        match options.remove("shelf") {
            Some(name) if name == "top" => {
                MemoryConfig::from_options(&options)?;
                Ok(Arc::new(self.0.clone()))
            }
            _ => Err(Error::invalid("there is only the shelf \"top\"")),
        }
    }
}

fn registry() -> Registry {
    let mut registry = Registry::new();
    let shelf = Shelf(MemoryStore::open(MemoryConfig::default()).unwrap());
    registry.register_store(Backend::new("shelf", shelf).with_schemes(["shelf"])).unwrap();
    registry
}

#[tokio::test]
async fn it_opens_by_name_and_by_url_and_stands_last() {
    let registry = registry();
    assert_eq!(registry.list_available_backends().last(), Some(&"shelf"));
    let by_name = registry.get_store("shelf", Options::new().with("shelf", "top")).await.unwrap();
    let by_url = registry.open("shelf:top").await.unwrap();
    sample::save_and_read_back(&by_name, "run_1").await;
    assert_eq!(sample::ids(&by_url).await, ["run_1"]);
}

#[tokio::test]
async fn its_errors_arrive_unchanged() {
    let error = registry().open("shelf:bottom").await.unwrap_err();
    assert_eq!(error.to_string(), "there is only the shelf \"top\"");
}

#[tokio::test]
async fn it_opens_from_a_clone_of_the_registry_on_another_thread() {
    let (registry, sent) = (registry(), registry().clone());
    let opened = tokio::spawn(async move { sent.open("shelf:top").await.map(|store| store.info().backend) });
    assert_eq!(opened.await.unwrap().unwrap(), "memory");
    assert!(registry.is_backend_available("shelf"));
}
