//! A batch of n is n + 1 requests, and one that fails stops no other.

use truthound_stores_core::ErrorKind;

use super::Request::{Create, Head, Replace, Row as PutRow};
use super::probe::Fault;
use super::*;

fn count(requests: &[Request], of: Request) -> usize {
    requests.iter().filter(|request| **request == of).count()
}

#[tokio::test]
async fn a_batch_takes_one_request_more_than_it_has_documents() {
    let writer = Writer::new();
    let records = (0..40).map(|at| record(&format!("run_{at}"))).collect();
    let outcomes = writer.documents.save_many(records, &PutMode::Upsert).await;
    for (at, outcome) in outcomes.into_iter().enumerate() {
        let written = outcome.unwrap();
        assert_eq!(written.meta.key, key(&format!("run_{at}")));
    }
    let requests = writer.probe.requests();
    assert_eq!((count(&requests, Create), count(&requests, PutRow), requests.len()), (40, 1, 41));
    assert_eq!(writer.rows().await.len(), 40);
}

#[tokio::test]
async fn documents_of_one_key_are_written_in_order() {
    let writer = Writer::new();
    let numbered = |at: usize| {
        let text = text("run_1").replace("1.50", &at.to_string());
        Record::parse(
            form(Codec::default()).collection,
            text.as_bytes(),
            &truthound_stores_core::Reading::default(),
        )
        .unwrap()
    };
    let outcomes = writer.documents.save_many((0..5).map(numbered).collect(), &PutMode::Upsert).await;
    let written: Vec<_> = outcomes.into_iter().map(Result::unwrap).collect();
    for pair in written.windows(2) {
        assert_eq!(pair[1].replaced.as_ref(), Some(&pair[0].meta.revision));
    }
    let stored = writer.documents.get(&key("run_1"), false).await.unwrap();
    assert_eq!(stored.body, Some(numbered(4).body));
    assert_eq!(writer.rows().await.len(), 5);
}

#[tokio::test]
async fn what_is_refused_in_a_batch_stops_no_other() {
    let writer = Writer::new();
    writer.upsert("run_1").await;
    let mut broken = record("run_2");
    broken.attributes.statistics.execution_time_ms = f64::NAN;
    let records = vec![record("run_0"), record("run_1"), broken, record("run_3")];
    let outcomes = writer.documents.save_many(records, &PutMode::Create).await;
    let kinds: Vec<_> = outcomes.iter().map(|outcome| outcome.as_ref().err().map(Error::kind)).collect();
    assert_eq!(kinds, [None, Some(ErrorKind::Conflict), Some(ErrorKind::Invalid), None]);
    for id in ["run_0", "run_1", "run_3"] {
        assert!(writer.listed(id).await, "{id}");
    }
}

#[tokio::test]
async fn nothing_of_a_batch_is_acknowledged_whose_rows_are_refused() {
    let writer = Writer::new();
    writer.probe.fail(PutRow, Fault::Says("Server returned non-2xx status code: 403 Forbidden: ".to_owned()));
    let outcomes = writer.documents.save_many(vec![record("a"), record("b")], &PutMode::Upsert).await;
    for outcome in outcomes {
        assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Denied);
    }
}

#[tokio::test]
async fn a_batch_of_deletes_takes_one_row_object() {
    let writer = Writer::new();
    let ids = ["a", "b", "c"];
    writer.documents.save_many(ids.map(record).to_vec(), &PutMode::Upsert).await;
    writer.probe.requests();
    let keys = ["a", "b", "x"].map(key).to_vec();
    let outcomes = writer.documents.delete_many(keys, &DeleteOptions::default()).await;
    let outcomes: Vec<bool> = outcomes.into_iter().map(Result::unwrap).collect();
    assert_eq!(outcomes, [true, true, false]);
    let requests = writer.probe.requests();
    assert_eq!((count(&requests, Head), count(&requests, Replace), count(&requests, PutRow)), (3, 2, 1));
    assert!(!writer.listed("a").await && writer.listed("c").await);
}

#[tokio::test]
async fn the_rows_of_a_batch_that_slept_are_read_again_under_another_name() {
    let writer = Writer::new();
    let other = writer.other(2);
    let gate = truthound_stores_testkit::Gate::new("after the rows");
    writer.probe.fail(PutRow, Fault::LostAfter(gate.clone()));
    let save = writer.documents.save_many(vec![record("a"), record("b"), record("c")], &PutMode::Upsert);
    let meanwhile = async {
        gate.reached().await;
        other.upsert("a").await;
        other.probe.remove(&writer.path("b")).await;
        writer.clock.advance(crate::horizon::S + Duration::from_secs(1));
        gate.open();
    };
    let (outcomes, ()) = futures_util::join!(save, meanwhile);
    assert!(outcomes.iter().all(Result::is_ok));
    assert!(writer.listed("a").await && writer.listed("c").await);
    // A fold may have taken the first object, by its name.
    let batches: Vec<_> = writer.probe.names("truthound/default/results/_catalog/tail");
    assert_eq!(batches.len(), 3);
    let rows = writer.rows().await;
    assert_eq!(rows.iter().filter(|row| row.id == "b").count(), 1);
    assert_eq!(rows.iter().filter(|row| row.id == "c").count(), 2);
}
