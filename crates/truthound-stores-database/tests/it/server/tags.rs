//! Queries by many tags.

use truthound_stores_core::{Grouping, OrderBy, Query, Record, Store, StoreExt, Timestamp};
use truthound_stores_database::DatabaseStore;
use truthound_stores_memory::MemoryStore;

use super::{config, fresh, on_each, run};

/// More tags than any database joins tables.
const TAGS: usize = 1_000;

fn name(number: usize) -> String {
    format!("tag {number:04}")
}

/// A document with all of the tags but for one, which has another value, or is missing.
fn tagged(id: &str, seconds: i64, lacks: Option<usize>, other: Option<&str>) -> Record {
    let mut record = run(id);
    record.attributes.run_time = Timestamp::from_micros(1_700_000_000_000_000 + seconds * 1_000_000);
    for number in 0..TAGS {
        let value = if lacks == Some(number) { other } else { Some("yes") };
        if let Some(value) = value {
            record.attributes.tags.insert(name(number), value.to_owned());
        }
    }
    record
}

/// Lists by small pages.
async fn listed(store: &dyn Store, query: &Query) -> Vec<String> {
    let (mut ids, mut after) = (Vec::new(), None);
    loop {
        let page = store.list_page(query, after).await.unwrap_or_else(|error| panic!("{}", error.report()));
        assert!(page.damaged.is_empty(), "{:?}", page.damaged);
        ids.extend(page.metas.iter().map(|meta| meta.key.id().to_owned()));
        after = page.next;
        if after.is_none() {
            return ids;
        }
    }
}

/// Each tag of a query was a table that was joined: with 61 of them MySQL, with 64 SQLite refused it, which said that the store's tables were missing.
async fn a_query_may_have_any_number_of_tags(url: &str) {
    let store = DatabaseStore::open(config(url, &fresh())).await.unwrap();
    let reference = MemoryStore::new();
    let mut records = vec![run("without")];
    for (number, lacks) in [0, 8, 60, 258, TAGS - 1].into_iter().enumerate() {
        let seconds = i64::try_from(number).unwrap() * 10;
        records.push(tagged(&format!("lacks {lacks}"), seconds, Some(lacks), None));
        records.push(tagged(&format!("other {lacks}"), seconds + 1, Some(lacks), Some("no")));
        records.push(tagged(&format!("all {number}"), seconds + 2, None, None));
    }
    for record in records {
        store.put(record.clone()).await.unwrap();
        reference.put(record).await.unwrap();
    }
    for number in [1, 8, 9, 60, 61, 64, 65, 258, 259, TAGS] {
        let query = (0..number).fold(Query::new(), |query, tag| query.with_tag(name(tag), "yes"));
        for query in [
            query.clone().with_page_size(4),
            query.clone().with_page_size(3).with_ascending(true).with_order_by(OrderBy::DataAsset),
            query.clone().with_data_asset("order?").with_limit(9).with_offset(2),
            query.with_start_time(Timestamp::from_micros(1_700_000_025_000_000)).with_status("success"),
        ] {
            let wanted = listed(&reference, &query).await;
            assert!(number < TAGS || !wanted.is_empty());
            assert_eq!(listed(&store, &query).await, wanted, "{number} tags");
            assert_eq!(store.count(&query).await.unwrap(), wanted.len() as u64, "{number} tags");
            let grouping = Grouping::new().with_day(true).with_data_asset(true);
            let (ours, theirs) =
                (store.summarize(&query, grouping).await, reference.summarize(&query, grouping).await);
            assert_eq!(ours.unwrap(), theirs.unwrap(), "{number} tags");
        }
    }
}

on_each!(a_query_may_have_any_number_of_tags);
