use super::*;

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
