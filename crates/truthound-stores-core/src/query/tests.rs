use super::*;
use crate::{Attributes, Checksum, Key, Page, PageToken, Revision};

fn meta(id: &str, asset: &str, time: &str, status: &str) -> RecordMeta {
    let attributes = Attributes::new(asset, time.parse().unwrap(), status.into()).with_tag("id", id);
    let key = Key::result(id).unwrap();
    let revision = Revision::new("1");
    RecordMeta::new(key, attributes, revision, 1, Checksum::of(b""), Timestamp::UNIX_EPOCH)
}

fn sample() -> Vec<RecordMeta> {
    vec![
        meta("a", "orders", "2026-01-01T00:00:00Z", "success"),
        meta("b", "orders", "2026-01-02T00:00:00Z", "failure"),
        meta("c", "people", "2026-01-02T09:00:00+09:00", "failure"),
        meta("d", "Zebra", "2026-01-03T00:00:00Z", "skipped"),
        meta("é", "orders", "2026-01-03T00:00:00Z", "error"),
    ]
}

fn ids(query: &Query) -> Vec<String> {
    let page = Page::evaluate(query, None, sample()).unwrap();
    page.metas.iter().map(|meta| meta.key.id().to_owned()).collect()
}

#[test]
fn conditions_all_hold_and_bounds_are_inclusive() {
    let day2: Timestamp = "2026-01-02".parse().unwrap();
    for (query, expected) in [
        (Query::new(), "é d c b a"),
        (Query::new().with_ascending(true), "a b c d é"),
        (Query::new().with_data_asset("orders"), "é b a"),
        (Query::new().with_data_asset("o*"), "é b a"),
        (Query::new().with_start_time(day2).with_end_time(day2), "c b"),
        (Query::new().with_status("failed"), "c b"),
        (Query::new().with_status("failure").with_status("error"), "é c b"),
        (Query::new().with_status("skipped"), "d"),
        (Query::new().with_tag("id", "b"), "b"),
        (Query::new().with_tag("id", "b").with_tag("x", ""), ""),
        (Query::new().with_collection(Collection::EXPECTATIONS), ""),
    ] {
        assert_eq!(ids(&query).join(" "), expected, "{query:?}");
    }
}

/// R-ANY-7: `limit`, `offset` and `order_by` are applied after all filtering.
#[test]
fn order_offset_and_limit_come_last() {
    for (query, expected) in [
        (Query::new().with_limit(2), "é d"),
        (Query::new().with_limit(0), ""),
        (Query::new().with_offset(3), "b a"),
        (Query::new().with_offset(9), ""),
        (Query::new().with_data_asset("orders").with_offset(1).with_limit(1), "b"),
        // By code point: capitals before small letters, whatever a locale thinks.
        (Query::new().with_order_by(OrderBy::DataAsset).with_ascending(true), "d a b é c"),
        (Query::new().with_order_by(OrderBy::Status), "a d c b é"),
    ] {
        assert_eq!(ids(&query).join(" "), expected, "{query:?}");
    }
    assert!("size".parse::<OrderBy>().unwrap_err().to_string().contains("run_time, data_asset or status"));
    assert!(Query::new().with_page_size(0).validate().is_err());
}

#[test]
fn pages_go_on_by_key_whatever_is_deleted_meanwhile() {
    for size in 1..6 {
        let query = Query::new().with_page_size(size).with_offset(1).with_limit(3);
        let mut all = sample();
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let page = Page::evaluate(&query, after.as_ref(), all.clone()).unwrap();
            seen.extend(page.metas.iter().map(|meta| meta.key.id().to_owned()));
            // What was given is deleted before the next page is asked for.
            all.retain(|meta| !page.metas.contains(meta));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(seen.join(" "), "d c b", "page size {size}");
    }
}

#[test]
fn tokens_belong_to_their_query() {
    let query = Query::new().with_page_size(1);
    let token = Page::evaluate(&query, None, sample()).unwrap().next.unwrap();
    let kept = PageToken::from_text(token.as_str());
    assert!(Page::evaluate(&query.clone().with_page_size(3), Some(&kept), sample()).is_ok());
    for other in [query.clone().with_ascending(true), query.with_order_by(OrderBy::Status)] {
        assert!(Page::evaluate(&other, Some(&kept), sample()).is_err());
    }
    for damaged in ["", "{}", "x"] {
        assert!(PageToken::from_text(damaged).decode(&Query::new()).is_err());
    }
}

/// A forged token once made the count of documents given overflow: a panic.
#[test]
fn a_forged_token_cannot_overflow() {
    let query = Query::new().with_page_size(1);
    let token = Page::evaluate(&query, None, sample()).unwrap().next.unwrap();
    let forged = token.as_str().replace("\"taken\":1", &format!("\"taken\":{}", u64::MAX));
    assert_ne!(forged, token.as_str());
    assert!(Page::evaluate(&query, Some(&PageToken::from_text(forged)), sample()).is_ok());
}
