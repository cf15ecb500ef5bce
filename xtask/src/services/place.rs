//! Where servers live: a folder that goes when they go, ports that nobody uses, a password that nobody knows.

use std::fs::{DirBuilder, File};
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use super::account::{self, Account};
use super::programs;

/// A temporary folder; it is removed when this is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    folder: PathBuf,
    own_uid: u32,
    passwd: String,
    next_port: u16,
    password: String,
    _lock: File,
}

/// What the folders' names begin with.
const NAME: &str = "truthound-services-";
/// The file in them that is locked as long as their keeper lives.
const LOCK: &str = "keeper";

/// Takes the lock of a new folder. It gets its name when it is locked: nobody ever finds it free before.
fn lock(folder: &Path) -> std::io::Result<File> {
    let unnamed = folder.join("unnamed");
    let file = File::create(&unnamed)?;
    file.lock()?;
    std::fs::rename(unnamed, folder.join(LOCK))?;
    Ok(file)
}

/// Removes folders of keepers that were killed. Their servers are gone as well: that is promised only where `setpriv` is.
fn remove_leftovers() {
    if programs::with_parent().is_none() {
        return;
    }
    for entry in std::fs::read_dir(std::env::temp_dir()).into_iter().flatten().flatten() {
        let is_ours = entry.file_name().to_string_lossy().starts_with(NAME);
        if is_ours && File::open(entry.path().join(LOCK)).is_ok_and(|file| file.try_lock().is_ok()) {
            // Somebody else's stays.
            let _removed = std::fs::remove_dir_all(entry.path());
        }
    }
}

/// Below the ports that systems hand out for outgoing connections, of which tests open many.
const PORTS: std::ops::Range<u16> = 15_000..30_000;

impl Place {
    /// Makes the folder, in the system's folder for temporary files.
    pub(crate) fn make() -> Result<Self, String> {
        remove_leftovers();
        let process = std::process::id();
        let folder = (0_u32..).map(|n| std::env::temp_dir().join(format!("{NAME}{process}-{n}")));
        // Others may pass through it to what is theirs, but not look around.
        let mut builder = DirBuilder::new();
        builder.mode(0o711);
        for folder in folder {
            match builder.create(&folder) {
                Ok(()) => return Self::at(folder, process),
                Err(e) if e.kind() == ErrorKind::AlreadyExists => {}
                Err(e) => return Err(format!("{}: {e}", folder.display())),
            }
        }
        Err("there is no name left for a temporary folder".to_owned())
    }

    fn at(folder: PathBuf, process: u32) -> Result<Self, String> {
        let trouble = |e: std::io::Error| format!("{}: {e}", folder.display());
        let lock = lock(&folder).map_err(trouble)?;
        // Whose a new file is tells who runs this.
        let own_uid = std::fs::metadata(&folder).map_err(trouble)?.uid();
        let mut bytes = [0_u8; 16];
        File::open("/dev/urandom").and_then(|mut chance| chance.read_exact(&mut bytes)).map_err(trouble)?;
        let password = format!("{:032x}", u128::from_ne_bytes(bytes));
        let passwd = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
        // Two that start at once begin to look at different ports.
        let offset = u16::try_from(process.wrapping_mul(7) % u32::from(PORTS.end - PORTS.start)).unwrap_or(0);
        Ok(Self { folder, own_uid, passwd, next_port: PORTS.start + offset, password, _lock: lock })
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The password of the user `test` of all servers of this place.
    pub(crate) fn password(&self) -> &str {
        &self.password
    }

    /// Makes an empty folder for a server, owned by the account that it is to run as.
    pub(crate) fn room(&self, name: &str, accounts: &[&str]) -> Result<(PathBuf, Option<Account>), String> {
        let account = account::choose(self.own_uid, &self.passwd, accounts)?;
        let room = self.folder.join(name);
        // What a former attempt to start it has left.
        if room.exists() {
            std::fs::remove_dir_all(&room).map_err(|e| format!("{}: {e}", room.display()))?;
        }
        DirBuilder::new().mode(0o700).create(&room).map_err(|e| format!("{}: {e}", room.display()))?;
        account::give(&room, account.as_ref())?;
        Ok((room, account))
    }

    /// Finds a port of the loopback that nobody listens at. Somebody may take it before the server does.
    pub(crate) fn port(&mut self) -> Result<u16, String> {
        for _ in PORTS {
            let port = self.next_port;
            self.next_port = if port + 1 < PORTS.end { port + 1 } else { PORTS.start };
            if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
                return Ok(port);
            }
        }
        Err(format!("no port of {PORTS:?} is free"))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Err(e) = std::fs::remove_dir_all(&self.folder) {
            eprintln!("{} could not be removed: {e}", self.folder.display());
        }
    }
}

/// Writes a file that only this account may read.
pub(crate) fn write_private(path: &Path, text: &str, account: Option<&Account>) -> Result<(), String> {
    let file = File::options().write(true).create_new(true).mode(0o600).open(path);
    file.and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(|e| format!("{}: {e}", path.display()))?;
    account::give(path, account)
}

#[cfg(test)]
mod tests;
