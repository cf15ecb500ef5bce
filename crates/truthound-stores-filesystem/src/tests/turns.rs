//! Whoever has the turn of writers, or of publishers, and is stopped in the middle keeps nobody from reading. A reader that opened the store
//! once waited 30 s to finish what a dead writer had left, and 30 s more to have the index take up a new file, and failed then.

use std::fs::{self, File};

use truthound_stores_core::{Clock, MaintainOptions, Query, Store, StoreExt, SystemClock, Upkeep};

use super::{folder, ids, key, live, open, record, stored, temp_dir, value};
use crate::files::Step;
use crate::files::faults::Faults;

const EIO: i32 = 5;

/// Far from 30 s, and more than a reader needs on a busy machine.
const SOON: std::time::Duration = std::time::Duration::from_secs(15);

#[tokio::test]
async fn one_who_has_the_turn_keeps_nobody_from_opening_and_reading() {
    for turn in ["lock", "publish"] {
        let dir = temp_dir();
        let faults = Faults::of(dir.path());
        let store = open(dir.path()).await;
        store.put(record("x", 1)).await.unwrap();
        store.flush().await.unwrap();
        faults.fail(EIO, |_, step, _| step == Step::Stage);
        store.put(record("x", 2)).await.unwrap();
        live(&store).stop();
        faults.lift();
        let folder = folder(dir.path());
        fs::write(folder.join("y.json"), record("y", 1).body.as_bytes()).unwrap();
        let held = File::options().write(true).open(folder.join("_catalog").join(turn)).unwrap();
        held.lock().unwrap();
        let clock = SystemClock::new();
        let since = clock.monotonic();
        let reader = open(dir.path()).await;
        for _ in 0..2 {
            for (id, version) in [("x", 2), ("y", 1)] {
                assert_eq!(
                    stored(&reader, id).await.unwrap(),
                    Some(value(&record(id, version))),
                    "{turn}: {id}"
                );
            }
            assert!(ids(&reader, turn).await.contains("x"), "{turn}");
            assert!(reader.count(&Query::new()).await.unwrap() > 0, "{turn}");
        }
        assert!(clock.monotonic() < since + SOON, "{turn}: a reader waited");
        held.unlock().unwrap();
        // What was left to others is done by the next one, and the name that was not taken up is found again.
        let next = open(dir.path()).await;
        assert_eq!(ids(&next, turn).await.len(), 2, "{turn}");
        assert!(next.exists(&key("x")).await.unwrap());
        let file = fs::read_to_string(folder.join("x.json")).unwrap();
        assert!(file.contains("asset2"), "{turn}: {file}");
        next.maintain(MaintainOptions::default(), &()).await.unwrap();
    }
}
