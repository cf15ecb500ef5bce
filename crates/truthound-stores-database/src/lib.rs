#![cfg_attr(any(feature = "postgres", feature = "mysql", feature = "sqlite"), doc = include_str!("docs.md"))]
#![cfg_attr(
    not(any(feature = "postgres", feature = "mysql", feature = "sqlite")),
    doc = "Keeps data-quality results in the tables of a database. Without one of its features `postgres`, `mysql` and `sqlite` there are only the settings."
)]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod config;

#[cfg(any(feature = "postgres", feature = "mysql", feature = "sqlite"))]
mod conn;
#[cfg(any(feature = "postgres", feature = "mysql", feature = "sqlite"))]
mod dialect;
#[cfg(any(feature = "postgres", feature = "mysql", feature = "sqlite"))]
mod error;
#[cfg(any(feature = "postgres", feature = "mysql", feature = "sqlite"))]
mod escape;
#[cfg(any(feature = "postgres", feature = "mysql", feature = "sqlite"))]
mod feed;
#[cfg(any(feature = "postgres", feature = "mysql", feature = "sqlite"))]
mod find;
#[cfg(any(feature = "postgres", feature = "mysql", feature = "sqlite"))]
mod guard;
#[cfg(any(feature = "postgres", feature = "mysql", feature = "sqlite"))]
mod legacy;
#[cfg(any(feature = "postgres", feature = "mysql", feature = "sqlite"))]
mod pool;
#[cfg(any(feature = "postgres", feature = "mysql", feature = "sqlite"))]
mod row;
#[cfg(any(feature = "postgres", feature = "mysql", feature = "sqlite"))]
mod schema;
#[cfg(any(feature = "postgres", feature = "mysql", feature = "sqlite"))]
mod sql;
#[cfg(any(feature = "postgres", feature = "mysql", feature = "sqlite"))]
mod store;
#[cfg(any(feature = "postgres", feature = "mysql", feature = "sqlite"))]
mod sums;
#[cfg(any(feature = "postgres", feature = "mysql", feature = "sqlite"))]
mod target;
#[cfg(any(feature = "postgres", feature = "mysql", feature = "sqlite"))]
mod upkeep;
#[cfg(any(feature = "postgres", feature = "mysql", feature = "sqlite"))]
mod write;

pub use config::{
    ConnectionPoolConfig, DatabaseConfig, PoolConfig, PoolStrategy, PoolingConfig, ResetOnReturn,
};
#[cfg(any(feature = "postgres", feature = "mysql", feature = "sqlite"))]
pub use legacy::TruthoundDatabase;
#[cfg(any(feature = "postgres", feature = "mysql", feature = "sqlite"))]
pub use pool::PoolStatus;
#[cfg(any(feature = "postgres", feature = "mysql", feature = "sqlite"))]
pub use store::DatabaseStore;
pub use truthound_stores_resilience::{
    BreakerState, BreakerStatus, CircuitBreakerConfig, HealthCheckConfig, HealthState, HealthStatus,
    RetryConfig, RetryStats,
};
