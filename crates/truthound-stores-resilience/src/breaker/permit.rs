//! Leave to make a call, and the duty to tell what came of it.

use truthound_stores_core::{Error, Result};

use super::state::Ticket;
use super::{CircuitBreaker, Signal};

/// Lets one call through a [`CircuitBreaker`]; got from [`CircuitBreaker::acquire`].
///
/// Tell it what came of the call with [`record`](Self::record), or with [`settle`](Self::settle) for calls that are no `Result`. Dropping it
/// gives the call's place back and says nothing for or against the store.
#[derive(Debug)]
#[must_use = "dropping a permit gives the place of the call back"]
pub struct Permit {
    breaker: CircuitBreaker,
    ticket: Option<Ticket>,
}

impl Permit {
    pub(super) fn new(breaker: CircuitBreaker, ticket: Ticket) -> Self {
        Self { breaker, ticket: Some(ticket) }
    }

    /// Tells what came of the call.
    pub fn record<T>(self, outcome: &Result<T>) {
        let error = outcome.as_ref().err();
        self.tell(error.map_or(Signal::Success, Signal::of), error);
    }

    /// Tells what the call says of the store.
    pub fn settle(self, signal: Signal) {
        self.tell(signal, None);
    }

    pub(super) fn tell(mut self, signal: Signal, error: Option<&Error>) {
        if let Some(ticket) = self.ticket.take() {
            self.breaker.tell(ticket, signal, error);
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if let Some(ticket) = self.ticket.take() {
            self.breaker.tell(ticket, Signal::Neutral, None);
        }
    }
}
