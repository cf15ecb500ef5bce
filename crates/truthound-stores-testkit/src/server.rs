//! Parts of servers that several tests use at once.

use std::env;
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use crate::skip;

/// Returns a name that no other test uses, of this run or of another one: for a part of what several tests share. It begins with `kind`.
pub fn fresh_name(kind: &str) -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let start = SystemTime::UNIX_EPOCH.elapsed().map_or(0, |passed: Duration| passed.as_nanos());
    format!("{kind}{start:x}-{}-{}", process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

/// Returns the URL of the server that an environment variable names. Without one the test is skipped, which is said: `name` is what the run's
/// last lines call the server.
pub fn server_url(name: &str, variable: &str) -> Option<String> {
    let url = env::var_os(variable);
    if url.is_none() {
        skip(name, &format!("{variable} is not set"));
    }
    url.map(|url| url.into_string().unwrap())
}
