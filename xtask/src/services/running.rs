//! Servers for as long as this program wants them.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use super::install::{self, Install};
use super::message::Message;
use super::plan::Plan;
use super::service::{Care, Service};

/// Servers that run, and those that do not. They stop when this is dropped, or when this process ends in whatever way.
#[derive(Debug, Default)]
pub(crate) struct Running {
    pub(crate) found: Found,
    _keeper: Option<Keeper>,
}

impl Running {
    /// Nothing runs of what the plan names, all for one reason.
    pub(crate) fn lacking(plan: &Plan, reason: &str) -> Self {
        let lacking = plan.start.iter().map(|&service| (service, reason.to_owned())).collect();
        Self { found: Found { lacking, program: None, ..Found::new(plan) }, _keeper: None }
    }
}

/// What there is for tests.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    /// What started, with its version and the variable and value by which tests learn of it.
    pub(crate) started: Vec<(Service, String, String)>,
    /// What a variable named already.
    pub(crate) given: Vec<Service>,
    /// What cannot be had here, and why.
    pub(crate) lacking: Vec<(Service, String)>,
    /// The program by which tests get servers of their own, to be killed.
    pub(crate) program: Option<String>,
}

/// Names that program to tests: they call it with `services keep while-open NAME…`.
const PROGRAM: &str = "TRUTHOUND_TEST_SERVICES";

impl Found {
    /// Begins with what is known before anything was started.
    pub(crate) fn new(plan: &Plan) -> Self {
        let wants_any = cfg!(unix) && *plan != Plan::default();
        let program = std::env::current_exe().ok().filter(|_| wants_any);
        let program = program.map(|program| program.to_string_lossy().into_owned());
        Self { given: plan.given.clone(), program, ..Self::default() }
    }

    /// The environment variables to be set.
    pub(crate) fn variables(&self) -> impl Iterator<Item = (&str, &str)> {
        let started = self.started.iter().map(|(service, _, url)| (service.variable(), url.as_str()));
        started.chain(self.program.as_deref().map(|program| (PROGRAM, program)))
    }

    /// Adds a message of the keeper; tells whether it was the last one.
    pub(crate) fn add(&mut self, message: Message, plan: &Plan) -> bool {
        match message {
            Message::Runs { service, version, url } if plan.announces(service) => {
                self.started.push((service, version, url));
            }
            Message::Lacks { service, reason } => self.lacking.push((service, reason)),
            Message::Runs { .. } | Message::Done | Message::Failed { .. } => {}
            Message::End => return true,
        }
        false
    }

    /// One line that says where each server is; none, if none was wanted.
    pub(crate) fn summary(&self) -> Option<String> {
        let started = self.started.iter().map(|(service, version, _)| format!("{service} {version}"));
        let given = self.given.iter().map(|service| format!("{service} as {} says", service.variable()));
        let here: Vec<String> = started.chain(given).collect();
        let lacking: Vec<String> =
            self.lacking.iter().map(|(service, reason)| format!("{service}: {reason}")).collect();
        if here.is_empty() && lacking.is_empty() {
            return None;
        }
        let here = if here.is_empty() { "none".to_owned() } else { here.join(", ") };
        let count = lacking.len();
        let reasons = if count == 0 { String::new() } else { format!(" ({})", lacking.join("; ")) };
        Some(format!("servers: {here}; lacking: {count}{reasons}"))
    }
}

/// Installs what may be installed and starts what the plan names.
pub(crate) fn start(plan: &Plan, may: Install, care: Care) -> Result<Running, String> {
    let (mut found, services) = prepare(plan, may);
    if services.is_empty() {
        return Ok(Running { found, _keeper: None });
    }
    let mut keeper = Keeper::spawn(&services, care)?;
    keeper.read(plan, &mut found)?;
    Ok(Running { found, _keeper: Some(keeper) })
}

/// Installs what may be installed; gives the servers that can be started.
pub(crate) fn prepare(plan: &Plan, may: Install) -> (Found, Vec<Service>) {
    let lacking = if cfg!(unix) {
        install::install(&plan.start, may)
    } else {
        let reason = "servers for tests are started on Unix only; set its variable to one that runs";
        plan.start.iter().map(|&service| (service, reason.to_owned())).collect()
    };
    let lacks = |wanted: Service| lacking.iter().any(|&(service, _)| service == wanted);
    let services = plan.start.iter().copied().filter(|&service| !lacks(service)).collect();
    (Found { lacking, ..Found::new(plan) }, services)
}

/// The process that starts and stops the servers; see the module `keeper`.
#[derive(Debug)]
struct Keeper {
    child: Child,
}

impl Keeper {
    fn spawn(services: &[Service], care: Care) -> Result<Self, String> {
        let how: Vec<&str> = ["while-open"].into_iter().chain(care.word()).collect();
        let mut command = command(&how, services)?;
        let child = command.stdin(Stdio::piped()).spawn();
        Ok(Self { child: child.map_err(|e| format!("the keeper of servers could not be started: {e}"))? })
    }

    fn read(&mut self, plan: &Plan, found: &mut Found) -> Result<(), String> {
        read(&mut self.child, plan, found)
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        // Closes its stdin, on which it stops the servers, and waits until they have stopped.
        drop(self.child.stdin.take());
        if let Err(e) = self.child.wait() {
            eprintln!("xtask: the keeper of servers cannot be waited for: {e}");
        }
    }
}

/// The command that starts a keeper of these servers, whose messages come through a pipe.
pub(crate) fn command(how: &[&str], services: &[Service]) -> Result<Command, String> {
    let program = std::env::current_exe().map_err(|e| format!("where is this program? {e}"))?;
    let mut command = Command::new(program);
    command.args(["services", "keep"]).args(how).args(services.iter().map(|service| service.name()));
    command.stdout(Stdio::piped());
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt as _;
        // Ctrl-C goes to all processes of a group: this one must live to clean up.
        command.process_group(0);
    }
    Ok(command)
}

/// Reads what a keeper has to say, to its last message.
pub(crate) fn read(keeper: &mut Child, plan: &Plan, found: &mut Found) -> Result<(), String> {
    let stdout = keeper.stdout.take().ok_or("the keeper of servers has no stdout")?;
    for line in BufReader::new(stdout).lines() {
        let line = line.map_err(|e| format!("the keeper of servers cannot be heard: {e}"))?;
        if found.add(Message::parse(&line)?, plan) {
            return Ok(());
        }
    }
    Err("the keeper of servers ended before it had started them".to_owned())
}

#[cfg(test)]
mod tests;
