//! Whoever reads without a turn meets writers in the middle of their work: a reader once took a log that was just being written for a
//! damaged one, and read all documents anew.

use super::*;
use crate::index::Log;

/// What is answered when looks show these states one after the other, and how often was looked.
fn after(looks: &[(u32, Health)]) -> (Health, usize) {
    let mut number = 0;
    let answer = settled(|| {
        let look = looks[number.min(looks.len() - 1)];
        number += 1;
        Ok(look)
    });
    (answer.unwrap(), number)
}

const WELL: Health = Health::Well(Log::Whole);

const fn cut(frame: u32) -> Health {
    Health::Cut { frame, frames: 9 }
}

#[test]
fn what_is_well_is_believed_at_once() {
    assert_eq!(after(&[(1, WELL)]), (WELL, 1));
    assert_eq!(after(&[(1, Health::Empty), (2, WELL)]), (Health::Empty, 1));
}

#[test]
fn what_looks_damaged_while_it_is_written_is_not_believed() {
    assert_eq!(after(&[(1, cut(3)), (2, WELL)]), (WELL, 2));
    assert_eq!(after(&[(1, cut(3)), (2, cut(3)), (3, cut(4)), (4, WELL)]), (WELL, 4), "the files change");
}

#[test]
fn what_looks_damaged_twice_the_same_is_damaged() {
    assert_eq!(after(&[(1, cut(3)), (1, cut(3))]), (cut(3), 2));
    assert_eq!(after(&[(1, cut(3)), (1, cut(4)), (1, cut(4))]), (cut(4), 3));
}

/// Somebody who writes without a pause keeps nobody from an answer.
#[test]
fn looking_ends() {
    let mut number = 0;
    let answer = settled(|| {
        number += 1;
        Ok((number, cut(number)))
    });
    assert_eq!(answer.unwrap(), cut(number));
    assert!(number < 100, "{number}");
}
