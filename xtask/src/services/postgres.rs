//! A private PostgreSQL.

use std::path::Path;
use std::process::Command;

use super::account::{self, Account};
use super::place::{Place, write_private};
use super::programs;
use super::server::{Server, prepare};
use crate::run;

/// What it is asked to be: quick, since its data is thrown away, and roomy enough for several programs with pools at once.
const SETTINGS: [&str; 6] = [
    "listen_addresses=127.0.0.1",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "shared_buffers=64MB",
    "max_connections=200",
];

/// Starts it; gives its port and the version, too.
pub(crate) fn start(place: &mut Place) -> Result<(Server, u16, String), String> {
    let programs = programs::postgres()?;
    let (room, account) = place.room("postgres", &["postgres"])?;
    let version = version(&programs)?;
    initialize(&programs, &room, account.as_ref(), place.password(), &version)?;
    let port = place.port()?;
    let mut command = account::command(&programs.join("postgres"), account.as_ref(), &room);
    command.arg("-D").arg(room.join("data")).args(["-p", &port.to_string()]);
    command.arg("-c").arg(format!("unix_socket_directories={}", room.display()));
    for setting in SETTINGS {
        command.args(["-c", setting]);
    }
    // SIGINT is its fast shutdown.
    let mut server = Server::spawn(command, place.folder().join("postgres.log"), "INT")?;
    server.wait_until(|| answers(port, place.password(), place.folder()))?;
    Ok((server, port, version))
}

/// The address for tests of a server at this port: PostgreSQL itself, or a pool before it.
pub(crate) fn url(port: u16, password: &str) -> String {
    format!("postgres://test:{password}@127.0.0.1:{port}/postgres")
}

/// Logs in and asks for something; a pool must have reached its database for that.
pub(crate) fn answers(port: u16, password: &str, folder: &Path) -> bool {
    let Ok(programs) = programs::postgres() else { return false };
    let mut psql = account::command(&programs.join("psql"), None, folder);
    psql.args([
        "-h",
        "127.0.0.1",
        "-p",
        &port.to_string(),
        "-U",
        "test",
        "-d",
        "postgres",
        "-w",
        "-c",
        "SELECT 1",
    ]);
    run::answers(psql.env("PGPASSWORD", password))
}

fn version(programs: &Path) -> Result<String, String> {
    let said = run::capture(Command::new(programs.join("postgres")).arg("--version"))?;
    super::version_in(&said).ok_or_else(|| format!("{said:?} names no version"))
}

fn initialize(
    programs: &Path,
    room: &Path,
    account: Option<&Account>,
    password: &str,
    version: &str,
) -> Result<(), String> {
    let secret = room.join("password");
    write_private(&secret, password, account)?;
    let initdb = |locale: &[&str]| {
        let mut initdb = account::command(&programs.join("initdb"), account, room);
        initdb.arg("-D").arg(room.join("data")).arg("--pwfile").arg(&secret);
        initdb.args(["-U", "test", "-A", "scram-sha-256", "-E", "UTF8", "-N"]).args(locale);
        prepare(initdb, &room.join("initdb.log"))
    };
    if linguistic(version) && initdb(&LINGUISTIC).is_ok() {
        return Ok(());
    }
    initdb(&["--locale=C"])
}

/// The order of most databases in use is that of a language, in which `a` stands before `B`: code that leaves the order of keys to the
/// database's default shall fail here, and not there.
const LINGUISTIC: [&str; 3] = ["--locale=C", "--locale-provider=icu", "--icu-locale=en-US"];

/// Tells whether this version can have such an order whatever the system has installed: 15 and later, unless they were built without ICU.
fn linguistic(version: &str) -> bool {
    version.split('.').next().and_then(|major| major.parse::<u32>().ok()).is_some_and(|major| major >= 15)
}
