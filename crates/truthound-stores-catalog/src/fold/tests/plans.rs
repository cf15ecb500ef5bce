//! The rules of decision 0009, §4 and §5, one by one.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::FutureExt;
use object_store::UpdateVersion;
use truthound_stores_core::{Result, Timestamp};
use truthound_stores_testkit::ManualClock;

use super::world::put;
use crate::beside::{Beside, Head};
use crate::clean_up::Keep;
use crate::fold::plan::{Look, OBJECTS, Verdict, fresh, in_order, judge, look, split};
use crate::fold::shape::{COLD, HOT, How, LONGEST, Size, WARM, shape};
use crate::fold::tombs::Tombs;
use crate::library::Place;
use crate::root::{Gone, Root};
use crate::row::{Before, Change, Row};
use crate::segment::Entry;
use crate::shelf::Listed;
use crate::state::State;
use crate::tail::Name;
use crate::times::{MOURNED, SETTLED};

fn state(incarnation: u64, hlc: u64) -> State {
    State { incarnation, hlc }
}

fn row(id: &str, incarnation: u64, hlc: u64) -> Row {
    Row { id: id.to_owned(), state: state(incarnation, hlc), before: None, change: put(&ManualClock::new(1)) }
}

fn tombstone(incarnation: u64, hlc: u64) -> Row {
    Row { change: Change::Delete, ..row("a", incarnation, hlc) }
}

fn root() -> Root {
    Root::first(&ManualClock::new(1), ".json")
}

fn listed(row: &Row) -> Listed<Name> {
    Listed { name: Name::of_row(row, 1, 20, true), modified: 5 }
}

#[test]
fn what_the_last_fold_took_is_deleted_and_only_so_many_others_are_taken() {
    let rows: Vec<Row> = (0..OBJECTS as u64 + 3).map(|hlc| row("a", 1, hlc)).collect();
    let all: Vec<_> = rows.iter().map(listed).collect();
    let mut root = root();
    root.pending = [0, 9].iter().filter_map(|at: &usize| all[*at].name.unique()).collect();
    let listing = split(&root, all.clone(), OBJECTS);
    assert_eq!(*listing.left, [all[0].name.clone(), all[9].name.clone()]);
    assert_eq!((listing.others.len(), &listing.later[..]), (OBJECTS, &all[OBJECTS + 2..]));
    assert_eq!(listing.others[0], all[1]);
    let listing = split(&root, all[..100].to_vec(), OBJECTS);
    assert_eq!((listing.others.len(), listing.later.len()), (98, 0));
}

#[test]
fn within_what_is_taken_the_latest_of_each_incarnation_is_kept() {
    let rows = [row("a", 1, 5), row("a", 1, 7), row("a", 2, 3), tombstone(1, 6), row("b", 1, 9)];
    // The last comes again, later.
    let taken = rows.iter().cloned().map(|row| (row, 1)).chain([(rows[1].clone(), 4), (rows[0].clone(), 9)]);
    let fresh = fresh(&root(), taken.collect());
    let kept: Vec<_> = fresh.rows.iter().map(|(row, at)| (row.id.as_str(), row.state, *at)).collect();
    assert_eq!(kept, [("a", state(1, 7), 4), ("a", state(2, 3), 1), ("b", state(1, 9), 1)]);
    assert_eq!(fresh.watermark, 9);
    assert_eq!(fresh.met, [1, 2].into_iter().collect());
}

#[test]
fn new_rows_come_by_time_and_then_by_id() {
    let at = |id: &str, micros: i64| {
        let mut row = row(id, 1, 1);
        if let Change::Put(facts) = &mut row.change {
            facts.attributes.run_time = Timestamp::from_micros(micros);
        }
        Entry::new(1, row)
    };
    let rows = vec![at("c", 5), at("b", 7), at("a", 7), at("d", 1), at("a", 5)];
    let order = in_order(rows);
    let order: Vec<_> =
        order.iter().map(|entry| (entry.row.id.as_str(), entry.run_time().as_micros())).collect();
    assert_eq!(order, [("d", 1), ("a", 5), ("c", 5), ("a", 7), ("b", 7)]);
}

#[test]
fn only_a_row_above_the_watermark_that_replaces_nothing_is_not_looked_up() {
    let before = Before { state: state(1, 2), data_asset: String::new(), run_time: Timestamp::UNIX_EPOCH };
    assert_eq!(look(&row("a", 1, 6), 5), Look::Not);
    assert_eq!(look(&row("a", 1, 5), 5), Look::Everywhere);
    assert_eq!(look(&tombstone(1, 6), 5), Look::Before);
    assert_eq!(look(&Row { before: Some(before), ..row("a", 1, 6) }, 5), Look::Before);
}

