//! What must be so when nobody works any more.

use std::collections::BTreeMap;
use std::time::Duration;

use truthound_stores_core::{
    ErrorKind, GetOptions, Key, Level, MaintainOptions, Query, ReindexOptions, Store, Upkeep, VerifyOptions,
};

use super::book::Book;
use super::deed::Of;
use super::follower::Replica;
use super::process::IDS;
use super::thrift;
use super::world::World;
use crate::CatalogStore;

type Found = BTreeMap<String, String>;

/// Reads each document by itself.
async fn got(store: &CatalogStore, book: &Book) -> Found {
    let mut found = Found::new();
    for number in 0..IDS {
        let (id, asked) = (format!("id{number}"), book.ask(usize::MAX, Of::Documents));
        match store.get_opts(&Key::result(&id).unwrap(), GetOptions::default()).await {
            Ok(stored) => {
                book.shown(&stored.meta, book.answered(asked));
                found.insert(id, stored.meta.revision.as_str().to_owned());
            }
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::NotFound, "{error:?}");
                book.absent(&id, book.answered(asked));
            }
        }
    }
    found
}

async fn listed(store: &CatalogStore, book: &Book) -> Found {
    let asked = book.ask(usize::MAX, Of::Catalog(Duration::MAX));
    let page = store.list_page(&Query::new(), None).await.unwrap();
    assert!(page.damaged.is_empty(), "{page:?}");
    book.listed(&Query::new(), &page.metas, book.answered(asked));
    let count = store.count(&Query::new()).await.unwrap();
    assert_eq!(count, page.metas.len() as u64);
    page.metas.into_iter().map(|meta| (meta.key.id().to_owned(), meta.revision.as_str().to_owned())).collect()
}

async fn followed(replica: &mut Replica, store: &CatalogStore, book: &Book) -> Found {
    while !replica.follow(store, book, 3).await.unwrap() {}
    let documents = replica.documents.iter();
    documents.map(|(id, meta)| (id.clone(), meta.revision.as_str().to_owned())).collect()
}

/// Body, row and feed agree; upkeep changes none of it; nothing is damaged.
pub(super) async fn at_rest(world: World, mut replica: Replica) {
    let (book, store) = (&world.book, world.open_quietly());
    let truth = got(&store, book).await;
    listed(&store, book).await;
    followed(&mut replica, &store, book).await;
    // A writer that was cut off has left a body without its row: nobody was told that it is there.
    store.reindex(ReindexOptions::default().with_quick(true), &()).await.unwrap();
    store.verify(VerifyOptions::default().with_repair(true), &()).await.unwrap();
    assert_eq!(listed(&store, book).await, truth, "the listing");
    assert_eq!(followed(&mut replica, &store, book).await, truth, "the copy");
    for step in ["maintain", "maintain again", "reindex"] {
        let report = match step {
            "reindex" => store.reindex(ReindexOptions::default(), &()).await.unwrap(),
            _ => store.maintain(MaintainOptions::default(), &()).await.unwrap(),
        };
        assert!(!report.is_damaged(), "{step}: {report:?}");
        let store = world.open_quietly();
        assert_eq!(got(&store, book).await, truth, "after {step}");
        assert_eq!(listed(&store, book).await, truth, "after {step}");
        assert_eq!(followed(&mut replica, &store, book).await, truth, "after {step}");
    }
    thrift::check(&world, truth.len()).await;
    let report = world.open_quietly().verify(VerifyOptions::default(), &()).await.unwrap();
    assert!(report.findings.iter().all(|finding| finding.level != Level::Damage), "{report:?}");
    book.close();
}
