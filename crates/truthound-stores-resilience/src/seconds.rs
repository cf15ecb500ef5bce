//! Spans of time as settings give them: numbers of seconds.

use std::time::Duration;

use truthound_stores_core::{Error, Result};

/// Reads a span of time that may be 0.
pub(crate) fn span(name: &str, seconds: f64) -> Result<Duration> {
    Duration::try_from_secs_f64(seconds).map_err(|cause| {
        Error::invalid(format!("{name} = {seconds} is no span of time: give seconds, 0 or more"))
            .caused_by(cause)
    })
}

/// Reads a span of time that must pass for anything to happen.
pub(crate) fn some_time(name: &str, seconds: f64) -> Result<Duration> {
    match span(name, seconds)? {
        Duration::ZERO => {
            Err(Error::invalid(format!("{name} = {seconds} leaves no time: give seconds, more than 0")))
        }
        span => Ok(span),
    }
}

/// Reads a number of calls that must be made for anything to happen.
pub(crate) fn some_calls(name: &str, calls: u32) -> Result<u32> {
    if calls == 0 {
        Err(Error::invalid(format!("{name} = 0 would never be met: give 1 or more")))
    } else {
        Ok(calls)
    }
}

#[cfg(test)]
mod tests;
