//! Verification: every document, the index, and what is on its way.

use std::sync::Arc;
use std::time::Duration;

use truthound_stores_core::{
    Collection, Error, ErrorKind, Finding, GetOptions, Key, Level, Progress, Report, Result, VerifyOptions,
};

use super::found::{
    counted, damaged, damaged_index, doubt, kept_before, kept_now, of, rebuilt_once, taken_up, unseen,
};
use super::is_read_only;
use super::rebuild::{DOUBT, Rebuilt, Why, rebuild};
use crate::catch_up::{self, Names};
use crate::describe::stem_of;
use crate::index::{self, Health, Log, Odd, OddKind, Row};
use crate::layout::CATALOG;
use crate::live::Live;
use crate::locate::{self, Got};
use crate::lock::{LONGEST, Turnstile};
use crate::store::{Inner, damaged_files};

const READING: &str = "verifying documents";
/// So many rows are read from the index at a time.
const CHUNK: usize = 1024;

pub(super) fn verify(
    inner: &Inner,
    collection: &Collection,
    options: VerifyOptions,
    progress: &dyn Progress,
) -> Result<Report> {
    let mut report = Report::new();
    report.findings.extend(before(inner, collection)?);
    let live = match open_and_finish(inner, collection, &mut report, progress) {
        Ok(Some(live)) => live,
        Ok(None) => return Ok(report),
        Err(error) if error.kind() == ErrorKind::Corrupt => {
            let what = index::what_is_wrong(&error);
            let Some(live) = mend(inner, collection, options, &what, &mut report, progress)? else {
                return Ok(beside(inner, collection, report, progress));
            };
            live
        }
        Err(error) => return Err(error),
    };
    let wrong = live.readers.read("verify the index", index::integrity);
    let wrong = match wrong {
        Ok(lines) => lines.into_iter().next(),
        Err(error) if error.kind() == ErrorKind::Corrupt => Some(index::what_is_wrong(&error)),
        Err(error) => return Err(error),
    };
    let live = match wrong {
        None => live,
        Some(what) => match mend(inner, collection, options, &what, &mut report, progress)? {
            Some(live) => live,
            None => return Ok(beside(inner, collection, report, progress)),
        },
    };
    let names = if is_read_only(&live) {
        let text = format!(
            "the collection{} cannot be written by this user: its documents were verified by an index made for this, and its own was \
             left alone",
            of(collection)
        );
        report.add(Finding::new(Level::Note, "index", text));
        Ok(Names::default())
    } else {
        catch_up::find_new(&live, progress, LONGEST)
    };
    // What was mended is another index: nothing more is asked of, or told to, the one before.
    let live = match names {
        Ok(names) => {
            names_found(&live, collection, names, options, &mut report)?;
            live
        }
        Err(error) if error.kind() == ErrorKind::Corrupt => {
            let what = index::what_is_wrong(&error);
            let Some(mended) = mend(inner, collection, options, &what, &mut report, progress)? else {
                return Ok(beside(inner, collection, report, progress));
            };
            mended
        }
        Err(error) => return Err(error),
    };
    let before = report.documents;
    let live = match read_all(&live, collection, &mut report, progress) {
        Ok(()) => live,
        Err(error) if error.kind() == ErrorKind::Corrupt => {
            let what = index::what_is_wrong(&error);
            report.documents = before;
            let Some(mended) = mend(inner, collection, options, &what, &mut report, progress)? else {
                return Ok(beside(inner, collection, report, progress));
            };
            read_all(&mended, collection, &mut report, progress)?;
            mended
        }
        Err(error) => return Err(error),
    };
    odd_files(&live, collection, &mut report)?;
    in_doubt(&live, options, &mut report)?;
    Ok(report)
}

/// Verifies the documents of a collection whose index is damaged, and stays so: by another one, built beside the store.
fn beside(inner: &Inner, collection: &Collection, mut report: Report, progress: &dyn Progress) -> Report {
    let look = |report: &mut Report| -> Result<()> {
        let aside = inner.aside(collection, progress)?;
        read_all(&aside.live, collection, report, progress)?;
        odd_files(&aside.live, collection, report)
    };
    if let Err(error) = look(&mut report) {
        let text = format!("the documents{} were not all verified: {}", of(collection), error.report());
        report.add(Finding::new(Level::Warning, "document", text));
    }
    report
}

/// Says what can be seen before the index is opened: what is kept of earlier ones, and that its log ends in the middle of a write.
fn before(inner: &Inner, collection: &Collection) -> Result<Vec<Finding>> {
    let path = inner.layout.folder(collection);
    let catalog = path.join(CATALOG);
    let mut found: Vec<Finding> = kept_before(&catalog).into_iter().collect();
    let target = catalog.join(index::FILE);
    let is_torn = || Ok::<_, Error>(matches!(Health::of(&target)?, Health::Well(Log::Torn { .. })));
    // Of a log that is just being written that says nothing.
    if is_torn()?
        && let Ok(_turn) = Turnstile::new(&catalog).pass(Duration::ZERO, &|| false)
        && is_torn()?
    {
        let text = format!(
            "the log{} ends in the middle of a write that was not acknowledged, as a process that was killed or a full disk leaves it",
            of(collection)
        );
        found.push(Finding::new(Level::Note, "log", text));
    }
    Ok(found)
}

