//! The scenarios: few actors each, so that every order of their requests can be tried.

use crate::scenario::{Actor, Kind, Merge, Op, Scenario};
pub(crate) use crate::suffixes::*;

pub(crate) const fn save() -> Op {
    Op::new(Kind::Save, 0)
}

pub(crate) const fn delete() -> Op {
    Op::new(Kind::Delete, 0)
}

pub(crate) fn writer(clock: u8, ops: &[Op]) -> Actor {
    Actor::Writer { clock, ops: ops.to_vec() }
}

pub(crate) const fn folder(runs: u8) -> Actor {
    Actor::Folder { runs, take: 9, merge: Merge::None }
}

/// Folds the tail in small bites.
const fn nibbler(runs: u8) -> Actor {
    Actor::Folder { runs, take: 1, merge: Merge::None }
}

pub(crate) const fn merger(runs: u8) -> Actor {
    Actor::Folder { runs, take: 9, merge: Merge::All }
}

/// Folds the tail into the newest segment.
const fn hot_folder(runs: u8) -> Actor {
    Actor::Folder { runs, take: 9, merge: Merge::Hot }
}

const fn cleaner(runs: u8, keep: u32) -> Actor {
    Actor::Cleaner { runs, keep }
}

pub(crate) const fn sweeper() -> Actor {
    Actor::Sweeper { runs: 1 }
}

pub(crate) const fn reader(class: u8) -> Actor {
    Actor::Reader { runs: 1, class, limit: 9, bodies: false }
}

const fn limited_reader(limit: u32) -> Actor {
    Actor::Reader { runs: 1, class: 0, limit, bodies: false }
}

const fn body_reader(runs: u8) -> Actor {
    Actor::Reader { runs, class: 0, limit: 9, bodies: true }
}

const fn follower(pages: u8) -> Actor {
    Actor::Follower { pages }
}

/// Two save one new id, with clocks apart; an acknowledgement is lost, a request comes late, somebody crashes.
pub(crate) fn two_savers() -> Scenario {
    let actors = vec![writer(5, &[save().class(1)]), writer(2, &[save().content(2)]), folder(2), reader(0)];
    Scenario { lost: 1, duplicates: 1, crashes: 1, ..Scenario::new("two savers", actors) }
}

/// Three writers overwrite one document, whose clocks are behind it.
pub(crate) fn overwriters() -> Scenario {
    let actors = vec![
        writer(5, &[save().class(1)]),
        writer(1, &[save().content(2)]),
        writer(3, &[save().content(3)]),
        folder(2),
        reader(0),
    ];
    Scenario { preloaded: 1, crashes: 1, ..Scenario::new("overwriters", actors) }
}

/// Two writers replace the revision that both have read: one of them wins, and knows it.
pub(crate) fn replacers() -> Scenario {
    let replace = Op::new(Kind::Replace, 0);
    let actors = vec![writer(2, &[replace]), writer(7, &[replace.class(1)]), folder(1), reader(0)];
    Scenario { preloaded: 1, lost: 2, duplicates: 1, crashes: 1, ..Scenario::new("replacers", actors) }
}

/// One replaces what it read while another goes there and back again: the content is what it was.
pub(crate) fn there_and_back() -> Scenario {
    let replace = Op::new(Kind::Replace, 0).content(3);
    let actors = vec![writer(2, &[replace]), writer(2, &[save().content(1), save().content(0)]), folder(1)];
    Scenario { preloaded: 1, lost: 1, duplicates: 1, ..Scenario::new("there and back", actors) }
}

/// Two create one id; the one that is told of a conflict asks again.
pub(crate) fn creators() -> Scenario {
    let create = Op::new(Kind::Create, 0);
    let actors = vec![writer(4, &[create]), writer(1, &[create.content(2)]), folder(1), reader(0)];
    Scenario { lost: 1, duplicates: 1, crashes: 1, ..Scenario::new("creators", actors) }
}

/// One deletes, another saves again: with clocks that say the opposite, and marks that go when their time has come.
pub(crate) fn delete_and_save() -> Scenario {
    let actors = vec![writer(9, &[delete()]), writer(1, &[save(), save()]), nibbler(2), sweeper(), reader(0)];
    Scenario { preloaded: 1, horizons: 1, ..Scenario::new("delete and save", actors) }
}

/// A save and a delete of another writer; requests come late, but not after the horizon.
pub(crate) fn late_creation() -> Scenario {
    let actors = vec![writer(1, &[save()]), writer(2, &[delete()]), folder(2), sweeper()];
    Scenario { duplicates: 1, horizons: 1, crashes: 1, ..Scenario::new("late creation", actors) }
}

