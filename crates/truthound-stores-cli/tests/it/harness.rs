//! A folder, the program in it, and documents to feed it.

mod running;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

pub(crate) use running::Running;

/// A folder to run the program in.
pub(crate) struct Place {
    folder: TempDir,
}

/// How a run of the program ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// A folder whose default store holds `documents`.
    pub(crate) fn holding(documents: &[String]) -> Self {
        let place = Self::new();
        let saved = place.run_with("save -", documents.join("\n").as_bytes());
        assert_eq!((saved.code, saved.ids().len()), (0, documents.len()), "{saved:?}");
        place
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// The program in this folder, without what the environment may say.
    pub(crate) fn command<S: AsRef<std::ffi::OsStr>>(&self, words: impl IntoIterator<Item = S>) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_truthound-stores"));
        command.args(words).current_dir(self.folder.path());
        command.env_remove("TRUTHOUND_STORE").env_remove("TRUTHOUND_STORES_CONFIG");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs the program with the words of `line`; no word may hold a space.
    pub(crate) fn run(&self, line: &str) -> Ended {
        self.run_words(line.split_whitespace())
    }

    pub(crate) fn run_words<S: AsRef<std::ffi::OsStr>>(&self, words: impl IntoIterator<Item = S>) -> Ended {
        self.command(words).output().unwrap().into()
    }

    /// Runs the program with `input` as its stdin.
    pub(crate) fn run_with(&self, line: &str, input: &[u8]) -> Ended {
        let mut child = self.command(line.split_whitespace()).stdin(Stdio::piped()).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let input = input.to_vec();
        // The program may end before it has read everything.
        let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
        let output = child.wait_with_output().unwrap();
        writer.join().unwrap();
        output.into()
    }

    /// Runs a line of shell.
    #[cfg(unix)]
    pub(crate) fn shell(&self, line: &str) -> Ended {
        let mut shell = Command::new("sh");
        shell.args(["-c", line]).current_dir(self.folder.path());
        shell.env_remove("TRUTHOUND_STORE").env_remove("TRUTHOUND_STORES_CONFIG");
        shell.output().unwrap().into()
    }

    /// Runs the program as somebody who may do with this folder what `mode` permits, and with some of its files less.
    #[cfg(unix)]
    pub(crate) fn run_permitted(&self, line: &str, mode: u32, less: &[(&str, u32)]) -> Ended {
        use std::os::unix::fs::MetadataExt;
        use std::os::unix::process::CommandExt;

        let mut command = self.command(line.split_whitespace());
        // Permissions do not keep root out.
        if std::fs::metadata(self.folder.path()).unwrap().uid() == 0 {
            command.uid(NOBODY).gid(NOBODY);
        }
        permit(self.folder.path(), mode);
        for (name, mode) in less {
            permit(&self.path(name), *mode);
        }
        let ended = command.output().unwrap().into();
        permit(self.folder.path(), 0o755);
        ended
    }

    /// Starts the program with the words of `line`, to be talked to while it runs.
    pub(crate) fn start(&self, line: &str) -> Running {
        Running::new(self.command(line.split_whitespace()).spawn().unwrap())
    }

    /// Names all files below the folder.
    pub(crate) fn files(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        collect(self.folder.path(), &mut found);
        found
    }
}

/// A user and a group without any rights.
#[cfg(unix)]
const NOBODY: u32 = 65534;

/// Sets the permissions of a folder and of all that is in it, whose files are not programs.
#[cfg(unix)]
fn permit(path: &Path, mode: u32) {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;

    // Before its entries can be looked at the folder must be open, and after that it may be closed.
    let is_folder = path.is_dir();
    if is_folder {
        fs::set_permissions(path, Permissions::from_mode(0o755)).unwrap();
        for entry in fs::read_dir(path).unwrap() {
            permit(&entry.unwrap().path(), mode);
        }
    }
    let mode = if is_folder { mode } else { mode & 0o666 };
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, found);
        } else {
            found.push(path);
        }
    }
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().expect("the program was killed by a signal"),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Ended {
    pub(crate) fn lines(&self) -> Vec<&str> {
        self.out.lines().collect()
    }

    pub(crate) fn ids(&self) -> Vec<&str> {
        self.lines()
    }

    /// Checks that the run succeeded in silence, and returns what it printed.
    #[track_caller]
    pub(crate) fn ok(self) -> String {
        assert_eq!((self.code, self.err.as_str()), (0, ""), "{self:?}");
        self.out
    }

    /// Checks the exit code, and that stderr names the culprit on a line that begins with `error: `.
    #[track_caller]
    pub(crate) fn fails(&self, code: i32, culprit: &str) {
        assert_eq!(self.code, code, "{self:?}");
        let names_it = self.err.lines().any(|line| line.starts_with("error: ") && line.contains(culprit));
        assert!(names_it, "no error names {culprit:?}: {self:?}");
        assert!(!self.err.contains("panicked"), "{self:?}");
    }
}

/// Makes a small result.
pub(crate) fn result(id: &str, asset: &str, time: &str, status: &str) -> String {
    result_with(id, asset, time, status, "")
}

/// Makes a small result with more members: `,"tags":{}`.
pub(crate) fn result_with(id: &str, asset: &str, time: &str, status: &str, more: &str) -> String {
    format!(r#"{{"run_id":"{id}","run_time":"{time}","data_asset":"{asset}","status":"{status}"{more}}}"#)
}

/// Four results of two assets, a day apart, from `a` (oldest) to `d`.
pub(crate) fn four() -> Vec<String> {
    let tag = |value: &str| format!(r#","tags":{{"environment":"{value}"}}"#);
    vec![
        result_with("a", "orders", "2026-01-01T12:00:00", "success", &tag("production")),
        result_with("b", "orders", "2026-01-02T12:00:00+00:00", "failure", &tag("production")),
        result_with("c", "people", "2026-01-03T12:00:00Z", "warning", &tag("staging")),
        result_with("d", "people", "2026-01-04T21:00:00+09:00", "failure", r#","tags":null"#),
    ]
}