/// Says that acknowledged documents may be missing; with `repair`, for the last time.
fn in_doubt(live: &Arc<Live>, options: VerifyOptions, report: &mut Report) -> Result<()> {
    let Some(finding) = live.readers.read("verify the index", doubt)? else { return Ok(()) };
    report.add(finding);
    if options.repair && !is_read_only(live) {
        let path = live.readers.path().to_owned();
        live.exclusively(move |index| {
            let forgotten = index.execute("DELETE FROM meta WHERE name = ?1", [DOUBT]);
            forgotten.map(drop).map_err(|cause| index::sql_error("write the index", &path, cause))
        })?;
    }
    Ok(())
}

/// Opens a collection, and finishes what writers that are gone had left.
fn open_and_finish(
    inner: &Inner,
    collection: &Collection,
    report: &mut Report,
    progress: &dyn Progress,
) -> Result<Option<Arc<Live>>> {
    let Some(live) = inner.to_tend(collection, progress)? else { return Ok(None) };
    match catch_up::finish_left(&live, LONGEST) {
        Ok((0, _)) => {}
        Ok((mended, _)) => report.add(Finding::new(
            Level::Note,
            "log",
            format!(
                "put in order: {}{} that a writer had acknowledged before it ended",
                counted(mended, "file"),
                of(collection)
            ),
        )),
        Err(error) if error.kind() == ErrorKind::Denied => {}
        // What is in the log can be read from there: that is no reason to look at nothing.
        Err(error) if error.kind() == ErrorKind::Unavailable => report.add(waiting(&error)),
        Err(error) => return Err(error),
    }
    match live.flush(true) {
        Err(error) if error.kind() == ErrorKind::Unavailable => report.add(waiting(&error)),
        flushed => flushed?,
    }
    report.findings.extend(live.readers.read("verify the index", |index| rebuilt_once(index, collection))?);
    Ok(Some(live))
}

/// Says that saves are acknowledged, and in the log, but not in their places yet.
fn waiting(error: &Error) -> Finding {
    Finding::new(
        Level::Warning,
        "log",
        format!("acknowledged saves wait in the log for their files to be written: {}", error.report()),
    )
}

/// Reports that the index is damaged; with `repair`, rebuilds it and opens it anew.
fn mend(
    inner: &Inner,
    collection: &Collection,
    options: VerifyOptions,
    what: &str,
    report: &mut Report,
    progress: &dyn Progress,
) -> Result<Option<Arc<Live>>> {
    let finding = damaged_index(inner, collection, what);
    if !options.repair {
        // One damaged index may be met again and again.
        if !report.findings.iter().any(|known| (known.level, known.subject) == (Level::Damage, "index")) {
            report.add(finding.with_remedy("`verify --repair` rebuilds it from the documents"));
        }
        return Ok(None);
    }
    inner.partition(collection).reopen();
    let folder = inner.folder(collection)?;
    let target = folder.path.join(CATALOG).join(index::FILE);
    let Rebuilt { rescued, missing, kept, .. } =
        rebuild(&folder, &target, &*inner.clock, progress, Why::Asked(Some(what)))?;
    report.add(finding.with_repaired(true));
    if rescued > 0 {
        let text = format!(
            "taken over from the damaged index: {}, not settled yet",
            counted(rescued as u64, "change")
        );
        report.add(Finding::new(Level::Note, "log", text));
    }
    report.findings.extend(kept_now("damaged", missing, kept.as_deref()));
    // What was rescued is put in its place when the collection is opened.
    let live = inner.to_tend(collection, progress)?;
    if let Some(live) = &live {
        catch_up::finish_left(live, LONGEST)?;
    }
    Ok(live)
}

/// Reports what a comparison of names has shown; with `repair`, forgets documents whose files are gone.
fn names_found(
    live: &Arc<Live>,
    collection: &Collection,
    names: Names,
    options: VerifyOptions,
    report: &mut Report,
) -> Result<()> {
    if names.adopted > 0 {
        let text = taken_up(names.adopted, collection);
        report.add(Finding::new(Level::Note, "index", text));
    }
    // Names that are no text are among the odd files by now, and told with them.
    for (id, path) in names.vanished {
        let message = format!("the document's file is gone: {}", path.display());
        let finding = damaged(collection, Some(&id), message);
        if options.repair {
            match forget(live, &id) {
                Ok(forgotten) => report.add(finding.with_repaired(forgotten)),
                // Somebody has saved it since: it is no longer missing.
                Err(error) if error.kind() == ErrorKind::Conflict => {}
                Err(error) => return Err(error),
            }
        } else {
            let cure = "restore the file, or let `verify --repair` forget the document";
            report.add(finding.with_remedy(cure));
        }
    }
    Ok(())
}

