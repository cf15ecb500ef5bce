//! Each rule of decision 0009, section 2, by itself: facts in, step out.

use std::time::Duration;

use truthound_stores_core::Timestamp;

use super::*;
use crate::horizon::S;

const NONCE: u32 = 7;
const MINE: State = State { incarnation: 1, hlc: 100 };
const THEIRS: State = State { incarnation: 1, hlc: 90 };
const OTHER: State = State { incarnation: 2, hlc: 200 };

fn at(seconds: u64) -> Moment {
    let wall = Timestamp::from_micros(i64::try_from(seconds).unwrap() * 1_000_000);
    Moment { wall, monotonic: Duration::from_secs(seconds) }
}

fn seen(state: State) -> Seen {
    let nonce = if state == MINE { NONCE } else { 8 };
    Seen { state, nonce, before: Vec::new(), deleted: false, place: None }
}

fn mark(state: State) -> Seen {
    Seen { deleted: true, ..seen(state) }
}

fn attempt(base: Option<State>, answer: Answer) -> Attempt {
    Attempt { state: MINE, base, sent: at(0), answer }
}

/// An operation that has made these attempts and then read this, a second after the first.
fn after(wish: Wish, attempts: &[Attempt], read: Option<Seen>) -> Operation {
    let look = Some(Look { seen: read, at: at(1) });
    Operation { attempts: attempts.to_vec(), look, ..Operation::new(wish, false, NONCE) }
}

fn wishes() -> [Wish; 4] {
    [Wish::Upsert, Wish::Create, Wish::Replace(THEIRS.revision()), Wish::Delete(None)]
}

#[test]
fn a_save_begins_by_creating_and_whatever_relies_on_what_is_there_by_reading() {
    let begin = |wish, known| Operation::new(wish, known, NONCE).next(at(0));
    assert_eq!(begin(Wish::Upsert, false), Step::Create);
    assert_eq!(begin(Wish::Create, false), Step::Create);
    assert_eq!(begin(Wish::Upsert, true), Step::Read);
    assert_eq!(begin(Wish::Replace(MINE.revision()), false), Step::Read);
    assert_eq!(begin(Wish::Delete(None), false), Step::Read);
}

#[test]
fn what_was_taken_gets_its_row_and_what_was_not_answered_so_is_read() {
    for wish in wishes() {
        let operation = |answer| Operation {
            attempts: vec![attempt(Some(THEIRS), answer)],
            ..Operation::new(wish.clone(), false, NONCE)
        };
        assert_eq!(operation(Answer::Taken).next(at(9_999)), Step::Ours(0));
        assert_eq!(operation(Answer::Refused).next(at(1)), Step::Read);
        assert_eq!(operation(Answer::Open).next(at(1)), Step::Read);
    }
}

#[test]
fn our_own_put_is_recognised_as_current_and_as_predecessor_whatever_time_it_is() {
    let moved_on = Seen { before: vec![Identity::of(MINE.by(NONCE))], ..seen(State { hlc: 101, ..THEIRS }) };
    for wish in wishes() {
        for answer in [Answer::Open, Answer::Refused] {
            for read in [seen(MINE), mark(MINE), moved_on.clone()] {
                let operation = after(wish.clone(), &[attempt(Some(THEIRS), answer)], Some(read));
                assert_eq!(operation.next(at(2)), Step::Ours(0), "{wish:?}");
                let late = Operation {
                    look: operation.look.map(|look| Look { at: at(5_000), ..look }),
                    ..operation
                };
                assert_eq!(late.next(at(5_000)), Step::Ours(0));
            }
        }
    }
}

#[test]
fn an_incarnation_that_we_drew_is_ours_however_often_it_was_overwritten() {
    let far = State { hlc: 500, ..MINE };
    let before = (0..8).map(|at| Identity { hlc: 499 - at, nonce: 2 }).collect();
    let read = Seen { before, ..seen(far) };
    let operation = after(Wish::Upsert, &[attempt(None, Answer::Open)], Some(read));
    assert_eq!(operation.next(at(2)), Step::Ours(0));
}

/// Two who create in one microsecond draw the same incarnation once in 65,536 times.
#[test]
fn an_incarnation_that_another_drew_as_well_is_not_ours() {
    for answer in [Answer::Open, Answer::Refused] {
        for (hlc, before) in [(MINE.hlc, vec![]), (MINE.hlc + 1, vec![Identity::of(MINE.by(8))])] {
            let read = Seen { nonce: 8, before, ..seen(State { hlc, ..MINE }) };
            let operation = after(Wish::Upsert, &[attempt(None, answer)], Some(read));
            assert_eq!(operation.next(at(2)), Step::Over);
        }
    }
}

