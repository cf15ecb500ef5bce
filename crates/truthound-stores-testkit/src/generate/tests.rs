//! Tests and measurements are only as real as the documents they use.

use std::collections::BTreeSet;

use super::*;

#[test]
fn documents_have_the_sizes_and_the_mixture_of_real_ones() {
    let records = Generator::new(1).records(300);
    let ids: BTreeSet<&str> = records.iter().map(|record| record.key.id()).collect();
    assert_eq!(ids.len(), records.len(), "ids repeat");
    let sizes = records.iter().map(|record| record.body.as_bytes().len());
    assert!(sizes.clone().all(|size| (1_000..50_000).contains(&size)), "sizes: {sizes:?}");
    let successes = records.iter().filter(|record| record.attributes.status.as_str() == "success").count();
    assert!((200..270).contains(&successes), "{successes} of 300 are successes");
    let statuses: BTreeSet<&str> = records.iter().map(|record| record.attributes.status.as_str()).collect();
    assert_eq!(statuses.len(), 4, "{statuses:?}");
    let fractions =
        records.iter().filter(|record| record.attributes.run_time.as_micros() % 1_000_000 != 0).count();
    assert!((150..280).contains(&fractions), "{fractions} of 300 have microseconds");
    assert!(records.iter().any(|record| !record.attributes.data_asset.is_ascii()));
    assert!(records.iter().any(|record| record.body.as_str().contains("+09:00\"")));
}

#[test]
fn counts_agree_with_the_validators_that_are_listed() {
    for record in Generator::new(2).records(50) {
        let document = record.body.to_json().unwrap();
        let results = document.get("results").and_then(Json::as_array).unwrap();
        let passed =
            results.iter().filter(|result| result.get("success").and_then(Json::as_bool) == Some(true));
        let counts = &record.attributes.statistics;
        assert_eq!(counts.passed_validators, passed.count() as u64);
        assert_eq!(counts.total_validators, results.len() as u64);
        let by_severity =
            counts.critical_issues + counts.high_issues + counts.medium_issues + counts.low_issues;
        assert_eq!(counts.total_issues, by_severity);
        assert_eq!(
            record.attributes.status.as_str() == "success",
            counts.passed_validators == counts.total_validators
        );
    }
}

#[test]
fn text_is_laid_out_as_truthound_writes_it() {
    let text = Generator::new(3).document_text();
    assert!(text.starts_with("{\n  \"run_id\": \"run_2026"), "{text}");
    assert!(text.is_ascii());
    let record = Record::parse(Collection::RESULTS, text.as_bytes(), &Reading::default()).unwrap();
    assert_eq!(record, Generator::new(3).record());
}

#[test]
fn odd_documents_differ_in_their_ids() {
    let odd = odd_records();
    let ids: BTreeSet<&str> = odd.iter().map(|record| record.key.id()).collect();
    assert_eq!(ids.len(), odd.len());
}
