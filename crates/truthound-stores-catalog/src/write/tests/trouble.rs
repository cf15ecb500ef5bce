//! A lost acknowledgement, a race, a writer that sleeps: one effect, and what is acknowledged is there (R-OBJ-4).

use truthound_stores_core::ErrorKind;
use truthound_stores_testkit::Gate;

use super::Request::{Create, Get, Head, Replace, Row as PutRow};
use super::probe::Fault;
use super::*;
use crate::horizon::S;

#[tokio::test]
async fn a_lost_acknowledgement_of_any_put_is_one_effect() {
    for fault in [
        Fault::LostAnswer,
        Fault::Broken,
        Fault::Says("status code: 409 Conflict: ConditionalRequestConflict".to_owned()),
    ] {
        for request in [Create, Replace, PutRow] {
            let writer = Writer::new();
            if request == Replace {
                writer.upsert("run_1").await;
            }
            writer.probe.fail(request, fault.clone());
            if request == PutRow && matches!(fault, Fault::Says(_)) {
                continue;
            }
            let before = writer.rows().await.len();
            let written = writer.upsert("run_1").await;
            let stored = writer.documents.get(&key("run_1"), false).await.unwrap();
            assert_eq!(stored.meta.revision, written.meta.revision, "{fault:?} {request:?}");
            assert_eq!(written.is_new(), request != Replace);
            assert_eq!(writer.rows().await.len(), before + 1);
        }
    }
}

#[tokio::test]
async fn a_create_whose_acknowledgement_was_lost_is_no_conflict() {
    let writer = Writer::new();
    writer.probe.fail(Create, Fault::LostAnswer);
    assert!(writer.save("run_1", PutMode::Create).await.unwrap().is_new());
    assert_eq!(writer.probe.requests(), [Create, Get, PutRow]);
}

#[tokio::test]
async fn a_delete_whose_acknowledgement_was_lost_is_answered_true() {
    let writer = Writer::new();
    writer.upsert("run_1").await;
    writer.probe.fail(Replace, Fault::LostAnswer);
    assert!(writer.delete("run_1").await);
    assert!(!writer.listed("run_1").await);
}

#[tokio::test]
async fn a_save_that_was_taken_and_overwritten_before_its_writer_knew_is_acknowledged() {
    let writer = Writer::new();
    let other = writer.other(2);
    writer.upsert("run_1").await;
    let gate = Gate::new("before the read");
    writer.probe.fail(Replace, Fault::LostAnswer);
    writer.probe.fail(Head, Fault::None);
    writer.probe.fail(Head, Fault::Before(gate.clone()));
    let save = writer.save("run_1", PutMode::Upsert);
    let meanwhile = async {
        gate.reached().await;
        for _ in 0..7 {
            other.documents.save(record("run_1"), PutMode::Upsert, true).await.unwrap();
        }
        gate.open();
    };
    let (written, ()) = futures_util::join!(save, meanwhile);
    let written = written.unwrap();
    let rows = writer.rows().await;
    assert_eq!(rows.iter().filter(|row| row.state.revision() == written.meta.revision).count(), 1);
    assert_eq!(rows.len(), 9);
}

#[tokio::test]
async fn a_save_without_answer_that_may_hide_behind_others_is_not_known() {
    let writer = Writer::new();
    let other = writer.other(2);
    writer.upsert("run_1").await;
    let gate = Gate::new("before the read");
    writer.probe.fail(Replace, Fault::LostAnswer);
    writer.probe.fail(Head, Fault::None);
    writer.probe.fail(Head, Fault::Before(gate.clone()));
    let save = writer.documents.save(record("run_1"), PutMode::Upsert, false);
    let meanwhile = async {
        gate.reached().await;
        for _ in 0..9 {
            other.documents.save(record("run_1"), PutMode::Upsert, true).await.unwrap();
        }
        gate.open();
    };
    let (outcome, ()) = futures_util::join!(save, meanwhile);
    let error = outcome.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.to_string().contains("not known"), "{error}");
}