/// Takes a document whose file is gone out of the index, as a deletion; answers whether it is out. One that has come back stays.
fn forget(live: &Arc<Live>, id: &str) -> Result<bool> {
    let key = Key::new(live.folder.collection.clone(), id)?;
    let row = live.readers.read_at_once("read the index", |index| {
        let row = index::by_id(index, id)?;
        row.map_or(Ok(None), |row| Ok((!index::is_unsettled(index, row.seq)?).then_some(row)))
    })?;
    let Some(row) = row else { return Ok(true) };
    if crate::files::stamp(&live.folder.file(&stem_of(&row), &row.suffix))?.is_some() {
        return Ok(true);
    }
    let (reply, answer) = tokio::sync::oneshot::channel();
    live.send(crate::commit::Job::Delete(crate::commit::Request {
        items: vec![key],
        // Only the state whose file is gone.
        opts: truthound_stores_core::DeleteOptions::if_revision(row.revision()),
        since: live.clock.monotonic(),
        room: None,
        reply,
    }))?;
    match answer.blocking_recv() {
        Ok(crate::commit::Answer::Done(outcomes)) => {
            outcomes.into_iter().try_for_each(|outcome| outcome.map(drop)).map(|()| true)
        }
        Ok(crate::commit::Answer::Failed(error)) => Err(error),
        Ok(crate::commit::Answer::Moved(_)) | Err(_) => {
            Err(Error::new(ErrorKind::Unavailable, "the index was replaced meanwhile: verify again"))
        }
    }
}

/// Reads every document that the index knows.
fn read_all(
    live: &Arc<Live>,
    collection: &Collection,
    report: &mut Report,
    progress: &dyn Progress,
) -> Result<()> {
    let total = live.readers.read("count documents", |index| {
        index.query_row("SELECT count(*) FROM record", [], |row| row.get::<_, i64>(0)).map(i64::cast_unsigned)
    })?;
    let (mut after, mut done) = (0, 0);
    loop {
        let rows = live.readers.read("read the index", |index| index::after(index, after, CHUNK))?;
        let Some(last) = rows.last().map(|row: &Row| row.seq) else { return Ok(()) };
        after = last;
        for (id, outcome) in check_all(live, collection, &rows) {
            done += 1;
            progress.advance(READING, done, Some(total));
            match outcome {
                Ok(None) => report.documents += 1,
                Ok(Some(loaded)) => {
                    report.documents += 1;
                    let text = format!("{id} was rewritten by another program, and is indexed again");
                    if catch_up::take_up(live, loaded, LONGEST).is_ok() {
                        report.add(Finding::new(Level::Note, "document", text));
                    }
                }
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) if error.kind() == ErrorKind::Overloaded => return Err(error),
                Err(error) => {
                    report.documents += 1;
                    let known = report
                        .findings
                        .iter()
                        .any(|finding| finding.key.as_ref().is_some_and(|key| key.id() == id));
                    if !known {
                        let about = if error.kind() == ErrorKind::Corrupt { damaged } else { unseen };
                        report.add(about(collection, Some(&id), error.report()));
                    }
                }
            }
        }
    }
}

type Checked = Vec<(String, Result<Option<Vec<crate::describe::Loaded>>>)>;

/// Reads documents on several threads.
fn check_all(live: &Arc<Live>, collection: &Collection, rows: &[Row]) -> Checked {
    let check = |row: &Row| {
        let got = Key::new(collection.clone(), &row.id)
            .and_then(|key| locate::get(live, &key, &GetOptions::default()));
        let outcome = got.map(|got| match got {
            Got::Stored(_) => None,
            Got::Learn(loaded) => Some(loaded),
        });
        (row.id.clone(), outcome)
    };
    let threads = std::thread::available_parallelism().map_or(2, usize::from).clamp(1, 8);
    let parts = rows.chunks(rows.len().div_ceil(threads).max(1));
    std::thread::scope(|scope| {
        let readers: Vec<_> = parts
            .map(|part| (part, scope.spawn(move || part.iter().map(check).collect::<Checked>())))
            .collect();
        // A reader that panicked is read again here, so that a bug shows itself instead of hiding documents.
        let join = |(part, reader): (&[Row], std::thread::ScopedJoinHandle<'_, Checked>)| {
            reader.join().unwrap_or_else(|_| part.iter().map(check).collect())
        };
        readers.into_iter().flat_map(join).collect()
    })
}

/// Reports files that are not, or not alone, documents.
fn odd_files(live: &Arc<Live>, collection: &Collection, report: &mut Report) -> Result<()> {
    for error in damaged_files(live)? {
        let id = error.key().map(|key| key.id().to_owned());
        report.documents += 1;
        let about = if error.kind() == ErrorKind::Corrupt { damaged } else { unseen };
        report.add(about(collection, id.as_deref(), error.report()));
    }
    let odd = live.readers.read("read the index", |index| index::odd(index, None))?;
    for Odd { file, id, .. } in odd.into_iter().filter(|odd| odd.kind == OddKind::Shadowed) {
        let text = format!(
            "{file} is an older file of the document {}, which another file holds",
            id.unwrap_or_default()
        );
        report.add(Finding::new(Level::Note, "document", text));
    }
    Ok(())
}
