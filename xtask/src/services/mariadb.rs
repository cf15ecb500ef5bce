//! A private MariaDB, for the tests of MySQL's dialect.

use std::process::Command;

use super::account;
use super::place::{Place, write_private};
use super::programs::Mariadb;
use super::server::{Server, prepare};
use crate::run;

/// What it is asked to be: quick, since its data is thrown away. The collation stays the default one, which takes `a` for `A`: code that
/// leaves the order of keys to it shall fail here.
const SETTINGS: [&str; 9] = [
    "--bind-address=127.0.0.1",
    "--skip-log-bin",
    "--skip-name-resolve",
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-doublewrite=0",
    "--innodb-buffer-pool-size=64M",
    "--innodb-log-file-size=16M",
    "--max-connections=200",
    "--character-set-server=utf8mb4",
];

/// Starts it; gives its port and the version, too.
pub(crate) fn start(place: &mut Place) -> Result<(Server, u16, String), String> {
    let programs = Mariadb::find()?;
    let (room, account) = place.room("mariadb", &["mysql"])?;
    let account = account.as_ref();
    let said = run::capture(Command::new(&programs.server).args(["--no-defaults", "--version"]))?;
    let version = super::version_in(&said).ok_or_else(|| format!("{said:?} names no version"))?;
    let data = format!("--datadir={}", room.join("data").display());
    let mut install = account::command(&programs.install, account, &room);
    install.args(["--no-defaults", &data, "--skip-test-db"]);
    prepare(install, &room.join("install.log"))?;
    let port = place.port()?;
    let first = room.join("first.sql");
    write_private(&first, &first_statements(place.password()), account)?;
    let mut command = account::command(&programs.server, account, &room);
    command.args(["--no-defaults", &data, "--port", &port.to_string()]).args(SETTINGS);
    command.arg(format!("--socket={}", room.join("socket").display()));
    command.arg(format!("--pid-file={}", room.join("pid").display()));
    // It serves nobody before it has run these.
    command.arg(format!("--init-file={}", first.display()));
    let mut server = Server::spawn(command, place.folder().join("mariadb.log"), "TERM")?;
    let port_text = port.to_string();
    server.wait_until(|| {
        let mut client = account::command(&programs.client, None, place.folder());
        client.args([
            "--no-defaults",
            "-h",
            "127.0.0.1",
            "-P",
            &port_text,
            "-u",
            "test",
            "-D",
            "test",
            "-e",
            "SELECT 1",
        ]);
        run::answers(client.env("MYSQL_PWD", place.password()))
    })?;
    Ok((server, port, version))
}

/// The address for tests.
pub(crate) fn url(port: u16, password: &str) -> String {
    format!("mysql://test:{password}@127.0.0.1:{port}/test")
}

/// One statement a line, as the server wants them.
fn first_statements(password: &str) -> String {
    format!(
        "CREATE DATABASE test;\n\
         CREATE USER 'test'@'127.0.0.1' IDENTIFIED BY '{password}';\n\
         GRANT ALL ON *.* TO 'test'@'127.0.0.1' WITH GRANT OPTION;\n"
    )
}
