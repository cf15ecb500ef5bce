//! A server that runs: waits until it answers, and stops it.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::Duration;

use crate::run;

/// Between two looks at a server that starts or stops.
const PAUSE: Duration = Duration::from_millis(50);
/// A minute to start: machines under load took ten seconds.
const START_LOOKS: u32 = 1200;
/// Fifteen seconds to stop before it is killed.
const STOP_LOOKS: u32 = 300;

/// A server's process; it ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    log: PathBuf,
    /// The signal on which it stops at once, without waiting for its clients.
    signal: &'static str,
}

impl Server {
    /// Starts a server whose output is added to `log`.
    pub(crate) fn spawn(mut command: Command, log: PathBuf, signal: &'static str) -> Result<Self, String> {
        let shown = run::show(&command);
        let file = File::options().create(true).append(true).open(&log);
        let file = file.map_err(|e| format!("{}: {e}", log.display()))?;
        let other = file.try_clone().map_err(|e| format!("{}: {e}", log.display()))?;
        command.stdin(Stdio::null()).stdout(file).stderr(other);
        let child = command.spawn().map_err(|e| format!("`{shown}` could not be started: {e}"))?;
        Ok(Self { child, log, signal })
    }

    /// Waits until it answers; fails with the end of its log if it ends or takes too long.
    pub(crate) fn wait_until(&mut self, mut answers: impl FnMut() -> bool) -> Result<(), String> {
        for _ in 0..START_LOOKS {
            if let Some(status) = self.ended() {
                return Err(format!("ended with {status} instead of starting: {}", last_lines(&self.log)));
            }
            if answers() {
                return Ok(());
            }
            thread::sleep(PAUSE);
        }
        Err(format!("did not answer within a minute: {}", last_lines(&self.log)))
    }

    /// Ends it without giving it time for anything, as a machine does that runs out of memory.
    pub(crate) fn kill(mut self) -> Result<(), String> {
        self.child.kill().and_then(|()| self.child.wait()).map(drop).map_err(|e| e.to_string())
    }

    fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.ended().is_none() {
            // The standard library knows no other signal than the one that leaves no time to clean up.
            let pid = self.child.id().to_string();
            run::answers(Command::new("sh").args(["-c", "kill -s \"$0\" \"$1\"", self.signal, &pid]));
        }
        for _ in 0..STOP_LOOKS {
            if self.ended().is_some() {
                return;
            }
            thread::sleep(PAUSE);
        }
        // Its data is thrown away anyway. What fails here has nobody left who could do better.
        let _killed = self.child.kill().and_then(|()| self.child.wait());
    }
}

/// Runs a program that prepares a server; its output goes to `log`, and its end into the error.
pub(crate) fn run_to_end(mut command: Command, log: &Path) -> Result<(), String> {
    let shown = run::show(&command);
    let file = File::create(log).map_err(|e| format!("{}: {e}", log.display()))?;
    let other = file.try_clone().map_err(|e| format!("{}: {e}", log.display()))?;
    let status = command.stdin(Stdio::null()).stdout(file).stderr(other).status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("`{shown}` ended with {status}: {}", last_lines(log))),
        Err(e) => Err(format!("`{shown}` could not be started: {e}")),
    }
}

/// The end of a log, as one line.
fn last_lines(log: &Path) -> String {
    let text =
        std::fs::read(log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let shown = lines.get(lines.len().saturating_sub(4)..).unwrap_or(&[]);
    if shown.is_empty() { "it said nothing".to_owned() } else { shown.join(" | ") }
}
