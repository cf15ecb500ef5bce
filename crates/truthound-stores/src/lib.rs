#![cfg_attr(all(feature = "filesystem", feature = "memory"), doc = include_str!("../README.md"))]
#![cfg_attr(
    not(all(feature = "filesystem", feature = "memory")),
    doc = "Stores, finds and keeps data-quality validation results: one trait, many backends, chosen by features."
)]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod backends;
#[cfg(feature = "config-file")]
mod file;
mod functions;
mod registry;

#[cfg(all(feature = "config-file", feature = "retention"))]
pub use file::PolicyFile;
#[cfg(feature = "config-file")]
pub use file::{FileLayer, StoreFile};
#[cfg(feature = "config-file")]
pub use functions::open_config;
pub use functions::{get_store, is_backend_available, list_available_backends, open, open_with};
pub use registry::{Backend, Factory, Registry};

#[cfg(all(
    any(feature = "postgres", feature = "mysql", feature = "sqlite"),
    not(feature = "resilience")
))]
pub use truthound_stores_database::{
    BreakerState, BreakerStatus, CircuitBreakerConfig, HealthCheckConfig, HealthState, HealthStatus,
    RetryConfig, RetryStats,
};
#[cfg(any(feature = "postgres", feature = "mysql", feature = "sqlite"))]
pub use truthound_stores_database::{
    ConnectionPoolConfig, DatabaseConfig, DatabaseStore, PoolConfig, PoolStatus, PoolStrategy, PoolingConfig,
    ResetOnReturn, TruthoundDatabase,
};
#[cfg(feature = "filesystem")]
pub use truthound_stores_filesystem::{Durability, FileSystemConfig, FileSystemStore};
#[cfg(feature = "memory")]
pub use truthound_stores_memory::{MemoryConfig, MemoryStore};
#[cfg(feature = "resilience")]
pub use truthound_stores_resilience::{
    Attempts, BreakerState, BreakerStatus, CircuitBreaker, CircuitBreakerConfig, CircuitBreakerLayer,
    CircuitBreakerStore, HealthCheck, HealthCheckConfig, HealthCheckLayer, HealthCheckStore, HealthState,
    HealthStatus, Permit, Probe, RepeatWrites, Retry, RetryConfig, RetryLayer, RetryStats, RetryStore,
    Signal, Spawn, TokioRuntime, Watching,
};
#[cfg(feature = "retention")]
pub use truthound_stores_retention::{
    Amount, Applied, Because, CompositePolicy, CountBasedPolicy, Deleted, KeepPolicy, PlanSink, PlanTotals,
    Policy, PolicyMode, PredicatePolicy, Protection, Reason, Removal, RestoreFrom, Restored, Retention,
    RetentionAction, RetentionConfig, RetentionLayer, RetentionPlan, RetentionSchedule, RetentionStore,
    RetentionTargets, SizeBasedPolicy, StatusBasedPolicy, TagBasedPolicy, TagMatch, Tick, TimeBasedPolicy,
};

#[cfg(feature = "versioning")]
pub use truthound_stores_versioning::{
    BranchInfo, Bump, ChangeKind, ChangedPath, ChecksumAlgorithm, DeletedHistory, History, ImportOptions,
    ImportReport, LabelInfo, MergeMode, Origin, PathChange, SaveOptions, Version, VersionInfo, VersionNote,
    VersionedStore, VersioningConfig, VersioningLayer, VersioningMode, diff,
};

pub use truthound_stores_core::{codec, json, options};

pub use truthound_stores_core::options::Options;
pub use truthound_stores_core::{Attributes, Ext, Labels, Statistics};
pub use truthound_stores_core::{Body, Checksum};
pub use truthound_stores_core::{BoxFuture, Timer};
pub use truthound_stores_core::{BoxStream, Found, StoreExt};
pub use truthound_stores_core::{
    Capabilities, DeleteOptions, GetOptions, PutMode, PutOptions, Store, StoreInfo,
};
pub use truthound_stores_core::{Change, ChangeOp, ChangePage, ChangeToken};
pub use truthound_stores_core::{Clock, SystemClock, new_run_id, random_u64};
pub use truthound_stores_core::{Collection, Key};
pub use truthound_stores_core::{
    CopyComparison, CopyIssue, CopyOptions, CopyProblem, CopyReport, CopyWatch, OnConflict, copy,
};
pub use truthound_stores_core::{Document, Reading, describe};
pub use truthound_stores_core::{Error, ErrorKind, Result};
pub use truthound_stores_core::{
    Expectation, ExpectationSuite, ResultStatistics, Severity, Tags, TimeText, ValidationResult,
    ValidationResultBuilder, ValidatorResult,
};
pub use truthound_stores_core::{Facts, FactsList, FactsPage};
pub use truthound_stores_core::{
    Finding, Level, MaintainOptions, Progress, ReindexOptions, Report, Upkeep, VerifyOptions,
};
pub use truthound_stores_core::{Grouping, Summaries, Summary};
pub use truthound_stores_core::{Layer, StoreConfig, StoreUrl};
pub use truthound_stores_core::{NamedZone, Timestamp, Zone};
pub use truthound_stores_core::{OrderBy, Query, Status};
pub use truthound_stores_core::{OrderValue, Page, PageToken, Position, page_len};
pub use truthound_stores_core::{Part, Pattern};
pub use truthound_stores_core::{Record, RecordMeta, Revision, Stored, Written};
