//! Finds the programs of servers: on `PATH`, and where packages put what is not on it.

use std::path::{Path, PathBuf};

use super::service::Service;

/// Where Debian and its kin put a folder for each version of PostgreSQL.
const VERSIONS: &str = "/usr/lib/postgresql";
/// Not on everybody's `PATH`.
const SYSTEM: [&str; 2] = ["/usr/sbin", "/usr/local/sbin"];

/// Tells whether a server can be started here.
pub(crate) fn is_here(service: Service) -> bool {
    match service {
        Service::Postgres => postgres().is_ok(),
        Service::Pgbouncer => pgbouncer().is_ok(),
        Service::Mariadb => Mariadb::find().is_ok(),
    }
}

/// The folder of PostgreSQL's programs: the first of `PATH` that has them all, else the newest version.
pub(crate) fn postgres() -> Result<PathBuf, String> {
    let needed = ["initdb", "postgres", "psql"];
    let versions = std::fs::read_dir(VERSIONS).into_iter().flatten().flatten();
    let versions = newest_first(versions.map(|entry| entry.path()).collect());
    path()
        .into_iter()
        .chain(versions.into_iter().map(|version| version.join("bin")))
        .find(|folder| needed.iter().all(|program| folder.join(program).is_file()))
        .ok_or_else(|| format!("initdb, postgres and psql are neither on PATH nor in {VERSIONS}/*/bin"))
}

/// The program of PgBouncer.
pub(crate) fn pgbouncer() -> Result<PathBuf, String> {
    find(&["pgbouncer"])
}

/// The program that starts another one so that the system ends it with its parent: on Linux, `setpriv` of util-linux.
pub(crate) fn with_parent() -> Option<PathBuf> {
    if cfg!(target_os = "linux") { find(&["setpriv"]).ok() } else { None }
}

/// The programs of MariaDB.
#[derive(Debug)]
pub(crate) struct Mariadb {
    pub(crate) install: PathBuf,
    pub(crate) server: PathBuf,
    pub(crate) client: PathBuf,
}

impl Mariadb {
    pub(crate) fn find() -> Result<Self, String> {
        Ok(Self {
            install: find(&["mariadb-install-db"])?,
            server: find(&["mariadbd"])?,
            client: find(&["mariadb"])?,
        })
    }
}

fn find(names: &[&str]) -> Result<PathBuf, String> {
    let folders = path().into_iter().chain(SYSTEM.map(PathBuf::from));
    let mut places = folders.flat_map(|folder| names.iter().map(move |name| folder.join(name)));
    places
        .find(|place| place.is_file())
        .ok_or_else(|| format!("{} is neither on PATH nor in {}", names.join(" or "), SYSTEM.join(" or ")))
}

fn path() -> Vec<PathBuf> {
    std::env::var_os("PATH").map(|path| std::env::split_paths(&path).collect()).unwrap_or_default()
}

/// Sorts folders that are named by versions, 15 before 9.6.
fn newest_first(mut folders: Vec<PathBuf>) -> Vec<PathBuf> {
    let version = |folder: &Path| -> Vec<u32> {
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        name.split('.').map_while(|part| part.parse().ok()).collect()
    };
    folders.sort_by_key(|folder| std::cmp::Reverse(version(folder)));
    folders
}

#[cfg(test)]
mod tests;
