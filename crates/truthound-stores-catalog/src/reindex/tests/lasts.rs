//! Steps of a rebuild that others may come between, one at a time: the errors that the checker found in earlier forms of the protocol.

use std::time::Duration;

use truthound_stores_testkit::Gate;
use truthound_stores_testkit::object::{ObjectFault, RequestKind, SimulatedStore, Simulation, StoreOptions};

use super::world::Process;
use crate::clean_up::{Cleaner, Keep};
use crate::fold::How;
use crate::root::Root;

/// A rebuild that waits at a gate, before it sends a request of a kind for a name.
struct Held {
    simulation: Simulation,
    quiet: Process,
    gate: Gate,
    rebuild: truthound_stores_testkit::object::Task<()>,
}

impl Held {
    fn at(kind: RequestKind, name: &str) -> Self {
        let mut simulation = Simulation::new(1);
        simulation.set_jumps(0);
        let store: SimulatedStore = simulation.store(StoreOptions::s3());
        let quiet = Process::quiet(&simulation, &store);
        let process = quiet.clone();
        simulation.block_on("fill", async move {
            let first = Root::first(&*process.wire.clock, ".json");
            process.library.shelf().create_root(&first).await.unwrap();
            for id in ["a", "b", "c"] {
                process.save(id).await.unwrap();
            }
            process.folder().fold(How::Fold).await.unwrap();
        });
        let gate = Gate::new("rebuild");
        store.faults().force(ObjectFault::hold(&gate).on(kind).named(name));
        let (clock, timer) = (simulation.clock_with_skew(0), simulation.timer());
        let process = Process::on(&store, clock, timer, 7);
        let rebuild = simulation.spawn("rebuild", async move {
            process.rebuilder().reindex().await.unwrap();
        });
        let arrived = gate.clone();
        simulation.run_until(move |_| arrived.arrivals() > 0);
        Self { simulation, quiet, gate, rebuild }
    }

    fn end(mut self) {
        self.gate.open();
        let rebuild = &self.rebuild;
        self.simulation.run_until(|_| rebuild.is_finished());
        let quiet = self.quiet.anew();
        self.simulation.block_on("check", async move {
            assert_eq!(quiet.listed().await.unwrap(), quiet.live().await);
            quiet.folder().fold(How::Fold).await.unwrap();
            quiet.folder().fold(How::Maintain).await.unwrap();
            assert_eq!(quiet.anew().listed().await.unwrap(), quiet.live().await);
        });
    }
}

/// Saves and deletes that are folded after their documents were read: the root says what has become of them.
#[test]
fn what_was_folded_since_documents_were_read_is_not_forgotten() {
    let mut held = Held::at(RequestKind::Put, "/segments/");
    let quiet = held.quiet.clone();
    held.simulation.block_on("others", async move {
        quiet.save("d").await.unwrap();
        quiet.save("a").await.unwrap();
        quiet.delete("b").await.unwrap();
        quiet.folder().fold(How::Fold).await.unwrap();
    });
    held.end();
}

/// A document is read, deleted, its mark removed and its tombstone dropped, all before the rebuild commits: nothing but another look at it tells.
#[test]
fn a_tombstone_that_was_dropped_meanwhile_brings_nothing_back() {
    let mut held = Held::at(RequestKind::Put, "/segments/");
    let quiet = held.quiet.clone();
    held.simulation.block_on("delete", async move {
        assert!(quiet.delete("b").await.unwrap());
        quiet.folder().fold(How::Fold).await.unwrap();
    });
    for hours in [2, 2, 26, 1] {
        held.simulation.advance(Duration::from_hours(hours));
        let quiet = held.quiet.clone();
        held.simulation.block_on("clean up", async move {
            let folder = quiet.folder();
            Cleaner::of(&folder).remove_marks().await.unwrap();
            // Something that lets the store's clock be seen.
            quiet.save("c").await.unwrap();
            folder.fold(How::Fold).await.unwrap();
            folder.fold(How::Maintain).await.unwrap();
            Cleaner::of(&folder).clean_up(Keep::NOTHING).await.unwrap();
        });
    }
    let quiet = held.quiet.clone();
    held.simulation.block_on("look", async move {
        let root = quiet.library.shelf().root(None).await.unwrap().unwrap().root;
        assert!(root.feed_floor > 0, "the tombstone was not dropped");
        assert!(!quiet.simulated.names().iter().any(|name| name.ends_with("/b.json")));
    });
    held.end();
}
