//! Every way in which rows and objects of one document may differ comes to one verdict.

use truthound_stores_core::Error;

use crate::query::tests::Hub;
use crate::reindex::judge::{Case, Said, Verdict, tombstone};
use crate::reindex::read::Object;
use crate::row::{Change, Row};
use crate::state::State;

fn state(incarnation: u64, hlc: u64) -> State {
    State { incarnation, hlc }
}

fn put(incarnation: u64, hlc: u64) -> Row {
    let facts = Hub::new(1).facts();
    let change = Change::Put(Box::new(facts));
    Row { id: "a".to_owned(), state: state(incarnation, hlc), before: None, change }
}

fn mark(incarnation: u64, hlc: u64) -> Row {
    Row { change: Change::Delete, ..put(incarnation, hlc) }
}

fn judge(rows: &[Row], objects: &[Row], is_foreign: bool) -> Verdict {
    let object = |row: &Row| {
        (
            ".json".to_owned(),
            Object { row: row.clone(), modified: 0, is_foreign: is_foreign && row == &objects[0] },
        )
    };
    Case { rows: rows.to_vec(), objects: objects.iter().map(object).collect(), unreadable: Vec::new() }
        .judge()
}

fn words(said: &[Said]) -> Vec<String> {
    said.iter().map(|said| format!("{said:?}")).collect()
}

#[test]
fn each_difference_has_its_verdict() {
    let ended = tombstone(&put(1, 5));
    assert_eq!(ended.state, state(1, 6));
    for (rows, objects, foreign, due, said) in [
        (vec![put(1, 5)], vec![put(1, 5)], false, vec![], vec![]),
        (vec![], vec![put(1, 5)], true, vec![put(1, 5)], vec!["Added"]),
        (vec![], vec![put(1, 5)], false, vec![put(1, 5)], vec!["Unlisted"]),
        (vec![put(1, 5)], vec![put(1, 7)], false, vec![put(1, 7)], vec!["Unlisted"]),
        (vec![put(1, 5)], vec![put(1, 4)], false, vec![], vec!["SetBack"]),
        (vec![put(1, 5)], vec![], false, vec![ended.clone()], vec!["Vanished"]),
        (vec![put(1, 5)], vec![put(2, 3)], true, vec![ended.clone(), put(2, 3)], vec!["Rewritten"]),
        (vec![put(1, 5)], vec![put(2, 3)], false, vec![ended.clone(), put(2, 3)], vec!["Rewritten"]),
        (vec![put(1, 5), put(2, 3)], vec![put(2, 3)], false, vec![ended.clone()], vec!["Rewritten"]),
        (vec![put(1, 5)], vec![mark(1, 6)], false, vec![mark(1, 6)], vec!["Unburied"]),
        (vec![put(1, 5)], vec![mark(1, 4)], false, vec![], vec!["SetBack"]),
        (vec![mark(1, 6)], vec![mark(1, 6)], false, vec![], vec![]),
        (vec![mark(1, 6)], vec![], false, vec![], vec![]),
        (vec![mark(1, 6)], vec![put(1, 5)], false, vec![], vec!["Returned"]),
        (vec![mark(1, 6)], vec![put(2, 5)], true, vec![put(2, 5)], vec!["Added"]),
        (vec![put(1, 5)], vec![put(1, 5), put(3, 9)], false, vec![], vec!["Shadowed(\".json\")"]),
    ] {
        let verdict = judge(&rows, &objects, foreign);
        assert_eq!(words(&verdict.said), said, "{rows:?} {objects:?}");
        assert_eq!(verdict.due, due, "{rows:?} {objects:?}");
    }
}

#[test]
fn a_row_that_says_something_else_of_its_object_is_found() {
    let mut other = put(1, 5);
    if let Change::Put(facts) = &mut other.change {
        facts.size += 1;
    }
    let verdict = judge(&[other], &[put(1, 5)], false);
    assert_eq!(words(&verdict.said), ["Disagrees"]);
    assert!(verdict.due.is_empty() && verdict.said[0].needs_rebuild());
}

#[test]
fn what_cannot_be_read_ends_nothing() {
    let case =
        Case { rows: vec![put(1, 5)], objects: Vec::new(), unreadable: vec![Error::corrupt("it is torn")] };
    let verdict = case.judge();
    assert!(verdict.due.is_empty());
    assert_eq!(verdict.said.len(), 1);
}
