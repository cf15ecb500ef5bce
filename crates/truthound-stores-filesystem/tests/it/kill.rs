//! R-ANY-3: a save that was acknowledged survives `kill -9` at any instant, and one that was not is wholly there or wholly absent.
//!
//! `TRUTHOUND_KILL_SEED` repeats a run that failed, as far as the instants of kills can be repeated; `TRUTHOUND_LONG_TESTS` makes it
//! ten times as long.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use truthound_stores_core::{
    Clock, DeleteOptions, ErrorKind, MaintainOptions, PutOptions, Store, StoreExt, SystemClock, random_u64,
};
use truthound_stores_filesystem::{Durability, FileSystemConfig, FileSystemStore};
use truthound_stores_testkit::SeededRandom;

use crate::child::{self, Child, say};
use crate::model::{Copy, assert_sound, document, everything, key};
use crate::support::{files, long_tests, number_from_env, open};

/// The ids of a task that are written over and over, and deleted.
const HOT: u64 = 4;
/// How many rounds one folder lives through.
const ROUNDS_OF_A_FOLDER: u64 = 8;

/// What an id is known to hold, and what it may hold instead: a version, or 0 for nothing.
#[derive(Debug, Default)]
struct Known {
    acknowledged: u64,
    under_way: Vec<u64>,
}

type Ledger = BTreeMap<String, Known>;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_survives_a_kill_at_any_instant() {
    let kills = if long_tests() { 2_000 } else { 200 };
    let seed = number_from_env("TRUTHOUND_KILL_SEED").unwrap_or_else(|| random_u64(&SystemClock::new()));
    // Shown if the test fails.
    println!("TRUTHOUND_KILL_SEED={seed}");
    let mut random = SeededRandom::new(seed);
    let (mut killed, mut round, mut phases) = (0, 0, BTreeSet::new());
    let mut folder = tempfile::tempdir().unwrap();
    let mut ledger = Ledger::new();
    let mut copy = None;
    while killed < kills {
        if round % ROUNDS_OF_A_FOLDER == 0 {
            folder = tempfile::tempdir().unwrap();
            ledger = Ledger::new();
            copy = None;
        }
        let neighbour = open(folder.path()).await;
        // A copy that lives through all rounds of a folder is told of everything.
        let mut follower = match copy.take() {
            Some(copy) => copy,
            None => Copy::of(&neighbour).await,
        };
        follower.assert_follows(&neighbour).await;
        let children = *random.pick(&[1, 1, 2, 3]);
        let said = one_round(folder.path(), round, children, &mut random);
        phases.insert(said.len());
        for line in &said {
            note(&mut ledger, line);
        }

        let store = open(folder.path()).await;
        settle(&store, &mut ledger, &format!("round {round}, opened after the kill")).await;
        follower.assert_follows(&store).await;
        copy = Some(follower);
        // One that was open all the time sees the same.
        settle(&neighbour, &mut ledger, &format!("round {round}, open all the time")).await;
        assert_sound(&store).await;
        if random.chance(30) {
            neighbour.close().await.unwrap();
            store.close().await.unwrap();
            let there = ledger.iter().filter(|(_, known)| known.acknowledged > 0);
            let expected: Vec<String> = there.map(|(id, _)| format!("{id}.json")).collect();
            let results = folder.path().join("default/validations");
            // Nobody may have come to save anything.
            let names = if results.exists() { files(&results) } else { Vec::new() };
            assert_eq!(names, expected, "files after close");
        }
        killed += children;
        round += 1;
    }
    assert!(phases.len() > 20, "the kills fell on few instants: {phases:?}");
}

/// Lets children save, kills them, and answers what they had said.
fn one_round(base: &Path, round: u64, children: u64, random: &mut SeededRandom) -> Vec<String> {
    let mut running: Vec<Child> = (0..children)
        .map(|number| {
            let tag = format!("r{round:04}c{number}");
            let tasks = random.pick(&["1", "1", "4"]);
            let durability = random.pick(&["os", "os", "fsync"]);
            let seed = random.next_u64().to_string();
            child::start("save and be killed", &[base.to_str().unwrap(), &tag, tasks, durability, &seed])
        })
        .collect();
    let mut said = Vec::new();
    let lines = if random.chance(10) { 0 } else { random.below(60) };
    for _ in 0..lines {
        said.extend(running[0].hear());
    }
    // A child that has said nothing yet may still be starting, opening or recovering.
    let longest = if lines == 0 { 40_000 } else { 5_000 };
    spin(Duration::from_micros(random.below(longest)));
    for child in running {
        said.extend(child.kill());
    }
    said
}

/// Waits by doing nothing: a sleep is too coarse to hit instants.
fn spin(time: Duration) {
    let clock = SystemClock::new();
    let end = clock.monotonic() + time;
    while clock.monotonic() < end {
        std::hint::spin_loop();
    }
}

/// Takes note of what a child said: `begin ID VERSION` or `done ID VERSION`.
fn note(ledger: &mut Ledger, line: &str) {
    let words: Vec<&str> = line.split(' ').collect();
    match words.as_slice() {
        ["begin", id, version] => {
            ledger.entry((*id).to_owned()).or_default().under_way.push(version.parse().unwrap());
        }
        ["done", id, version] => {
            let known = ledger.get_mut(*id).unwrap();
            known.acknowledged = version.parse().unwrap();
            known.under_way.clear();
        }
        ["open"] => {}
        _ => panic!("a child complains: {line}"),
    }
}

