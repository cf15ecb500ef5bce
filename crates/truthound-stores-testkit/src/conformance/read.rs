//! What is read is what was written, however it is read.

use truthound_stores_core::{DeleteOptions, ErrorKind, GetOptions, Query, Store, StoreExt};

use super::Place;
use super::check::{absent, body, count, get, ids, is_listed_as, list, ok, put, put_all, refused};
use super::sample::{key, many, note_of, sample};
use crate::Generator;

pub(super) async fn every_way_of_reading_gives_the_same_description(place: &dyn Place) {
    let store = place.open("default").await;
    for record in Generator::new(11).records(5) {
        let written = put(&store, record.clone()).await.meta;
        let full = get(&store, &record.key).await;
        let meta_only =
            ok(store.get_opts(&record.key, GetOptions::meta_only()).await, "get without the text");
        assert_eq!(full.meta, written, "get disagrees with the write");
        assert_eq!(meta_only.meta, written, "get without the text disagrees with the write");
        let listed = list(&store, &Query::new()).await;
        assert!(
            listed.iter().any(|listed| is_listed_as(listed, &written)),
            "the listing disagrees with the write: {listed:?}, written {written:?}"
        );
    }
}

pub(super) async fn the_text_is_left_out_only_on_request(place: &dyn Place) {
    let store = place.open("default").await;
    put(&store, sample("run_1").record()).await;
    let full = get(&store, &key("run_1")).await;
    assert!(full.body.is_some(), "get left the text out without being asked");
}

pub(super) async fn size_and_checksum_describe_what_is_stored(place: &dyn Place) {
    let store = place.open("default").await;
    for record in Generator::new(12).records(5) {
        let meta = put(&store, record.clone()).await.meta;
        assert!(meta.size > 0, "{} has the size 0", record.key);
        assert_eq!(meta.checksum, record.body.checksum(), "the checksum is not that of the canonical text");
    }
}

pub(super) async fn what_is_absent_is_not_found_by_name(place: &dyn Place) {
    let store = place.open("default").await;
    put(&store, sample("run_1").record()).await;
    for opts in [GetOptions::default(), GetOptions::meta_only()] {
        let error =
            refused(store.get_opts(&key("run_2"), opts).await, ErrorKind::NotFound, "get an absent document");
        assert_eq!(error.key(), Some(&key("run_2")), "the error does not name the key: {error}");
    }
    assert!(!ok(store.exists(&key("run_2")).await, "exists"));
    assert!(ok(store.exists(&key("run_1")).await, "exists"));
}

pub(super) async fn an_empty_store_answers_with_nothing(place: &dyn Place) {
    let store = place.open("default").await;
    assert!(list(&store, &Query::new()).await.is_empty());
    assert_eq!(count(&store, &Query::new()).await, 0);
    let page = ok(store.list_page(&Query::new(), None).await, "list_page");
    assert!(page.next.is_none(), "an empty listing says that more is to come");
}

pub(super) async fn what_is_listed_can_be_read(place: &dyn Place) {
    let store = place.open("default").await;
    for record in many("run_", 20) {
        put(&store, record).await;
    }
    let listed = ids(&store, &Query::new()).await;
    assert_eq!(listed.len(), 20);
    for id in listed {
        get(&store, &key(&id)).await;
    }
}

pub(super) async fn what_was_read_before_is_read_anew(place: &dyn Place) {
    let store = place.open("default").await;
    let opts = || [GetOptions::default(), GetOptions::meta_only()];
    for opts in opts() {
        refused(store.get_opts(&key("run_1"), opts).await, ErrorKind::NotFound, "get before the write");
    }
    for note in ["first", "second", "third"] {
        let written = put(&store, sample("run_1").note(note).asset(note).record()).await.meta;
        for _ in 0..2 {
            let stored = get(&store, &key("run_1")).await;
            assert_eq!(stored.meta, written, "the description is that of another write");
            assert_eq!(note_of(&stored.into_body().unwrap()), note, "the text is that of another write");
            assert_eq!(ok(store.head(&key("run_1")).await, "head"), written);
        }
    }
    put_all(&store, vec![sample("run_1").note("batch").record()]).await;
    assert_eq!(note_of(&body(&store, &key("run_1")).await), "batch");
    store.delete_many(vec![key("run_1")], DeleteOptions::default()).await;
    absent(&store, &key("run_1")).await;
}
