//! The feed keeps a bounded past. A reader who fell behind it, or who comes from another life of the store, must be told;
//! one who did not fall behind must miss nothing.

use truthound_stores_core::ErrorKind;

use super::*;

const EPOCH: u64 = 0x00ab_cdef;

fn feed(capacity: usize, deletes: u64) -> Feed {
    let mut feed = Feed::new(EPOCH, capacity);
    (1..=deletes).for_each(|n| feed.push(delete(n)));
    feed
}

fn delete(n: u64) -> Event {
    Event::Delete(Key::result(&format!("run_{n}")).unwrap(), Revision::new(n.to_string()))
}

fn ids(page: &ChangePage) -> Vec<&str> {
    page.changes.iter().map(|change| change.key.id()).collect()
}

#[test]
fn a_reader_without_a_token_begins_now() {
    let mut feed = feed(10, 3);
    let begun = feed.read(None, 10).unwrap();
    assert!(begun.reset && begun.changes.is_empty());
    feed.push(delete(4));
    let page = feed.read(Some(&begun.next), 10).unwrap();
    assert!(!page.reset);
    assert_eq!(ids(&page), ["run_4"]);
}

#[test]
fn a_reader_gets_every_change_once_in_steps_of_any_size() {
    let feed = feed(100, 7);
    for limit in [1, 2, 3, 7, 8, usize::MAX] {
        let (mut seen, mut token) = (Vec::new(), feed.token(0));
        loop {
            let page = feed.read(Some(&token), limit).unwrap();
            assert!(page.changes.len() <= limit && !page.reset);
            if page.changes.is_empty() {
                assert_eq!(page.next, token, "there is nothing to go past");
                break;
            }
            seen.extend(page.changes.into_iter().map(|change| change.key));
            token = page.next;
        }
        let expected: Vec<Key> = (1..=7).map(|n| Key::result(&format!("run_{n}")).unwrap()).collect();
        assert_eq!(seen, expected, "in steps of {limit}");
    }
}

#[test]
fn a_reader_is_reset_only_when_a_change_was_dropped_before_it_was_read() {
    let feed = feed(5, 8);
    let oldest_kept = feed.read(Some(&feed.token(3)), 10).unwrap();
    assert!(!oldest_kept.reset);
    assert_eq!(ids(&oldest_kept), ["run_4", "run_5", "run_6", "run_7", "run_8"]);
    let too_old = feed.read(Some(&feed.token(2)), 10).unwrap();
    assert!(too_old.reset && too_old.changes.is_empty());
    assert_eq!(too_old.next, oldest_kept.next, "the reader goes on from now");
}

#[test]
fn a_token_of_another_epoch_resets_even_if_its_position_exists() {
    let page = feed(10, 3).read(Some(&ChangeToken::new(print(EPOCH + 1, 2))), 10).unwrap();
    assert!(page.reset && page.changes.is_empty());
}

#[test]
fn what_is_no_token_is_invalid() {
    let feed = feed(10, 3);
    assert_eq!(feed.token(3).as_str(), "0000000000abcdef-3");
    for text in [
        "",
        "-",
        "3",
        "abcdef-3",
        "0000000000abcdef-+3",
        "0000000000abcdef-03",
        "0000000000abcdef-4",
        "é-1",
        "+000000000abcdef-3",
    ] {
        let error = feed.read(Some(&ChangeToken::new(text)), 10).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid, "{text}");
        assert!(error.to_string().contains(&format!("{text:?}")), "{error}");
    }
    for after in [None, Some(&feed.token(3))] {
        assert_eq!(feed.read(after, 0).unwrap_err().kind(), ErrorKind::Invalid);
    }
}