#[tokio::test]
async fn content_that_goes_there_and_back_does_not_satisfy_an_old_condition() {
    // The same text is saved twice over; a writer who read the first state must not replace the third.
    let writer = Writer::on(Probe::with_etag_of_content(), 1, Codec::default());
    let other = writer.other(2);
    let first = writer.upsert("run_1").await.meta.revision;
    let gate = Gate::new("before the put");
    writer.probe.fail(Replace, Fault::Before(gate.clone()));
    let save = writer.save("run_1", PutMode::Replace(first));
    let meanwhile = async {
        gate.reached().await;
        other.upsert("run_1").await;
        other.delete("run_1").await;
        other.upsert("run_1").await;
        gate.open();
    };
    let (outcome, ()) = futures_util::join!(save, meanwhile);
    assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Conflict);
}

#[tokio::test]
async fn without_unique_bytes_it_would() {
    // What the test above is worth: it fails where the flag does not stand for what the store does.
    let mut writer = Writer::on(Probe::with_etag_of_content(), 1, Codec::default());
    writer.documents.form.etag_of_content = false;
    let mut other = writer.other(2);
    other.documents.form.etag_of_content = false;
    let first = writer.upsert("run_1").await.meta.revision;
    let gate = Gate::new("before the put");
    writer.probe.fail(Replace, Fault::Before(gate.clone()));
    let save = writer.save("run_1", PutMode::Replace(first));
    let meanwhile = async {
        gate.reached().await;
        other.upsert("run_1").await;
        gate.open();
    };
    let (outcome, ()) = futures_util::join!(save, meanwhile);
    assert!(outcome.is_ok());
}

#[tokio::test]
async fn a_writer_that_slept_before_its_row_puts_the_row_of_what_it_finds() {
    for deleted in [false, true] {
        let writer = Writer::new();
        let other = writer.other(2);
        let gate = Gate::new("after the put");
        writer.probe.fail(Create, Fault::After(gate.clone()));
        let save = writer.save("run_1", PutMode::Upsert);
        let meanwhile = async {
            gate.reached().await;
            if deleted {
                assert!(other.delete("run_1").await);
            } else {
                other.documents.save(record("run_1"), PutMode::Upsert, true).await.unwrap();
            }
            writer.clock.advance(S + Duration::from_secs(1));
            gate.open();
        };
        let (written, ()) = futures_util::join!(save, meanwhile);
        let revision = written.unwrap().meta.revision;
        assert!(!writer.rows().await.iter().any(|row| row.state.revision() == revision));
        assert_eq!(writer.listed("run_1").await, !deleted);
    }
}

#[tokio::test]
async fn a_writer_that_slept_until_its_document_was_gone_puts_no_row() {
    for again in [false, true] {
        let writer = Writer::new();
        let other = writer.other(2);
        let gate = Gate::new("after the put");
        writer.probe.fail(Create, Fault::After(gate.clone()));
        let save = writer.save("run_1", PutMode::Upsert);
        let meanwhile = async {
            gate.reached().await;
            other.probe.remove(&writer.path("run_1")).await;
            if again {
                other.upsert("run_1").await;
            }
            writer.clock.advance(S + Duration::from_secs(1));
            gate.open();
        };
        let (written, ()) = futures_util::join!(save, meanwhile);
        assert!(written.is_ok());
        assert_eq!(writer.rows().await.len(), usize::from(again));
    }
}

#[tokio::test]
async fn a_writer_that_slept_before_it_tried_again_gives_up() {
    let writer = Writer::new();
    let other = writer.other(2);
    let gate = Gate::new("before the read");
    writer.probe.fail(Create, Fault::Broken);
    writer.probe.fail(Head, Fault::Before(gate.clone()));
    let save = writer.save("run_1", PutMode::Upsert);
    let meanwhile = async {
        gate.reached().await;
        writer.clock.advance(S + Duration::from_secs(1));
        gate.open();
    };
    let (outcome, ()) = futures_util::join!(save, meanwhile);
    assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Timeout);
    // Nothing but reads: a HEAD that finds nothing is confirmed.
    assert_eq!(writer.probe.requests(), [Create, Head, Get, Head, Get]);
    assert!(other.upsert("run_1").await.is_new());
}

