//! A program that runs until it is told to stop, read line by line.

use std::io::{BufRead, BufReader, Lines};
use std::process::{Child, ChildStderr, ChildStdout};

use super::Ended;

/// A running program.
pub(crate) struct Running {
    child: Child,
    out: Option<Lines<BufReader<ChildStdout>>>,
    err: Lines<BufReader<ChildStderr>>,
}

impl Running {
    pub(super) fn new(mut child: Child) -> Self {
        let out = BufReader::new(child.stdout.take().unwrap()).lines();
        let err = BufReader::new(child.stderr.take().unwrap()).lines();
        Self { child, out: Some(out), err }
    }

    /// Waits for the next line of stdout.
    pub(crate) fn line(&mut self) -> String {
        self.out.as_mut().unwrap().next().expect("stdout ended").unwrap()
    }

    /// Waits for the next line of stdout, and reads it as JSON.
    pub(crate) fn json(&mut self) -> serde_json::Value {
        serde_json::from_str(&self.line()).unwrap()
    }

    /// Waits for the next line of stderr.
    pub(crate) fn err_line(&mut self) -> String {
        self.err.next().expect("stderr ended").unwrap()
    }

    /// Goes away as the reader of stdout.
    pub(crate) fn stop_reading(&mut self) {
        self.out = None;
    }

    /// Presses Ctrl-C.
    #[cfg(unix)]
    pub(crate) fn interrupt(&self) {
        let sent = std::process::Command::new("kill").args(["-INT", &self.child.id().to_string()]).status();
        assert!(sent.unwrap().success());
    }

    /// Waits for the end; what was not read yet is in the answer.
    pub(crate) fn end(mut self) -> Ended {
        let rest = |lines: &mut dyn Iterator<Item = std::io::Result<String>>| -> String {
            lines.map(|line| line.unwrap() + "\n").collect()
        };
        let out = self.out.as_mut().map(|lines| rest(lines)).unwrap_or_default();
        let err = rest(&mut self.err);
        let code = self.child.wait().unwrap().code().expect("the program was killed by a signal");
        Ended { code, out, err }
    }
}

/// A test that fails must not leave a program behind that nobody stops.
impl Drop for Running {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
