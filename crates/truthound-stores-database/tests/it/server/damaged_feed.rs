//! Rows of the change feed that do not hold what was written.

use truthound_stores_core::{ChangeToken, Level, Store, StoreExt, VerifyOptions};
use truthound_stores_database::DatabaseStore;

use super::{beside, config, fresh, on_each, run};

/// Reads one page: the documents it tells of, or that the reader is to compare listings.
async fn page(store: &DatabaseStore, after: &mut ChangeToken) -> Result<Vec<String>, &'static str> {
    let page =
        store.changes(Some(after.clone()), 10).await.unwrap_or_else(|error| panic!("{}", error.report()));
    *after = page.next;
    if page.reset {
        return Err("compare");
    }
    Ok(page.changes.iter().map(|change| change.key.id().to_owned()).collect())
}

/// One damaged row of the feed ended it for every reader, without a word of where it was and what to do; and nobody but a reader ever found it.
async fn readers_get_past_a_damaged_change(url: &str) {
    let damages = [
        "attributes = '{'",
        "id = ''",
        "collection = ''",
        "checksum = NULL",
        "saved_at = NULL",
        "place = 999999",
        "place = -1",
    ];
    for damage in damages {
        let part = fresh();
        let store = DatabaseStore::open(config(url, &part)).await.unwrap();
        let begin = store.changes(None, 1).await.unwrap().next;
        for id in ["a", "b", "c"] {
            store.put(run(id)).await.unwrap();
        }
        if damage.starts_with("place") {
            page(&store, &mut begin.clone()).await.unwrap();
        }
        beside(url, &format!("UPDATE test_changes SET {damage} WHERE space = 'default/{part}' AND id = 'b'"))
            .await;
        let upkeep = store.upkeep().unwrap();
        // Also what no reader has come by.
        assert!(upkeep.verify(VerifyOptions::default(), &()).await.unwrap().is_damaged(), "{damage}");
        let mut follower = begin.clone();
        let pages: &[Result<&[&str], &str>] = if damage.starts_with("place") {
            // One that is nowhere is met by nobody, and so cannot be told of by a page.
            &[Ok(&["a", "c"]), Ok(&[])]
        } else {
            &[Ok(&["a"]), Err("compare"), Ok(&["c"]), Ok(&[])]
        };
        for expected in pages {
            let expected = expected.map(|ids| ids.iter().map(|id| (*id).to_owned()).collect());
            assert_eq!(page(&store, &mut follower).await, expected, "{damage}");
        }

        let report = upkeep.verify(VerifyOptions::default(), &()).await.unwrap();
        let found: Vec<_> = report.findings.iter().filter(|finding| finding.subject == "feed").collect();
        assert_eq!(found.len(), 1, "{damage}: {report:?}");
        assert!(report.is_damaged() && found[0].level == Level::Damage, "{damage}: {report:?}");
        assert!(found[0].message.contains("place"), "{damage}: {report:?}");
        assert!(found[0].remedy.as_ref().unwrap().contains("repair"), "{damage}: {report:?}");
        let report = upkeep.verify(VerifyOptions::default().with_repair(true), &()).await.unwrap();
        assert!(!report.is_damaged(), "{damage}: {report:?}");
        let report = upkeep.verify(VerifyOptions::default(), &()).await.unwrap();
        assert!(report.findings.is_empty(), "{damage}: {report:?}");

        // Whoever may have missed it is told to compare; whoever was told goes on.
        assert_eq!(page(&store, &mut begin.clone()).await, Err("compare"), "{damage}");
        if damage.starts_with("place") {
            assert_eq!(page(&store, &mut follower).await, Err("compare"), "{damage}");
        }
        store.put(run("d")).await.unwrap();
        assert_eq!(page(&store, &mut follower).await, Ok(vec!["d".to_owned()]), "{damage}");
    }
}

on_each!(readers_get_past_a_damaged_change);
