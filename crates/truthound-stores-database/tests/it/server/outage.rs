//! R-DB-6: connections that broke once cost errors to calls that came long after. They are to cost them to those in flight only, and with retries
//! to nobody whose work can be done after all.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use truthound_stores_core::{ChangeOp, ErrorKind, PutOptions, Query, Store, StoreExt};
use truthound_stores_database::DatabaseStore;

use super::{Server, config, fresh, run, through};
use crate::proxy::Proxy;

/// Opens a store whose connections can be broken.
async fn behind_a_relay(server: Server) -> Option<(Arc<DatabaseStore>, Proxy)> {
    let url = server.url()?;
    let proxy = Proxy::start(Server::address(&url)).await;
    let mut config = config(&through(&url, &proxy), &fresh());
    config.pooling.max_retries = Some(8);
    Some((Arc::new(DatabaseStore::open(config).await.unwrap()), proxy))
}

/// All connections break while nobody uses them: nobody notices.
async fn broken_while_idle(server: Server) {
    let Some((store, proxy)) = behind_a_relay(server).await else { return };
    store.put(run("before")).await.unwrap();
    let (asked, retries) = (proxy.accepted(), store.retry_stats().unwrap().retries);
    proxy.break_connections();
    store.put(run("after")).await.unwrap();
    assert_eq!(store.count(&Query::new()).await.unwrap(), 2);
    assert_eq!(
        store.retry_stats().unwrap().retries,
        retries,
        "a broken connection was found by a call, not by the ping"
    );
    assert!(store.pool_status().pings_failed >= 1 && proxy.accepted() > asked);
}

/// Connections break again and again in the middle of a load: each save is told as what it was, and none has two effects.
async fn broken_under_load(server: Server) {
    let Some((store, proxy)) = behind_a_relay(server).await else { return };
    let mut token = store.changes(None, 1).await.unwrap().next;
    let done = Arc::new(AtomicBool::new(false));
    let cutting = tokio::spawn({
        let done = Arc::clone(&done);
        async move {
            let mut seen = proxy.accepted();
            while !done.load(Ordering::Acquire) {
                tokio::task::yield_now().await;
                // As soon as there are connections again.
                if proxy.accepted() > seen + 3 {
                    seen = proxy.accepted();
                    proxy.break_connections();
                }
            }
            proxy
        }
    });
    let writers: Vec<_> = (0..6)
        .map(|writer| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                let (mut sure, mut unsure, mut repeats) = (Vec::new(), Vec::new(), 0);
                for number in 0..15 {
                    let id = format!("{writer}-{number}");
                    // Beside a new document, one that is written over again and again: a batch is written in two steps then.
                    let batch = vec![run(&id), run(&format!("again {writer}"))];
                    let mut outcomes = store.put_many(batch, PutOptions::default()).await;
                    let (again, new) = (outcomes.pop().unwrap(), outcomes.pop().unwrap());
                    repeats += usize::from(again.is_ok());
                    match new {
                        Ok(written) => {
                            assert!(
                                written.is_new(),
                                "{id} was told to replace something, which it could only be itself"
                            );
                            sure.push(id);
                        }
                        Err(error) => {
                            assert!(
                                error.is_retryable() || error.kind() == ErrorKind::Timeout,
                                "{}",
                                error.report()
                            );
                            unsure.push(id);
                        }
                    }
                }
                (sure, unsure, repeats)
            })
        })
        .collect();
    let (mut sure, mut unsure, mut repeats) = (BTreeSet::new(), BTreeSet::new(), 0);
    for writer in writers {
        let (one, other, again) = writer.await.unwrap();
        sure.extend(one);
        unsure.extend(other);
        repeats += again;
    }
    done.store(true, Ordering::Release);
    let _proxy = cutting.await.unwrap();
    let mut stored: BTreeSet<String> =
        store.list_ids(&Query::new()).await.unwrap().items.into_iter().collect();
    stored.retain(|id| !id.starts_with("again"));
    assert!(sure.is_subset(&stored), "acknowledged and lost: {:?}", sure.difference(&stored));
    assert!(stored.iter().all(|id| sure.contains(id) || unsure.contains(id)));
    let mut puts = Vec::new();
    loop {
        let page = store.changes(Some(token), 100).await.unwrap();
        token = page.next;
        if page.changes.is_empty() {
            break;
        }
        puts.extend(page.changes.into_iter().map(|change| {
            assert!(matches!(change.op, ChangeOp::Put(_)));
            change.key.id().to_owned()
        }));
    }
    // Of the others, each save that was acknowledged had one effect, and each that was not at most one.
    let (again, puts): (Vec<String>, Vec<String>) = puts.into_iter().partition(|id| id.starts_with("again"));
    let effects = repeats..=sure.len() + unsure.len();
    assert!(effects.contains(&again.len()), "{} effects of {effects:?}", again.len());
    let once: BTreeSet<String> = puts.iter().cloned().collect();
    assert_eq!(puts.len(), once.len(), "a save had two effects");
    assert_eq!(once, stored, "feed and documents disagree");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_broken_while_idle() {
    broken_while_idle(Server::Postgres).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mariadb_broken_while_idle() {
    broken_while_idle(Server::MariaDb).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn postgres_broken_under_load() {
    broken_under_load(Server::Postgres).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn mariadb_broken_under_load() {
    broken_under_load(Server::MariaDb).await;
}
