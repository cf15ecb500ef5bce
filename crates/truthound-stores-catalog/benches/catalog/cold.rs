//! A process that opens a large catalog: how soon it answers, and how much memory it takes.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use futures_util::TryStreamExt as _;
use object_store::{ObjectStore as _, ObjectStoreExt as _};
use truthound_stores_testkit::bench::{
    Limit, Outcome, Row, Turns, Watch, median, millis, print_row, thousands,
};

use crate::args::Args;
use crate::fill::Filled;

pub(crate) async fn rows(args: &Args, filled: &Filled, room: &Path) -> Outcome {
    let folder = room.join("bucket");
    copy(filled, &folder).await?;
    let folder = folder.to_string_lossy().into_owned();
    let (mut turns, mut memory) = (Turns::default(), Vec::new());
    for turn in 0..=args.processes {
        let (ours, said) = one(&["list", &folder])?;
        let (nothing, _) = one(&["start"])?;
        if turn > 0 {
            turns.add(ours, nothing);
            memory.extend(said);
        }
    }
    let stored = format!("{} stored: ", thousands(filled.documents));
    let what = format!("{stored}new process, to the first answer of the list");
    let row = Row::new("catalog-cold-list", what).turns(&turns, "ms", "a process that does nothing")?;
    print_row(&row.limit(Limit::Below(150.0)).note("the catalog in files that are in the system's cache"));
    if let Ok(most) = median(&memory) {
        print_row(
            &Row::new("catalog-list-memory", format!("{stored}most memory of that process")).ours(most, "MB"),
        );
    }
    let (_, said) = one(&["read", &folder])?;
    if let Some(most) = said {
        let what = format!(
            "{stored}most memory of a process that counts, sums up by day and pages through all of it"
        );
        print_row(&Row::new("catalog-peak-memory", what).ours(most, "MB").limit(Limit::Below(150.0)));
    }
    Ok(())
}

/// Puts the catalog's objects into files of the same names. Documents are not needed: listings read none.
async fn copy(filled: &Filled, folder: &Path) -> Outcome {
    let metas: Vec<_> = filled.bucket.list(None).try_collect().await?;
    for meta in metas.into_iter().filter(|meta| meta.location.as_ref().contains("/_catalog/")) {
        let path = folder.join(meta.location.as_ref());
        std::fs::create_dir_all(path.parent().ok_or("an object without a folder")?)?;
        std::fs::write(path, filled.bucket.get(&meta.location).await?.bytes().await?)?;
    }
    Ok(())
}

/// Starts this program as one of its processes; answers how long its first line, or its end, took in milliseconds, and the memory that
/// its last line names in MB.
#[allow(clippy::cast_precision_loss, reason = "a figure for people")]
fn one(words: &[&str]) -> Outcome<(f64, Option<f64>)> {
    let watch = Watch::start();
    let mut process =
        Command::new(std::env::current_exe()?).arg("--child").args(words).stdout(Stdio::piped()).spawn()?;
    let mut lines = BufReader::new(process.stdout.take().ok_or("a process without output")?).lines();
    let first = lines.next().transpose()?;
    let mut took = millis(watch.passed());
    let last = lines.last().transpose()?;
    let ended = process.wait()?;
    if !ended.success() {
        return Err(format!("the process {words:?} failed").into());
    }
    if first.is_none() {
        took = millis(watch.passed());
    }
    let kilobytes: Option<u64> = last.and_then(|line| line.parse().ok());
    Ok((took, kilobytes.map(|kilobytes| (kilobytes * 1024) as f64 / 1e6)))
}
