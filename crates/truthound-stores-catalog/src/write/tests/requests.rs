//! What each operation asks of the store, counted (R-OBJ-1; decision 0009, section 2, "Requests").

use truthound_stores_core::ErrorKind;

use super::Request::{Create, Get, Head, Replace, Row};
use super::*;
use crate::document::tests::codecs;
use crate::dressed::Dressed;

#[tokio::test]
async fn a_new_id_takes_two_requests() {
    let writer = Writer::new();
    let written = writer.upsert("run_1").await;
    assert!(written.is_new());
    assert_eq!(writer.probe.requests(), [Create, Row]);
}

#[tokio::test]
async fn an_overwrite_takes_four_and_three_if_the_id_is_known() {
    let writer = Writer::new();
    let first = writer.upsert("run_1").await;
    writer.probe.requests();
    let second = writer.upsert("run_1").await;
    assert_eq!(second.replaced, Some(first.meta.revision));
    assert_eq!(writer.probe.requests(), [Create, Head, Replace, Row]);
    let third = writer.documents.save(record("run_1"), PutMode::Upsert, true).await.unwrap();
    assert_eq!(third.replaced, Some(second.meta.revision));
    assert_eq!(writer.probe.requests(), [Head, Replace, Row]);
}

#[tokio::test]
async fn a_replacement_takes_three_and_a_refused_one_one() {
    let writer = Writer::new();
    let first = writer.upsert("run_1").await.meta.revision;
    writer.probe.requests();
    let second = writer.save("run_1", PutMode::Replace(first.clone())).await.unwrap();
    assert_eq!(second.replaced, Some(first.clone()));
    assert_eq!(writer.probe.requests(), [Head, Replace, Row]);
    let refused = writer.save("run_1", PutMode::Replace(first)).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Conflict);
    assert_eq!(writer.probe.requests(), [Head]);
}

#[tokio::test]
async fn a_delete_takes_three_and_of_what_is_absent_one() {
    let writer = Writer::new();
    writer.upsert("run_1").await;
    writer.probe.requests();
    assert!(writer.delete("run_1").await);
    assert_eq!(writer.probe.requests(), [Head, Replace, Row]);
    assert!(!writer.listed("run_1").await);
    assert!(!writer.delete("run_1").await);
    assert_eq!(writer.probe.requests(), [Head, Row]);
    assert!(!writer.delete("run_2").await);
    // A HEAD cannot say that the bucket is missing.
    assert_eq!(writer.probe.requests(), [Head, Get]);
}

#[tokio::test]
async fn a_refused_create_takes_three() {
    let writer = Writer::new();
    writer.upsert("run_1").await;
    writer.probe.requests();
    let refused = writer.save("run_1", PutMode::Create).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Conflict);
    assert_eq!(writer.probe.requests(), [Create, Get, Row]);
}

#[tokio::test]
async fn a_get_takes_one_and_a_mark_is_not_found() {
    let writer = Writer::new();
    let written = writer.upsert("run_1").await;
    writer.probe.requests();
    let stored = writer.documents.get(&key("run_1"), false).await.unwrap();
    assert_eq!(stored.meta, written.meta);
    assert_eq!(stored.body, Some(record("run_1").body));
    assert_eq!(writer.documents.get(&key("run_1"), true).await.unwrap().body, None);
    assert_eq!(writer.probe.requests(), [Get, Get]);
    writer.delete("run_1").await;
    writer.probe.requests();
    for id in ["run_1", "run_2"] {
        let error = writer.documents.get(&key(id), false).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
    }
    assert_eq!(writer.probe.requests(), [Get, Get]);
}

#[tokio::test]
async fn each_lost_race_takes_two_more() {
    let writer = Writer::new();
    let other = writer.other(2);
    writer.upsert("run_1").await;
    writer.probe.requests();
    let gate = truthound_stores_testkit::Gate::new("before the put");
    writer.probe.fail(Replace, probe::Fault::Before(gate.clone()));
    let save = writer.upsert("run_1");
    let race = async {
        gate.reached().await;
        other.documents.save(record("run_1"), PutMode::Upsert, true).await.unwrap();
        gate.open();
    };
    let (_, ()) = futures_util::join!(save, race);
    let count = writer.probe.requests().len();
    assert_eq!(count, 4 + 2 + 3);
}

#[tokio::test]
async fn documents_of_every_codec_are_saved_overwritten_read_and_deleted() {
    for codec in codecs() {
        let writer = Writer::on(Probe::default(), 1, codec);
        for id in ["run_1", "_a/b é", "Run_1", "a/b", "a_b"] {
            writer.upsert(id).await;
            let written = writer.upsert(id).await;
            let stored = writer.documents.get(&key(id), false).await.unwrap();
            assert_eq!((stored.meta, stored.body), (written.meta, Some(record(id).body)));
            assert!(writer.listed(id).await);
            assert!(writer.delete(id).await);
            assert!(!writer.listed(id).await);
        }
    }
}

