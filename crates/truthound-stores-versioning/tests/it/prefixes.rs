//! Prefixes of hashes as names of versions (R-VER-5): those of several versions, those that are too short, and those that look like numbers.

use std::collections::BTreeMap;

use truthound_stores_core::{Error, ErrorKind};
use truthound_stores_memory::MemoryStore;
use truthound_stores_versioning::{
    SaveOptions, VersionInfo, VersionedStore, VersioningConfig, VersioningMode,
};

use crate::support::{key, run, versioned};

type Versions = VersionedStore<MemoryStore>;

fn config() -> VersioningConfig {
    VersioningConfig::new()
        .with_mode(VersioningMode::GitLike)
        .with_enable_branching(true)
        .with_track_changes(false)
}

fn open(memory: &MemoryStore, config: VersioningConfig, seed: u64) -> Versions {
    versioned(memory.in_namespace("default").unwrap(), config, seed)
}

/// Saves versions until `found` has what it looks for among them; the latest is the last.
async fn until<T>(store: &Versions, found: impl Fn(&[VersionInfo]) -> Option<T>) -> (T, Vec<VersionInfo>) {
    let mut all = Vec::new();
    while all.len() < 20_000 {
        let content = all.len().to_string();
        all.push(store.save(run("r", &content), SaveOptions::new()).await.unwrap());
        if let Some(found) = found(&all) {
            return (found, all);
        }
    }
    panic!("20,000 hashes without what was looked for");
}

fn first(version: &VersionInfo, digits: usize) -> String {
    version.version.chars().take(digits).collect()
}

/// The versions with a prefix.
fn with<'a>(all: &'a [VersionInfo], prefix: &str) -> Vec<&'a VersionInfo> {
    all.iter().filter(|version| version.version.starts_with(prefix)).collect()
}

/// The error with which a name is refused.
async fn refusal(store: &Versions, name: &str) -> Error {
    match store.get_version(&key("r"), name).await {
        Ok(found) => panic!("{name} is {:?}", found.info),
        Err(error) => error,
    }
}

async fn ordinal(store: &Versions, name: &str) -> u64 {
    store.get_version(&key("r"), name).await.unwrap().info.ordinal
}

/// A prefix that several versions have was refused with nothing but their number: whoever met that did not know how many digits to give, or of what.
#[tokio::test]
async fn r_ver_5_a_prefix_of_several_versions_is_refused_and_they_are_named() {
    let memory = MemoryStore::new();
    let store = open(&memory, config(), 1);
    let (prefix, all) = until(&store, |all| {
        let prefix = first(all.last()?, 4);
        // One that no number can be mistaken for.
        (with(all, &prefix).len() == 2 && prefix.contains(|c: char| c.is_ascii_alphabetic()))
            .then_some(prefix)
    })
    .await;
    let [older, latest] = with(&all, &prefix)[..] else { panic!("two were found") };

    let error = refusal(&store, &prefix).await;
    assert_eq!(error.kind(), ErrorKind::Invalid);
    let said = error.report();
    let digits = (5..40).find(|digits| first(older, *digits) != first(latest, *digits)).unwrap();
    for version in [older, latest] {
        let named = format!("{} (ordinal {})", first(version, digits), version.ordinal);
        assert!(said.contains(&named), "{named} is not in: {said}");
        // What it says is to be given, and is taken.
        assert_eq!(ordinal(&store, &first(version, digits)).await, version.ordinal);
    }
    assert!(said.contains("prefix of 2 versions") && said.contains("results/r"), "{said}");
    // All that takes a version refuses it, and none does something else instead.
    let kinds = [
        store.rollback(&key("r"), &prefix, SaveOptions::new()).await.unwrap_err().kind(),
        store.diff(&key("r"), &prefix, "latest").await.unwrap_err().kind(),
        store.add_label(&key("r"), "good", &prefix, None).await.unwrap_err().kind(),
        store.create_branch(&key("r"), "fix", &prefix, None).await.unwrap_err().kind(),
    ];
    assert_eq!(kinds, [ErrorKind::Invalid; 4]);
    // Another item's versions do not make a prefix ambiguous.
    assert_eq!(store.get_version(&key("other"), &prefix).await.unwrap_err().kind(), ErrorKind::NotFound);
}

/// Who expected a version by the first digits of its hash once overwrote a newer one that happened to begin with the same digits.
#[tokio::test]
async fn r_ver_2_an_expected_prefix_that_an_older_version_has_too_is_refused() {
    let memory = MemoryStore::new();
    let store = open(&memory, config(), 2);
    let (prefix, all) = until(&store, |all| {
        let prefix = first(all.last()?, 4);
        (with(all, &prefix).len() > 1).then_some(prefix)
    })
    .await;
    let expecting = |version: &str| SaveOptions::new().with_expected_version(version);
    let error = store.save(run("r", "lost"), expecting(&prefix)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid, "{}", error.report());
    assert!(error.report().contains("is the prefix of"), "{}", error.report());
    let error = store.delete(&key("r"), expecting(&prefix)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid, "{}", error.report());
    let latest = all.last().unwrap();
    assert_eq!(ordinal(&store, "latest").await, latest.ordinal);
    // Its hash, and a prefix that it alone has, are taken.
    let digits = (5..40).find(|digits| with(&all, &first(latest, *digits)).len() == 1).unwrap();
    let saved = store.save(run("r", "next"), expecting(&first(latest, digits))).await.unwrap();
    store.save(run("r", "the one after"), expecting(&saved.version)).await.unwrap();
}

