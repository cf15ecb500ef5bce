//! What these tests do over and over.

use std::sync::Arc;

use futures_util::{StreamExt, TryStreamExt};
use object_store::path::Path;
use object_store::{
    Error, GetOptions, ObjectStore, ObjectStoreExt, PutMode, PutResult, Result, UpdateVersion,
};
use truthound_stores_testkit::ManualClock;
use truthound_stores_testkit::object::{SimulatedStore, StoreOptions};

/// Makes a store without a simulation.
pub(super) fn plain(options: StoreOptions) -> SimulatedStore {
    SimulatedStore::new(options, Arc::new(ManualClock::new(1)), 1)
}

/// Runs what needs no simulation.
pub(super) fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

pub(super) async fn create(store: &dyn ObjectStore, name: &str, text: &str) -> Result<PutResult> {
    store.put_opts(&name.into(), text.to_owned().into(), PutMode::Create.into()).await
}

pub(super) async fn update(
    store: &dyn ObjectStore,
    name: &str,
    text: &str,
    seen: PutResult,
) -> Result<PutResult> {
    store.put_opts(&name.into(), text.to_owned().into(), PutMode::Update(seen.into()).into()).await
}

pub(super) async fn overwrite(store: &dyn ObjectStore, name: &str, text: &str) -> Result<PutResult> {
    store.put(&name.into(), text.to_owned().into()).await
}

/// Reads an object's text, and what an update of it compares.
pub(super) async fn read(store: &dyn ObjectStore, name: &str) -> Result<(String, UpdateVersion)> {
    let got = store.get_opts(&name.into(), GetOptions::default()).await?;
    let seen = UpdateVersion { e_tag: got.meta.e_tag.clone(), version: got.meta.version.clone() };
    Ok((String::from_utf8(got.bytes().await?.to_vec()).unwrap(), seen))
}

pub(super) async fn names(store: &dyn ObjectStore, prefix: &str) -> Result<Vec<String>> {
    let prefix = Path::from(prefix);
    store.list(Some(&prefix)).map_ok(|meta| meta.location.to_string()).try_collect().await
}

pub(super) async fn delete_all(store: &dyn ObjectStore, names: &[&str]) -> Vec<Result<Path>> {
    let names: Vec<Result<Path>> = names.iter().map(|name| Ok(Path::from(*name))).collect();
    store.delete_stream(futures_util::stream::iter(names).boxed()).collect().await
}

/// Names the variant of an error, which is all that callers can act on.
pub(super) fn variant<T>(result: &Result<T>) -> &'static str {
    match result {
        Ok(_) => "Ok",
        Err(Error::NotFound { .. }) => "NotFound",
        Err(Error::AlreadyExists { .. }) => "AlreadyExists",
        Err(Error::Precondition { .. }) => "Precondition",
        Err(Error::NotModified { .. }) => "NotModified",
        Err(Error::NotImplemented { .. }) => "NotImplemented",
        Err(Error::PermissionDenied { .. }) => "PermissionDenied",
        Err(Error::Generic { .. }) => "Generic",
        Err(error) => panic!("{error}"),
    }
}