#[tokio::test]
async fn racing_upserts_all_take_effect_one_after_the_other() {
    let writers: Vec<Writer> = {
        let first = Writer::new();
        (2..10).map(|seed| first.other(seed)).collect()
    };
    let saves = writers.iter().map(|writer| writer.save("run_1", PutMode::Upsert));
    let written: Vec<_> =
        futures_util::future::join_all(saves).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(written.iter().filter(|written| written.is_new()).count(), 1);
    let rows = writers[0].rows().await;
    assert_eq!(rows.len(), 8);
    let last = rows.iter().max_by_key(|row| row.state.hlc).unwrap();
    let stored = writers[0].documents.get(&key("run_1"), false).await.unwrap();
    assert_eq!(stored.meta.revision, last.state.revision());
    assert!(rows.iter().all(|row| row.state == last.state || last.state.replaces(row.state)));
}

#[tokio::test]
async fn exactly_one_of_racing_creates_wins_and_one_of_racing_replacements() {
    let first = Writer::new();
    let writers: Vec<Writer> = (2..10).map(|seed| first.other(seed)).collect();
    let creations = writers.iter().map(|writer| writer.save("run_1", PutMode::Create));
    let outcomes = futures_util::future::join_all(creations).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    let revision = first.documents.get(&key("run_1"), true).await.unwrap().meta.revision;
    let swaps = writers.iter().map(|writer| writer.save("run_1", PutMode::Replace(revision.clone())));
    let swapped = futures_util::future::join_all(swaps).await;
    assert_eq!(swapped.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    let refused = outcomes.iter().chain(&swapped).filter_map(|outcome| outcome.as_ref().err());
    assert!(refused.into_iter().all(|error| error.kind() == ErrorKind::Conflict));
}

#[tokio::test]
async fn a_create_goes_over_a_mark_in_its_incarnation() {
    let writer = Writer::new();
    writer.upsert("run_1").await;
    assert!(writer.delete("run_1").await);
    writer.probe.requests();
    let written = writer.save("run_1", PutMode::Create).await.unwrap();
    assert!(written.is_new());
    assert_eq!(writer.probe.requests(), [Create, Get, Replace, PutRow]);
    assert!(writer.listed("run_1").await);
    let rows = writer.rows().await;
    assert!(rows.iter().all(|row| row.state.incarnation == rows[0].state.incarnation));
    let newest = rows.iter().max_by_key(|row| row.state.hlc).unwrap();
    assert!(newest.before.is_some());
}

#[tokio::test]
async fn what_a_cut_off_writer_left_is_listed_by_the_next_who_answers_by_it() {
    let denied = || Fault::Says("Server returned non-2xx status code: 403 Forbidden: ".to_owned());
    let writer = Writer::new();
    writer.probe.fail(PutRow, denied());
    assert_eq!(writer.save("run_1", PutMode::Upsert).await.unwrap_err().kind(), ErrorKind::Denied);
    assert!(!writer.listed("run_1").await);
    assert_eq!(writer.save("run_1", PutMode::Create).await.unwrap_err().kind(), ErrorKind::Conflict);
    assert!(writer.listed("run_1").await);
    writer.probe.fail(PutRow, denied());
    writer.documents.delete(&key("run_1"), DeleteOptions::default()).await.unwrap_err();
    assert!(writer.listed("run_1").await);
    assert!(!writer.delete("run_1").await);
    assert!(!writer.listed("run_1").await);
}

#[tokio::test]
async fn an_outage_is_no_absence_and_ends_with_an_error() {
    let writer = Writer::new();
    writer.upsert("run_1").await;
    for _ in 0..10 {
        writer.probe.fail(Get, Fault::Broken);
    }
    let error = writer.documents.get(&key("run_1"), false).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert_eq!(error.operation(), Some("get"));
    for _ in 0..100 {
        writer.probe.fail(Create, Fault::Broken);
        writer.probe.fail(PutRow, Fault::Broken);
    }
    let error = writer.save("run_2", PutMode::Upsert).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    let error = writer.documents.save(record("run_1"), PutMode::Upsert, true).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(error.to_string().contains("not listed"), "{error}");
}

#[tokio::test]
async fn a_writer_whose_clock_stands_behind_still_follows_what_it_replaces() {
    let ahead = Writer::new();
    let behind = ahead.other(2);
    ahead.clock.advance(Duration::from_hours(5));
    let first = ahead.upsert("run_1").await;
    let second = behind.upsert("run_1").await;
    assert_eq!(second.replaced, Some(first.meta.revision));
    let rows = ahead.rows().await;
    let of = |revision| rows.iter().find(|row| row.state.revision() == revision).unwrap().state;
    assert!(of(second.meta.revision).replaces(of(second.replaced.unwrap())));
}
