//! The suite that every store passes, over memory that can fail, in every mode.

use std::sync::Arc;

use truthound_stores_core::SystemClock;
use truthound_stores_memory::MemoryStore;
use truthound_stores_testkit::{
    FragilePlace, OpenedPlace, PassThrough, Place, WrappedPlace, conformance_tests,
};
use truthound_stores_versioning::{DeletedHistory, VersionedStore, VersioningConfig, VersioningMode};

/// A memory that can fail.
pub(crate) fn memory() -> FragilePlace<impl Place> {
    let memory = MemoryStore::new();
    FragilePlace::new(OpenedPlace::new(move |namespace| Arc::new(memory.in_namespace(namespace).unwrap())))
}

/// A place whose stores keep versions.
fn versioned(config: VersioningConfig) -> impl Place {
    WrappedPlace::new(memory(), move |store| {
        Arc::new(VersionedStore::new(store, config.clone(), Arc::new(SystemClock::new())).unwrap())
    })
}

fn config() -> VersioningConfig {
    VersioningConfig::new()
}

conformance_tests!(incremental, || versioned(config()));
conformance_tests!(git_like_without_changes, || versioned(
    config().with_mode(VersioningMode::GitLike).with_track_changes(false)
));
conformance_tests!(semantic_with_few_versions, || versioned(
    config().with_mode(VersioningMode::Semantic).with_max_versions(2)
));
conformance_tests!(timestamp_without_histories_of_the_deleted, || versioned(
    config().with_mode(VersioningMode::Timestamp).with_deleted_history(DeletedHistory::Remove)
));
conformance_tests!(passed_through, || WrappedPlace::new(versioned(config()), |store| {
    Arc::new(PassThrough::new(store))
}));
