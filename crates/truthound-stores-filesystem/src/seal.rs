//! A checksum that travels with the file: an extended attribute set before the file is put in its place.
//!
//! The seal names the modification time and the size that it was made for. If both are still those of the file, its bytes must be those
//! that were sealed, or the disk has changed them. If one is not, somebody else has rewritten the file (Truthound, an editor), and the
//! seal says nothing. File systems without extended attributes, and copies that leave them behind, have no seal.

use std::fs::File;

use crate::files::Stamp;

/// Says what a file's seal says of its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The bytes are those that were sealed.
    Whole,
    /// Time and size are those of the seal, the bytes are not.
    Broken,
    /// There is no seal, or it is not of this state of the file.
    Unknown,
}

/// Makes the seal of `bytes`.
fn seal(stamp: &Stamp, bytes: &[u8]) -> String {
    format!("1 {:x} {:x} {}", stamp.modified, stamp.size, blake3::hash(bytes).to_hex())
}

/// Compares a file with the seal that it carries.
pub(crate) fn verify(carried: Option<&[u8]>, stamp: &Stamp, bytes: &[u8]) -> Verdict {
    let Some(carried) = carried.and_then(|carried| std::str::from_utf8(carried).ok()) else {
        return Verdict::Unknown;
    };
    if stamp.is_whole_second() {
        // Somebody may have rewritten the file within the second.
        return Verdict::Unknown;
    }
    let made_for = format!("1 {:x} {:x} ", stamp.modified, stamp.size);
    if !carried.starts_with(&made_for) {
        return Verdict::Unknown;
    }
    if carried == seal(stamp, bytes) { Verdict::Whole } else { Verdict::Broken }
}

#[cfg(any(target_os = "linux", target_vendor = "apple"))]
const NAME: &str = "user.truthound_stores.seal";

/// Seals an open file. Where that is not possible the file goes without.
#[cfg(any(target_os = "linux", target_vendor = "apple"))]
pub(crate) fn set(file: &File, stamp: &Stamp, bytes: &[u8]) {
    use rustix::fs::{XattrFlags, fsetxattr};

    // No support, no room: the document matters more than its seal.
    let _ = fsetxattr(file, NAME, seal(stamp, bytes).as_bytes(), XattrFlags::empty());
}

/// Reads the seal that an open file carries.
#[cfg(any(target_os = "linux", target_vendor = "apple"))]
pub(crate) fn get(file: &File) -> Option<Vec<u8>> {
    let mut room = [0_u8; 160];
    let length = rustix::fs::fgetxattr(file, NAME, &mut room).ok()?;
    room.get(..length).map(<[u8]>::to_vec)
}

/// There are no extended attributes here.
#[cfg(not(any(target_os = "linux", target_vendor = "apple")))]
pub(crate) fn set(_: &File, _: &Stamp, _: &[u8]) {}

/// There are no extended attributes here.
#[cfg(not(any(target_os = "linux", target_vendor = "apple")))]
pub(crate) fn get(_: &File) -> Option<Vec<u8>> {
    None
}

#[cfg(test)]
mod tests;
