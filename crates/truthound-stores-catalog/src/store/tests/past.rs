//! A service that draws how results were on each day asked for all the states that a catalog keeps, and kept the files of all of them in memory.

use std::time::Duration;

use truthound_stores_core::{Collection, MaintainOptions, Query, StoreExt, Upkeep};

use super::requests::{filled, record};

#[tokio::test]
async fn asking_for_all_states_keeps_the_files_of_one() {
    let world = Box::pin(filled(1_000)).await;
    let store = world.open();
    let day = MaintainOptions::default().with_grace(Duration::from_hours(24));
    for id in 0..8 {
        store.put(record(&format!("run_{id}"), "orders")).await.unwrap();
        store.maintain(day, &()).await.unwrap();
    }
    let states = store.states(&Collection::RESULTS).await.unwrap();
    assert!(states.len() > 8, "{states:?}");
    let mut last = 0;
    for state in &states {
        for _ in 0..2 {
            let count =
                store.count_as_of(state.generation, &Query::new().with_data_asset("orders")).await.unwrap();
            assert!(count >= last, "{states:?}");
            last = count;
        }
        let live = store.inner.slot(&Collection::RESULTS).live().unwrap();
        // That of the state, and that of now.
        assert!(live.index.library().held() <= 2, "{} segments", live.index.library().held());
    }
}
