//! Whoever follows the feed ends up with what a listing says, and never sees a document go back.

use std::collections::BTreeMap;

use truthound_stores_core::{ChangeOp, ChangePage, ChangeToken, Query};

use super::{Token, changes_of};
use crate::query::tests::{Hub, run};
use crate::query::{At, Index};

/// A copy that is kept by the feed: the revision of each document.
#[derive(Debug, Default)]
pub(crate) struct Replica {
    pub(crate) token: Option<ChangeToken>,
    pub(crate) documents: BTreeMap<String, String>,
    pub(crate) resets: u32,
    /// The highest time of each incarnation that was seen.
    highest: BTreeMap<(String, String), u64>,
}

impl Replica {
    /// Takes a page in; tells how many changes it had.
    pub(crate) async fn follow(
        &mut self,
        index: &Index,
        limit: usize,
    ) -> truthound_stores_core::Result<usize> {
        let ChangePage { changes, next, reset, .. } =
            changes_of(&[index], self.token.as_ref(), limit).await?;
        assert!(changes.len() <= limit);
        if reset {
            assert!(changes.is_empty());
            let query = Query::new().with_page_size(10_000);
            let page = index.list_page(At::Now, &query, None, None).await?;
            let documents = page.metas.iter();
            self.documents =
                documents.map(|meta| (meta.key.id().to_owned(), meta.revision.as_str().to_owned())).collect();
            self.resets += 1;
        }
        for change in &changes {
            let id = change.key.id();
            match &change.op {
                ChangeOp::Put(meta) => {
                    let revision = meta.revision.as_str();
                    let mut parts = revision.split('-');
                    let incarnation = parts.next().unwrap().to_owned();
                    let hlc = u64::from_str_radix(parts.next().unwrap(), 16).unwrap();
                    let highest = self.highest.entry((id.to_owned(), incarnation)).or_default();
                    assert!(hlc >= *highest, "{id} went back");
                    *highest = hlc;
                    self.documents.insert(id.to_owned(), revision.to_owned());
                }
                _ => drop(self.documents.remove(id)),
            }
        }
        self.token = Some(next);
        Ok(changes.len())
    }
}

#[test]
fn a_copy_that_follows_the_feed_is_what_a_listing_says() {
    for seed in 0..60 {
        println!("seed {seed}");
        run(async {
            let mut hub = Hub::new(seed);
            let index = hub.index();
            let (mut often, mut seldom) = (Replica::default(), Replica::default());
            seldom.follow(&index, 5).await.unwrap();
            for _ in 0..hub.random.between(1, 80) {
                hub.step(&mut Vec::new()).await;
                if hub.random.chance(30) {
                    let limit = hub.random.between(1, 8);
                    often.follow(&index, limit as usize).await.unwrap();
                }
                if hub.random.chance(3) {
                    let limit = hub.random.between(1, 8);
                    seldom.follow(&hub.index(), limit as usize).await.unwrap();
                }
            }
            let expected: BTreeMap<String, String> = hub
                .metas()
                .into_iter()
                .map(|meta| (meta.key.id().to_owned(), meta.revision.as_str().to_owned()))
                .collect();
            for replica in [&mut often, &mut seldom] {
                for limit in [3, 1_000, 1_000] {
                    while replica.follow(&index, limit).await.unwrap() > 0 {}
                }
                assert_eq!(replica.documents, expected);
                assert_eq!(replica.follow(&index, 9).await.unwrap(), 0, "what was given does not come again");
                assert_eq!(replica.resets, 1);
            }
        });
    }
}

#[test]
fn a_token_holds_no_more_than_the_tail_and_a_page() {
    run(async {
        let mut hub = Hub::new(3);
        let index = hub.index();
        let mut token = index.changes(None, 1).await.unwrap().next;
        for round in 0..30 {
            for number in 0..20 {
                let facts = hub.facts();
                let row = hub.change(&format!("{round}-{number}"), Some(facts)).unwrap();
                hub.put(&row).await;
            }
            hub.folder.fold(|_| true, round % 5 == 0).await.unwrap();
        }
        let mut given = 0;
        loop {
            let page = index.changes(Some(&token), 7).await.unwrap();
            assert!(!page.reset);
            given += page.all.len();
            token = page.next;
            assert!(token.given.len() < 20 + 7, "{}", token.given.len());
            if !page.more {
                break;
            }
        }
        assert_eq!(given, 600);
        assert!(token.given.is_empty() && token.to_string().len() < 50, "{token}");
    });
}

#[test]
fn a_rebuilt_catalog_and_forgotten_deletions_reset() {
    run(async {
        let hub = Hub::new(5);
        let index = hub.index();
        hub.folder.fold(|_| true, false).await.unwrap();
        let token = index.changes(None, 1).await.unwrap().next;
        assert!(!index.changes(Some(&token), 5).await.unwrap().reset);
        let other = Token { lineage: Some("0".repeat(32)), ..token.clone() };
        assert!(index.changes(Some(&other), 5).await.unwrap().reset);
        let ahead = Token { generation: token.generation + 1, ..token.clone() };
        assert!(index.changes(Some(&ahead), 5).await.unwrap().reset);
        let seen = hub.folder.shelf.root(None).await.unwrap().unwrap();
        let mut next = seen.root.next(&*hub.clock, "c");
        next.feed_floor = token.generation + 1;
        hub.folder.shelf.swap_root(&seen, &next).await.unwrap();
        let page = index.changes(Some(&token), 5).await.unwrap();
        assert!(page.reset && !index.changes(Some(&page.next), 5).await.unwrap().reset);
        assert!(changes_of(&[&index], Some(&ChangeToken::new("x")), 5).await.is_err());
        assert!(changes_of(&[&index], None, 0).await.is_err());
    });
}
