//! What kind of place a folder is on.

use std::path::Path;

/// Names the network file system that a folder is on, if it is on one (`statfs(2)`; the numbers are those of the kernel's
/// `magic.h`). SQLite shares its log through memory, which machines do not share (<https://sqlite.org/wal.html>).
#[cfg(target_os = "linux")]
pub(crate) fn network(folder: &Path) -> Option<&'static str> {
    const KINDS: [(u64, &str); 11] = [
        (0x6969, "NFS"),
        (0x517b, "SMB"),
        (0xff53_4d42, "CIFS"),
        (0xfe53_4d42, "SMB2"),
        (0x0102_1997, "9P"),
        (0x5346_414f, "AFS"),
        (0x00c3_6400, "Ceph"),
        (0x0bd0_0bd0, "Lustre"),
        (0x4750_4653, "GPFS"),
        (0x6573_5543, "FUSE control"),
        (0x7461_636f, "OCFS2"),
    ];
    let there = folder.ancestors().find(|path| path.exists())?;
    let kind = u64::try_from(rustix::fs::statfs(there).ok()?.f_type).ok()? & 0xffff_ffff;
    KINDS.iter().find(|(number, _)| *number == kind).map(|(_, name)| *name)
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
