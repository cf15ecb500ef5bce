//! Every chore of the workspace behind one door: `cargo xtask CHORE`.
//!
//! `cargo xtask help` lists them. A chore ends with code 0 when all is well, 1 when it found something wrong, and 2 when
//! it was called wrongly.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "telling a person what it does is what this program is for"
)]

mod bench;
mod ci;
mod deny;
mod deps;
mod features;
mod lint;
mod metadata;
mod outcome;
mod roles;
mod run;
mod services;
mod test;
mod tidy;
mod workspace;

use std::process::ExitCode;

use outcome::{Failure, Outcome};
use workspace::Workspace;

/// One chore: how it is called, what it does, and the function that does it.
struct Chore {
    name: &'static str,
    usage: &'static str,
    about: &'static str,
    run: fn(&Workspace, &[String]) -> Outcome,
}

/// All chores, in the order in which `help` shows them.
const CHORES: &[Chore] = &[
    Chore {
        name: "ci",
        usage: "ci",
        about: "everything that the main branch must pass, with times and a summary",
        run: |workspace, args| none(args).and_then(|()| ci::run(workspace)),
    },
    Chore {
        name: "test",
        usage: "test [-- RUNNER-ARGS]",
        about: "everything that this machine can test; ends with the totals",
        run: test::chore,
    },
    Chore {
        name: "services",
        usage: "services run|up|install [-p CRATE]… [NAME…] [--no-install] [-- COMMAND] | services down",
        about: "real servers for tests: postgres, pgbouncer, mariadb",
        run: services::chore,
    },
    Chore {
        name: "fmt",
        usage: "fmt",
        about: "is every file formatted?",
        run: |workspace, args| none(args).and_then(|()| lint::fmt(workspace)),
    },
    Chore {
        name: "clippy",
        usage: "clippy",
        about: "clippy over every target and feature, warnings denied",
        run: |workspace, args| none(args).and_then(|()| lint::clippy(workspace)),
    },
    Chore {
        name: "docs",
        usage: "docs",
        about: "rustdoc of every crate, warnings denied",
        run: |workspace, args| none(args).and_then(|()| lint::docs(workspace)),
    },
    Chore {
        name: "tidy",
        usage: "tidy",
        about: "house rules that no compiler knows: architecture, sizes, manifests, texts",
        run: |workspace, args| none(args).and_then(|()| tidy::run(workspace)),
    },
    Chore {
        name: "deps",
        usage: "deps",
        about: "what each feature set may pull in, and who may depend on whom",
        run: |workspace, args| none(args).and_then(|()| deps::run(workspace)),
    },
    Chore {
        name: "deny",
        usage: "deny",
        about: "cargo-deny: bans, licences and sources; installs it if it is missing",
        run: |workspace, args| none(args).and_then(|()| deny::run(workspace)),
    },
    Chore {
        name: "features",
        usage: "features each|pairs|promised [--dry-run]",
        about: "compiles feature sets apart from each other, warnings denied",
        run: features::chore,
    },
    Chore {
        name: "bench",
        usage: "bench [STORE] [--quick] [--write] [--folder PATH] [--only GROUP,…] [--documents N]",
        about: "measures beside baselines; --write puts the table into docs/performance.md",
        run: bench::chore,
    },
];

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Reported) => ExitCode::from(1),
        Err(Failure::Failed(message)) => {
            eprintln!("xtask: {message}");
            ExitCode::from(1)
        }
        Err(Failure::Usage(message)) => {
            eprintln!("xtask: {message}\n\n{}", help());
            ExitCode::from(2)
        }
    }
}

fn dispatch(args: &[String]) -> Outcome {
    let Some((name, rest)) = args.split_first() else {
        return Err(Failure::Usage("which chore?".to_owned()));
    };
    if matches!(name.as_str(), "help" | "--help" | "-h") {
        println!("{}", help());
        return Ok(());
    }
    let chore = CHORES
        .iter()
        .find(|chore| chore.name == name)
        .ok_or_else(|| Failure::Usage(format!("there is no chore named {name:?}")))?;
    (chore.run)(&Workspace::find()?, rest)
}

/// Refuses arguments where a chore takes none: ignoring a misspelt option would hide it.
fn none(args: &[String]) -> Outcome {
    match args.first() {
        None => Ok(()),
        Some(extra) => Err(Failure::Usage(format!("this chore takes no argument, but got {extra:?}"))),
    }
}

fn help() -> String {
    let mut text = String::from("usage: cargo xtask CHORE\n\nchores:");
    for chore in CHORES {
        text.push_str("\n  ");
        text.push_str(chore.usage);
        text.push_str("\n      ");
        text.push_str(chore.about);
    }
    text
}

#[cfg(test)]
mod tests;
