//! The protocol as the checker sees it: every actor's next request, and everything that may go wrong between two of them.

use crate::checker::{Label, Model, Step};
use crate::scenario::{Actor, Merge, Scenario};
use crate::state::{ACTORS, BATCH, DONE, REVISIONS, ROOTS, SEGMENTS, State};
use crate::{cleaner, folder, follower, invariants, late, reader, reindexer, suffixed, writer};

/// Collects the steps that may follow one state.
pub(crate) struct Steps<'a> {
    pub(crate) scenario: &'a Scenario,
    pub(crate) from: &'a State,
    pub(crate) who: usize,
    pub(crate) out: &'a mut Vec<Step<State>>,
}

impl Steps<'_> {
    /// Adds a step to the state that `change` makes of this one; it returns what was wrong, if anything.
    pub(crate) fn add(
        &mut self,
        what: &'static str,
        number: u8,
        change: impl FnOnce(&mut State) -> Option<&'static str>,
    ) {
        let mut state = self.from.clone();
        let fault = change(&mut state);
        self.out.push(Step { label: Label { who: self.who, what, number }, state, fault });
    }
}

impl Model for Scenario {
    type State = State;

    fn initial(&self) -> State {
        assert!(self.actors.len() <= ACTORS && usize::from(self.generations) <= ROOTS);
        const { assert!(REVISIONS <= BATCH as usize && SEGMENTS <= 8) };
        State::new(self)
    }

    fn successors(&self, from: &State, out: &mut Vec<Step<State>>) {
        for (who, actor) in self.actors.iter().enumerate() {
            let local = &from.actors[who];
            if local.at == DONE {
                continue;
            }
            let mut steps = Steps { scenario: self, from, who, out };
            if from.crashes > 0
                && matches!(actor, Actor::Writer { .. } | Actor::Folder { .. } | Actor::Cleaner { .. })
            {
                steps.add("crashes", 0, |state| {
                    state.crashes -= 1;
                    let crashed = &mut state.actors[who];
                    *crashed = crate::state::Local { at: DONE, ..State::nobody() };
                    None
                });
            }
            match actor {
                Actor::Writer { clock, ops } => writer::steps(&mut steps, *clock, ops),
                Actor::Folder { runs, take, merge } => folder::steps(&mut steps, *runs, *take, *merge),
                Actor::Cleaner { runs, keep } => cleaner::steps(&mut steps, *runs, *keep),
                Actor::Sweeper { runs } => cleaner::sweep(&mut steps, *runs),
                Actor::Reader { runs, class, limit, bodies } => {
                    reader::steps(
                        &mut steps,
                        &reader::Query { runs: *runs, class: *class, limit: *limit, bodies: *bodies },
                    );
                }
                Actor::Reindexer => reindexer::steps(&mut steps),
                Actor::Follower { pages } => follower::steps(&mut steps, *pages),
                Actor::Turner => suffixed::turn(&mut steps),
                Actor::Getter => suffixed::get(&mut steps),
            }
        }
        late::steps(&mut Steps { scenario: self, from, who: ACTORS, out });
    }

    fn wrong(&self, state: &State, last: bool) -> Option<&'static str> {
        invariants::always(self, state).or_else(|| if last { invariants::at_rest(self, state) } else { None })
    }

    fn name(&self, label: Label) -> String {
        let who = match self.actors.get(label.who) {
            Some(Actor::Writer { .. }) => "writer",
            Some(Actor::Folder { merge: Merge::All, .. }) => "merger",
            Some(Actor::Folder { .. }) => "folder",
            Some(Actor::Cleaner { .. }) => "clean-up",
            Some(Actor::Sweeper { .. }) => "sweeper",
            Some(Actor::Reader { .. }) => "reader",
            Some(Actor::Reindexer) => "reindex",
            Some(Actor::Follower { .. }) => "follower",
            Some(Actor::Turner) => "turner",
            Some(Actor::Getter) => "getter",
            None => return format!("{} {}", label.what, label.number),
        };
        format!("{who} {}: {} {}", label.who, label.what, label.number)
    }

    fn show(&self, state: &State) -> String {
        state.show()
    }
}
