//! The process that starts servers and stops them again, whatever becomes of the program that wanted them.
//!
//! It is this program, called again in a process group of its own, so that Ctrl-C does not reach it. It stops its servers when its stdin
//! ends, and that happens with every end of the program that holds the other side: a good one, a failure, Ctrl-C, a kill.
//!
//! Tests of outages call it themselves, by the variable `TRUTHOUND_TEST_SERVICES`, for servers of their own: what they write to its stdin
//! kills them and starts them again ([`Wish`]).

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;

use super::message::{Message, Wish};
use super::place::Place;
use super::recipe::Recipe;
use super::server::Server;
use super::service::{Care, Service};
use super::{mariadb, pgbouncer, postgres};
use crate::outcome::{Failure, Outcome};

/// Until its stdin ends.
pub(crate) const WHILE_OPEN: &str = "while-open";
/// Until somebody says [`DOWN`] at the socket that the file names which follows.
pub(crate) const UNTIL_DOWN: &str = "until-down";
/// Asks for what the keeper said first.
pub(crate) const TELL: &str = "tell";
/// Asks to stop the servers; the connection ends when that is done.
pub(crate) const DOWN: &str = "down";

/// How often a server is tried: somebody may take its port before it does.
const ATTEMPTS: u32 = 3;

/// Keeps servers: the arguments are how long, and which.
pub(crate) fn run(args: &[String]) -> Outcome {
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args.as_slice() {
        [WHILE_OPEN, names @ ..] => {
            let mut kept = Kept::new(names)?;
            // A reader that is gone is noticed below. An error of stdin ends it as well as the end.
            let mut has_reader = kept.start(say).is_ok();
            let mut wishes = std::io::stdin().lines().map_while(Result::ok);
            while has_reader && let Some(wish) = wishes.next() {
                let done = Wish::parse(&wish).and_then(|wish| kept.fulfil(wish));
                let answer = done.map_or_else(|reason| Message::Failed { reason }, |()| Message::Done);
                has_reader = say(&answer).is_ok();
            }
            Ok(())
        }
        [UNTIL_DOWN, file, names @ ..] => Ok(until_down(Path::new(file), Kept::new(names)?)?),
        _ => Err(Failure::Usage("`services keep` is called by this program only".to_owned())),
    }
}

fn until_down(file: &Path, mut kept: Kept) -> Result<(), String> {
    let socket = kept.place.folder().join("control");
    let listener = UnixListener::bind(&socket).map_err(|e| format!("{}: {e}", socket.display()))?;
    let mut said = Vec::new();
    kept.start(|message| {
        said.push(message.line());
        // Said last, when the file stands: whoever reads it may use the socket.
        if *message == Message::End {
            std::fs::write(file, socket.as_os_str().as_encoded_bytes())?;
        }
        say(message)
    })
    .map_err(|e| format!("{}: {e}", file.display()))?;
    for stream in listener.incoming() {
        let Ok(mut stream) = stream else { continue };
        match asked(&stream).as_deref() {
            Some(DOWN) => {
                drop(kept);
                // Gone already if somebody cleaned the target folder.
                let _removed = std::fs::remove_file(file);
                return Ok(());
            }
            Some(TELL) => {
                // Who asked and went away gets no answer.
                let _told = stream.write_all((said.join("\n") + "\n").as_bytes());
            }
            _ => {}
        }
    }
    Ok(())
}

fn asked(stream: &UnixStream) -> Option<String> {
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line).ok()?;
    Some(line.trim_end().to_owned())
}

/// A line on stdout. Unlike `println`, it does not panic when nobody reads any more.
fn say(message: &Message) -> std::io::Result<()> {
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "{}", message.line()).and_then(|()| stdout.flush())
}

/// Servers and the place where they live. Fields are dropped in this order: servers stop before their folder goes.
struct Kept {
    servers: Vec<Standing>,
    place: Place,
    services: Vec<Service>,
    care: Care,
}

/// A server that can be started, and runs unless it was ended.
struct Standing {
    service: Service,
    recipe: Recipe,
    server: Option<Server>,
}

impl Kept {
    fn new(names: &[&str]) -> Result<Self, String> {
        let (care, names) = Care::split(names);
        let services = names.iter().map(|name| Service::parse(name)).collect::<Result<_, _>>()?;
        Ok(Self { servers: Vec::new(), place: Place::make()?, services, care })
    }

    /// Starts all, and says of each what became of it; stops early if nobody listens.
    fn start(&mut self, mut say: impl FnMut(&Message) -> std::io::Result<()>) -> std::io::Result<()> {
        let mut database = None;
        for service in self.services.clone() {
            let message = match self.start_one(service, database) {
                Ok(Standing { recipe: Recipe { port, version, .. }, .. }) => {
                    let (port, version) = (*port, version.clone());
                    if service == Service::Postgres {
                        database = Some(port);
                    }
                    let url = match service {
                        Service::Postgres | Service::Pgbouncer => postgres::url(port, self.place.password()),
                        Service::Mariadb => mariadb::url(port, self.place.password()),
                    };
                    Message::Runs { service, version, url }
                }
                Err(reason) => Message::Lacks { service, reason },
            };
            say(&message)?;
        }
        say(&Message::End)
    }

    fn start_one(&mut self, service: Service, database: Option<u16>) -> Result<&Standing, String> {
        let mut last = String::new();
        for _ in 0..ATTEMPTS {
            let recipe = match service {
                Service::Postgres => postgres::prepare(&mut self.place, self.care),
                Service::Mariadb => mariadb::prepare(&mut self.place, self.care),
                Service::Pgbouncer => database
                    .ok_or_else(|| "the PostgreSQL that it stands before did not start".to_owned())
                    .and_then(|database| pgbouncer::prepare(&mut self.place, database)),
            };
            match recipe.and_then(|recipe| Ok((recipe.start()?, recipe))) {
                Ok((server, recipe)) => {
                    self.servers.push(Standing { service, recipe, server: Some(server) });
                    return self.servers.last().ok_or(last);
                }
                Err(reason) => last = reason,
            }
        }
        Err(last)
    }

    fn fulfil(&mut self, wish: Wish) -> Result<(), String> {
        let (Wish::Kill(service) | Wish::Stop(service) | Wish::Start(service)) = wish;
        let standing = self.servers.iter_mut().find(|standing| standing.service == service);
        let standing = standing.ok_or_else(|| format!("{service} was not started here"))?;
        match (wish, standing.server.take()) {
            (Wish::Kill(_), Some(server)) => {
                server.kill()?;
                standing.recipe.wait_until_gone()
            }
            (Wish::Stop(_), Some(server)) => {
                drop(server);
                standing.recipe.wait_until_gone()
            }
            (Wish::Start(_), None) => {
                standing.server = Some(standing.recipe.start_again()?);
                Ok(())
            }
            (Wish::Start(_), Some(server)) => {
                standing.server = Some(server);
                Err(format!("{service} runs already"))
            }
            (_, None) => Err(format!("{service} does not run")),
        }
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        // The last one first: a pool before its database.
        while self.servers.pop().is_some() {}
    }
}
