//! Points at which a test holds an operation.

use std::sync::Arc;

use tokio::sync::watch;

/// Holds operations at a point until a test lets them go: races are made, not waited for.
///
/// The operation calls [`pass`](Self::pass); the test waits until it is there ([`reached`](Self::reached)), does what is
/// to happen meanwhile, and then calls [`open`](Self::open). Clones are the same gate.
///
/// # Examples
/// ```
/// use truthound_stores_testkit::Gate;
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let gate = Gate::new("before the reply");
/// let held = gate.clone();
/// let operation = tokio::spawn(async move {
///     held.pass().await;
///     "done"
/// });
/// gate.reached().await;
/// assert!(!operation.is_finished());
/// gate.open();
/// assert_eq!(operation.await.unwrap(), "done");
/// # });
/// ```
#[derive(Clone, Debug)]
pub struct Gate {
    name: &'static str,
    state: Arc<watch::Sender<State>>,
}

#[derive(Clone, Copy, Debug, Default)]
struct State {
    arrived: u64,
    open: bool,
}

impl Gate {
    /// Makes a gate that is shut; `name` is what `Debug` shows.
    pub fn new(name: &'static str) -> Self {
        Self { name, state: Arc::new(watch::Sender::new(State::default())) }
    }

    /// Returns the name.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Arrives at the gate and waits until it is open.
    ///
    /// # Cancel safety
    /// Dropping the future leaves; the arrival still counts.
    pub async fn pass(&self) {
        self.state.send_modify(|state| state.arrived += 1);
        self.wait(|state| state.open).await;
    }

    /// Waits until an operation has arrived.
    ///
    /// # Cancel safety
    /// Changes nothing.
    pub async fn reached(&self) {
        self.reached_by(1).await;
    }

    /// Waits until `operations` have arrived, those that went on since included.
    ///
    /// # Cancel safety
    /// Changes nothing.
    pub async fn reached_by(&self, operations: u64) {
        self.wait(|state| state.arrived >= operations).await;
    }

    /// Lets all operations go on, those that wait and those to come.
    pub fn open(&self) {
        self.state.send_modify(|state| state.open = true);
    }

    /// Returns how many operations have arrived so far.
    pub fn arrivals(&self) -> u64 {
        self.state.borrow().arrived
    }

    async fn wait(&self, until: impl Fn(&State) -> bool) {
        let mut changes = self.state.subscribe();
        // The sender lives as long as this gate: waiting cannot fail.
        drop(changes.wait_for(until).await);
    }
}

#[cfg(test)]
mod tests;
