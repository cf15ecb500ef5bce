//! How a server is started, as often as it is.

use std::net::{Ipv4Addr, TcpStream};
use std::path::PathBuf;
use std::process::Command;
use std::thread;
use std::time::Duration;

use super::server::Server;
use crate::run;

/// A server whose data is there and that can be started.
pub(crate) struct Recipe {
    /// Where it listens.
    pub(crate) port: u16,
    pub(crate) version: String,
    /// The server itself.
    pub(crate) command: Box<dyn Fn() -> Command>,
    /// Succeeds if the server answers.
    pub(crate) probe: Box<dyn Fn() -> Command>,
    pub(crate) log: PathBuf,
    /// The signal on which it stops without waiting for its clients.
    pub(crate) signal: &'static str,
}

/// What a killed server leaves, such as memory that its children still hold, is gone after seconds.
const AGAIN: u32 = 40;
const PAUSE: Duration = Duration::from_millis(250);

impl Recipe {
    /// Starts the server, and waits until it answers.
    pub(crate) fn start(&self) -> Result<Server, String> {
        let mut server = Server::spawn((self.command)(), self.log.clone(), self.signal)?;
        server.wait_until(|| run::answers(&mut (self.probe)()))?;
        Ok(server)
    }

    /// Waits until nobody listens any more: a child that was just forked may hold the socket longer than the server lives.
    pub(crate) fn wait_until_gone(&self) -> Result<(), String> {
        for _ in 0..AGAIN {
            if TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).is_err() {
                return Ok(());
            }
            thread::sleep(PAUSE);
        }
        Err(format!("somebody still listens at port {}", self.port))
    }

    /// Starts a server that ran before, however it ended.
    pub(crate) fn start_again(&self) -> Result<Server, String> {
        let mut last = String::new();
        for _ in 0..AGAIN {
            match self.start() {
                Ok(server) => return Ok(server),
                Err(reason) => last = reason,
            }
            thread::sleep(PAUSE);
        }
        Err(last)
    }
}
