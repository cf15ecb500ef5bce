//! Runs other programs: shows what is run, and turns a bad end into a sentence.

use std::io::{BufRead as _, BufReader, ErrorKind};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Runs a command with its output on this terminal; anything but exit code 0 is an error.
pub(crate) fn run(command: &mut Command) -> Result<(), String> {
    let shown = show(command);
    println!("$ {shown}");
    let status = command.status().map_err(|e| cannot_start(&shown, &e))?;
    if status.success() { Ok(()) } else { Err(format!("`{shown}` ended with {status}")) }
}

/// Runs a command quietly and gives what it wrote to stdout.
pub(crate) fn capture(command: &mut Command) -> Result<String, String> {
    let shown = show(command);
    let output = command.stderr(Stdio::piped()).output().map_err(|e| cannot_start(&shown, &e))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(format!("`{shown}` ended with {}:\n{}", output.status, said.trim_end()))
}

/// Runs a command, shows stdout and stderr in the order in which they were written, and hands over each line.
///
/// Tells whether the command ended with exit code 0.
pub(crate) fn stream(mut command: Command, mut line: impl FnMut(&str)) -> Result<bool, String> {
    let shown = show(&command);
    println!("$ {shown}");
    let cannot = |e| cannot_start(&shown, &e);
    let (reader, writer) = std::io::pipe().map_err(cannot)?;
    command.stdout(writer.try_clone().map_err(cannot)?).stderr(writer);
    let mut child = command.spawn().map_err(cannot)?;
    // The command keeps our copies of the pipe's writing end: with them open, reading would never end.
    drop(command);
    let mut reader = BufReader::new(reader);
    let mut bytes = Vec::new();
    while reader.read_until(b'\n', &mut bytes).map_err(|e| format!("`{shown}`: {e}"))? > 0 {
        let text = String::from_utf8_lossy(&bytes);
        let text = text.trim_end_matches(['\n', '\r']);
        println!("{text}");
        line(text);
        bytes.clear();
    }
    let status = child.wait().map_err(|e| format!("`{shown}`: {e}"))?;
    Ok(status.success())
}

/// Tells whether a program is there and answers to these arguments.
pub(crate) fn answers(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Runs `work` and measures how long it took.
#[expect(clippy::disallowed_methods, reason = "chores report real time; no store or test depends on it")]
pub(crate) fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let done = work();
    (done, start.elapsed())
}

/// Writes a command as one would type it.
pub(crate) fn show(command: &Command) -> String {
    let mut text = command.get_program().to_string_lossy().into_owned();
    for arg in command.get_args() {
        let arg = arg.to_string_lossy();
        text.push(' ');
        if arg.is_empty() || arg.contains(|c: char| c.is_whitespace() || "'\"()|&*".contains(c)) {
            text.push_str(&quoted(&arg));
        } else {
            text.push_str(&arg);
        }
    }
    text
}

fn quoted(arg: &str) -> String {
    format!("{arg:?}")
}

fn cannot_start(shown: &str, e: &std::io::Error) -> String {
    if e.kind() == ErrorKind::NotFound {
        format!("`{shown}`: the program is not installed or not on PATH")
    } else {
        format!("`{shown}` could not be started: {e}")
    }
}

#[cfg(test)]
mod tests;