/// Checks that each id holds what was acknowledged or what was under way. What was under way and is seen once must stay; what is not seen
/// may still come to light with the next recovery of the log that it stands in.
async fn settle(store: &FileSystemStore, ledger: &mut Ledger, what: &str) {
    let all = everything(store).await;
    for (id, (version, _)) in &all {
        let Some(known) = ledger.get(id) else { panic!("nobody began to save {id} version {version}") };
        let allowed = known.acknowledged == *version || known.under_way.contains(version);
        assert!(allowed, "{what}: {id} holds version {version}: {known:?}");
    }
    for (id, known) in ledger.iter_mut() {
        let version = all.get(id).map_or(0, |(version, _)| *version);
        let allowed = known.acknowledged == version || known.under_way.contains(&version);
        assert!(allowed, "{what}: {id} holds version {version}: {known:?}");
        if version == 0 {
            assert_eq!(
                store.read(&key(id)).await.unwrap_err().kind(),
                ErrorKind::NotFound,
                "{id} is not listed"
            );
            assert!(!store.exists(&key(id)).await.unwrap(), "{id} is not listed");
        }
        if known.acknowledged != version {
            *known = Known { acknowledged: version, under_way: Vec::new() };
        }
    }
}

/// The child: saves until it is killed.
pub(crate) async fn save(base: &Path, words: &[&str]) {
    let [tag, tasks, durability, seed] = words else { panic!("{words:?}") };
    let durability = if *durability == "os" { Durability::Os } else { Durability::Fsync };
    let config = FileSystemConfig::new(base).with_durability(durability);
    let store = std::sync::Arc::new(FileSystemStore::open(config).await.unwrap());
    say("open");
    let tasks: Vec<_> = (0..tasks.parse::<u64>().unwrap())
        .map(|task| {
            let (store, seed) = (std::sync::Arc::clone(&store), seed.parse::<u64>().unwrap());
            let tag = format!("{tag}t{task}");
            tokio::spawn(async move { save_as(&store, &tag, &mut SeededRandom::new(seed ^ task)).await })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
}

async fn save_as(store: &FileSystemStore, tag: &str, random: &mut SeededRandom) {
    // Longer than anybody waits, but not for ever, should the parent be gone.
    for step in 1..5_000 {
        let hot = |random: &mut SeededRandom| format!("{tag}-hot{}", random.below(HOT));
        match random.below(12) {
            0..3 => put(store, &format!("{tag}-{step:05}"), step).await,
            3..6 => put(store, &hot(random), step).await,
            6..8 => delete(store, vec![hot(random)]).await,
            8 => put_batch(store, tag, step, random).await,
            9 => delete(store, (0..HOT).map(|number| format!("{tag}-hot{number}")).collect()).await,
            10 => tidy_up(store).await,
            _ => complain("flush", store.flush().await),
        }
    }
}

async fn tidy_up(store: &FileSystemStore) {
    if let Some(upkeep) = store.upkeep() {
        complain("maintain", upkeep.maintain(MaintainOptions::default(), &()).await.map(drop));
    }
}

fn complain(what: &str, outcome: truthound_stores_core::Result<()>) {
    if let Err(error) = outcome {
        say(&format!("{what}: {}", error.report()));
    }
}

async fn put(store: &FileSystemStore, id: &str, version: u64) {
    say(&format!("begin {id} {version}"));
    match store.put(document(id, version)).await {
        Ok(_) => say(&format!("done {id} {version}")),
        Err(error) => say(&format!("put: {}", error.report())),
    }
}

async fn put_batch(store: &FileSystemStore, tag: &str, step: u64, random: &mut SeededRandom) {
    let mut ids: Vec<String> =
        (0..random.between(1, 6)).map(|number| format!("{tag}-{step:05}-{number}")).collect();
    ids.extend((0..random.below(HOT)).map(|number| format!("{tag}-hot{number}")));
    for id in &ids {
        say(&format!("begin {id} {step}"));
    }
    let records = ids.iter().map(|id| document(id, step)).collect();
    let outcomes = store.put_many(records, PutOptions::default()).await;
    for (id, outcome) in ids.iter().zip(outcomes) {
        match outcome {
            Ok(_) => say(&format!("done {id} {step}")),
            Err(error) => say(&format!("put_many: {}", error.report())),
        }
    }
}

async fn delete(store: &FileSystemStore, ids: Vec<String>) {
    for id in &ids {
        say(&format!("begin {id} 0"));
    }
    let keys = ids.iter().map(|id| key(id)).collect();
    let outcomes = if let [id] = ids.as_slice() {
        vec![store.delete(&key(id)).await]
    } else {
        store.delete_many(keys, DeleteOptions::default()).await
    };
    for (id, outcome) in ids.iter().zip(outcomes) {
        match outcome {
            Ok(_) => say(&format!("done {id} 0")),
            Err(error) => say(&format!("delete: {}", error.report())),
        }
    }
}
