//! The head of every program that measures: its command line, and one group of rows after the other.

use std::path::PathBuf;
use std::process::ExitCode;

use super::{Failure, Outcome, describe_machine, print_machine};

/// What a program is asked to measure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// Where the run may make a folder of its own; the machine is described by its disk.
    pub folder: PathBuf,
    /// Whether this is the quick run, whose figures are no more than a hint.
    pub quick: bool,
    /// How many documents a large store is to hold, where the command line says so.
    pub documents: Option<u64>,
    only: Vec<String>,
}

impl Ask {
    /// Tells whether a group of rows is to be measured.
    pub fn wants(&self, group: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| only == group)
    }

    /// Chooses between what the full run and the quick one take.
    pub fn either<T>(&self, full: T, quick: T) -> T {
        if self.quick { quick } else { full }
    }

    fn read(words: &[String], groups: &[&str]) -> Result<Self, String> {
        let mut ask = Self { folder: std::env::temp_dir(), quick: false, documents: None, only: Vec::new() };
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or_else(|| format!("{word} needs a value"));
            match word.as_str() {
                "--bench" => {}
                "--quick" => ask.quick = true,
                "--folder" => ask.folder = value()?.into(),
                "--documents" => {
                    let number = value()?;
                    let parsed = number.parse().map_err(|e| format!("--documents {number:?}: {e}"))?;
                    ask.documents = Some(parsed);
                }
                "--only" => {
                    for name in value()?.split(',') {
                        if !groups.contains(&name) {
                            return Err(format!("--only {name:?}: the groups are {}", groups.join(", ")));
                        }
                        ask.only.push(name.to_owned());
                    }
                }
                _ => return Err(format!("what is {word:?}?")),
            }
        }
        Ok(ask)
    }
}

/// What becomes of a command line.
#[derive(Debug, PartialEq, Eq)]
enum Call<'a> {
    Measure(Ask),
    /// To be one of the processes that are measured: what follows `--child`.
    Child(&'a [String]),
    /// To show that it runs: it was called by a test runner, and measurements are no tests.
    Nothing,
}

fn call<'a>(words: &'a [String], groups: &[&str]) -> Result<Call<'a>, String> {
    match words {
        [first, rest @ ..] if first == "--child" => Ok(Call::Child(rest)),
        // Cargo adds it where measuring is meant.
        words if words.iter().any(|word| word == "--bench") => Ask::read(words, groups).map(Call::Measure),
        _ => Ok(Call::Nothing),
    }
}

/// A program that measures.
#[derive(Clone, Copy, Debug)]
pub struct Program {
    /// What it measures, as `cargo xtask bench` calls it.
    pub name: &'static str,
    /// Its groups of rows, by the names that `--only` takes.
    pub groups: &'static [&'static str],
}

impl Program {
    /// Does what the command line says: measures, or nothing if that is not asked for. Call it from `main`.
    pub fn run(self, measure: impl FnOnce(&Ask) -> Outcome) -> ExitCode {
        self.run_with_children(measure, |words| Err(format!("no process does {words:?}").into()))
    }

    /// Does what the command line says, also as a process that the program has started of itself: `child` is given what follows `--child`.
    #[allow(clippy::print_stdout, reason = "a measurement is printed")]
    pub fn run_with_children(
        self,
        measure: impl FnOnce(&Ask) -> Outcome,
        child: impl FnOnce(&[String]) -> Outcome,
    ) -> ExitCode {
        let words: Vec<String> = std::env::args().skip(1).collect();
        let outcome = match call(&words, self.groups) {
            Ok(Call::Child(rest)) => child(rest),
            Ok(Call::Measure(ask)) => {
                print_machine(&describe_machine(&ask.folder, ask.quick));
                measure(&ask)
            }
            Ok(Call::Nothing) => {
                let name = self.name;
                println!("nothing measured: `cargo xtask bench {name}` measures, `cargo test` does not");
                Ok(())
            }
            Err(message) => Err(message.into()),
        };
        match outcome {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                say(&error.to_string());
                ExitCode::FAILURE
            }
        }
    }
}

/// Collects what could not be measured: one group that fails leaves the others, for what is measured is printed at once.
#[derive(Debug, Default)]
pub struct Groups(Vec<String>);

impl Groups {
    /// Takes what became of a group, and says at once if it could not be measured.
    pub fn add(&mut self, name: &str, outcome: Outcome) {
        if let Err(error) = outcome {
            let message = format!("{name} could not be measured: {error}");
            say(&message);
            self.0.push(message);
        }
    }

    /// Ends well if all groups did.
    ///
    /// # Errors
    /// What could not be measured.
    pub fn finish(self) -> Outcome {
        if self.0.is_empty() { Ok(()) } else { Err(Failure::from(self.0.join("; "))) }
    }
}

/// Says on stderr what the program is doing.
#[allow(clippy::print_stderr, reason = "rows stand on stdout, what is being done on stderr")]
pub fn say(text: &str) {
    eprintln!("bench: {text}");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn a_command_line_says_what_is_measured() {
        let groups = ["memory", "delete"];
        let line = words("--bench --quick --folder f --documents 7 --only delete");
        let Ok(Call::Measure(ask)) = call(&line, &groups) else { panic!("it is to be measured") };
        assert_eq!((ask.folder.to_str(), ask.documents, ask.either(1, 2)), (Some("f"), Some(7), 2));
        assert!(ask.wants("delete") && !ask.wants("memory"));
        let Ok(Call::Measure(ask)) = call(&words("--bench"), &groups).map(|call| match call {
            Call::Measure(ask) => Call::Measure(ask),
            _ => Call::Nothing,
        }) else {
            panic!("it is to be measured")
        };
        assert!(ask.wants("memory") && !ask.quick);
        assert_eq!(call(&words("--test-threads 1"), &groups), Ok(Call::Nothing));
        assert_eq!(call(&words("--child list f"), &groups), Ok(Call::Child(&words("list f"))));
    }

    #[test]
    fn what_is_not_understood_is_named() {
        let groups = ["memory", "delete"];
        for (line, says) in [
            ("--bench --only disk", "memory, delete"),
            ("--bench --documents many", "many"),
            ("--bench --folder", "needs a value"),
            ("--bench --huge", "--huge"),
        ] {
            assert!(call(&words(line), &groups).unwrap_err().contains(says), "{line}");
        }
    }

    #[test]
    fn a_group_that_fails_is_told_at_the_end() {
        let mut groups = Groups::default();
        groups.add("memory", Ok(()));
        groups.add("delete", Err("no disk".into()));
        assert_eq!(groups.finish().unwrap_err().to_string(), "delete could not be measured: no disk");
        assert!(Groups::default().finish().is_ok());
    }
}