#[tokio::test]
async fn r_ver_5_a_prefix_that_is_too_short_is_refused_with_what_is_enough() {
    let memory = MemoryStore::new();
    let store = open(&memory, config(), 3);
    let ((), all) = until(&store, |all| (all.len() == 3).then_some(())).await;
    for digits in 1..4 {
        let prefix = first(&all[1], digits);
        if prefix.bytes().all(|byte| byte.is_ascii_digit()) {
            continue;
        }
        let error = refusal(&store, &prefix).await;
        assert_eq!(error.kind(), ErrorKind::NotFound);
        assert!(error.report().contains("has 4 digits at least"), "{}", error.report());
    }
    assert_eq!(ordinal(&store, &first(&all[1], 4)).await, 2);
    // What can be no prefix, or names nothing here, is told otherwise.
    for name in ["", "xyz", "nonsense", "0000000000000000000000000000000000000000f"] {
        let said = refusal(&store, name).await.report();
        assert!(said.contains("there is no version") && !said.contains("at least"), "{said}");
    }
    // Where no hashes are, nobody is told of them.
    let named = open(&MemoryStore::new(), VersioningConfig::new(), 4);
    named.save(run("r", "one"), SaveOptions::new()).await.unwrap();
    assert!(!refusal(&named, "abc").await.report().contains("hash"));
}

fn is_number(prefix: &str) -> bool {
    prefix.bytes().all(|byte| byte.is_ascii_digit())
}

/// `0123` was taken for the number 123, so that the hash that begins with it was not found, and another version was, without a word.
#[tokio::test]
async fn r_ver_5_a_prefix_of_digits_is_a_number_only_where_it_can_be_one() {
    let memory = MemoryStore::new();
    let store = open(&memory, config(), 5);
    // Four digits are more than the history has versions: a prefix, unless a zero makes it one anyhow.
    let sought = |all: &[VersionInfo], zero: bool| {
        let fits = |prefix: &String| {
            is_number(prefix)
                && prefix.starts_with('0') == zero
                && with(all, prefix).len() == 1
                && (zero || prefix.parse::<usize>().unwrap() > all.len() + 10)
        };
        all.iter().map(|version| first(version, 4)).find(fits)
    };
    let ((zero, plain), all) = until(&store, |all| Some((sought(all, true)?, sought(all, false)?))).await;
    assert_eq!(ordinal(&store, &plain).await, with(&all, &plain)[0].ordinal);
    assert_eq!(ordinal(&store, &zero).await, with(&all, &zero)[0].ordinal);
    // A number is an ordinal, and written as numbers are.
    assert_eq!(ordinal(&store, "7").await, 7);
    assert_eq!(store.get_version(&key("r"), 7).await.unwrap().info.version, all[6].version);
    for odd in ["007", "+7", " 7", "0", "-1"] {
        assert_eq!(refusal(&store, odd).await.kind(), ErrorKind::NotFound, "{odd:?}");
    }
    let expecting = |version: &str| SaveOptions::new().with_expected_version(version);
    let latest = all.len().to_string();
    let error = store.save(run("r", "x"), expecting(&format!("0{latest}"))).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict, "{}", error.report());
    store.save(run("r", "x"), expecting(&latest)).await.unwrap();
}

/// The ordinal of a version that was cleaned up was taken for the prefix of a hash: somebody asked for version 1,234, and got another one.
#[tokio::test]
async fn an_ordinal_of_the_history_is_never_a_prefix() {
    let memory = MemoryStore::new();
    let store = open(&memory, config(), 6);
    let (number, all) = until(&store, |all| {
        let newest = all.last()?;
        let number = first(newest, 4);
        let fits = is_number(&number) && !number.starts_with('0');
        (fits && number.parse::<u64>().unwrap() < newest.ordinal).then_some(number)
    })
    .await;
    let (ordinal_named, newest) = (number.parse::<u64>().unwrap(), all.last().unwrap());
    assert_eq!(ordinal(&store, &number).await, ordinal_named);
    assert_eq!(ordinal(&store, &first(newest, 12)).await, newest.ordinal);
    let error =
        store.save(run("r", "x"), SaveOptions::new().with_expected_version(&number)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict, "{}", error.report());

    let few = open(&memory, config().with_max_versions(newest.ordinal - ordinal_named), 7);
    few.cleanup(&key("r")).await.unwrap();
    let error = refusal(&few, &number).await;
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(error.report().contains("was cleaned up"), "{}", error.report());
    assert_eq!(ordinal(&few, &first(newest, 12)).await, newest.ordinal);
}

#[tokio::test]
async fn labels_go_before_prefixes() {
    let memory = MemoryStore::new();
    let store = open(&memory, config(), 8);
    let (prefix, all) = until(&store, |all| {
        let prefix = first(all.last()?, 4);
        (all.len() > 2 && prefix.starts_with(|c: char| c.is_ascii_alphabetic())).then_some(prefix)
    })
    .await;
    assert_eq!(ordinal(&store, &prefix).await, all.len() as u64);
    store.add_label(&key("r"), &prefix, 1, None).await.unwrap();
    assert_eq!(ordinal(&store, &prefix).await, 1);
    let names: BTreeMap<_, _> =
        all.iter().map(|version| (version.version.clone(), version.ordinal)).collect();
    for (name, number) in names {
        assert_eq!(ordinal(&store, &name).await, number);
    }
}
