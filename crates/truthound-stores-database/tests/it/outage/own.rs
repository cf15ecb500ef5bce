//! A server of one's own, to be killed: started by the program that `cargo xtask test` and `cargo xtask services` name.

use std::io::{BufRead as _, BufReader, Lines, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use truthound_stores_testkit::skip;

/// Names that program.
const PROGRAM: &str = "TRUTHOUND_TEST_SERVICES";

/// A server that nobody else uses. It ends with this value.
pub(super) struct OwnServer {
    name: &'static str,
    url: String,
    keeper: Child,
    wishes: Option<ChildStdin>,
    answers: Lines<BufReader<ChildStdout>>,
}

impl OwnServer {
    /// Starts a `postgres` or a `mariadb`; `None`, and said so, where that is not possible.
    pub(super) fn start(name: &'static str) -> Option<Self> {
        let Some(program) = std::env::var_os(PROGRAM) else {
            skip(backend(name), &format!("{PROGRAM} is not set"));
            return None;
        };
        let mut keeper = Command::new(program);
        keeper.args(["services", "keep", "while-open", name]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut keeper = keeper.spawn().unwrap();
        let wishes = keeper.stdin.take();
        let mut answers = BufReader::new(keeper.stdout.take().unwrap()).lines();
        let mut url = None;
        loop {
            let answer = answers.next().unwrap().unwrap();
            let parts: Vec<&str> = answer.split('\t').collect();
            match parts.as_slice() {
                ["runs", _, _, address] => url = Some((*address).to_owned()),
                ["lacks", _, reason] => skip(backend(name), reason),
                _ => break,
            }
        }
        url.map(|url| Self { name, url, keeper, wishes, answers })
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// Ends it as a machine does that runs out of memory.
    pub(super) fn kill(&mut self) {
        self.ask("kill");
    }

    /// Starts it again, and waits until it answers.
    pub(super) fn start_again(&mut self) {
        self.ask("start");
    }

    fn ask(&mut self, wish: &str) {
        writeln!(self.wishes.as_mut().unwrap(), "{wish} {}", self.name).unwrap();
        assert_eq!(self.answers.next().unwrap().unwrap(), "done", "{wish} {}", self.name);
    }
}

impl Drop for OwnServer {
    fn drop(&mut self) {
        drop(self.wishes.take());
        // A test that has failed already has nothing more to say.
        drop(self.keeper.wait());
    }
}

fn backend(name: &str) -> &'static str {
    if name == "mariadb" { "mysql" } else { "postgres" }
}
