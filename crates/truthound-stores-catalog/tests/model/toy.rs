//! The checker itself, on a protocol that everybody knows to be wrong: two processes count in one place, by reading and writing.

use crate::checker::{Label, Model, Step, search};

/// Whether an increment is one step, as it should be.
struct Counter {
    atomic: bool,
}

/// What is stored, and what each process has read.
type State = (u8, [Option<u8>; 2], [bool; 2]);

impl Model for Counter {
    type State = State;

    fn initial(&self) -> State {
        (0, [None; 2], [false; 2])
    }

    fn successors(&self, &(stored, read, done): &State, steps: &mut Vec<Step<State>>) {
        for who in 0..2 {
            let mut next = (stored, read, done);
            match read[who] {
                _ if done[who] => continue,
                None if !self.atomic => next.1[who] = Some(stored),
                seen => {
                    next.0 = seen.unwrap_or(stored) + 1;
                    next.2[who] = true;
                }
            }
            steps.push(Step { label: Label { who, what: "steps", number: 0 }, state: next, fault: None });
        }
    }

    fn wrong(&self, &(stored, _, _): &State, last: bool) -> Option<&'static str> {
        (last && stored != 2).then_some("a count was lost")
    }

    fn name(&self, label: Label) -> String {
        format!("{} {}", label.who, label.what)
    }

    fn show(&self, state: &State) -> String {
        format!("{state:?}")
    }
}

#[test]
fn a_lost_count_is_found_on_the_shortest_way() {
    let violation = search(&Counter { atomic: false }, 100).violation.unwrap();
    assert_eq!((violation.what, violation.steps), ("a count was lost", 4));
    assert_eq!(violation.trace.lines().count(), 5);
}

#[test]
fn all_states_are_met_once() {
    let outcome = search(&Counter { atomic: true }, 100);
    assert!(outcome.violation.is_none());
    assert_eq!((outcome.states, outcome.depth), (4, 2));
}
