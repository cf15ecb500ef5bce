//! What a run was measured on, with nothing that names the machine.

use std::path::Path;

use serde_json::{Value, json};

use truthound_stores_core::{Clock as _, SystemClock};

/// Describes the machine, the file system that `folder` is on, and the run: a quick one, or a full one.
pub fn describe_machine(folder: &Path, quick: bool) -> Value {
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let date: String = SystemClock::new().now().to_string().chars().take(10).collect();
    json!({
        "date": date,
        "run": if quick { "quick" } else { "full" },
        "cores": cores,
        "processor": processor(),
        "memory": memory(),
        "kernel": kernel(),
        "file_system": file_system(folder),
        "load": load(),
    })
}

fn processor() -> Option<String> {
    let text = std::fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

/// Gives the memory in GB.
fn memory() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let kilobytes: u64 = text.lines().next()?.split_whitespace().nth(1)?.parse().ok()?;
    Some((kilobytes * 1024).div_ceil(1_000_000_000))
}

/// Gives how many tasks wanted to run in the minute before: what a busy machine does to figures is seen here.
fn load() -> Option<f64> {
    std::fs::read_to_string("/proc/loadavg").ok()?.split(' ').next()?.parse().ok()
}

/// Gives the name and the number of the kernel, without what its builder appended: that may name a machine.
fn kernel() -> String {
    let release = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let number = release.split(|c: char| !c.is_ascii_digit() && c != '.').next().unwrap_or_default();
    format!("{} {number}", std::env::consts::OS).trim_end().to_owned()
}

/// Gives the kind of file system that a folder is on, from `/proc/self/mountinfo` (`proc_pid_mountinfo(5)`).
fn file_system(folder: &Path) -> Option<String> {
    let folder = folder.canonicalize().ok()?;
    let mounts = std::fs::read_to_string("/proc/self/mountinfo").ok()?;
    let found = mounts.lines().filter_map(|line| {
        let (mount, device) = line.split_once(" - ")?;
        let point = Path::new(mount.split(' ').nth(4)?);
        folder.starts_with(point).then(|| (point.components().count(), device.split(' ').next()))
    });
    // Of two mounts at one place the later one hides the earlier.
    found.max_by_key(|&(depth, _)| depth)?.1.map(str::to_owned)
}

/// Asks the system for the most memory that this process ever had, in units of 1,024 bytes; Linux alone answers.
pub fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}