#[test]
fn later_than_the_horizon_nothing_is_tried_again() {
    let late = at(S.as_secs() + 1);
    for (answer, unknown) in [(Answer::Open, true), (Answer::Refused, false)] {
        for wish in [Wish::Upsert, Wish::Create, Wish::Replace(THEIRS.revision())] {
            let mut operation = after(wish, &[attempt(None, answer)], Some(seen(OTHER)));
            operation.look.as_mut().unwrap().at = late;
            assert_eq!(operation.next(late), Step::GiveUp { unknown });
        }
    }
}

#[test]
fn what_was_read_before_the_horizon_is_read_again() {
    let operation = after(Wish::Replace(THEIRS.revision()), &[], Some(seen(THEIRS)));
    assert_eq!(operation.next(at(S.as_secs() + 1)), Step::Over);
    assert_eq!(operation.next(at(S.as_secs() + 2)), Step::Read);
}

#[test]
fn an_attempt_without_answer_may_hide_behind_eight_others() {
    let newest = State { hlc: 300, ..MINE };
    let before = |oldest: u64| (0..8).map(|at| Identity { hlc: oldest + 7 - at, nonce: 2 }).collect();
    let step = |answer, oldest| {
        let read = Seen { before: before(oldest), ..seen(newest) };
        after(Wish::Upsert, &[attempt(Some(THEIRS), answer)], Some(read)).next(at(2))
    };
    // The oldest that is named is what we meant to replace, or older: we are not in between.
    assert_eq!(step(Answer::Open, THEIRS.hlc), Step::Over);
    assert_eq!(step(Answer::Open, THEIRS.hlc + 1), Step::GiveUp { unknown: true });
    // A plain refusal is a lost race, however many were faster.
    assert_eq!(step(Answer::Refused, THEIRS.hlc + 1), Step::Over);
}

#[test]
fn an_attempt_without_answer_may_have_been_removed_with_its_incarnation() {
    for (read, unknown) in [(Some(seen(OTHER)), true), (None, true)] {
        let operation = after(Wish::Upsert, &[attempt(Some(THEIRS), Answer::Open)], read.clone());
        assert_eq!(operation.next(at(2)), Step::GiveUp { unknown });
        let refused = after(Wish::Upsert, &[attempt(Some(THEIRS), Answer::Refused)], read.clone());
        assert_eq!(refused.next(at(2)), if read.is_some() { Step::Over } else { Step::Create });
    }
}

#[test]
fn a_save_goes_over_documents_and_marks_and_creates_where_nothing_is() {
    let refused = attempt(None, Answer::Refused);
    let step = |wish, read| after(wish, std::slice::from_ref(&refused), read).next(at(2));
    assert_eq!(step(Wish::Upsert, Some(seen(OTHER))), Step::Over);
    assert_eq!(step(Wish::Upsert, Some(mark(OTHER))), Step::Over);
    assert_eq!(step(Wish::Upsert, None), Step::Create);
    assert_eq!(step(Wish::Create, Some(mark(OTHER))), Step::Over);
    assert_eq!(step(Wish::Create, None), Step::Create);
    assert_eq!(step(Wish::Create, Some(seen(OTHER))), Step::Conflict { row: true });
}

#[test]
fn a_replacement_compares_revisions() {
    let step = |read| after(Wish::Replace(THEIRS.revision()), &[], read).next(at(2));
    assert_eq!(step(Some(seen(THEIRS))), Step::Over);
    assert_eq!(step(Some(seen(MINE))), Step::Conflict { row: false });
    assert_eq!(step(Some(mark(THEIRS))), Step::Conflict { row: false });
    assert_eq!(step(None), Step::Conflict { row: false });
}

#[test]
fn a_delete_marks_a_document_and_lists_the_mark_that_it_finds() {
    let step =
        |asked: Option<State>, read| after(Wish::Delete(asked.map(State::revision)), &[], read).next(at(2));
    assert_eq!(step(None, None), Step::NotThere { row: false });
    assert_eq!(step(None, Some(mark(THEIRS))), Step::NotThere { row: true });
    assert_eq!(step(Some(MINE), Some(mark(THEIRS))), Step::NotThere { row: true });
    assert_eq!(step(None, Some(seen(THEIRS))), Step::Over);
    assert_eq!(step(Some(THEIRS), Some(seen(THEIRS))), Step::Over);
    assert_eq!(step(Some(MINE), Some(seen(THEIRS))), Step::Conflict { row: false });
    // Nothing is there any more, and our own mark had no answer.
    let open = after(Wish::Delete(None), &[attempt(Some(THEIRS), Answer::Open)], None);
    assert_eq!(open.next(at(2)), Step::Gone);
}

#[test]
fn a_row_is_put_as_it_is_within_the_horizon_and_read_for_after_it() {
    assert_eq!(row_step(at(0), at(S.as_secs())), RowStep::Put);
    assert_eq!(row_step(at(0), at(S.as_secs() + 1)), RowStep::Read);
    assert!(takes_its_place(MINE, Some(THEIRS)));
    assert!(!takes_its_place(MINE, Some(OTHER)));
    assert!(!takes_its_place(MINE, None));
}
