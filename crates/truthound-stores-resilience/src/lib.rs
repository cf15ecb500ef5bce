#![doc = include_str!("docs.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod breaker;
mod health;
mod retry;
#[cfg(feature = "tokio")]
mod runtime;
mod seconds;
mod spawn;

pub use breaker::{
    BreakerState, BreakerStatus, CircuitBreaker, CircuitBreakerConfig, CircuitBreakerLayer,
    CircuitBreakerStore, Permit, Signal,
};
pub use health::{
    HealthCheck, HealthCheckConfig, HealthCheckLayer, HealthCheckStore, HealthState, HealthStatus, Probe,
    Watching,
};
pub use retry::{Attempts, RepeatWrites, Retry, RetryConfig, RetryLayer, RetryStats, RetryStore};
#[cfg(feature = "tokio")]
#[cfg_attr(docsrs, doc(cfg(feature = "tokio")))]
pub use runtime::TokioRuntime;
pub use spawn::Spawn;
