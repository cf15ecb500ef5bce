//! Kill files: for each segment that a commit has ended rows of, all positions that are ended in it by then.

use std::collections::{BTreeMap, HashMap};

use truthound_stores_core::{Error, Result};

use crate::pack::{Pack, Unpack};
use crate::root::Kill;
use crate::segment::Kills;

/// The layout of kill files.
const VERSION: u8 = 1;

/// Writes the ended rows of segments, by the segments' names.
pub(crate) fn to_bytes(kills: &BTreeMap<String, Kills>) -> Vec<u8> {
    let mut pack = Pack::default();
    pack.byte(VERSION);
    pack.number(kills.len() as u64);
    for (name, kills) in kills {
        let list = kills.to_bytes();
        pack.text(name);
        pack.number(list.len() as u64);
        pack.raw(&list);
    }
    pack.into_bytes()
}

/// Describes a kill file for the root, as it counts for one of its segments.
pub(crate) fn describe(name: &str, bytes: &[u8], kills: &Kills) -> Kill {
    Kill { name: name.to_owned(), hash: blake3::hash(bytes).to_hex().to_string(), ended: kills.len() as u64 }
}

/// Reads a kill file that a root refers to.
///
/// # Errors
/// `Corrupt`, naming the object, if it is not what was written; `Unsupported` for the layout of a later program.
pub(crate) fn parse(kill: &Kill, bytes: &[u8]) -> Result<HashMap<String, Kills>> {
    let read = || {
        let torn = || Error::corrupt("a kill file of the catalog is not what was written");
        if blake3::hash(bytes).to_hex().as_str() != kill.hash {
            return Err(torn());
        }
        let mut unpack = Unpack::new(bytes);
        let version = unpack.byte()?;
        if version != VERSION {
            return Err(Error::unsupported(format!(
                "the catalog has a kill file of layout {version}, which this program does not know: use a later one"
            )));
        }
        let count = unpack.number()?;
        let mut kills = HashMap::new();
        for _ in 0..count {
            let name = unpack.text()?.to_owned();
            let length = usize::try_from(unpack.number()?).unwrap_or(usize::MAX);
            let list = Kills::parse(&kill.name, unpack.raw(length)?)?;
            kills.insert(name, list);
        }
        if unpack.is_empty() { Ok(kills) } else { Err(torn()) }
    };
    read().map_err(|error: Error| error.with("object", kill.name.clone()))
}

#[cfg(test)]
mod tests {
    use truthound_stores_core::ErrorKind;

    use super::*;

    fn sample() -> (BTreeMap<String, Kills>, Vec<u8>, Kill) {
        let mut first = Kills::default();
        first.extend([3, 1, 400_000]);
        let kills = BTreeMap::from([("a".to_owned(), first.clone()), ("b".to_owned(), Kills::default())]);
        let bytes = to_bytes(&kills);
        let kill = describe("c.kill", &bytes, &first);
        (kills, bytes, kill)
    }

    #[test]
    fn a_kill_file_reads_back() {
        let (kills, bytes, kill) = sample();
        assert_eq!(kill.ended, 3);
        assert_eq!(parse(&kill, &bytes).unwrap(), kills.into_iter().collect::<HashMap<_, _>>());
    }

    #[test]
    fn a_kill_file_that_changed_anywhere_is_corrupt_and_named() {
        let (_, bytes, kill) = sample();
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            for wrong in [&changed[..], &bytes[..at]] {
                let error = parse(&kill, wrong).unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Corrupt);
                assert!(error.to_string().contains("c.kill"), "{error}");
            }
        }
    }
}
