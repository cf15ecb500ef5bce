use super::*;

fn line_at(place: i64) -> Line {
    let key = Key::result(&format!("run_{place}")).unwrap();
    Line { place: Some(place), change: Ok(Change { key, op: ChangeOp::Delete { revision: None } }) }
}

fn damaged(place: Option<i64>) -> Line {
    Line { place, change: Err(Error::corrupt("bits have flipped")) }
}

/// One damaged row was an error to every reader that came by, for ever: none of them got past it.
#[test]
fn readers_get_past_damage() {
    let mark = Mark { epoch: 7, place: 10 };
    let of = |lines: Vec<Line>| {
        let page = page(mark, 20, lines);
        (page.changes.len(), page.reset, Mark::parse(&page.next).unwrap().place)
    };
    assert_eq!(of(vec![]), (0, false, 10));
    assert_eq!(of(vec![line_at(11), line_at(12)]), (2, false, 12));
    // What is sound is told first, and the damage is what comes first then.
    assert_eq!(of(vec![line_at(11), damaged(Some(12)), line_at(13)]), (1, false, 11));
    assert_eq!(of(vec![damaged(Some(11)), damaged(Some(12)), line_at(13)]), (0, true, 12));
    // One that does not say where it is lies somewhere before the end.
    assert_eq!(of(vec![damaged(None), line_at(13)]), (0, true, 20));
}

#[test]
fn tokens_come_back_and_others_are_none() {
    for mark in [Mark { epoch: -1, place: 0 }, Mark { epoch: 77, place: 12_345 }] {
        assert_eq!(Mark::parse(&mark.token()).unwrap(), mark);
    }
    for text in ["", "1-2", "000000000000004d-", "000000000000004d-01", "000000000000004D-1", "x-1"] {
        assert!(Mark::parse(&ChangeToken::new(text)).is_err(), "{text:?}");
    }
}

#[test]
fn a_reader_goes_on_only_within_the_feed_that_it_knows() {
    let reach = Reach { epoch: 7, first: 10, last: 20 };
    let covers = |epoch, place| reach.covers(Mark { epoch, place });
    assert!(covers(7, 10) && covers(7, 20));
    assert!(!covers(7, 9), "what came after it was dropped");
    assert!(!covers(8, 15), "another feed");
    assert!(!covers(7, 21), "the database was put back to an earlier state");
}
