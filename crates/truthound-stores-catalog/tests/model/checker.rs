//! A breadth-first checker of explicit states: it knows no protocol.

use std::fmt::Write;
use std::hash::Hash;

use crate::hash::{Visited, fingerprint};

/// What is checked.
pub(crate) trait Model {
    /// One state of the whole world. Two that are equal have equal futures.
    type State: Clone + Hash;

    /// Gives the state in which everything begins.
    fn initial(&self) -> Self::State;

    /// Adds each state that may come next. The order depends on nothing but the state.
    fn successors(&self, state: &Self::State, steps: &mut Vec<Step<Self::State>>);

    /// Says what is wrong with a state, in which nothing more happens if it has no successors.
    fn wrong(&self, state: &Self::State, last: bool) -> Option<&'static str>;

    /// Says who does what.
    fn name(&self, label: Label) -> String;

    /// Shows a state on one line.
    fn show(&self, state: &Self::State) -> String;
}

/// Who does what, and to what.
#[derive(Clone, Copy)]
pub(crate) struct Label {
    pub(crate) who: usize,
    pub(crate) what: &'static str,
    pub(crate) number: u8,
}

/// One atomic step.
pub(crate) struct Step<S> {
    pub(crate) label: Label,
    /// The state after it.
    pub(crate) state: S,
    /// What was wrong with the step itself.
    pub(crate) fault: Option<&'static str>,
}

/// What a search found.
pub(crate) struct Outcome {
    /// How many different states were met.
    pub(crate) states: usize,
    /// How many steps the longest of the shortest ways to a state has.
    pub(crate) depth: usize,
    /// The first violation, with the steps that lead to it.
    pub(crate) violation: Option<Violation>,
}

/// A way to a state that must not be.
pub(crate) struct Violation {
    pub(crate) what: &'static str,
    pub(crate) trace: String,
    pub(crate) steps: usize,
}

/// Where a state was reached from: the number of that state, and which of its steps it was.
#[derive(Clone, Copy)]
struct Origin {
    state: u32,
    step: u16,
}

/// Searches all states, nearest first, until one is wrong or none is left. Panics beyond `limit` states.
pub(crate) fn search<M: Model>(model: &M, limit: usize) -> Outcome {
    let initial = model.initial();
    let mut visited = Visited::default();
    visited.insert(fingerprint(&initial));
    let mut origins = vec![Origin { state: 0, step: 0 }];
    let mut frontier = vec![(0_u32, initial)];
    let mut depth = 0;
    let mut steps = Vec::new();
    loop {
        let mut next = Vec::new();
        for (number, state) in frontier {
            steps.clear();
            model.successors(&state, &mut steps);
            if let Some(what) = model.wrong(&state, steps.is_empty()) {
                return Outcome {
                    states: origins.len(),
                    depth,
                    violation: Some(trace(model, &origins, number, None, what)),
                };
            }
            for (step, after) in (0_u16..).zip(steps.drain(..)) {
                if let Some(what) = after.fault {
                    let violation = trace(model, &origins, number, Some(step), what);
                    return Outcome { states: origins.len(), depth, violation: Some(violation) };
                }
                if visited.insert(fingerprint(&after.state)) {
                    let next_number = u32::try_from(origins.len()).expect("fewer states than 2^32");
                    origins.push(Origin { state: number, step });
                    next.push((next_number, after.state));
                }
            }
            assert!(origins.len() <= limit, "more than {limit} states");
        }
        if next.is_empty() {
            return Outcome { states: origins.len(), depth, violation: None };
        }
        depth += 1;
        frontier = next;
    }
}

/// Walks from the beginning to a state, and on by one more step if there is a fault in it.
fn trace<M: Model>(
    model: &M,
    origins: &[Origin],
    number: u32,
    last: Option<u16>,
    what: &'static str,
) -> Violation {
    let mut ordinals: Vec<u16> = last.into_iter().collect();
    let mut at = number;
    while at != 0 {
        let origin = origins[at as usize];
        ordinals.push(origin.step);
        at = origin.state;
    }
    let mut state = model.initial();
    let mut text = format!("{:>3}. {:<44} {}\n", 0, "", model.show(&state));
    for (count, &ordinal) in (1..).zip(ordinals.iter().rev()) {
        let mut steps = Vec::new();
        model.successors(&state, &mut steps);
        let step = steps.swap_remove(usize::from(ordinal));
        state = step.state;
        writeln!(text, "{count:>3}. {:<44} {}", model.name(step.label), model.show(&state))
            .expect("a text takes all");
    }
    Violation { what, trace: text, steps: ordinals.len() }
}
