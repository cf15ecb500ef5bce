//! The change feed misses nothing that was acknowledged, in order per document, and goes on from a token that was kept.

use std::collections::BTreeSet;
use std::sync::Arc;

use truthound_stores_core::{
    Change, ChangeOp, ChangeToken, DeleteOptions, ErrorKind, Key, PutOptions, Query, Revision, Store,
    StoreExt,
};

use super::Place;
use super::check::{assert_listed, delete, ok, put, put_all, refused};
use super::sample::{hidden, key, many, sample};

/// Follows a store's feed.
pub(super) struct Follower {
    store: Arc<dyn Store>,
    pub(super) token: ChangeToken,
    /// Whether each change has to be told.
    every: bool,
}

/// What a feed says of one document, without what two readers may see differently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Seen {
    Put(Revision),
    Deleted,
}

impl Follower {
    /// Begins to follow from now on; `None` for a store without a feed, which must then refuse.
    pub(super) async fn start(store: &Arc<dyn Store>) -> Option<Self> {
        if !store.info().capabilities.change_feed {
            super::capabilities::the_feed_is_refused(store).await;
            return None;
        }
        let first = ok(store.changes(None, 10).await, "the beginning of the feed");
        assert!(first.reset, "a feed without a token must tell its reader to compare listings");
        assert!(first.changes.is_empty(), "a reset gives no changes: {:?}", first.changes);
        let every = store.info().capabilities.every_change;
        Some(Self { store: Arc::clone(store), token: first.next, every })
    }

    /// Reads to the end, at most `limit` changes at a time.
    pub(super) async fn read(&mut self, limit: usize) -> Vec<Change> {
        let mut all = Vec::new();
        for _ in 0..2_000 {
            let page = ok(self.store.changes(Some(self.token.clone()), limit).await, "the feed");
            assert!(!page.reset, "the feed broke off after a few changes");
            assert!(page.changes.len() <= limit, "{} changes at a limit of {limit}", page.changes.len());
            self.token = page.next;
            if page.changes.is_empty() {
                return all;
            }
            all.extend(page.changes);
        }
        panic!("the feed does not end; its first changes are {:?}", &all[..all.len().min(5)]);
    }
}

/// What a feed says of `key`, in order.
pub(super) fn seen_of(changes: &[Change], key: &Key) -> Vec<Seen> {
    let of_key = changes.iter().filter(|change| change.key == *key);
    let seen = of_key.map(|change| match &change.op {
        ChangeOp::Put(meta) => {
            assert_eq!(meta.key, *key, "a change describes another document");
            Seen::Put(meta.revision.clone())
        }
        ChangeOp::Delete { .. } => Seen::Deleted,
        other => panic!("an unknown change: {other:?}"),
    });
    seen.collect()
}

impl Follower {
    /// Checks that a feed tells a document's story: in order, ending as it ended, and all of it, if the store says so. Repetition is allowed.
    fn assert_story(&self, changes: &[Change], key: &Key, story: &[Seen]) {
        let seen = seen_of(changes, key);
        let mut rest = seen.iter();
        for event in story.iter().filter(|event| self.every || seen.contains(event)) {
            assert!(
                rest.any(|seen| seen == event),
                "{key}: {event:?} is missing or out of order in {seen:?}"
            );
        }
        assert_eq!(seen.last(), story.last(), "{key}: the feed ends with something else");
        assert!(
            seen.iter().all(|seen| story.contains(seen)),
            "{key}: the feed tells what never was: {seen:?}"
        );
    }
}

pub(super) async fn every_write_and_delete_is_in_the_feed_in_order(place: &dyn Place) {
    let store = place.open("default").await;
    put(&store, sample("before").record()).await;
    let Some(mut follower) = Follower::start(&store).await else { return };
    assert!(follower.read(10).await.is_empty(), "nothing happened yet");
    let first = put(&store, sample("run_1").note("first").record()).await.meta;
    let second = put(&store, sample("run_1").note("second").record()).await.meta;
    put(&store, sample("run_2").record()).await;
    delete(&store, &key("run_1")).await;
    let third = put(&store, sample("run_1").note("third").record()).await.meta;
    delete(&store, &key("before")).await;
    let changes = follower.read(100).await;
    let put_of = |meta: &truthound_stores_core::RecordMeta| Seen::Put(meta.revision.clone());
    follower.assert_story(
        &changes,
        &key("run_1"),
        &[put_of(&first), put_of(&second), Seen::Deleted, put_of(&third)],
    );
    follower.assert_story(&changes, &key("before"), &[Seen::Deleted]);
    assert_eq!(seen_of(&changes, &key("run_2")).len(), 1);
    let described = changes.iter().rev().find_map(|change| match &change.op {
        ChangeOp::Put(meta) if change.key == key("run_1") => Some((**meta).clone()),
        _ => None,
    });
    assert_listed(
        described.as_slice(),
        &[third],
        "the change describes the document otherwise than the write did",
    );
    assert!(follower.read(100).await.is_empty(), "the feed repeats itself without end");
}

pub(super) async fn deletes_are_in_the_feed(place: &dyn Place) {
    let store = place.open("default").await;
    let revision = put(&store, sample("run_1").record()).await.meta.revision;
    let Some(mut follower) = Follower::start(&store).await else { return };
    delete(&store, &key("run_1")).await;
    assert!(!ok(store.delete(&key("never")).await, "delete what never was"));
    let changes = follower.read(10).await;
    follower.assert_story(&changes, &key("run_1"), &[Seen::Deleted]);
    for change in &changes {
        if let ChangeOp::Delete { revision: Some(deleted) } = &change.op {
            assert_eq!(*deleted, revision, "the change names another revision than the deleted one");
        }
    }
}

