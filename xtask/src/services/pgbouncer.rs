//! A private PgBouncer in transaction mode: the pool that breaks what relies on a connection's state.

use std::process::Command;

use super::place::{Place, write_private};
use super::server::Server;
use super::{account, postgres, programs};
use crate::run;

/// Starts it before the PostgreSQL at this port; gives its own port and the version, too.
pub(crate) fn start(place: &mut Place, database: u16) -> Result<(Server, u16, String), String> {
    let program = programs::pgbouncer()?;
    let (room, account) = place.room("pgbouncer", &["postgres", "pgbouncer"])?;
    let said = run::capture(Command::new(&program).arg("--version"))?;
    let version = super::version_in(&said).ok_or_else(|| format!("{said:?} names no version"))?;
    let port = place.port()?;
    let users = room.join("users");
    write_private(&users, &format!("\"test\" \"{}\"\n", place.password()), account.as_ref())?;
    let settings = room.join("pgbouncer.ini");
    write_private(&settings, &configuration(database, port, &users.display().to_string()), account.as_ref())?;
    let mut command = account::command(&program, account.as_ref(), &room);
    command.arg(&settings);
    // SIGINT would wait for clients.
    let mut server = Server::spawn(command, place.folder().join("pgbouncer.log"), "TERM")?;
    server.wait_until(|| postgres::answers(port, place.password(), place.folder()))?;
    Ok((server, port, version))
}

/// Nothing but what is needed: what PgBouncer refuses by default, such as start-up parameters, it is to refuse here.
fn configuration(database: u16, port: u16, users: &str) -> String {
    format!(
        "[databases]\n\
         * = host=127.0.0.1 port={database}\n\
         [pgbouncer]\n\
         listen_addr = 127.0.0.1\n\
         listen_port = {port}\n\
         unix_socket_dir =\n\
         auth_type = scram-sha-256\n\
         auth_file = {users}\n\
         pool_mode = transaction\n\
         max_client_conn = 500\n"
    )
}
