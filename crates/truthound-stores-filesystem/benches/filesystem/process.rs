//! Work that is a process of its own: one save, as in a cron job, and the first answer of a cold start.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use truthound_stores_core::Store as _;
use truthound_stores_filesystem::{FileSystemConfig, FileSystemStore};

use truthound_stores_testkit::bench::{Limit, Row, Turns, Watch, median, millis, print_row, thousands};

use crate::Outcome;
use crate::large::Large;
use crate::plan::Plan;
use crate::workload::{Pool, path_of};

/// Measures one save per process, beside one turn of the loop per process, and beside a process that does nothing.
pub(crate) async fn saves(plan: &Plan, room: &Path) -> Outcome {
    let pool = Pool::new()?;
    let folder = room.join("process");
    let (base, beside, inputs) = (folder.join("store"), folder.join("loop"), folder.join("inputs"));
    std::fs::create_dir_all(&beside)?;
    std::fs::create_dir_all(&inputs)?;
    let (mut turns, mut over_start) = (Turns::default(), Turns::default());
    // The first processes make the store, and bring the program into memory; they do not count.
    for turn in 0..=plan.processes {
        let number = turn as u64;
        let input = inputs.join(format!("{}.json", pool.id(number)?));
        std::fs::write(&input, pool.file(number)?)?;
        let by_store = run("save", &[&base, &input])?;
        let by_loop = run("loop", &[&beside, &input])?;
        let start = run("start", &[])?;
        if turn > 0 {
            turns.add(by_store, by_loop);
            over_start.add(by_store, start);
        }
    }
    // What the processes said to have saved is there.
    let store = FileSystemStore::open(FileSystemConfig::new(&base)).await?;
    let count = store.count(&truthound_stores_core::Query::new()).await?;
    store.close().await?;
    if count != plan.processes as u64 + 1 || !path_of(&base, &pool.id(0)?).exists() {
        return Err(format!("{} processes saved {count} documents", plan.processes + 1).into());
    }
    let what = "one durable save per process: start, open, save, close";
    print_row(&Row::new("process-save", what).turns(&turns, "ms", "a process that does the loop once")?);
    print_row(&Row::new("process-start", what).turns(&over_start, "ms", "a process that does nothing")?);
    Ok(())
}

/// Starts this program as a child and waits for its end; answers how many milliseconds that took.
fn run(what: &str, paths: &[&Path]) -> Outcome<f64> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["--child", what]).args(paths);
    let watch = Watch::start();
    let status = command.status()?;
    let took = millis(watch.passed());
    if status.success() { Ok(took) } else { Err(format!("a process for {what} ended with {status}").into()) }
}

/// Measures how long a new process takes until it has listed the latest documents, and the most memory that it had.
pub(crate) fn cold_list(plan: &Plan, large: &Large) -> Outcome {
    let (mut turns, mut peaks) = (Turns::default(), Vec::new());
    for turn in 0..=plan.processes {
        let (took, peak) = list(&large.base)?;
        let start = run("start", &[])?;
        if turn > 0 {
            turns.add(took, start);
            peaks.extend(peak);
        }
    }
    let what = format!("{} stored: new process, to the first answer of the list", thousands(large.documents));
    print_row(
        &Row::new("cold-list", what)
            .turns(&turns, "ms", "a process that does nothing")?
            .limit(Limit::Below(50.0)),
    );
    let row = Row::new(
        "peak-memory",
        format!("{} stored: most memory of that process", thousands(large.documents)),
    );
    print_row(&if peaks.is_empty() {
        row.note("this system does not say")
    } else {
        row.ours(median(&peaks)?, "MB").limit(Limit::Below(100.0))
    });
    Ok(())
}

/// Starts a child that lists; answers the milliseconds to its first line, and its peak memory in MB.
fn list(base: &Path) -> Outcome<(f64, Option<f64>)> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["--child", "list"]).arg(base).stdout(Stdio::piped());
    let watch = Watch::start();
    let mut child = command.spawn()?;
    let mut lines = BufReader::new(child.stdout.take().ok_or("the child has no stdout")?).lines();
    let first = lines.next().transpose()?;
    let took = millis(watch.passed());
    let peak = lines.next().transpose()?;
    let status = child.wait()?;
    if first.is_none() || !status.success() {
        return Err(format!("a process that lists ended with {status}").into());
    }
    let megabytes = |text: String| text.parse::<f64>().map(|kilobytes| kilobytes * 1024.0 / 1e6);
    Ok((took, peak.map(megabytes).transpose()?))
}
