//! Repeating one item of a batch once put an older document over a newer one of the same batch.

use std::time::Duration;

use truthound_stores_core::PutOptions;

use super::super::RepeatWrites;
use super::*;

fn error(kind: ErrorKind) -> Error {
    Error::new(kind, "injected")
}

/// A batch of items that are named by the id of their document and a number.
fn batch(ids: &[&str]) -> Batch<(String, usize), ()> {
    let inputs = ids.iter().enumerate().map(|(place, id)| ((*id).to_owned(), place)).collect();
    let write = Write::put(&PutOptions::default(), RepeatWrites::OneEffect);
    Batch::new(inputs, |(id, _)| Key::result(id).unwrap(), write)
}

fn places(batch: &Batch<(String, usize), ()>) -> Vec<usize> {
    batch.repeatable().map(|(places, _)| places).unwrap_or_default()
}

#[test]
fn only_what_failed_is_made_again_in_order() {
    let mut batch = batch(&["a", "b", "c", "d"]);
    let unavailable = || Err(error(ErrorKind::Unavailable));
    batch.take(vec![unavailable(), Ok(()), Err(error(ErrorKind::Invalid)), unavailable()]);
    let (places, _) = batch.repeatable().unwrap();
    assert_eq!(places, [0, 3]);
    batch.reopen(&places);
    assert_eq!(batch.due(), [("a".to_owned(), 0), ("d".to_owned(), 3)]);
    batch.take(vec![Ok(()), unavailable()]);
    assert!(!batch.is_done());
    let answers: Vec<_> =
        batch.into_answers().map(|(_, doubt, answer)| (doubt, answer.map_err(|e| e.kind()))).collect();
    assert_eq!(
        answers,
        [
            (Doubt::Slight, Ok(())),
            (Doubt::None, Ok(())),
            (Doubt::None, Err(ErrorKind::Invalid)),
            (Doubt::Slight, Err(ErrorKind::Unavailable)),
        ]
    );
}

#[test]
fn an_item_is_not_made_again_behind_a_later_one_of_its_document() {
    for (later, repeated) in [
        (Ok(()), vec![]),
        (Err(ErrorKind::Timeout), vec![]),
        (Err(ErrorKind::Invalid), vec![0]),
        (Err(ErrorKind::Unavailable), vec![0, 1]),
    ] {
        let mut batch = batch(&["a", "a", "b"]);
        batch.take(vec![Err(error(ErrorKind::Unavailable)), later.map_err(error), Ok(())]);
        assert_eq!(places(&batch), repeated, "{later:?}");
    }
}

#[test]
fn the_longest_pause_that_is_asked_for_is_made() {
    let mut batch = batch(&["a", "b", "c"]);
    let after = |seconds| Err(error(ErrorKind::Overloaded).retry_after_delay(Duration::from_secs(seconds)));
    batch.take(vec![after(2), after(5), Err(error(ErrorKind::Unavailable))]);
    let (places, slowest) = batch.repeatable().unwrap();
    assert_eq!((places, slowest.retry_after()), (vec![0, 1, 2], Some(Duration::from_secs(5))));
}

#[test]
fn an_answer_that_is_missing_is_an_error_of_its_item() {
    let mut batch = batch(&["a", "b"]);
    batch.take(vec![Ok(())]);
    let answers: Vec<_> = batch.into_answers().map(|(_, _, answer)| answer.map_err(|e| e.kind())).collect();
    assert_eq!(answers, [Ok(()), Err(ErrorKind::Internal)]);
}