pub(super) async fn batches_are_in_the_feed(place: &dyn Place) {
    let store = place.open("default").await;
    let Some(mut follower) = Follower::start(&store).await else { return };
    let records = [sample("a").record(), sample("b").note("1").record(), sample("b").note("2").record()];
    let written = put_all(&store, records.to_vec()).await;
    store.delete_many(vec![key("a"), key("never")], DeleteOptions::default()).await;
    let changes = follower.read(2).await;
    let told: Vec<Seen> = written.iter().map(|written| Seen::Put(written.meta.revision.clone())).collect();
    follower.assert_story(&changes, &key("a"), &[told[0].clone(), Seen::Deleted]);
    follower.assert_story(&changes, &key("b"), &told[1..]);
}

pub(super) async fn small_limits_give_the_same_changes(place: &dyn Place) {
    let store = place.open("default").await;
    let Some(mut follower) = Follower::start(&store).await else { return };
    let mut again =
        Follower { store: Arc::clone(&store), token: follower.token.clone(), every: follower.every };
    for record in many("run_", 11) {
        put(&store, record).await;
    }
    let one_by_one: BTreeSet<Key> = follower.read(1).await.into_iter().map(|change| change.key).collect();
    assert_eq!(one_by_one.len(), 11, "one at a time, the feed gave {one_by_one:?}");
    // An old token gives again what came after it.
    let at_once: BTreeSet<Key> = again.read(4).await.into_iter().map(|change| change.key).collect();
    assert_eq!(at_once, one_by_one);
}

pub(super) async fn a_feed_token_is_good_again_as_text_and_on_another_handle(place: &dyn Place) {
    let (store, other) = (place.open("default").await, place.open("default").await);
    let Some(mut follower) = Follower::start(&store).await else { return };
    put(&store, sample("run_1").record()).await;
    assert_eq!(follower.read(10).await.len(), 1);
    let kept = follower.token.as_str().to_owned();
    put(&store, sample("run_2").record()).await;
    let mut later = Follower { store: other, token: ChangeToken::new(kept), every: follower.every };
    let changes = later.read(10).await;
    assert_eq!(
        seen_of(&changes, &key("run_2")).len(),
        1,
        "the write after the token is missing: {changes:?}"
    );
}

pub(super) async fn the_feed_covers_all_collections(place: &dyn Place) {
    let store = place.open("default").await;
    let Some(mut follower) = Follower::start(&store).await else { return };
    let versions = hidden("versions");
    let written = put(&store, sample("run_1").collection(&versions).record()).await;
    let changes = follower.read(10).await;
    let of_version = Key::new(versions, "run_1").unwrap();
    follower.assert_story(&changes, &of_version, &[Seen::Put(written.meta.revision)]);
    assert!(seen_of(&changes, &key("run_1")).is_empty(), "the change is told of another collection");
}

pub(super) async fn refused_writes_are_no_changes(place: &dyn Place) {
    let store = place.open("default").await;
    put(&store, sample("run_1").record()).await;
    let Some(mut follower) = Follower::start(&store).await else { return };
    if store.info().capabilities.create_only {
        let answer = store.put_opts(sample("run_1").note("refused").record(), PutOptions::create()).await;
        refused(answer, ErrorKind::Conflict, "create a taken id");
    }
    if store.info().capabilities.compare_and_swap {
        let stale = Revision::new("never given by any store");
        let answer = store.delete_revision(&key("run_1"), stale).await;
        refused(answer, ErrorKind::Conflict, "delete another revision");
    }
    let changes = follower.read(10).await;
    assert!(changes.is_empty(), "nothing was changed, the feed says {changes:?}");
}

pub(super) async fn a_limit_of_zero_and_a_token_that_is_none_are_invalid(place: &dyn Place) {
    let store = place.open("default").await;
    let Some(follower) = Follower::start(&store).await else { return };
    refused(store.changes(Some(follower.token.clone()), 0).await, ErrorKind::Invalid, "a limit of 0");
    refused(store.changes(None, 0).await, ErrorKind::Invalid, "a limit of 0 without a token");
    for text in ["", "no token of any store"] {
        let answer = store.changes(Some(ChangeToken::new(text)), 10).await;
        refused(answer, ErrorKind::Invalid, &format!("the token {text:?}"));
    }
}

pub(super) async fn listing_after_a_reset_and_following_misses_nothing(place: &dyn Place) {
    let store = place.open("default").await;
    put_all(&store, many("old_", 3)).await;
    let Some(mut follower) = Follower::start(&store).await else { return };
    put(&store, sample("between").record()).await;
    let listed = ok(store.list_ids(&Query::new()).await, "list_ids").items;
    put(&store, sample("after").record()).await;
    delete(&store, &key("old_01")).await;
    let mut known: BTreeSet<String> = listed.into_iter().collect();
    for change in follower.read(2).await {
        match change.op {
            ChangeOp::Put(meta) => known.insert(meta.key.id().to_owned()),
            _ => known.remove(change.key.id()),
        };
    }
    let expected = ["after", "between", "old_00", "old_02"].map(str::to_owned);
    assert_eq!(known, BTreeSet::from(expected), "a copy made from the listing and the feed differs");
}
