//! Each rule by itself: facts in, what to do next out.

use truthound_stores_core::Timestamp;
use truthound_stores_core::codec::{Compression, Format};
use truthound_stores_testkit::ManualClock;

use super::search::{Quest, Search, Under};
use super::*;

const HOUR: i64 = 3_600_000;

fn at(minutes: u64) -> Moment {
    let wall = Timestamp::from_micros(i64::try_from(minutes).unwrap() * 60_000_000);
    Moment { wall, monotonic: Duration::from_mins(minutes) }
}

/// A root that was changed so often, an hour after 1970, and was taken some hours later.
fn known(suffixes: &[&str], turn: u64, hours_later: i64) -> Suffixes {
    let mut root = Root::first(&ManualClock::new(1), "");
    root.suffixes = suffixes.iter().map(|suffix| (*suffix).to_owned()).collect();
    (root.turn, root.turned) = (turn, HOUR);
    Suffixes::of(&root, HOUR + hours_later * HOUR, at(0), at(0))
}

fn read(suffix: &str) -> Quest {
    Quest::Read(suffix.to_owned())
}

fn close(suffix: &str) -> Quest {
    Quest::Close(suffix.to_owned())
}

fn here(suffix: &str) -> Quest {
    Quest::Here(suffix.to_owned())
}

fn closed(turn: u64) -> Under {
    Under::Closed { turn, checked: false }
}

#[test]
fn a_change_is_young_for_an_hour_and_a_quarter_by_the_store_and_the_slower_clock() {
    assert!(known(&["b", "a"], 1, 1).is_young(at(15)));
    assert!(!known(&["b", "a"], 1, 1).is_young(at(16)));
    assert!(!known(&["b", "a"], 1, 2).is_young(at(0)));
    // A machine that slept: its monotonic clock stood still.
    let slept = Moment { monotonic: Duration::from_mins(1), ..at(1_000) };
    assert!(known(&["b", "a"], 1, 1).is_young(slept));
    // Where nothing was changed yet, nobody knows less.
    assert!(!known(&["a"], 0, 0).is_young(at(0)));
}

#[test]
fn reading_the_same_root_again_makes_knowledge_fresh_and_a_change_no_younger() {
    let known = known(&["b", "a"], 1, 1);
    assert!(known.is_old(at(16)));
    let again = known.confirmed(at(16));
    assert!(!again.is_old(at(16)) && !again.is_young(at(16)));
}

#[test]
fn a_suffix_becomes_the_newest_and_is_named_once() {
    let mut root = Root::first(&ManualClock::new(1), ".json");
    assert!(!turn_to(&mut root, ".json"));
    for (wanted, all) in [(".json.gz", [".json.gz", ".json"]), (".json", [".json", ".json.gz"])] {
        root.turned = 7;
        assert!(turn_to(&mut root, wanted));
        assert_eq!((root.suffixes.as_slice(), root.turned), (all.map(str::to_owned).as_slice(), 0));
    }
    assert_eq!(root.turn, 2);
}

#[test]
fn a_suffix_says_the_codec() {
    let like = Codec::new(Format::Yaml, Compression::Zstd).with_pretty(true);
    let codec = codec_of(".json.gz", like);
    assert_eq!(codec, Codec::new(Format::Json, Compression::Gzip).with_pretty(true));
    for format in Format::ALL {
        for compression in Compression::ALL {
            let codec = Codec::new(format, compression);
            assert_eq!(codec_of(codec.extension(), Codec::default()), codec);
        }
    }
}

#[test]
fn a_document_is_sought_under_the_newest_name_first_and_is_found_beside_a_mark() {
    let known = known(&["c", "b", "a"], 2, 2);
    let mut search = Search::default();
    for (suffix, under) in [("c", Under::Nothing), ("b", Under::Mark)] {
        assert_eq!(search.find(&known, true, None), read(suffix));
        search.saw(suffix, under);
    }
    assert_eq!(search.find(&known, true, None), read("a"));
    search.saw("a", Under::Nothing);
    assert_eq!(search.find(&known, true, None), here("b"));
    search.saw("a", Under::Live);
    assert_eq!(search.find(&known, true, None), here("a"));
    assert_eq!(Search::default().find(&known, true, Some("a")), read("a"));
}

#[test]
fn nothing_is_said_not_to_be_there_by_old_knowledge_or_beside_a_newer_closing() {
    let known = known(&["b", "a"], 1, 2);
    let nothing = |other| {
        let mut search = Search::default();
        search.saw("b", Under::Nothing);
        search.saw("a", other);
        search
    };
    assert_eq!(nothing(Under::Nothing).find(&known, true, None), Quest::Learn);
    assert_eq!(nothing(closed(1)).find(&known, false, None), Quest::Nowhere);
    let mut search = nothing(closed(2));
    assert_eq!(search.find(&known, false, None), Quest::Learn);
    // A root that does not know of it is that of a catalog that was made anew.
    search.learnt();
    assert_eq!(search.find(&known, false, None), Quest::Nowhere);
}

#[test]
fn what_was_found_by_less_knowledge_is_sought_again() {
    let mut search = Search::default();
    search.saw("a", closed(1));
    assert_eq!(search.create(&known(&["a"], 0, 0), false, at(0)), Quest::Learn);
    search.learnt();
    assert_eq!(search.create(&known(&["b", "a"], 1, 0), false, at(0)), read("a"));
    search.saw("a", closed(1));
    assert_eq!(search.create(&known(&["b", "a"], 1, 0), false, at(0)), here("b"));
}

#[test]
fn who_creates_closes_the_other_names_while_a_change_is_young() {
    let known = known(&["c", "b", "a"], 5, 0);
    let mut search = Search::default();
    assert_eq!(search.create(&known, false, at(0)), close("b"));
    search.was_refused("b");
    assert_eq!(search.create(&known, false, at(0)), read("b"));
    // One of less knowledge is written over: somebody may be about to use it.
    search.saw("b", closed(4));
    assert_eq!(search.create(&known, false, at(0)), close("b"));
    search.saw("b", closed(5));
    assert_eq!(search.create(&known, false, at(0)), close("a"));
    search.saw("a", Under::Nothing);
    assert_eq!(search.create(&known, false, at(0)), close("a"));
    search.saw("a", closed(5));
    assert_eq!(search.create(&known, false, at(0)), here("c"));
    assert_eq!(search.create(&known, true, at(0)), Quest::Learn);
}

#[test]
fn who_creates_looks_at_the_other_names_later() {
    let known = known(&["c", "b", "a"], 5, 2);
    let mut search = Search::default();
    assert_eq!(search.create(&known, false, at(0)), read("b"));
    search.saw("b", closed(4));
    assert_eq!(search.create(&known, false, at(0)), read("a"));
    search.saw("a", Under::Nothing);
    assert_eq!(search.create(&known, false, at(0)), here("c"));
}

#[test]
fn a_document_or_mark_under_another_name_is_written_over_there() {
    let known = known(&["b", "a"], 1, 0);
    for under in [Under::Live, Under::Mark] {
        let mut search = Search::default();
        search.saw("a", under);
        // Unless another program has put a second one, which readers see first.
        assert_eq!(search.create(&known, false, at(0)), read("b"));
        search.saw("b", closed(0));
        assert_eq!(search.create(&known, false, at(0)), here("a"));
        search.saw("b", Under::Live);
        assert_eq!(search.create(&known, false, at(0)), here("b"));
    }
}
