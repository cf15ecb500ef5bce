//! Opening, closing and opening again (R-ANY-15).

use truthound_stores_core::{
    ChangeToken, DeleteOptions, ErrorKind, GetOptions, Grouping, PutOptions, Query, Store, StoreExt,
};

use super::Place;
use super::changes::{Follower, seen_of};
use super::check::{assert_listed, body, count, delete, get, list, ok, put, put_all, refused};
use super::sample::{key, many, note_of, sample};
use crate::Generator;

pub(super) async fn a_closed_store_refuses_every_call(place: &dyn Place) {
    let store = place.open("default").await;
    put(&store, sample("run_1").record()).await;
    // What was read before must not be handed out after.
    get(&store, &key("run_1")).await;
    list(&store, &Query::new()).await;
    ok(store.close().await, "close");
    let closed = ErrorKind::Closed;
    let record = || sample("run_2").record();
    refused(store.put_opts(record(), PutOptions::default()).await, closed, "put after close");
    refused(store.get_opts(&key("run_1"), GetOptions::default()).await, closed, "get after close");
    refused(store.get_opts(&key("run_1"), GetOptions::meta_only()).await, closed, "head after close");
    refused(
        store.get_opts(&key("never"), GetOptions::default()).await,
        closed,
        "get an absent one after close",
    );
    refused(store.delete_opts(&key("run_1"), DeleteOptions::default()).await, closed, "delete after close");
    refused(store.list_page(&Query::new(), None).await, closed, "list after close");
    refused(store.scan_page(&Query::new(), None).await, closed, "scan after close");
    refused(store.count(&Query::new()).await, closed, "count after close");
    refused(store.summarize(&Query::new(), Grouping::new()).await, closed, "summarize after close");
    refused(store.check().await, closed, "check after close");
    refused(store.flush().await, closed, "flush after close");
    let written = store.put_many(vec![record(), record()], PutOptions::default()).await;
    assert_eq!(written.len(), 2, "one outcome for each document");
    for outcome in written {
        refused(outcome, closed, "put_many after close");
    }
    let deleted = store.delete_many(vec![key("run_1"), key("run_2")], DeleteOptions::default()).await;
    assert_eq!(deleted.len(), 2, "one outcome for each key");
    for outcome in deleted {
        refused(outcome, closed, "delete_many after close");
    }
    if store.info().capabilities.change_feed {
        refused(store.changes(None, 10).await, closed, "changes after close");
    }
}

pub(super) async fn a_closed_store_still_says_what_it_is(place: &dyn Place) {
    let store = place.open("default").await;
    let (info, shown) = (store.info(), store.to_string());
    ok(store.close().await, "close");
    ok(store.close().await, "close again");
    assert_eq!(store.info(), info);
    assert_eq!(store.to_string(), shown);
}

pub(super) async fn closing_one_handle_leaves_the_others(place: &dyn Place) {
    let (one, two) = (place.open("default").await, place.open("default").await);
    let other = place.open("other").await;
    put(&one, sample("run_1").note("first").record()).await;
    ok(one.close().await, "close");
    assert_eq!(note_of(&body(&two, &key("run_1")).await), "first");
    put(&two, sample("run_2").record()).await;
    put(&other, sample("run_3").record()).await;
    refused(one.read(&key("run_1")).await, ErrorKind::Closed, "get by the closed handle");
    assert_eq!(count(&two, &Query::new()).await, 2);
    ok(two.check().await, "check of the handle that is open");
}

pub(super) async fn a_good_store_passes_its_check(place: &dyn Place) {
    let store = place.open("default").await;
    ok(store.check().await, "check an empty store");
    let written = put(&store, sample("run_1").record()).await;
    ok(store.check().await, "check a store");
    assert_listed(&list(&store, &Query::new()).await, &[written.meta], "the check changed something");
}

pub(super) async fn flushing_changes_nothing_that_is_seen(place: &dyn Place) {
    let store = place.open("default").await;
    ok(store.flush().await, "flush an empty store");
    let written = put_all(&store, many("run_", 5)).await;
    ok(store.flush().await, "flush");
    ok(store.flush().await, "flush again");
    for written in written {
        assert_eq!(get(&store, &written.meta.key).await.meta, written.meta);
    }
}

pub(super) async fn a_store_that_is_opened_again_is_as_it_was(place: &dyn Place) {
    let store = place.open("default").await;
    if !place.persists() {
        assert!(
            !store.info().capabilities.durable,
            "a store that dies with its handles claims to be durable"
        );
        return;
    }
    let records = Generator::new(51).records(8);
    let written = put_all(&store, records.clone()).await;
    let mut follower = Follower::start(&store).await;
    delete(&store, &records[0].key).await;
    put(&store, sample("run_1").ext("versioning.parent", "v41").record()).await;
    let before = list(&store, &Query::new()).await;
    ok(store.close().await, "close");
    drop(store);

    let store = place.open("default").await;
    assert_eq!(list(&store, &Query::new()).await, before, "the listing differs after opening again");
    for record in &records[1..] {
        assert_eq!(
            body(&store, &record.key).await,
            record.body,
            "{} differs after opening again",
            record.key
        );
    }
    refused(store.read(&records[0].key).await, ErrorKind::NotFound, "get what was deleted before closing");
    if store.info().capabilities.compare_and_swap {
        let over = PutOptions::replace(written[1].meta.revision.clone());
        ok(store.put_opts(records[1].clone(), over).await, "replace by a revision of before");
    }
    if let Some(follower) = &mut follower {
        let token = ChangeToken::new(follower.token.as_str().to_owned());
        let page = ok(store.changes(Some(token), 100).await, "the feed after opening again");
        let told = !seen_of(&page.changes, &records[0].key).is_empty()
            && !seen_of(&page.changes, &key("run_1")).is_empty();
        assert!(page.reset || told, "the feed lost what happened before closing: {:?}", page.changes);
    }
}

pub(super) async fn many_handles_may_be_opened_and_closed(place: &dyn Place) {
    let first = place.open("default").await;
    for round in 0..20 {
        let store = place.open("default").await;
        put(&store, sample(format!("run_{round:02}")).record()).await;
        ok(store.close().await, "close");
    }
    assert_eq!(count(&first, &Query::new()).await, 20);
}
