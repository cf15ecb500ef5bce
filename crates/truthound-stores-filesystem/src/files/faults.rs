//! Where tests look on at what is done to files below a folder, hold it up, and let it fail.
//!
//! A folder has its own [`Faults`], so that tests may run side by side in one process; they are gone with what [`Faults::of`] returns.

use std::fs::{self, File};
use std::io;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use super::Step;

/// Chosen by tests as they register; a folder is found by the beginning of a path, spelt as it was given.
static ALL: Mutex<Vec<Arc<Faults>>> = Mutex::new(Vec::new());

/// Chooses operations: by how many were begun before, by what is done, and by what it is done to.
type Choice = Box<dyn FnMut(usize, Step, &Path) -> bool + Send>;
/// Looks at an operation that has just ended; no other goes on meanwhile.
type Look = Box<dyn FnMut(&Seen<'_>) + Send>;

/// An operation that has ended: how many were begun before, what was done to what, and whether it was done or failed.
pub(crate) struct Seen<'a> {
    pub(crate) number: usize,
    pub(crate) step: Step,
    pub(crate) path: &'a Path,
    pub(crate) file: Option<&'a File>,
    pub(crate) is_done: bool,
}

pub(crate) struct Faults {
    below: PathBuf,
    state: Mutex<State>,
    held: Mutex<Held>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    begun: usize,
    log: Vec<(Step, PathBuf)>,
    failing: Option<(i32, Choice)>,
    failed: usize,
    look: Option<Look>,
}

#[derive(Default)]
struct Held {
    choice: Option<Choice>,
    is_reached: bool,
}

/// The faults of a folder, as long as this lives.
pub(crate) struct Registered(Arc<Faults>);

impl Deref for Registered {
    type Target = Faults;

    fn deref(&self) -> &Faults {
        &self.0
    }
}

impl Drop for Registered {
    fn drop(&mut self) {
        self.0.go_on();
        lock(&ALL).retain(|one| !Arc::ptr_eq(one, &self.0));
    }
}

impl Faults {
    /// Begins to look on at everything below a folder.
    pub(crate) fn of(below: &Path) -> Registered {
        let faults = Self {
            below: below.to_owned(),
            state: Mutex::default(),
            held: Mutex::default(),
            changed: Condvar::new(),
        };
        let faults = Arc::new(faults);
        lock(&ALL).push(Arc::clone(&faults));
        Registered(faults)
    }

    /// Lets the chosen operations fail, before they do anything but half a write.
    pub(crate) fn fail(&self, errno: i32, choice: impl FnMut(usize, Step, &Path) -> bool + Send + 'static) {
        let mut state = lock(&self.state);
        (state.begun, state.failed) = (0, 0);
        state.failing = Some((errno, Box::new(choice)));
    }

    /// Ends the failing; answers how many operations have failed.
    pub(crate) fn lift(&self) -> usize {
        let mut state = lock(&self.state);
        state.failing = None;
        state.failed
    }

    /// Has each operation looked at when it is done.
    pub(crate) fn look(&self, look: impl FnMut(&Seen<'_>) + Send + 'static) {
        lock(&self.state).look = Some(Box::new(look));
    }

    /// Does something while no operation is under way.
    pub(crate) fn between<T>(&self, work: impl FnOnce() -> T) -> T {
        let _state = lock(&self.state);
        work()
    }

    /// How many operations were begun since the last [`fail`](Self::fail).
    pub(crate) fn count(&self) -> usize {
        lock(&self.state).begun
    }

    pub(crate) fn log(&self) -> Vec<(Step, PathBuf)> {
        lock(&self.state).log.clone()
    }

    /// Holds up the first operation that is chosen, and whatever its thread would do after it.
    pub(crate) fn hold(&self, choice: impl FnMut(usize, Step, &Path) -> bool + Send + 'static) {
        *lock(&self.held) = Held { choice: Some(Box::new(choice)), is_reached: false };
    }

    /// Waits until an operation is held up.
    pub(crate) fn wait_until_held(&self) {
        let mut held = lock(&self.held);
        while !held.is_reached {
            held = self.changed.wait(held).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Lets what is held up go on.
    pub(crate) fn go_on(&self) {
        lock(&self.held).choice = None;
        self.changed.notify_all();
    }

    fn stop_if_held(&self, step: Step, path: &Path) {
        let mut held = lock(&self.held);
        let chosen = held.choice.as_mut().is_some_and(|choice| choice(0, step, path));
        if !chosen {
            return;
        }
        held.is_reached = true;
        self.changed.notify_all();
        while held.choice.is_some() {
            held = self.changed.wait(held).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// Does one thing to the file or folder at `path`, as the faults of its folder have it.
pub(super) fn doing<T>(
    step: Step,
    path: &Path,
    file: Option<&File>,
    work: impl FnOnce() -> io::Result<T>,
) -> io::Result<T> {
    let found = lock(&ALL).iter().find(|one| path.starts_with(&one.below)).cloned();
    let Some(faults) = found else { return work() };
    faults.stop_if_held(step, path);
    let mut state = lock(&faults.state);
    let number = state.begun;
    state.begun += 1;
    state.log.push((step, path.to_owned()));
    let failing = state.failing.as_mut();
    let errno = failing.and_then(|(errno, choice)| choice(number, step, path).then_some(*errno));
    let outcome = match errno {
        None => work(),
        Some(errno) => {
            state.failed += 1;
            if step == Step::Write {
                // A disk that becomes full has taken a part of it.
                drop(fs::write(path, "{\"run_id\": \"ha"));
            }
            Err(io::Error::from_raw_os_error(errno))
        }
    };
    if let Some(look) = &mut state.look {
        look(&Seen { number, step, path, file, is_done: outcome.is_ok() });
    }
    outcome
}

/// A test that failed while it held the lock has said so; others go on.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