#[tokio::test]
async fn ids_that_differ_by_case_or_escaping_are_apart_where_cases_are_one() {
    let mut writer = Writer::new();
    writer.documents.form.folds_case = true;
    let ids = ["run", "Run", "RUN", "a/b", "a_b", "a-b", "A/B", "_catalog", "..", "con", "CON"];
    for id in ids {
        assert!(writer.upsert(id).await.is_new(), "{id}");
    }
    for id in ids {
        let stored = writer.documents.get(&key(id), false).await.unwrap();
        assert_eq!(stored.body, Some(record(id).body));
    }
}

#[tokio::test]
async fn a_document_of_truthound_is_read_replaced_and_deleted() {
    let writer = Writer::new();
    let path = writer.path("run_1");
    assert_eq!(path, "truthound/default/results/run_1.json");
    writer.probe.put_foreign(&path, text("run_1").as_bytes()).await;
    let stored = writer.documents.get(&key("run_1"), false).await.unwrap();
    assert_eq!(stored.meta.attributes, record("run_1").attributes);
    // A refused `Create` lists it.
    assert_eq!(writer.save("run_1", PutMode::Create).await.unwrap_err().kind(), ErrorKind::Conflict);
    assert!(writer.listed("run_1").await);
    let replaced = writer.save("run_1", PutMode::Replace(stored.meta.revision.clone())).await.unwrap();
    assert_eq!(replaced.replaced, Some(stored.meta.revision));
    let rows = writer.rows().await;
    let of = |state: crate::state::State| rows.iter().find(|row| row.state.revision() == state.revision());
    let last = rows.iter().max_by_key(|row| row.state.hlc).unwrap();
    assert!(of(last.before.as_ref().unwrap().state).is_some());
    assert!(writer.delete("run_1").await);
    assert!(!writer.listed("run_1").await);
}

#[tokio::test]
async fn every_object_carries_what_the_store_is_configured_with() {
    use object_store::{Attribute, Attributes, TagSet};

    let mut writer = Writer::new();
    let mut headers = Attributes::new();
    headers.insert(Attribute::StorageClass, "STANDARD_IA".into());
    headers.insert(Attribute::Metadata("team".into()), "data".into());
    let dressed = Dressed::new(Arc::new(writer.probe.clone()), headers, TagSet::default());
    writer.documents.bucket = Bucket::new(Arc::new(dressed), writer.documents.bucket.wire().clone());
    writer.upsert("run_1").await;
    writer.upsert("run_2").await;
    writer.delete("run_2").await;
    let names = writer.probe.names("truthound");
    assert_eq!(names.len(), 5);
    for name in names {
        let attributes = writer.probe.attributes(&name).await;
        assert_eq!(
            attributes.get(&Attribute::StorageClass).map(AsRef::as_ref),
            Some("STANDARD_IA"),
            "{name}"
        );
        assert_eq!(attributes.get(&Attribute::Metadata("team".into())).map(AsRef::as_ref), Some("data"));
    }
}

#[tokio::test]
async fn a_damaged_document_is_corrupt_by_name_and_can_be_replaced_and_deleted() {
    let writer = Writer::new();
    for then in ["upsert", "delete"] {
        let path = writer.path(then);
        writer.upsert(then).await;
        writer.probe.put_foreign(&path, b"{ torn").await;
        let error = writer.documents.get(&key(then), false).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Corrupt);
        assert!(error.to_string().contains(&path), "{error}");
        if then == "upsert" {
            writer.upsert(then).await;
            assert!(writer.documents.get(&key(then), false).await.is_ok());
        } else {
            assert!(writer.delete(then).await);
        }
    }
}

#[tokio::test]
async fn rows_that_may_not_stand_in_names_stand_in_bodies() {
    let mut writer = Writer::new();
    writer.documents.rows_in_names = false;
    writer.upsert("run_1").await;
    assert!(writer.delete("run_1").await);
    assert_eq!(writer.probe.requests().len(), 5);
    assert_eq!(writer.rows().await.len(), 2);
    assert!(!writer.listed("run_1").await);
}

#[tokio::test]
async fn a_create_that_finds_a_damaged_document_is_a_conflict_all_the_same() {
    let writer = Writer::new();
    writer.probe.put_foreign(&writer.path("run_1"), b"{ torn").await;
    let refused = writer.save("run_1", PutMode::Create).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Conflict);
    assert!(writer.rows().await.is_empty());
}