/// Two delete; the first of them may have been cut off before its row.
pub(crate) fn two_deleters() -> Scenario {
    let actors =
        vec![writer(3, &[delete()]), writer(1, &[delete()]), writer(2, &[save()]), folder(1), reader(0)];
    Scenario { preloaded: 1, lost: 1, crashes: 1, ..Scenario::new("two deleters", actors) }
}

/// An overwrite moves a document out of the reader's class; its row, or that of what it replaced, comes twice.
pub(crate) fn late_rows() -> Scenario {
    let actors = vec![writer(2, &[save(), save().class(1)]), folder(3), reader(0)];
    Scenario { duplicates: 2, crashes: 1, generations: 4, ..Scenario::new("late rows", actors) }
}

/// As before, with a merge that forgets the rows that were ended.
pub(crate) fn late_rows_merged() -> Scenario {
    let actors = vec![writer(2, &[save().class(1)]), merger(2), reader(0)];
    Scenario { preloaded: 1, duplicates: 2, ..Scenario::new("late rows merged", actors) }
}

/// Folds that take one row at a time, while another folder and a merge are at it.
pub(crate) fn nibblers() -> Scenario {
    let actors = vec![writer(2, &[save().class(1), delete()]), nibbler(2), merger(1), reader(0)];
    Scenario { preloaded: 1, lost: 1, crashes: 1, generations: 5, ..Scenario::new("nibblers", actors) }
}

/// Two folders that crash, lose acknowledgements and give up too early, with clean-up behind them.
pub(crate) fn two_folders() -> Scenario {
    let actors = vec![writer(2, &[save().class(1)]), folder(2), folder(1), cleaner(1, 0)];
    Scenario {
        preloaded: 1,
        lost: 1,
        duplicates: 1,
        crashes: 1,
        generations: 5,
        ..Scenario::new("two folders", actors)
    }
}

/// A merge removes what a reader has planned to read.
pub(crate) fn readers_and_clean_up() -> Scenario {
    let actors = vec![writer(2, &[save(), save().class(1)]), merger(2), cleaner(2, 0), reader(0)];
    Scenario { preloaded: 2, lost: 1, generations: 5, ..Scenario::new("readers and clean-up", actors) }
}

/// History is kept, and clean-up respects it.
pub(crate) fn history() -> Scenario {
    let actors = vec![writer(2, &[save()]), merger(2), folder(1), cleaner(1, 2)];
    Scenario { preloaded: 1, lost: 1, crashes: 1, generations: 6, ..Scenario::new("history", actors) }
}

/// The newest segment is folded into again and again, while kills of an older one lie beside it.
pub(crate) fn hot() -> Scenario {
    let second = Op::new(Kind::Save, 1);
    let actors = vec![writer(2, &[save().class(1), second, save()]), hot_folder(3), cleaner(2, 1), reader(0)];
    Scenario { preloaded: 2, crashes: 1, generations: 6, ..Scenario::new("hot", actors) }
}

/// A limit is filled with living rows, not with ended ones.
pub(crate) fn limits() -> Scenario {
    let other = Op::new(Kind::Delete, 1);
    let actors = vec![writer(5, &[save().class(1)]), writer(2, &[other]), folder(2), limited_reader(1)];
    Scenario { preloaded: 2, crashes: 1, ..Scenario::new("limits", actors) }
}

/// A writer is cut off between body and row; who reads the body puts the row, while others overwrite and delete.
pub(crate) fn missing_row() -> Scenario {
    let actors = vec![writer(5, &[save()]), writer(1, &[delete()]), body_reader(2), folder(2)];
    Scenario { preloaded: 1, crashes: 1, duplicates: 1, ..Scenario::new("missing row", actors) }
}

/// As before; the reader is so slow that the document is gone, its tombstone too, and the id in use again.
pub(crate) fn slow_reader() -> Scenario {
    let actors = vec![body_reader(1), writer(1, &[save(), delete(), save()]), merger(3), sweeper()];
    Scenario { preloaded: 1, horizons: 2, generations: 5, ..Scenario::new("slow reader", actors) }
}

/// A writer is suspended between body and row until the document is gone, its tombstone too, and the id in use again.
pub(crate) fn slow_writer() -> Scenario {
    let actors = vec![writer(5, &[save()]), writer(1, &[delete(), save()]), merger(3), sweeper()];
    Scenario { horizons: 2, generations: 5, ..Scenario::new("slow writer", actors) }
}

