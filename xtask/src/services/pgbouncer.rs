//! A private PgBouncer in transaction mode: the pool that breaks what relies on a connection's state.

use std::process::Command;

use super::place::{Place, write_private};
use super::recipe::Recipe;
use super::{account, postgres, programs};
use crate::run;

/// Makes its settings, to stand before the PostgreSQL at this port.
pub(crate) fn prepare(place: &mut Place, database: u16) -> Result<Recipe, String> {
    let program = programs::pgbouncer()?;
    let (room, account) = place.room("pgbouncer", &["postgres", "pgbouncer"])?;
    let said = run::capture(Command::new(&program).arg("--version"))?;
    let version = super::version_in(&said).ok_or_else(|| format!("{said:?} names no version"))?;
    let port = place.port()?;
    let users = room.join("users");
    write_private(&users, &format!("\"test\" \"{}\"\n", place.password()), account.as_ref())?;
    let settings = room.join("pgbouncer.ini");
    write_private(&settings, &configuration(database, port, &users.display().to_string()), account.as_ref())?;
    let command = move || {
        let mut command = account::server(&program, account.as_ref(), &room);
        command.arg(&settings);
        command
    };
    Ok(Recipe {
        port,
        version,
        command: Box::new(command),
        probe: postgres::probe(place, port)?,
        log: place.folder().join("pgbouncer.log"),
        // SIGINT would wait for clients.
        signal: "TERM",
    })
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
