//! Being asked to stop: Ctrl-C, and what service managers send.

use std::io;
use std::pin::pin;

use futures_util::future::{self, Either};

/// Waits for somebody to ask the program to stop.
#[derive(Debug)]
pub(crate) struct Stop {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
}

impl Stop {
    /// Begins to listen; from now on the signals no longer end the program by themselves.
    #[cfg(unix)]
    pub(crate) fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    /// Begins to listen.
    #[cfg(not(unix))]
    #[allow(clippy::unnecessary_wraps, reason = "it may fail elsewhere")]
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self {})
    }

    /// Waits until the program is asked to stop.
    ///
    /// # Cancel safety
    /// Asked while nobody waits, it is answered the next time.
    #[cfg(unix)]
    pub(crate) async fn asked(&mut self) {
        future::select(pin!(self.interrupt.recv()), pin!(self.terminate.recv())).await;
    }

    /// Waits until the program is asked to stop.
    #[cfg(not(unix))]
    pub(crate) async fn asked(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            // Nobody can ask.
            future::pending::<()>().await;
        }
    }
}

impl Stop {
    /// Does `work` unless the program is asked to stop first: then the work is dropped, and `None` is the answer.
    pub(crate) async fn or<T>(&mut self, work: impl Future<Output = T>) -> Option<T> {
        match future::select(pin!(self.asked()), pin!(work)).await {
            Either::Left(_) => None,
            Either::Right((done, _)) => Some(done),
        }
    }
}
