//! Making calls, some at once, and taking the time.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::task::JoinSet;
use truthound_stores::{Clock, Error, ErrorKind, Result, SystemClock};

/// When a measurement ends, and how many calls run at once.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    pub(super) calls: u64,
    pub(super) time: Duration,
    pub(super) concurrency: usize,
}

/// What was measured.
#[derive(Clone, Debug)]
pub(super) struct Measured {
    pub(super) operation: &'static str,
    pub(super) documents: u64,
    pub(super) took: Duration,
    /// How long each call took, shortest first.
    pub(super) latencies: Vec<Duration>,
}

impl Measured {
    /// Returns the latency that `percent` of the calls did not exceed (nearest rank).
    pub(super) fn percentile(&self, percent: usize) -> Duration {
        let rank = (self.latencies.len() * percent).div_ceil(100).max(1);
        self.latencies.get(rank - 1).copied().unwrap_or_default()
    }
}

/// What a call did.
#[derive(Clone, Copy, Debug)]
pub(super) struct Called {
    /// How many documents it dealt with.
    pub(super) documents: u64,
    /// How long the store took; making documents is not its work.
    pub(super) took: Duration,
}

/// Waits for `call`, which answers how many documents it dealt with, and takes the time.
pub(super) async fn timed(call: impl Future<Output = Result<u64>>) -> Result<Called> {
    let clock = SystemClock::new();
    let before = clock.monotonic();
    let documents = call.await?;
    Ok(Called { documents, took: clock.monotonic().saturating_sub(before) })
}

/// Makes calls with the numbers 0, 1, 2, … until the bounds are met; `begun` counts them. The first call is always made.
///
/// # Errors
/// The first error of a call: the measurement ends there.
pub(super) async fn measure<F, C>(
    operation: &'static str,
    bounds: Bounds,
    begun: Arc<AtomicU64>,
    call: F,
) -> Result<Measured>
where
    F: Fn(u64) -> C + Clone + Send + Sync + 'static,
    C: Future<Output = Result<Called>> + Send,
{
    let clock = SystemClock::new();
    let start = clock.monotonic();
    let mut workers = JoinSet::new();
    for _ in 0..bounds.concurrency {
        let (begun, call) = (Arc::clone(&begun), call.clone());
        workers.spawn(async move {
            let (mut documents, mut latencies) = (0, Vec::new());
            loop {
                // Before a number is taken: each number that is taken is used, so that the numbers have no holes.
                let is_late = clock.monotonic().saturating_sub(start) >= bounds.time;
                let next = begun.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |next| {
                    (next < bounds.calls && (next == 0 || !is_late)).then_some(next + 1)
                });
                let Ok(n) = next else { return Ok::<_, Error>((documents, latencies)) };
                let called = call(n).await?;
                documents += called.documents;
                latencies.push(called.took);
            }
        });
    }
    let mut measured = Measured { operation, documents: 0, took: Duration::ZERO, latencies: Vec::new() };
    while let Some(ended) = workers.join_next().await {
        // Dropping the others at an error ends them.
        let (documents, latencies) = ended
            .map_err(|cause| Error::new(ErrorKind::Internal, "a call ended abnormally").caused_by(cause))??;
        measured.documents += documents;
        measured.latencies.extend(latencies);
    }
    measured.took = clock.monotonic().saturating_sub(start);
    measured.latencies.sort_unstable();
    Ok(measured)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_latencies_that_occurred() {
        let with = |millis: std::ops::Range<u64>| Measured {
            operation: "get",
            documents: 0,
            took: Duration::ZERO,
            latencies: millis.map(Duration::from_millis).collect(),
        };
        assert_eq!(with(1..101).percentile(50), Duration::from_millis(50));
        assert_eq!(with(1..101).percentile(99), Duration::from_millis(99));
        assert_eq!(with(7..8).percentile(50), Duration::from_millis(7));
        assert_eq!(with(7..9).percentile(99), Duration::from_millis(8));
        assert_eq!(with(0..0).percentile(99), Duration::ZERO);
    }
}
