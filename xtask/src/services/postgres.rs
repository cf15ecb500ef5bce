//! A private PostgreSQL.

use std::path::Path;
use std::process::Command;

use super::account::{self, Account};
use super::place::{Place, write_private};
use super::programs;
use super::recipe::Recipe;
use super::server::run_to_end;
use super::service::Care;
use crate::run;

/// What it is asked to be: roomy enough for several programs with pools at once.
const SETTINGS: [&str; 3] = ["listen_addresses=127.0.0.1", "shared_buffers=64MB", "max_connections=200"];

/// What makes it quick for tests, since its data is thrown away. What it acknowledged survives its own end all the same: that is what it
/// writes to the system at each commit; only the system's end it would not survive.
const QUICK: [&str; 2] = ["fsync=off", "full_page_writes=off"];

/// Makes its data.
pub(crate) fn prepare(place: &mut Place, care: Care) -> Result<Recipe, String> {
    let programs = programs::postgres()?;
    let (room, account) = place.room("postgres", &["postgres"])?;
    let version = version(&programs)?;
    initialize(&programs, &room, account.as_ref(), place.password(), &version)?;
    let port = place.port()?;
    let server = programs.join("postgres");
    let command = move || {
        let mut command = account::server(&server, account.as_ref(), &room);
        command.arg("-D").arg(room.join("data")).args(["-p", &port.to_string()]);
        command.arg("-c").arg(format!("unix_socket_directories={}", room.display()));
        for setting in SETTINGS.iter().chain(care.if_quick(&QUICK)) {
            command.args(["-c", *setting]);
        }
        command
    };
    Ok(Recipe {
        port,
        version,
        command: Box::new(command),
        probe: probe(place, port)?,
        log: place.folder().join("postgres.log"),
        // Its fast shutdown.
        signal: "INT",
    })
}

/// The address for tests of a server at this port: PostgreSQL itself, or a pool before it.
pub(crate) fn url(port: u16, password: &str) -> String {
    format!("postgres://test:{password}@127.0.0.1:{port}/postgres")
}

/// Logs in and asks for something; a pool must have reached its database for that.
pub(crate) fn probe(place: &Place, port: u16) -> Result<Box<dyn Fn() -> Command>, String> {
    let (psql, folder) = (programs::postgres()?.join("psql"), place.folder().to_path_buf());
    let (password, port) = (place.password().to_owned(), port.to_string());
    Ok(Box::new(move || {
        let mut client = account::command(&psql, None, &folder);
        client.args(["-h", "127.0.0.1", "-p", &port, "-U", "test", "-d", "postgres", "-w", "-c", "SELECT 1"]);
        client.env("PGPASSWORD", &password);
        client
    }))
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
        run_to_end(initdb, &room.join("initdb.log"))
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
