//! R-ANY-1, R-ANY-3: eight processes write into one database at once, and one of them is killed. Documents of neighbours were once lost, and
//! acknowledged ones of the killed.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use truthound_stores_core::{ChangeOp, Query, Store, StoreExt, VerifyOptions};
use truthound_stores_database::{DatabaseConfig, DatabaseStore};

use super::{config, drop_all, fresh, number_beside, on_each, prefix, run};

/// Holds a child's job, apart by tabs: its number, the database, and the part of it.
const JOB: &str = "TRUTHOUND_TEST_CHILD";
/// Begins each line that a child has to say; all others are the test runner's.
const MARK: &str = "@";
const SAVES: usize = 40;

/// The program that runs a child by the name of its test.
fn child(name: &str, job: String) -> Command {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "--nocapture", &format!("server::processes::{name}")]).env(JOB, job);
    child.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::inherit());
    child
}

async fn eight_processes_lose_nothing(url: &str) {
    let part = fresh();
    let store = DatabaseStore::open(config(url, &part)).await.unwrap();
    let mut token = store.changes(None, 1).await.unwrap().next;
    let children: Vec<_> = (0..8)
        .map(|number| {
            let job = format!("{number}\t{url}\t{part}");
            let mut child = child("a_child_does_its_job", job).spawn().unwrap();
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
    let report = store.upkeep().unwrap().verify(VerifyOptions::default(), &()).await.unwrap();
    assert!(!report.is_damaged(), "{report:?}");
}

/// Lets eight processes open a database at the same moment.
fn open_at_once(url: &str, prefix: &str) {
    let children = (0..8).map(|number| {
        let job = format!("{number}\t{url}\t{prefix}");
        let mut child = child("a_child_makes_the_tables", job).stdin(Stdio::piped()).spawn().unwrap();
        let said = BufReader::new(child.stdout.take().unwrap()).lines();
        (child, said)
    });
    let mut children: Vec<_> = children.collect();
    // None begins before all are there.
    for (_, said) in &mut children {
        assert!(said.any(|line| line.unwrap().ends_with(MARK)));
    }
    for (child, _) in &mut children {
        writeln!(child.stdin.as_mut().unwrap()).unwrap();
    }
    for (mut child, said) in children {
        said.for_each(|line| drop(line.unwrap()));
        let ended = child.wait().unwrap();
        assert!(ended.success(), "{ended}");
    }
}

/// R-DB-1: programs that come at once to a database without tables all make them. Nothing saw more than tasks of one program do so, where what the
/// program has for itself, such as the lock of a file, is in nobody's way.
async fn eight_processes_make_the_tables(url: &str) {
    let (raced, alone) = (prefix(), prefix());
    let opening = tokio::task::spawn_blocking({
        let (url, raced) = (url.to_owned(), raced.clone());
        move || open_at_once(&url, &raced)
    });
    opening.await.unwrap();
    let config = DatabaseConfig::new(url).with_table_prefix(&raced).with_create_tables(false);
    let store = DatabaseStore::open(config).await.unwrap();
    let stored: BTreeSet<String> = store.list_ids(&Query::new()).await.unwrap().items.into_iter().collect();
    let saved = (0..8).flat_map(|number| (0..SAVES).map(move |save| format!("{number} {save}")));
    assert_eq!(stored, saved.collect::<BTreeSet<_>>());
    let report = store.upkeep().unwrap().verify(VerifyOptions::default(), &()).await.unwrap();
    assert!(!report.is_damaged(), "{report:?}");
    store.close().await.unwrap();
    // As if one had come first.
    let store = DatabaseStore::open(DatabaseConfig::new(url).with_table_prefix(&alone)).await.unwrap();
    store.close().await.unwrap();
    for versions in ["count(*)", "max(version)"] {
        let ask = |prefix: &str| format!("SELECT {versions} FROM {prefix}truthound_schema");
        assert_eq!(
            number_beside(url, &ask(&raced)).await,
            number_beside(url, &ask(&alone)).await,
            "{versions}"
        );
    }
    drop_all(url, &raced).await;
    drop_all(url, &alone).await;
}

on_each!(eight_processes_lose_nothing, eight_processes_make_the_tables);

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

/// What a child does that finds no tables. It has no second try.
#[tokio::test]
async fn a_child_makes_the_tables() {
    let Some(job) = std::env::var_os(JOB) else { return };
    let job = job.into_string().unwrap();
    let [number, url, prefix] = job.split('\t').collect::<Vec<_>>().try_into().unwrap();
    println!("{MARK}");
    std::io::stdin().read_line(&mut String::new()).unwrap();
    let config = DatabaseConfig::new(url).with_table_prefix(prefix).with_use_pool_manager(false);
    let store = DatabaseStore::open(config).await.unwrap_or_else(|error| panic!("{}", error.report()));
    for save in 0..SAVES {
        store.put(run(&format!("{number} {save}"))).await.unwrap();
    }
    store.close().await.unwrap();
}
