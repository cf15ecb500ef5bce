//! Namespaces keep documents apart (R-ANY-12); handles on one namespace see each other's work at once (R-ANY-2).

use std::sync::Arc;

use truthound_stores_core::{PutOptions, Query, Store, StoreExt};

use super::Place;
use super::changes::Follower;
use super::check::{absent, body, count, delete, get, ids, ok, put, put_all};
use super::sample::{hidden, key, many, note_of, sample};

pub(super) async fn one_id_in_two_namespaces_is_two_documents(place: &dyn Place) {
    // One name begins with the other: a prefix that is compared without its end would take them for one.
    let (here, there) = (place.open("team").await, place.open("team_b").await);
    put(&here, sample("run_1").note("here").record()).await;
    absent(&there, &key("run_1")).await;
    let mode =
        if there.info().capabilities.create_only { PutOptions::create() } else { PutOptions::default() };
    let written =
        ok(there.put_opts(sample("run_1").note("there").record(), mode).await, "create in another namespace");
    assert!(written.is_new());
    assert_eq!(note_of(&body(&here, &key("run_1")).await), "here");
    assert_eq!(note_of(&body(&there, &key("run_1")).await), "there");
}

pub(super) async fn queries_see_their_own_namespace(place: &dyn Place) {
    let (here, there) = (place.open("team").await, place.open("team_b").await);
    put_all(&here, many("here_", 3)).await;
    put_all(&there, many("there_", 2)).await;
    put(&there, sample("version").collection(&hidden("versions")).record()).await;
    assert_eq!(ids(&here, &Query::new()).await, ["here_02", "here_01", "here_00"]);
    assert_eq!(count(&here, &Query::new()).await, 3);
    assert_eq!(ids(&there, &Query::new()).await, ["there_01", "there_00"]);
    let versions = Query::new().with_collection(hidden("versions"));
    assert_eq!((count(&here, &versions).await, count(&there, &versions).await), (0, 1));
}

pub(super) async fn deletes_leave_other_namespaces(place: &dyn Place) {
    let (here, there) = (place.open("team").await, place.open("team_b").await);
    put_all(&here, many("run_", 4)).await;
    put_all(&there, many("run_", 4)).await;
    delete(&here, &key("run_00")).await;
    assert_eq!(ok(here.clear(&Query::new()).await, "clear"), 3);
    assert_eq!(count(&here, &Query::new()).await, 0);
    assert_eq!(count(&there, &Query::new()).await, 4, "clearing one namespace reached another");
    get(&there, &key("run_00")).await;
}

pub(super) async fn feeds_tell_of_their_own_namespace(place: &dyn Place) {
    let (here, there) = (place.open("team").await, place.open("team_b").await);
    let (Some(mut follower), Some(mut stranger)) =
        (Follower::start(&here).await, Follower::start(&there).await)
    else {
        return;
    };
    put(&here, sample("run_1").record()).await;
    let changes = stranger.read(10).await;
    assert!(changes.is_empty(), "the feed tells of another namespace: {changes:?}");
    assert_eq!(follower.read(10).await.len(), 1);
}

pub(super) async fn handles_see_each_others_work_at_once(place: &dyn Place) {
    let (one, two) = (place.open("default").await, place.open("default").await);
    absent(&two, &key("run_1")).await;
    put(&one, sample("run_1").note("first").record()).await;
    // Each handle has read what the other is about to change: it must not answer from memory.
    for store in [Arc::clone(&one), Arc::clone(&two)] {
        assert_eq!(note_of(&body(&store, &key("run_1")).await), "first", "a document of another handle");
        assert_eq!(ids(&store, &Query::new()).await, ["run_1"]);
    }
    let written = put(&two, sample("run_1").note("second").asset("moved").record()).await;
    assert_eq!(note_of(&body(&one, &key("run_1")).await), "second", "an overwrite by another handle");
    assert_eq!(ok(one.head(&key("run_1")).await, "head"), written.meta);
    assert_eq!(count(&one, &Query::new().with_data_asset("moved")).await, 1);
    assert_eq!(note_of(&body(&two, &key("run_1")).await), "second");
    if one.info().capabilities.compare_and_swap {
        let over = PutOptions::replace(written.meta.revision);
        ok(
            one.put_opts(sample("run_1").note("third").record(), over).await,
            "replace by a revision of another handle",
        );
        assert_eq!(note_of(&body(&two, &key("run_1")).await), "third");
    }
    delete(&one, &key("run_1")).await;
    absent(&two, &key("run_1")).await;
    assert_eq!(count(&two, &Query::new()).await, 0, "a delete by another handle");
    put_all(&two, many("run_", 2)).await;
    assert_eq!(ids(&one, &Query::new()).await, ["run_01", "run_00"], "a batch of another handle");
}
