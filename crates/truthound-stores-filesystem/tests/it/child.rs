//! Other processes: this test program once more, told by its environment what to do.
//!
//! Only a process of its own can be killed, run as another user, or share nothing with its neighbour but the folder.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};

#[cfg(target_os = "linux")]
use crate::full_disk;
use crate::{crowd, index_damage, kill, neighbours};
#[cfg(unix)]
use crate::{folders, permissions};

/// Holds a child's job and what it needs to know, apart by tabs.
const JOB: &str = "TRUTHOUND_TEST_CHILD";
/// Begins each line that a child has to say; all others are the test runner's.
const MARK: &str = "@";
/// Somebody without rights: "nobody" on all systems that these tests run on.
#[cfg(unix)]
const NOBODY: u32 = 65_534;

/// A process at work. Dropping it kills it.
pub(crate) struct Child {
    process: std::process::Child,
    lines: BufReader<std::process::ChildStdout>,
}

/// Starts a child with a job.
pub(crate) fn start(job: &str, words: &[&str]) -> Child {
    let mut process = command(job, words).spawn().unwrap();
    let lines = BufReader::new(process.stdout.take().unwrap());
    Child { process, lines }
}

fn command(job: &str, words: &[&str]) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    let job: Vec<&str> = std::iter::once(job).chain(words.iter().copied()).collect();
    command.args(["--exact", "--nocapture", "child::does_its_job"]).env(JOB, job.join("\t"));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Lets a child do its job to the end; as somebody without rights if this process may become that.
#[cfg(unix)]
pub(crate) fn run_without_rights(job: &str, base: &Path) {
    run_without_rights_at(job, base, None);
}

/// As [`run_without_rights`], with a place for temporary files.
#[cfg(unix)]
pub(crate) fn run_without_rights_at(job: &str, base: &Path, temporary: Option<&Path>) {
    use std::os::unix::process::CommandExt;

    let mut command = command(job, &[base.to_str().unwrap()]);
    command.envs(temporary.map(|path| ("TMPDIR", path)));
    if belongs_to_root(base) {
        give_away(base);
        command.uid(NOBODY).gid(NOBODY);
    }
    let output = command.output().unwrap();
    let told = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "{job}: {}", String::from_utf8_lossy(&told));
}

/// Lets a child do its job to the end whose files get the mode that a umask leaves them.
#[cfg(unix)]
pub(crate) fn run_with_umask(job: &str, base: &Path, umask: &str) {
    let inner = command(job, &[base.to_str().unwrap()]);
    let mut outer = Command::new("sh");
    outer
        .args(["-c", &format!("umask {umask} && exec \"$0\" \"$@\"")])
        .arg(inner.get_program())
        .args(inner.get_args());
    outer.envs(inner.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let output = outer.stdin(Stdio::null()).output().unwrap();
    let told = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "{job}: {}", String::from_utf8_lossy(&told));
}

/// Tells whether what this process makes belongs to root.
#[cfg(unix)]
fn belongs_to_root(made: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;

    std::fs::metadata(made).unwrap().uid() == 0
}

#[cfg(unix)]
fn give_away(path: &Path) {
    std::os::unix::fs::chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
    if path.is_dir() {
        for entry in std::fs::read_dir(path).unwrap() {
            give_away(&entry.unwrap().path());
        }
    }
}

impl Child {
    /// Waits for the next thing that the child says; `None` once it has ended.
    pub(crate) fn hear(&mut self) -> Option<String> {
        let mut line = String::new();
        loop {
            line.clear();
            if self.lines.read_line(&mut line).unwrap() == 0 {
                return None;
            }
            // A line that a kill has cut was not said.
            if let Some(said) = line.strip_suffix('\n').and_then(|line| line.strip_prefix(MARK)) {
                return Some(said.to_owned());
            }
        }
    }

    /// Waits until the child says `word`.
    pub(crate) fn wait_for(&mut self, word: &str) {
        while self.hear().unwrap_or_else(|| panic!("ended before {word}: {}", self.complaint())) != word {}
    }

    /// Kills the child at once (`SIGKILL`), and answers what else it had said.
    pub(crate) fn kill(mut self) -> Vec<String> {
        self.process.kill().unwrap();
        let rest = std::iter::from_fn(|| self.hear()).collect();
        let status = self.process.wait().unwrap();
        // A kill leaves no exit code. One that has ended by itself by now must have done so in peace.
        assert!(status.code().is_none_or(|code| code == 0), "the child failed: {}", self.complaint());
        rest
    }

    /// Waits for the end of a child that must succeed, and answers what else it had said.
    pub(crate) fn finish(mut self) -> Vec<String> {
        let rest = std::iter::from_fn(|| self.hear()).collect();
        let status = self.process.wait().unwrap();
        assert!(status.success(), "{status}: {}", self.complaint());
        rest
    }

    fn complaint(&mut self) -> String {
        let mut told = String::new();
        if let Some(stderr) = self.process.stderr.as_mut() {
            stderr.read_to_string(&mut told).unwrap();
        }
        told
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// Tells whether the parent has enough of what a child does for ever. It says so by a file: children listen to nothing else.
pub(crate) fn is_over(base: &Path) -> bool {
    over(base).exists()
}

/// Lets children end that go on until the parent has enough.
pub(crate) fn let_end(base: &Path) {
    std::fs::write(over(base), "").unwrap();
}

fn over(base: &Path) -> std::path::PathBuf {
    base.with_extension("over")
}

/// Says something to the parent, in one write: it is said wholly or not at all.
pub(crate) fn say(word: &str) {
    let mut out = std::io::stdout().lock();
    // The test runner may be in the middle of a line of its own.
    out.write_all(format!("\n{MARK}{word}\n").as_bytes()).unwrap();
    out.flush().unwrap();
}

/// Does what the parent wants; without one, there is nothing to do.
#[test]
fn does_its_job() {
    let Some(job) = std::env::var_os(JOB) else { return };
    let job = job.into_string().unwrap();
    let words: Vec<&str> = job.split('\t').collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        match words.as_slice() {
            ["save and be killed", base, rest @ ..] => kill::save(Path::new(base), rest).await,
            ["overwrite one", base, number] => neighbours::overwrite(Path::new(base), number).await,
            ["delete one", base] => neighbours::delete(Path::new(base)).await,
            ["read one", base] => neighbours::read(Path::new(base)).await,
            ["save many", base, number, count] => crowd::save(Path::new(base), number, count).await,
            ["query all the time", base] => crowd::query(Path::new(base)).await,
            ["maintain all the time", base] => crowd::maintain(Path::new(base)).await,
            ["save plainly", base] => index_damage::save(Path::new(base)).await,
            #[cfg(target_os = "linux")]
            ["fill the disk", base] => full_disk::fill_and_wait(Path::new(base)).await,
            #[cfg(unix)]
            ["share a folder", base] => folders::share(Path::new(base)).await,
            #[cfg(unix)]
            [story, base] => permissions::child(story, Path::new(base)).await,
            other => panic!("no such job: {other:?}"),
        }
    });
}
