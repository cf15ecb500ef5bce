//! `up` and `down`: servers that stay when this program ends.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use super::install::Install;
use super::keeper::{DOWN, TELL, UNTIL_DOWN};
use super::message::Message;
use super::plan::Plan;
use super::running::{self, Found};
use super::service::Service;
use crate::workspace::Workspace;

/// Starts servers, or finds those that are up.
pub(crate) fn up(workspace: &Workspace, plan: &Plan, may: Install) -> Result<Found, String> {
    let state = State::of(workspace)?;
    if let Some(stream) = state.keeper() {
        return found_up(stream, plan);
    }
    let (mut found, services) = running::prepare(plan, may);
    if services.is_empty() {
        return Ok(found);
    }
    let mut command = running::command(&[UNTIL_DOWN, &state.file.to_string_lossy()], &services)?;
    // Nothing of this terminal: whoever reads what `up` says would wait for the end of the servers.
    command.stdin(Stdio::null()).stderr(Stdio::null());
    let mut keeper =
        command.spawn().map_err(|e| format!("the keeper of servers could not be started: {e}"))?;
    running::read(&mut keeper, plan, &mut found)?;
    Ok(found)
}

/// Stops the servers that are up; tells whether there were any.
pub(crate) fn down(workspace: &Workspace) -> Result<bool, String> {
    let state = State::of(workspace)?;
    let Some(mut stream) = state.keeper() else { return Ok(false) };
    let trouble = |e: std::io::Error| format!("the keeper of servers: {e}");
    stream.write_all(format!("{DOWN}\n").as_bytes()).map_err(trouble)?;
    // The keeper closes it when all have stopped.
    stream.read_to_end(&mut Vec::new()).map_err(trouble)?;
    Ok(true)
}

fn found_up(mut stream: UnixStream, plan: &Plan) -> Result<Found, String> {
    let trouble = |e: std::io::Error| format!("the keeper of servers: {e}");
    stream.write_all(format!("{TELL}\n").as_bytes()).map_err(trouble)?;
    let mut found = Found::new(plan);
    let mut known: Vec<Service> = Vec::new();
    for line in BufReader::new(stream).lines() {
        let message = Message::parse(&line.map_err(trouble)?)?;
        if let Message::Runs { service, .. } | Message::Lacks { service, .. } = &message {
            known.push(*service);
        }
        if found.add(message, plan) {
            break;
        }
    }
    for &service in plan.start.iter().filter(|service| !known.contains(service)) {
        found
            .lacking
            .push((service, "others are up without it; `cargo xtask services down` first".to_owned()));
    }
    Ok(found)
}

/// Where the keeper of `up` is remembered. One program at a time looks at it.
struct State {
    file: PathBuf,
    _turn: File,
}

impl State {
    fn of(workspace: &Workspace) -> Result<Self, String> {
        let folder = workspace.target("services");
        let trouble = |e: std::io::Error| format!("{}: {e}", folder.display());
        std::fs::create_dir_all(&folder).map_err(trouble)?;
        let turn = File::create(folder.join("lock")).map_err(trouble)?;
        turn.lock().map_err(trouble)?;
        Ok(Self { file: folder.join("up"), _turn: turn })
    }

    /// The keeper, if it is there; of one that was killed, the file may have stayed.
    fn keeper(&self) -> Option<UnixStream> {
        let socket = std::fs::read_to_string(&self.file).ok()?;
        UnixStream::connect(Path::new(&socket)).ok()
    }
}