fn at(incarnation: u64, hlc: u64, ended: bool) -> Place {
    Place { segment: 2, position: 7, entry: Entry::new(1, row("a", incarnation, hlc)), ended }
}

#[test]
fn rows_are_ended_by_incarnation_and_time_whatever_before_says() {
    let new = row("a", 1, 6);
    assert_eq!(judge(&new, &[]), Verdict::Ends(None));
    assert_eq!(judge(&new, &[at(1, 3, false)]), Verdict::Ends(Some((2, 7))));
    assert_eq!(judge(&new, &[at(1, 3, true)]), Verdict::Ends(None));
    assert_eq!(judge(&new, &[at(2, 3, false)]), Verdict::Ends(None));
    // An ended row, too, says that it was folded.
    assert_eq!(judge(&new, &[at(1, 6, true)]), Verdict::Known);
    assert_eq!(judge(&new, &[at(1, 3, true), at(1, 8, false)]), Verdict::Known);
    assert_eq!(judge(&new, &[at(2, 8, false)]), Verdict::Ends(None));
}

fn clean(rows: u64) -> Size {
    Size { rows, ended: 0, deletes: 0 }
}

/// Folds so many new rows; gives how many are written.
fn grow(sizes: &mut Vec<Size>, new: u64, last: bool) -> u64 {
    let shape = shape(sizes, new, last, How::Fold, HOT);
    let merged: u64 = shape.merged.iter().map(|at| sizes[*at].rows).sum::<u64>() + new;
    let mut at = 0;
    sizes.retain(|_| {
        at += 1;
        !shape.merged.contains(&(at - 1))
    });
    assert!(merged <= shape.longest);
    sizes.insert(0, clean(merged));
    let small: Vec<u64> = sizes.iter().map(|size| size.rows).filter(|rows| *rows < COLD).collect();
    assert!(small.len() <= WARM + 1, "{small:?}");
    assert!(sizes.iter().all(|size| size.rows <= LONGEST));
    merged
}

/// A tail that took many folds was written again by each of them: 16,000 rows two and a half times.
#[test]
fn a_long_tail_is_not_rewritten_with_each_part_of_it() {
    let (mut sizes, part) = (vec![clean(1)], OBJECTS as u64);
    let written: u64 = [(part, false), (part, false), (part, false), (3_000, true)]
        .map(|(new, last)| grow(&mut sizes, new, last))
        .iter()
        .sum();
    assert_eq!(sizes, [clean(3 * part + 3_001)]);
    assert_eq!(written, 6 * part + 3_001);
    // A million rows, of a catalog that has as many: some five times, and ten if each part came by itself.
    let (mut sizes, mut written) = (vec![clean(HOT / 2), clean(HOT), clean(HOT), clean(COLD)], 0);
    for folds in (0..256).rev() {
        written += grow(&mut sizes, part, folds == 0);
    }
    assert!(written < 6 * 256 * part, "{}", written / 256 / part);
}

/// Folds for ever, and looks at what segments there are.
#[test]
fn segments_keep_their_shape() {
    let mut sizes: Vec<Size> = Vec::new();
    let (mut total, mut written) = (0, 0);
    while total < 6_000_000 {
        let new = 4_096;
        written += grow(&mut sizes, new, true);
        total += new;
    }
    let cold = sizes.iter().filter(|size| size.rows >= COLD).count();
    assert!(cold >= 3, "{sizes:?}");
    // Each row is written some ten times while its segment is hot, and twice after.
    assert!(written / total < 14, "{}", written / total);
}

#[test]
fn maintenance_merges_what_is_superseded_and_leaves_the_rest() {
    let sizes = [clean(10), Size { ended: 3, ..clean(COLD + 5) }, clean(COLD), clean(HOT)];
    assert_eq!(shape(&sizes, 0, true, How::Maintain, HOT).merged, [0, 1, 3]);
    assert!(shape(&[clean(10), clean(COLD)], 0, true, How::Maintain, HOT).merged.is_empty());
    assert_eq!(shape(&[clean(10), clean(COLD)], 1, true, How::Maintain, HOT).merged, [0]);
    assert_eq!(shape(&[Size { deletes: 1, ..clean(9) }], 0, true, How::Maintain, HOT).merged, [0]);
    let long = shape(
        &[Size { ended: 1, ..clean(LONGEST) }, Size { ended: 1, ..clean(LONGEST) }],
        9,
        true,
        How::Maintain,
        HOT,
    );
    assert!(long.longest >= COLD && long.longest <= LONGEST, "{long:?}");
}

