//! A private MariaDB, for the tests of MySQL's dialect.

use std::process::Command;

use super::account;
use super::place::{Place, write_private};
use super::programs::Mariadb;
use super::recipe::Recipe;
use super::server::run_to_end;
use super::service::Care;
use crate::run;

/// What it is asked to be. The collation stays the default one, which takes `a` for `A`: code that leaves the order of keys to it shall fail here.
const SETTINGS: [&str; 7] = [
    "--bind-address=127.0.0.1",
    "--skip-log-bin",
    "--skip-name-resolve",
    "--innodb-buffer-pool-size=64M",
    "--innodb-log-file-size=16M",
    "--max-connections=200",
    "--character-set-server=utf8mb4",
];

/// What makes it quick for tests, since its data is thrown away; what it acknowledged survives its own end all the same.
const QUICK: [&str; 2] = ["--innodb-flush-log-at-trx-commit=2", "--innodb-doublewrite=0"];

/// Makes its data.
pub(crate) fn prepare(place: &mut Place, care: Care) -> Result<Recipe, String> {
    let Mariadb { install, server, client } = Mariadb::find()?;
    let (room, account) = place.room("mariadb", &["mysql"])?;
    let said = run::capture(Command::new(&server).args(["--no-defaults", "--version"]))?;
    let version = super::version_in(&said).ok_or_else(|| format!("{said:?} names no version"))?;
    let data = format!("--datadir={}", room.join("data").display());
    let mut installing = account::command(&install, account.as_ref(), &room);
    installing.args(["--no-defaults", &data, "--skip-test-db"]);
    run_to_end(installing, &room.join("install.log"))?;
    let port = place.port()?;
    let first = room.join("first.sql");
    write_private(&first, &first_statements(place.password()), account.as_ref())?;
    let command = move || {
        let mut command = account::server(&server, account.as_ref(), &room);
        command.args(["--no-defaults", &data, "--port", &port.to_string()]).args(SETTINGS);
        command.args(care.if_quick(&QUICK));
        command.arg(format!("--socket={}", room.join("socket").display()));
        command.arg(format!("--pid-file={}", room.join("pid").display()));
        // It serves nobody before it has run these.
        command.arg(format!("--init-file={}", first.display()));
        command
    };
    let (folder, password) = (place.folder().to_path_buf(), place.password().to_owned());
    let probe = move || {
        let mut command = account::command(&client, None, &folder);
        command.args([
            "--no-defaults",
            "-h",
            "127.0.0.1",
            "-P",
            &port.to_string(),
            "-u",
            "test",
            "-D",
            "test",
        ]);
        command.args(["-e", "SELECT 1"]).env("MYSQL_PWD", &password);
        command
    };
    Ok(Recipe {
        port,
        version,
        command: Box::new(command),
        probe: Box::new(probe),
        log: place.folder().join("mariadb.log"),
        signal: "TERM",
    })
}

/// The address for tests.
pub(crate) fn url(port: u16, password: &str) -> String {
    format!("mysql://test:{password}@127.0.0.1:{port}/test")
}

/// One statement a line, as the server wants them. They are run at each start.
fn first_statements(password: &str) -> String {
    format!(
        "CREATE DATABASE IF NOT EXISTS test;\n\
         CREATE USER IF NOT EXISTS 'test'@'127.0.0.1' IDENTIFIED BY '{password}';\n\
         GRANT ALL ON *.* TO 'test'@'127.0.0.1' WITH GRANT OPTION;\n"
    )
}
