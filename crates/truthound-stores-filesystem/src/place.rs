//! What kind of place a folder is on.

use std::path::{Path, PathBuf};

/// Returns a path without the links above its last part: those lie where the store was put, and whoever put it there has made them. The
/// last part stays as it is. What is not there yet is answered as it was given.
///
/// `SQLite`, told not to follow links, refuses them in every part of a path.
#[cfg(unix)]
pub(crate) fn resolved(path: &Path) -> PathBuf {
    let resolve = || Some(path.parent()?.canonicalize().ok()?.join(path.file_name()?));
    resolve().unwrap_or_else(|| path.to_owned())
}

/// Elsewhere `SQLite` looks for no links, and a resolved path has a form that not every program reads.
#[cfg(not(unix))]
pub(crate) fn resolved(path: &Path) -> PathBuf {
    path.to_owned()
}

/// Network file systems by the numbers that `statfs(2)` and the kernel's `magic.h` give them. What lies behind FUSE is mostly somewhere
/// else, too.
#[cfg(target_os = "linux")]
const NETWORKS: [(u32, &str); 12] = [
    (0x6969, "NFS"),
    (0x517b, "SMB"),
    (0xff53_4d42, "CIFS"),
    (0xfe53_4d42, "SMB2"),
    (0x0102_1997, "9P"),
    (0x5346_414f, "AFS"),
    (0x6b41_4653, "AFS"),
    (0x00c3_6400, "Ceph"),
    (0x0bd0_0bd0, "Lustre"),
    (0x4750_4653, "GPFS"),
    (0x6573_5546, "FUSE"),
    (0x7461_636f, "OCFS2"),
];

/// Names the network file system that a folder is on, if it is on one. `SQLite` shares its log through memory, which machines do not share
/// (<https://sqlite.org/wal.html>).
#[cfg(target_os = "linux")]
pub(crate) fn network(folder: &Path) -> Option<&'static str> {
    let there = folder.ancestors().find(|path| path.exists())?;
    let kind = u64::try_from(rustix::fs::statfs(there).ok()?.f_type).ok()? & 0xffff_ffff;
    NETWORKS.iter().find(|(number, _)| u64::from(*number) == kind).map(|(_, name)| *name)
}

/// Elsewhere nobody is asked.
#[cfg(not(target_os = "linux"))]
pub(crate) fn network(_: &Path) -> Option<&'static str> {
    None
}

/// Returns how many bytes are left for us where a folder is, or will be.
#[cfg(unix)]
pub(crate) fn room(folder: &Path) -> Option<u64> {
    let there = folder.ancestors().find(|path| path.exists())?;
    let found = rustix::fs::statvfs(there).ok()?;
    Some(found.f_bavail.saturating_mul(found.f_frsize))
}

/// Elsewhere nobody is asked.
#[cfg(not(unix))]
pub(crate) fn room(_: &Path) -> Option<u64> {
    None
}

#[cfg(test)]
mod tests;
