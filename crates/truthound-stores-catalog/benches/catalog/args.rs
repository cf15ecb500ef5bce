//! The command line, and how much is measured.

use std::path::PathBuf;
use std::time::Duration;

use crate::child::Child;

/// What the program is asked to do.
pub(crate) enum Call {
    /// To measure.
    Measure(Args),
    /// To be one of the processes that are measured.
    Child(Child),
    /// To show that it runs: it was called by a test runner, and measurements are no tests.
    Nothing,
}

/// Rows that are measured together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Group {
    /// Listings of a large store.
    List,
    /// A new process's first answer.
    Cold,
    /// Folding.
    Fold,
    /// Many writers beside one.
    Writers,
}

impl Group {
    /// Every group, with the name that the command line uses.
    pub(crate) const ALL: [(&'static str, Self); 4] =
        [("list", Self::List), ("cold", Self::Cold), ("fold", Self::Fold), ("writers", Self::Writers)];
}

/// What is measured, where, and how much.
pub(crate) struct Args {
    /// Where the run makes a folder of its own.
    pub(crate) folder: PathBuf,
    /// Whether this is the quick run, whose figures are no more than a hint.
    pub(crate) quick: bool,
    /// How many documents the large store holds.
    pub(crate) documents: u64,
    /// How often two sides take turns.
    pub(crate) turns: usize,
    /// How many calls are in a turn.
    pub(crate) calls: usize,
    /// How many processes are started of each kind.
    pub(crate) processes: usize,
    /// How long a turn of writers is.
    pub(crate) slice: Duration,
    only: Vec<Group>,
}

impl Args {
    fn full() -> Self {
        Self {
            folder: std::env::temp_dir(),
            quick: false,
            documents: 1_000_000,
            turns: 30,
            calls: 50,
            processes: 40,
            slice: Duration::from_secs(5),
            only: Vec::new(),
        }
    }

    fn quick() -> Self {
        let slice = Duration::from_secs(2);
        Self { quick: true, documents: 100_000, turns: 10, processes: 15, slice, ..Self::full() }
    }

    /// Reads the command line. Cargo adds `--bench` where measuring is meant.
    pub(crate) fn read(words: impl Iterator<Item = String>) -> Result<Call, String> {
        let words: Vec<String> = words.collect();
        if let Some((first, rest)) = words.split_first()
            && first == "--child"
        {
            return Child::read(rest).map(Call::Child);
        }
        if !words.iter().any(|word| word == "--bench") {
            return Ok(Call::Nothing);
        }
        let mut args = if words.iter().any(|word| word == "--quick") { Self::quick() } else { Self::full() };
        let mut words = words.into_iter().filter(|word| word != "--bench" && word != "--quick");
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or_else(|| format!("{word} needs a value"));
            match word.as_str() {
                "--folder" => args.folder = value()?.into(),
                "--documents" => {
                    let number = value()?;
                    args.documents = number.parse().map_err(|e| format!("--documents {number:?}: {e}"))?;
                }
                "--only" => args.only.extend(groups(&value()?)?),
                _ => return Err(format!("what is {word:?}?")),
            }
        }
        Ok(Call::Measure(args))
    }

    /// Tells whether a group is to be measured.
    pub(crate) fn wants(&self, group: Group) -> bool {
        self.only.is_empty() || self.only.contains(&group)
    }
}

fn groups(list: &str) -> Result<Vec<Group>, String> {
    let find = |name: &str| {
        let found = Group::ALL.iter().find(|(known, _)| *known == name).map(|&(_, group)| group);
        found.ok_or_else(|| {
            let names: Vec<&str> = Group::ALL.iter().map(|&(name, _)| name).collect();
            format!("--only {name:?}: the groups are {}", names.join(", "))
        })
    };
    list.split(',').map(find).collect()
}
