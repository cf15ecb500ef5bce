//! As whom servers run: most refuse to be root's.

use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;

use super::programs;

/// An account that is not root's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Account {
    uid: u32,
    gid: u32,
}

/// Chooses the account for a server: none but one's own for those who are not root, else the first of these that exists.
///
/// `passwd` is the text of `/etc/passwd`.
pub(crate) fn choose(own_uid: u32, passwd: &str, preferred: &[&str]) -> Result<Option<Account>, String> {
    if own_uid != 0 {
        return Ok(None);
    }
    let found = preferred.iter().chain(&["nobody"]).find_map(|name| find(passwd, name));
    found.map(Some).ok_or_else(|| {
        format!("it must not run as root, and there is no account named {} or nobody", preferred.join(", "))
    })
}

fn find(passwd: &str, name: &str) -> Option<Account> {
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let found = fields.next()? == name;
        let (uid, gid) = (fields.nth(1)?.parse().ok()?, fields.next()?.parse().ok()?);
        (found && uid != 0).then_some(Account { uid, gid })
    })
}

/// Gives a file or folder to an account.
pub(crate) fn give(path: &Path, account: Option<&Account>) -> Result<(), String> {
    let Some(account) = account else { return Ok(()) };
    chown(path, Some(account.uid), Some(account.gid)).map_err(|e| format!("{}: {e}", path.display()))
}

/// A command of a server that ends with this process, where the system can promise that; else as [`command`].
pub(crate) fn server(program: &Path, account: Option<&Account>, folder: &Path) -> Command {
    match programs::with_parent() {
        Some(wrapper) => {
            let mut command = command(&wrapper, account, folder);
            command.args(["--pdeathsig", "KILL", "--"]).arg(program);
            command
        }
        None => command(program, account, folder),
    }
}

/// A command of an account, in a folder of its own.
///
/// Of the environment it gets `PATH` alone: variables such as `PGPORT` or `MYSQL_HOST` are meant for other servers.
pub(crate) fn command(program: &Path, account: Option<&Account>, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder).env_clear().env("HOME", folder).env("LC_ALL", "C");
    if let Some(path) = std::env::var_os("PATH") {
        command.env("PATH", path);
    }
    if let Some(account) = account {
        // Changing the user drops root's other groups, too.
        command.gid(account.gid).uid(account.uid);
    }
    command
}

#[cfg(test)]
mod tests;
