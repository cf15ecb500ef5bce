//! The command line: that of a person, and that of the processes which the program starts.

use std::path::PathBuf;

use crate::child::Child;
use crate::plan::{Group, Plan};
use crate::truthound::Python;

/// What the program is asked to do.
pub(crate) enum Call {
    /// To measure.
    Measure(Args),
    /// To be one of the processes that are measured.
    Child(Child),
    /// To show that it runs: it was called by a test runner, and measurements are no tests.
    Nothing,
}

/// What is measured, and where.
pub(crate) struct Args {
    pub(crate) plan: Plan,
    /// Where the run makes a folder of its own.
    pub(crate) folder: PathBuf,
    /// What Truthound is run with.
    pub(crate) python: Python,
    only: Vec<Group>,
}

impl Args {
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
        let (mut quick, mut documents, mut only) = (false, None, Vec::new());
        let mut folder = std::env::temp_dir();
        let mut python = Python::Missing("no Python was given".to_owned());
        let mut words = words.into_iter().filter(|word| word != "--bench");
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or_else(|| format!("{word} needs a value"));
            match word.as_str() {
                "--quick" => quick = true,
                "--folder" => folder = value()?.into(),
                "--python" => python = Python::At(value()?.into()),
                "--no-python" => python = Python::Missing(value()?),
                "--documents" => {
                    let number = value()?;
                    documents =
                        Some(number.parse::<u64>().map_err(|e| format!("--documents {number:?}: {e}"))?);
                }
                "--only" => only.extend(groups(&value()?)?),
                _ => return Err(format!("what is {word:?}?")),
            }
        }
        let plan = if quick { Plan::quick() } else { Plan::full() };
        let plan = match documents {
            Some(documents) => plan.with_documents(documents),
            None => plan,
        };
        Ok(Call::Measure(Self { plan, folder, python, only }))
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