/// A batch of two overwrites, whose row a reader puts for one of them.
pub(crate) fn batch() -> Scenario {
    let second = Op::new(Kind::Save, 1);
    let actors = vec![writer(2, &[save().with_next(), second]), body_reader(1), folder(2)];
    Scenario { preloaded: 2, crashes: 1, lost: 1, ..Scenario::new("batch", actors) }
}

/// A follower of the feed, while rows are folded and merged.
pub(crate) fn followed() -> Scenario {
    let actors = vec![writer(2, &[save(), delete(), save()]), folder(1), merger(1), follower(3)];
    Scenario { preloaded: 1, ..Scenario::new("followed", actors) }
}

/// A follower of the feed, while two write.
pub(crate) fn followed_both() -> Scenario {
    let actors = vec![writer(4, &[save()]), writer(1, &[delete()]), nibbler(2), follower(2)];
    Scenario { preloaded: 1, crashes: 1, ..Scenario::new("followed both", actors) }
}

/// A folder leaves rows in the tail that it has folded; the id is deleted, forgotten, and in use again.
pub(crate) fn leftovers() -> Scenario {
    let actors = vec![writer(1, &[save(), delete()]), folder(1), merger(3), sweeper()];
    Scenario { crashes: 1, horizons: 2, generations: 5, ..Scenario::new("leftovers", actors) }
}

/// A follower of the feed that meets late rows.
pub(crate) fn followed_late() -> Scenario {
    let actors = vec![writer(2, &[save(), save().class(1)]), folder(2), follower(3)];
    Scenario { duplicates: 1, crashes: 1, generations: 4, ..Scenario::new("followed late", actors) }
}

/// A follower of the feed that slept while a tombstone came and went.
pub(crate) fn sleeper() -> Scenario {
    let actors = vec![writer(1, &[delete()]), writer(1, &[save()]), merger(3), sweeper(), follower(2)];
    Scenario { preloaded: 1, horizons: 2, generations: 5, ..Scenario::new("sleeper", actors) }
}

/// A deletion's row is put once more, by a reader that found the mark, while the mark goes and the id is used again.
pub(crate) fn late_mark() -> Scenario {
    let actors = vec![body_reader(1), writer(1, &[delete(), save()]), merger(2), sweeper(), follower(2)];
    Scenario { preloaded: 1, horizons: 1, ..Scenario::new("late mark", actors) }
}

/// The catalog is built anew while documents change and a folder runs.
pub(crate) fn reindexed() -> Scenario {
    let actors =
        vec![writer(1, &[save().class(1)]), writer(3, &[delete()]), folder(2), Actor::Reindexer, reader(0)];
    Scenario { preloaded: 1, lost: 1, crashes: 1, generations: 4, ..Scenario::new("reindexed", actors) }
}

/// As before; rows come late, and a follower of the feed is there.
pub(crate) fn reindexed_late() -> Scenario {
    let actors = vec![writer(1, &[save(), delete()]), folder(1), Actor::Reindexer, follower(2)];
    Scenario { duplicates: 1, crashes: 1, ..Scenario::new("reindexed late", actors) }
}

/// As before; the documents are deleted and forgotten, too.
pub(crate) fn reindexed_slowly() -> Scenario {
    let actors = vec![writer(1, &[delete(), save()]), merger(3), sweeper(), Actor::Reindexer];
    Scenario { preloaded: 1, horizons: 2, generations: 6, ..Scenario::new("reindexed slowly", actors) }
}

/// Listings of the tail take two requests, between which anything may happen.
pub(crate) fn pages() -> Scenario {
    let actors = vec![writer(1, &[save()]), writer(4, &[delete()]), nibbler(2), reader(0)];
    Scenario { preloaded: 1, duplicates: 1, paged: true, ..Scenario::new("pages", actors) }
}

/// As before, for a follower of the feed.
pub(crate) fn followed_pages() -> Scenario {
    let actors = vec![writer(1, &[save(), delete(), save()]), folder(2), follower(3)];
    Scenario { preloaded: 1, duplicates: 1, paged: true, ..Scenario::new("followed pages", actors) }
}

/// A writer is suspended between body and row; who overwrites its body is cut off.
pub(crate) fn suspended() -> Scenario {
    let actors = vec![writer(5, &[save()]), writer(1, &[save().class(1)]), writer(2, &[delete()]), folder(1)];
    Scenario { preloaded: 1, crashes: 1, horizons: 1, ..Scenario::new("suspended", actors) }
}
