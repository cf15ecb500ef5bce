//! A change whose writer commits late was once missed by readers who were past its number: numbers are drawn before transactions commit.

use std::sync::Arc;

use truthound_stores_core::{ChangeOp, ChangeToken, Store, StoreExt};

use super::{Raw, Server, open, run};

/// Reads the feed to its end.
async fn rest(store: &dyn Store, after: &mut ChangeToken) -> Vec<String> {
    let mut seen = Vec::new();
    loop {
        let page = store.changes(Some(after.clone()), 3).await.unwrap();
        assert!(!page.reset, "the feed goes on");
        *after = page.next;
        if page.changes.is_empty() {
            return seen;
        }
        for change in page.changes {
            let mark = if matches!(change.op, ChangeOp::Put(_)) { "" } else { "-" };
            seen.push(format!("{mark}{}", change.key.id()));
        }
    }
}

/// What a writer leaves of a delete.
fn change(space: &str, id: &str) -> String {
    format!(
        "INSERT INTO test_changes (space, collection, id, deleted, revision, nonce) \
         VALUES ('{space}', 'results', '{id}', 1, 'r-{id}', 'n-{id}')"
    )
}

async fn late_commits_are_not_missed(server: Server) {
    let Some(url) = server.url() else { return };
    let (store, space) = open(&url).await;
    let mut token = store.changes(None, 1).await.unwrap().next;
    let (mut one, mut two) = (Raw::connect(server, &url).await, Raw::connect(server, &url).await);
    one.run("BEGIN").await;
    one.run(&change(&space, "first")).await;
    two.run("BEGIN").await;
    two.run(&change(&space, "second")).await;
    // Both have their numbers. Others come, commit, and are read: nobody waits for the two.
    store.put(run("third")).await.unwrap();
    assert_eq!(rest(&*store, &mut token).await, ["third"]);
    two.run("COMMIT").await;
    store.put(run("fourth")).await.unwrap();
    assert_eq!(rest(&*store, &mut token).await, ["-second", "fourth"]);
    one.run(&change(&space, "fifth")).await;
    one.run("COMMIT").await;
    assert_eq!(rest(&*store, &mut token).await, ["-first", "-fifth"]);
    // One that is undone has never been.
    one.run("BEGIN").await;
    one.run(&change(&space, "undone")).await;
    store.delete(&run("third").key).await.unwrap();
    assert_eq!(rest(&*store, &mut token).await, ["-third"]);
    one.run("ROLLBACK").await;
    assert_eq!(rest(&*store, &mut token).await, Vec::<String>::new());
}

/// Readers who come at once number the changes one after the other, and see the same.
async fn readers_agree(server: Server) {
    let Some(url) = server.url() else { return };
    let (store, _) = open(&url).await;
    let token = store.changes(None, 1).await.unwrap().next;
    let writers = (0..4).map(|writer| {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            for number in 0..20 {
                store.put(run(&format!("{writer}-{number}"))).await.unwrap();
            }
        })
    });
    let writers: Vec<_> = writers.collect();
    let readers = (0..4).map(|_| {
        let (store, mut token) = (Arc::clone(&store), token.clone());
        tokio::spawn(async move {
            let mut seen = Vec::new();
            while seen.len() < 80 {
                seen.extend(rest(&*store, &mut token).await);
            }
            seen
        })
    });
    let readers: Vec<_> = readers.collect();
    for writer in writers {
        writer.await.unwrap();
    }
    let mut all = Vec::new();
    for reader in readers {
        all.push(reader.await.unwrap());
    }
    assert!(all.windows(2).all(|two| two[0] == two[1]), "readers saw changes in different orders");
    for writer in 0..4 {
        let of_one = all[0].iter().filter(|id| id.starts_with(&format!("{writer}-")));
        let expected: Vec<String> = (0..20).map(|number| format!("{writer}-{number}")).collect();
        assert!(of_one.eq(&expected), "the order of one writer's saves is lost: {:?}", all[0]);
    }
}

/// Where several nodes take writes, as in Galera, each counts in steps of its own: numbers have gaps, and start anywhere.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn mariadb_may_count_in_steps() {
    let Some(url) = Server::MariaDb.url() else { return };
    let mut raw = Raw::connect(Server::MariaDb, &url).await;
    // Of connections that are opened from now on; other tests are to pass under it, too.
    raw.run("SET GLOBAL auto_increment_increment = 7, GLOBAL auto_increment_offset = 3").await;
    let (store, _) = open(&url).await;
    let mut token = store.changes(None, 1).await.unwrap().next;
    let mut expected = Vec::new();
    for round in 0..3 {
        let batch: Vec<_> = (0..40).map(|number| run(&format!("{round}-{number}"))).collect();
        expected.extend(batch.iter().map(|record| record.key.id().to_owned()));
        for outcome in store.put_many(batch, truthound_stores_core::PutOptions::default()).await {
            outcome.unwrap();
        }
        store.delete(&run(&format!("{round}-0")).key).await.unwrap();
        expected.push(format!("-{round}-0"));
    }
    raw.run("SET GLOBAL auto_increment_increment = DEFAULT, GLOBAL auto_increment_offset = DEFAULT").await;
    assert_eq!(rest(&*store, &mut token).await, expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn postgres_late_commits_are_not_missed() {
    late_commits_are_not_missed(Server::Postgres).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn mariadb_late_commits_are_not_missed() {
    late_commits_are_not_missed(Server::MariaDb).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn postgres_readers_agree() {
    readers_agree(Server::Postgres).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn mariadb_readers_agree() {
    readers_agree(Server::MariaDb).await;
}
