//! Truthound 3.2.0 itself, at the same work on the same documents.

use std::io::{BufRead as _, BufReader, Lines, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use futures_util::StreamExt as _;

use truthound_stores_core::{Pattern, Query, Record, Store as _, StoreExt as _, ValidationResult};
use truthound_stores_filesystem::FileSystemStore;

use truthound_stores_testkit::bench::{Row, Turns, Watch, millis, per_second, print_row, thousands};

use crate::Outcome;
use crate::large::{Large, sync_all};
use crate::list::{LATEST, complete};
use crate::plan::Plan;
use crate::workload::{ASSET, results, small};

/// How many documents are read at a time where all are read.
const BATCH: usize = 1_000;

/// The Python that has Truthound, or why there is none.
pub(crate) enum Python {
    /// This one.
    At(PathBuf),
    /// None, for this reason.
    Missing(String),
}

/// Measures saves, queries and reading everything, at each size of the plan.
pub(crate) async fn rows(plan: &Plan, python: &Python, room: &Path) -> Outcome {
    for &documents in &plan.truthound {
        let python = match python {
            Python::At(python) => python,
            Python::Missing(why) => {
                let what = format!("beside Truthound 3.2.0 at {} stored", thousands(documents));
                print_row(
                    &Row::new(format!("truthound-{documents}"), what).note(format!("not measured: {why}")),
                );
                continue;
            }
        };
        let ours = Large::fill(plan, room, &format!("truthound-ours-{documents}"), documents, false).await?;
        let theirs = room.join(format!("truthound-theirs-{documents}"));
        copy_documents(&results(&ours.base), &results(&theirs))?;
        sync_all();
        let store = ours.open().await?;
        let mut truthound = Truthound::start(python, &theirs)?;
        if truthound.ask("index")? < 1.0 {
            return Err("Truthound found no documents".into());
        }
        save(&store, &mut truthound, documents).await?;
        query(&store, &mut truthound, documents).await?;
        iterate(&store, &mut truthound, documents).await?;
        store.close().await?;
        truthound.end()?;
    }
    Ok(())
}

async fn save(store: &FileSystemStore, truthound: &mut Truthound, documents: u64) -> Outcome {
    let mut turns = Turns::default();
    for turn in 0..=5 {
        let record: Record = small(documents + turn)?;
        let watch = Watch::start();
        store.put(record).await?;
        let ours = millis(watch.passed());
        let theirs = truthound.ask("save")? * 1e3;
        if turn > 0 {
            turns.add(ours, theirs);
        }
    }
    let what = format!("durable save at {} stored", thousands(documents));
    print_row(&Row::new(format!("truthound-save-{documents}"), what).turns(
        &turns,
        "ms",
        "Truthound 3.2.0, not durable",
    )?);
    Ok(())
}

async fn query(store: &FileSystemStore, truthound: &mut Truthound, documents: u64) -> Outcome {
    let wanted =
        Query::new().with_data_asset(Pattern::exact(ASSET)).with_limit(LATEST as u64).with_page_size(LATEST);
    let mut turns = Turns::default();
    for turn in 0..=5 {
        let watch = Watch::start();
        let found = store.query::<ValidationResult>(&wanted).await?;
        let ours = millis(watch.passed());
        complete(found.into_complete()?.len())?;
        let theirs = truthound.ask(&format!("query {ASSET} {LATEST}"))? * 1e3;
        if turn > 0 {
            turns.add(ours, theirs);
        }
    }
    let what =
        format!("the latest {LATEST} documents of one asset, read, at {} stored", thousands(documents));
    print_row(&Row::new(format!("truthound-query-{documents}"), what).turns(
        &turns,
        "ms",
        "Truthound 3.2.0",
    )?);
    Ok(())
}

async fn iterate(store: &FileSystemStore, truthound: &mut Truthound, documents: u64) -> Outcome {
    let watch = Watch::start();
    let mut stream = store.iter_query::<ValidationResult>(&Query::new(), BATCH);
    let mut count = 0;
    while let Some(document) = stream.next().await {
        document?;
        count += 1;
    }
    let ours = per_second(count, watch.passed());
    if count < documents {
        return Err(format!("reading everything found {count} of {documents} documents").into());
    }
    let seconds = truthound.ask(&format!("iterate {documents}"))?;
    let theirs = per_second(count, Duration::from_secs_f64(seconds));
    print_row(
        &Row::new(
            format!("truthound-iterate-{documents}"),
            format!("reading all {} documents", thousands(documents)),
        )
        .ours(ours, "/s")
        .beside("Truthound 3.2.0, 1,000 at a time", theirs, "/s"),
    );
    Ok(())
}

/// Copies the documents alone: each side looks after its own index.
fn copy_documents(from: &Path, to: &Path) -> Outcome {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            std::fs::copy(entry.path(), to.join(entry.file_name()))?;
        }
    }
    Ok(())
}

/// A Python process that works with Truthound.
struct Truthound {
    child: Child,
    stdin: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
}

impl Truthound {
    fn start(python: &Path, folder: &Path) -> Outcome<Self> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/filesystem/beside_truthound.py");
        let mut child = Command::new(python)
            .arg(script)
            .arg(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let stdin = child.stdin.take().ok_or("Python has no stdin")?;
        let answers = BufReader::new(child.stdout.take().ok_or("Python has no stdout")?).lines();
        Ok(Self { child, stdin, answers })
    }

    fn ask(&mut self, command: &str) -> Outcome<f64> {
        writeln!(self.stdin, "{command}")?;
        let answer = self.answers.next().transpose()?;
        Ok(answer.ok_or_else(|| format!("Python ended at {command:?}"))?.parse()?)
    }

    fn end(self) -> Outcome {
        let Self { mut child, stdin, answers } = self;
        drop((stdin, answers));
        let status = child.wait()?;
        if status.success() { Ok(()) } else { Err(format!("Python ended with {status}").into()) }
    }
}
