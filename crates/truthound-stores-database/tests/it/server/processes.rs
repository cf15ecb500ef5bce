//! R-ANY-1, R-ANY-3: eight processes write into one database at once, and one of them is killed. Documents of neighbours were once lost, and
//! acknowledged ones of the killed.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use truthound_stores_core::{ChangeOp, Query, Store, StoreExt};
use truthound_stores_database::DatabaseStore;

use super::{config, fresh, on_each, run};

/// Holds a child's job, apart by tabs: its number, the database, and the part of it.
const JOB: &str = "TRUTHOUND_TEST_CHILD";
/// Begins each line that a child has to say; all others are the test runner's.
const MARK: &str = "@";
const SAVES: usize = 40;

async fn eight_processes_lose_nothing(url: &str) {
    let part = fresh();
    let store = DatabaseStore::open(config(url, &part)).await.unwrap();
    let mut token = store.changes(None, 1).await.unwrap().next;
    let children: Vec<_> = (0..8)
        .map(|number| {
            let mut child = Command::new(std::env::current_exe().unwrap());
            child.args(["--exact", "--nocapture", "server::processes::a_child_does_its_job"]);
            child.env(JOB, format!("{number}\t{url}\t{part}"));
            child.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::inherit());
            let mut child = child.spawn().unwrap();
            // Each is heard by a thread of its own, so that none waits for another.
            std::thread::spawn(move || {
                let mut said = Vec::new();
                for line in BufReader::new(child.stdout.take().unwrap()).lines() {
                    // The runner writes the test's name before the first line, without a line's end.
                    let line = line.unwrap();
                    let Some((_, id)) = line.split_once(MARK) else { continue };
                    said.push(id.to_owned());
                    if number == 0 && said.len() == 10 {
                        child.kill().unwrap();
                    }
                }
                let ended = child.wait().unwrap();
                assert!(number == 0 || ended.success(), "{ended}");
                said
            })
        })
        .collect();
    let children = tokio::task::spawn_blocking(move || {
        children.into_iter().map(|child| child.join().unwrap()).collect::<Vec<Vec<String>>>()
    });
    let said = children.await.unwrap();
    assert!(said[0].len() >= 10 && said[1..].iter().all(|said| said.len() == SAVES), "{said:?}");
    let acknowledged: BTreeSet<String> = said.into_iter().flatten().collect();
    let stored: BTreeSet<String> = store.list_ids(&Query::new()).await.unwrap().items.into_iter().collect();
    assert!(acknowledged.is_subset(&stored), "lost: {:?}", acknowledged.difference(&stored));
    // Of the one that was killed, one save may be done that nobody was told of; it is whole.
    assert!(stored.len() <= acknowledged.len() + 1);
    for id in &stored {
        assert!(store.read(&run(id).key).await.unwrap().body.is_some());
    }
    let mut told = BTreeSet::new();
    loop {
        let page = store.changes(Some(token), 100).await.unwrap();
        if page.changes.is_empty() {
            break;
        }
        token = page.next;
        for change in page.changes {
            assert!(matches!(change.op, ChangeOp::Put(_)));
            told.insert(change.key.id().to_owned());
        }
    }
    assert_eq!(told, stored, "the feed and the documents disagree");
    let report =
        store.upkeep().unwrap().verify(truthound_stores_core::VerifyOptions::default(), &()).await.unwrap();
    assert!(!report.is_damaged(), "{report:?}");
}

on_each!(eight_processes_lose_nothing);

/// What a child does: of its saves, some are to ids that all of them write.
#[tokio::test]
async fn a_child_does_its_job() {
    let Some(job) = std::env::var_os(JOB) else { return };
    let job = job.into_string().unwrap();
    let [number, url, part] = job.split('\t').collect::<Vec<_>>().try_into().unwrap();
    let store = DatabaseStore::open(config(url, part)).await.unwrap();
    for save in 0..SAVES {
        let id = if save % 4 == 0 { format!("shared {save}") } else { format!("{number} {save}") };
        store.put(run(&id)).await.unwrap();
        println!("{MARK}{id}");
    }
    store.close().await.unwrap();
}
