//! Indexes answer from a part of the documents what the reference answers from all of them. Every page, token and count
//! must be the same, whatever is saved and deleted between the pages (R-ANY-7, R-ANY-8).

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::select;
use truthound_stores_core::{
    Attributes, Body, Collection, DeleteOptions, Key, OrderBy, Page, PageToken, PutOptions, Query, Record,
    RecordMeta, Store,
};
use truthound_stores_memory::{MemoryConfig, MemoryStore};
use truthound_stores_testkit::strategies::{ASSETS, IDS, STATUSES, queries, times};

/// Takes the answer of a store that never waits.
fn now<F: Future>(answer: F) -> F::Output {
    match pin!(answer).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => answer,
        Poll::Pending => panic!("the store waits"),
    }
}

/// What happens to the store, and to the model of it.
#[derive(Clone, Debug)]
enum Deed {
    Put(Box<Record>),
    Delete(Key),
}

#[derive(Default)]
struct Model(BTreeMap<Key, RecordMeta>);

impl Model {
    fn apply(&mut self, store: &MemoryStore, deeds: &[Deed]) {
        for deed in deeds {
            match deed {
                Deed::Put(record) => {
                    let written = now(store.put_opts(Record::clone(record), PutOptions::default())).unwrap();
                    let before = self.0.insert(record.key.clone(), written.meta);
                    assert_eq!(written.replaced, before.map(|meta| meta.revision));
                }
                Deed::Delete(key) => {
                    let existed = now(store.delete_opts(key, DeleteOptions::default())).unwrap();
                    assert_eq!(existed, self.0.remove(key).is_some());
                }
            }
        }
    }

    /// Asks store and reference for the same page; answers where to go on.
    fn check(&self, store: &MemoryStore, query: &Query, after: Option<PageToken>) -> Option<PageToken> {
        let expected = Page::evaluate(query, after.as_ref(), self.0.values().cloned()).unwrap();
        let lent = now(store.scan_page(query, after.clone())).unwrap();
        let described: Vec<RecordMeta> = lent.iter().map(|facts| facts.describe().unwrap()).collect();
        assert_eq!((described, lent.next), (expected.metas.clone(), expected.next.clone()));
        let found = now(store.list_page(query, after)).unwrap();
        assert_eq!(found.metas, expected.metas);
        assert_eq!(found.next, expected.next);
        found.next
    }

    fn check_count(&self, store: &MemoryStore, query: &Query) {
        let whole = query.clone().with_page_size(10_000);
        let listed = Page::evaluate(&whole, None, self.0.values().cloned()).unwrap().metas.len();
        assert_eq!(now(store.count(query)).unwrap(), listed as u64);
    }
}

fn collection() -> impl Strategy<Value = Collection> {
    let others = vec![Collection::EXPECTATIONS, Collection::hidden("results").unwrap()];
    prop_oneof![8 => Just(Collection::RESULTS), 1 => select(others)]
}

fn key() -> impl Strategy<Value = Key> {
    (collection(), select(&IDS[..])).prop_map(|(collection, id)| Key::new(collection, id).unwrap())
}

fn tags() -> impl Strategy<Value = BTreeMap<String, String>> {
    btree_map(
        select(vec!["team".to_owned(), "env".to_owned()]),
        select(vec!["x".to_owned(), "y".to_owned()]),
        0..=2,
    )
}

fn deed() -> impl Strategy<Value = Deed> {
    let record = (key(), select(&ASSETS[..]), times(), select(&STATUSES[..]), tags());
    let put = record.prop_map(|(key, asset, time, status, tags)| {
        let mut attributes = Attributes::new(asset, time, status.into());
        attributes.tags = tags.into();
        Deed::Put(Box::new(Record::new(key, attributes, Body::from_canonical("{}"))))
    });
    prop_oneof![4 => put, 1 => key().prop_map(Deed::Delete)]
}

fn query() -> impl Strategy<Value = Query> {
    (collection(), queries(tags())).prop_map(|(collection, query)| query.with_collection(collection))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn pages_and_counts_are_those_of_the_reference(
        before in vec(deed(), 0..80),
        between in vec(vec(deed(), 0..4), 1..6),
        query in query(),
    ) {
        let (store, mut model) = (MemoryStore::new(), Model::default());
        model.apply(&store, &before);
        model.check_count(&store, &query);
        let mut next = model.check(&store, &query, None);
        // A listing only goes forward, over all ids in each of 10 times, 16 assets or 5 statuses.
        for deeds in between.iter().cycle().take(IDS.len() * ASSETS.len()) {
            if next.is_none() {
                break;
            }
            model.apply(&store, deeds);
            next = model.check(&store, &query, next);
        }
        prop_assert_eq!(next, None, "the listing ends");
        model.check_count(&store, &query);
    }

    /// A token may be kept and sent, so it may come back as anything.
    #[test]
    fn a_token_that_was_tampered_with_gives_what_the_reference_gives(
        deeds in vec(deed(), 20..80),
        query in query(),
        micros in prop_oneof![(times(), -1..2_i64).prop_map(|(time, more)| time.as_micros().saturating_add(more)), Just(i64::MIN), Just(i64::MAX)],
        name in prop_oneof![select(&ASSETS[..]), select(&STATUSES[..]), Just("warehouse.p")],
        id in prop_oneof![select(&IDS[..]), Just("")],
    ) {
        let (store, mut model) = (MemoryStore::new(), Model::default());
        model.apply(&store, &deeds);
        if let Some(token) = model.check(&store, &query, None) {
            let mut position: serde_json::Value = serde_json::from_str(token.as_str()).unwrap();
            position["order"] = if query.order_by == OrderBy::RunTime { micros.into() } else { name.into() };
            position["id"] = id.into();
            model.check(&store, &query, Some(PageToken::from_text(position.to_string())));
        }
    }

    /// The newest documents stay, whatever the order in which they come.
    #[test]
    fn a_bounded_store_never_holds_more_and_never_loses_what_was_just_saved(
        deeds in vec(deed(), 0..80),
        max_items in 1..6_usize,
    ) {
        let store = MemoryStore::open(MemoryConfig::new().with_max_items(max_items)).unwrap();
        for deed in &deeds {
            let Deed::Put(record) = deed else { continue };
            let all = Query::new().with_collection(record.key.collection().clone()).with_ascending(true);
            let before = now(store.list_page(&all, None)).unwrap().metas;
            let written = now(store.put_opts(Record::clone(record), PutOptions::default())).unwrap();
            let after = now(store.list_page(&all, None)).unwrap().metas;
            let full = written.is_new() && before.len() == max_items && !record.key.collection().is_hidden();
            let mut expected: Vec<RecordMeta> = before.into_iter().skip(usize::from(full)).collect();
            expected.retain(|meta| meta.key != record.key);
            expected.push(written.meta);
            expected.sort_by(|a, b| all.cmp(a, b));
            prop_assert_eq!(after, expected);
        }
    }
}
