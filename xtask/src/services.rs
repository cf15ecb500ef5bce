//! `cargo xtask services`: real servers for tests, on free ports of the loopback, with data that nobody keeps.
//!
//! ```text
//! services run [-p CRATE]… [NAME…] -- COMMAND     starts them, runs the command with their addresses in its environment, stops them
//! services up [-p CRATE]… [NAME…]                 starts them and prints KEY=value lines, for `export $(cargo xtask services up)`
//! services down                                   stops what `up` has started
//! services install [-p CRATE]… [NAME…]            installs what lacks, and starts nothing
//! ```
//!
//! Names are `postgres`, `pgbouncer` and `mariadb`; `-p CRATE` stands for those that the crate's manifest names in
//! `[package.metadata.xtask] services`; without either, all are meant. Variables that are set already win: their servers are used where they
//! are. `--no-install` starts what is here. Decision 0015 says why it is as it is.

#[cfg(unix)]
mod account;
mod install;
#[cfg(unix)]
mod keeper;
#[cfg(unix)]
mod mariadb;
mod message;
#[cfg(unix)]
mod pgbouncer;
#[cfg(unix)]
mod place;
mod plan;
#[cfg(unix)]
mod postgres;
mod programs;
#[cfg(unix)]
mod recipe;
mod running;
#[cfg(unix)]
mod server;
mod service;
#[cfg(unix)]
mod standing;

use std::collections::BTreeSet;
use std::process::Command;

use self::plan::Plan;
pub(crate) use self::running::{Found, Running};
use self::service::Care;
pub(crate) use self::service::Service;
use crate::metadata::Metadata;
use crate::outcome::{Failure, Outcome};
use crate::run;
use crate::workspace::Workspace;
use install::Install;

/// Runs the chore.
pub(crate) fn chore(workspace: &Workspace, args: &[String]) -> Outcome {
    #[cfg(unix)]
    if let Some((verb, rest)) = args.split_first()
        && verb == "keep"
    {
        return keeper::run(rest);
    }
    let asked = Asked::parse(args, workspace.metadata())?;
    let plan = Plan::new(&asked.services, is_set);
    match asked.verb {
        Verb::Install => {
            let lacking = install::install(&plan.start, asked.may);
            complain(&Found { lacking, ..Found::default() })
        }
        Verb::Run(words) => {
            let running = running::start(&plan, asked.may, Care::Quick)?;
            let outcome = run_with(&running.found, &words);
            let Running { found, .. } = &running;
            // Said last, where it is seen.
            for (service, reason) in &found.lacking {
                eprintln!("{service} was not there: {reason}");
            }
            outcome
        }
        Verb::Up => {
            let found = up(workspace, &plan, asked.may)?;
            for (name, value) in found.variables() {
                println!("{name}={value}");
            }
            complain(&found)
        }
        Verb::Down => {
            if !down(workspace)? {
                eprintln!("nothing is up");
            }
            Ok(())
        }
    }
}

/// Starts what the tests need that these arguments for the test runner select, without asking for more rights than there are. What cannot be started
/// keeps no test from being run that does without.
pub(crate) fn for_tests(workspace: &Workspace, args: &[String]) -> Running {
    let plan = Plan::new(&plan::needed(workspace.metadata(), args), is_set);
    running::start(&plan, Install::IfRoot, Care::Quick)
        .unwrap_or_else(|reason| Running::lacking(&plan, &reason))
}

/// Starts what measurements need, as careful as servers are by themselves, without asking for more rights than there are.
pub(crate) fn for_bench(services: &[Service]) -> Result<Running, String> {
    running::start(&Plan::new(&services.iter().copied().collect(), is_set), Install::IfRoot, Care::Durable)
}

#[cfg(unix)]
use standing::{down, up};

#[cfg(not(unix))]
fn up(_: &Workspace, plan: &Plan, may: Install) -> Result<Found, String> {
    Ok(running::prepare(plan, may).0)
}

#[cfg(not(unix))]
fn down(_: &Workspace) -> Result<bool, String> {
    Ok(false)
}

fn is_set(variable: &str) -> bool {
    std::env::var_os(variable).is_some_and(|value| !value.is_empty())
}

fn complain(found: &Found) -> Outcome {
    if found.lacking.is_empty() {
        return Ok(());
    }
    let lines = found.lacking.iter().map(|(service, reason)| format!("{service}: {reason}"));
    Err(Failure::Failed(lines.collect::<Vec<_>>().join("\n")))
}

fn run_with(found: &Found, words: &[String]) -> Outcome {
    let (program, arguments) = words.split_first().ok_or_else(nothing_to_run)?;
    let mut command = Command::new(program);
    command.args(arguments).envs(found.variables());
    Ok(run::run(&mut command)?)
}

fn nothing_to_run() -> Failure {
    Failure::Usage("services run: which command? It goes after `--`".to_owned())
}

/// What the command line asks for.
#[derive(Debug, PartialEq, Eq)]
struct Asked {
    verb: Verb,
    services: BTreeSet<Service>,
    may: Install,
}

#[derive(Debug, PartialEq, Eq)]
enum Verb {
    Install,
    Run(Vec<String>),
    Up,
    Down,
}

impl Asked {
    fn parse(args: &[String], metadata: &Metadata) -> Outcome<Self> {
        let usage = |message: String| Failure::Usage(format!("services: {message}"));
        let (verb, rest) = args.split_first().ok_or_else(|| usage("install, run, up or down?".to_owned()))?;
        let end = rest.iter().position(|arg| arg == "--").unwrap_or(rest.len());
        let (rest, words) = rest.split_at(end);
        let words = words.get(1..).unwrap_or_default().to_vec();
        let verb = match verb.as_str() {
            "run" if words.is_empty() => return Err(nothing_to_run()),
            "run" => Verb::Run(words),
            other if !words.is_empty() => {
                return Err(usage(format!("only `run` takes a command, not {other:?}")));
            }
            "install" => Verb::Install,
            "up" => Verb::Up,
            "down" if !rest.is_empty() => {
                return Err(usage("down takes no argument: it stops all".to_owned()));
            }
            "down" => Verb::Down,
            other => return Err(usage(format!("what is {other:?}? It is install, run, up or down"))),
        };
        let (mut services, mut may, mut all) = (BTreeSet::new(), Install::WithSudo, true);
        let mut rest = rest.iter();
        while let Some(arg) = rest.next() {
            if arg == "--no-install" {
                may = Install::Never;
            } else if arg == "-p" || arg == "--package" {
                let name = rest.next().ok_or_else(|| usage(format!("{arg} of which crate?")))?;
                services.extend(&metadata.package(name).map_err(usage)?.services);
                all = false;
            } else {
                services.insert(Service::parse(arg).map_err(usage)?);
                all = false;
            }
        }
        if all {
            services.extend(Service::ALL);
        }
        Ok(Self { verb, services, may })
    }
}

/// The first word that begins as a version does, without what distributions add to it.
#[cfg(unix)]
fn version_in(said: &str) -> Option<String> {
    let word = said.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
    let end = word.find(|c: char| c != '.' && !c.is_ascii_digit()).unwrap_or(word.len());
    word.get(..end).map(str::to_owned)
}

#[cfg(test)]
mod tests;