/// Always answers the same.
struct Says(Head);

#[async_trait::async_trait]
impl Beside for Says {
    async fn head(&self, _id: &str) -> Result<Head> {
        Ok(self.0.clone())
    }

    fn can_remove_marks(&self) -> bool {
        false
    }

    async fn remove_mark(&self, _id: &str, _seen: UpdateVersion) -> Result<bool> {
        Ok(false)
    }
}

/// Merges one tombstone, which came at 0: whether it is dropped, and what the next root says.
fn bury(gone: Vec<Gone>, now: i64, whole: bool, met: u64, head: Head) -> (bool, Vec<Gone>, u64) {
    let mut root = root();
    root.gone = gone;
    let met = [met].into_iter().collect();
    let mut tombs = Tombs::new(&root, met, whole, true, now);
    let entry = Entry::new(4, tombstone(1, 5));
    let dropped = tombs.drops(&entry, &Says(head)).now_or_never().unwrap().unwrap();
    let (gone, floor) = tombs.finish();
    (dropped, gone, floor)
}

#[test]
fn a_tombstone_is_recorded_and_dropped_a_day_later_over_a_quiet_tail() {
    let gone = |at| vec![Gone { id: "a".to_owned(), state: state(1, 5).to_string(), at }];
    let old = SETTLED + 1;
    assert_eq!(bury(vec![], old, true, 9, Head::Absent), (false, gone(0), 0));
    assert_eq!(bury(vec![], old, true, 9, Head::Live(state(2, 7))), (false, gone(0), 0));
    // Too young; not the whole tail; a row of its incarnation; a mark, a document, or nobody knows what.
    assert_eq!(bury(vec![], old - 1, true, 9, Head::Absent).1, []);
    assert_eq!(bury(vec![], old, false, 9, Head::Absent).1, []);
    assert_eq!(bury(vec![], old, true, 1, Head::Absent).1, []);
    for head in [Head::Mark(state(1, 5), version()), Head::Live(state(1, 7)), Head::Foreign(state(9, 9))] {
        assert_eq!(bury(vec![], old, true, 9, head).1, []);
    }
    let now = 1_000 + MOURNED;
    assert_eq!(bury(gone(1_000), now + 1, true, 9, Head::Foreign(state(9, 9))), (true, vec![], 4));
    assert_eq!(bury(gone(1_000), now, true, 9, Head::Absent), (false, gone(1_000), 0));
    // The commit's time is not written down yet.
    assert_eq!(bury(gone(0), now, true, 9, Head::Absent), (false, gone(0), 0));
    // The time begins anew.
    assert_eq!(bury(gone(1_000), now + 1, false, 9, Head::Absent), (false, vec![], 0));
    assert_eq!(bury(gone(1_000), now + 1, true, 1, Head::Absent), (false, vec![], 0));
}

fn version() -> UpdateVersion {
    UpdateVersion { e_tag: None, version: None }
}

#[test]
fn the_last_roots_and_one_a_day_are_kept() {
    const DAY: i64 = 24 * 3_600_000;
    let kept: Vec<u64> = (0..40).collect();
    // Four a day.
    let copied: BTreeMap<u64, i64> = kept.iter().map(|at| (*at, at.cast_signed() * DAY / 4)).collect();
    let now = 10 * DAY;
    assert_eq!(Keep { roots: 2, days: 3, grace: 0 }.choose(&kept, &copied, now), [28, 32, 36, 38, 39]);
    assert_eq!(Keep { roots: 64, days: 3, grace: 0 }.choose(&kept, &copied, now), kept);
    assert_eq!(Keep { roots: 64, days: 0, grace: 0 }.choose(&kept, &copied, now), Vec::<u64>::new());
    // What was replaced less than a day ago was current less than a day ago; the last of these is replaced now.
    let day = Keep::within(Duration::from_hours(24));
    assert_eq!(day.choose(&kept, &copied, 39 * DAY / 4), [36, 37, 38, 39]);
    assert_eq!(day.choose(&kept, &copied, now), [37, 38, 39]);
    assert_eq!(Keep { roots: 64, ..day }.choose(&kept, &copied, 20 * DAY), Vec::<u64>::new());
    assert_eq!(Keep { roots: 2, days: 3, ..day }.choose(&kept, &copied, now), [28, 32, 36, 37, 38, 39]);
    assert_eq!(Keep::within(Duration::ZERO), Keep::NOTHING);
    assert_eq!(Keep::within(Duration::MAX).choose(&kept, &copied, now), kept);
    assert!(Keep::within(Duration::from_nanos(1)) != Keep::NOTHING);
}
