//! The command line, and how much is measured.

use std::path::PathBuf;

/// What the program is asked to do.
pub(crate) enum Call {
    /// To measure.
    Measure(Args),
    /// To show that it runs: it was called by a test runner, and measurements are no tests.
    Nothing,
}

/// Rows that are measured together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Group {
    /// Documents one by one.
    Save,
    /// Documents by the thousand.
    Batch,
    /// Listings of a large table.
    List,
}

impl Group {
    const ALL: [(&'static str, Self); 3] =
        [("save", Self::Save), ("batch", Self::Batch), ("list", Self::List)];
}

/// What is measured, where, and how much.
pub(crate) struct Args {
    /// Where the run makes a folder of its own, for the files of `SQLite`.
    pub(crate) folder: PathBuf,
    /// Whether this is the quick run, whose figures are no more than a hint.
    pub(crate) quick: bool,
    /// How many documents the large table holds.
    pub(crate) documents: u64,
    /// How often the sides take turns.
    pub(crate) turns: usize,
    /// How many documents a turn saves one by one.
    pub(crate) saves: u64,
    /// How many batches a turn writes.
    pub(crate) batches: u64,
    /// How many listings are in a turn.
    pub(crate) calls: usize,
    only: Vec<Group>,
}

impl Args {
    fn full() -> Self {
        Self {
            folder: std::env::temp_dir(),
            quick: false,
            documents: 1_000_000,
            turns: 30,
            saves: 200,
            batches: 3,
            calls: 50,
            only: Vec::new(),
        }
    }

    fn quick() -> Self {
        Self { quick: true, documents: 50_000, turns: 7, saves: 50, batches: 1, calls: 20, ..Self::full() }
    }

    /// Reads the command line. Cargo adds `--bench` where measuring is meant.
    pub(crate) fn read(words: impl Iterator<Item = String>) -> Result<Call, String> {
        let words: Vec<String> = words.collect();
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
