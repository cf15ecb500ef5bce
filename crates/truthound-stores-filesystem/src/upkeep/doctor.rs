//! What this store can and cannot promise where it is.

use truthound_stores_core::{Collection, Error, ErrorKind, Finding, Level, Progress, Report, Result};

use super::below;
use super::found::{counted, damaged_index, doubt, kept_before, of, rebuilt_once};
use crate::build;
use crate::index;
use crate::layout::CATALOG;
use crate::place;
use crate::recover;
use crate::store::{Inner, damaged_files};

/// With less room than this, saves will soon fail.
const LITTLE_ROOM: u64 = 100 << 20;

pub(super) fn diagnose(inner: &Inner, collection: &Collection, _: &dyn Progress) -> Result<Report> {
    let mut report = Report::new();
    if *collection == Collection::RESULTS {
        of_the_place(inner, &mut report);
        report.findings.extend(below::look(inner)?);
    }
    let path = inner.layout.folder(collection);
    if !crate::live::is_indexed(&path)? {
        if crate::scan::has_documents(&inner.folder(collection)?)? {
            let text = format!(
                "the documents{} have no index yet: the next command that looks for some makes it",
                of(collection)
            );
            report.add(Finding::new(Level::Note, "index", text));
        } else if crate::live::has_traces(&path)? {
            let text = format!(
                "the index{} is not in its place: the next command that looks for documents makes one of what is there",
                of(collection)
            );
            report.add(Finding::new(Level::Warning, "index", text));
        } else if *collection == Collection::RESULTS {
            report.add(Finding::new(Level::Note, "store", "nothing is stored here yet"));
        }
        return Ok(report);
    }
    report.findings.extend(kept_before(&path.join(CATALOG)));
    match of_the_index(inner, collection, &mut report) {
        Err(error) if error.kind() == ErrorKind::Corrupt => {
            let finding = damaged_index(inner, collection, &index::what_is_wrong(&error));
            report.add(finding.with_remedy("`verify --repair` rebuilds it from the documents"));
            Ok(report)
        }
        done => done.map(|()| report),
    }
}

/// Says what the place of the store is good for.
fn of_the_place(inner: &Inner, report: &mut Report) {
    let folder = inner.layout.results();
    report.add(if inner.syncs() {
        Finding::new(
            Level::Good,
            "durability",
            "an acknowledged save survives a power cut (durability = \"fsync\")",
        )
    } else {
        let text =
            "an acknowledged save survives the end of the program, but not a power cut (durability = \"os\")";
        Finding::new(Level::Warning, "durability", text)
            .with_remedy("leave the option out, or set durability=fsync")
    });
    if let Some(kind) = place::network(folder) {
        let text = format!(
            "the store is on a network file system ({kind}): its index is shared by locks of files alone, which is slower, \
             and as safe between machines as those locks are"
        );
        let cure = "write from one machine, or keep the store on a local disk";
        report.add(Finding::new(Level::Warning, "file system", text).with_remedy(cure));
    }
    match place::room(folder) {
        Some(bytes) if bytes < LITTLE_ROOM => {
            let text = format!("{} MiB are left on the disk", bytes >> 20);
            report.add(Finding::new(Level::Warning, "file system", text).with_remedy("free some space"));
        }
        _ => {}
    }
    if let Err(error) = inner.check_access() {
        let cure =
            "whoever only reads needs no more; whoever saves, deletes or maintains must be allowed to write";
        report.add(Finding::new(Level::Warning, "access", error.report()).with_remedy(cure));
    }
}

/// Says how the index of a collection is.
fn of_the_index(inner: &Inner, collection: &Collection, report: &mut Report) -> Result<()> {
    let Some(live) = inner.to_read(collection)? else { return Ok(()) };
    let catalog = live.folder.catalog();
    let (count, remarks, hint, left) = live.readers.read("read the index", |index| {
        let count: i64 = index.query_row("SELECT count(*) FROM record", [], |row| row.get(0))?;
        let remarks = [rebuilt_once(index, collection)?, doubt(index)?];
        let hint: i64 = index::meta(index, "hint")?.unwrap_or(0);
        Ok((count, remarks, hint, recover::left(index, &catalog, live.owner())?))
    })?;
    report.documents += count.cast_unsigned();
    let text = format!("the index{} knows {}", of(collection), counted(count.cast_unsigned(), "document"));
    report.add(Finding::new(Level::Good, "index", text));
    report.findings.extend(remarks.into_iter().flatten());
    let unsettled: u64 = left.iter().map(|(_, count, _)| count).sum();
    if unsettled > 0 {
        let text = format!(
            "{} of writers that are gone, not settled yet: what was acknowledged is safe in the log",
            counted(unsettled, "change")
        );
        report.add(
            Finding::new(Level::Note, "log", text)
                .with_remedy("`maintain` settles them; so does the next writer with more"),
        );
    }
    if hint != build::hint_of(&live.folder)? {
        let text = "Truthound has written its _index.json since names were last compared: documents of its may be unknown here";
        report.add(
            Finding::new(Level::Warning, "index", text)
                .with_remedy("`maintain` takes them up, and so does opening the store anew"),
        );
    }
    let (damaged, unseen): (Vec<Error>, Vec<Error>) =
        damaged_files(&live)?.into_iter().partition(|error| error.kind() == ErrorKind::Corrupt);
    for (files, level, what) in
        [(damaged, Level::Damage, "documents"), (unseen, Level::Warning, "by this user")]
    {
        if !files.is_empty() {
            let number = counted(files.len() as u64, "file");
            let verb = if files.len() == 1 { "is" } else { "are" };
            let as_what = if level == Level::Damage { format!("as {what}") } else { what.to_owned() };
            let text = format!("{number}{} {verb} not readable {as_what}", of(collection));
            report.add(Finding::new(level, "document", text).with_remedy("`verify` names them"));
        }
    }
    Ok(())
}
