//! What follows a document's text in its object, in a form that every reader of the format overlooks.
//!
//! A trailer spells bytes that the text does not say. The first eight are a hash of the revision: where ETags are made of bytes alone, no two
//! revisions may have the same (decision 0009, correction 1). Behind them stands what the metadata have no room for. JSON is followed by white
//! space, two bits each; YAML by a comment; a pickle's `STOP` by the bytes themselves. Of a compressed object the trailer is a member or frame of
//! its own, without compression, so that another attempt at a save changes nothing else: gzip (RFC 1952, with stored blocks of RFC 1951),
//! Zstandard (RFC 8878, a raw block) and LZ4 (its frame format, version 1.6.1, an uncompressed block).

use truthound_stores_core::codec::{Compression, Format};

use crate::digits::{base64, from_base64};
use crate::state::Stamp;

/// The most bytes that a trailer spells: its longest form then fits into one block of every compression.
pub(crate) const LONGEST: usize = 16_000;
/// So many of them make the object's bytes unique.
pub(crate) const UNIQUE: usize = 8;

const SPACES: [u8; 4] = *b" \t\n\r";
const COMMENT: &[u8] = b"\n# ";

/// Returns the bytes that no other revision's object has.
pub(crate) fn unique(stamp: Stamp) -> [u8; UNIQUE] {
    let hash = blake3::hash(stamp.to_string().as_bytes());
    hash.as_bytes().first_chunk().copied().unwrap_or_default()
}

/// Spells `bytes` for an object that is stored with a compression.
pub(crate) fn stored(format: Format, compression: Compression, bytes: &[u8]) -> Vec<u8> {
    let plain = plain(format, bytes);
    match compression {
        Compression::None => plain,
        Compression::Gzip => gzip(&plain),
        Compression::Lz4 => lz4(&plain),
        Compression::Zstd => zstd(&plain),
    }
}

/// Returns how long the stored form of so many bytes is.
pub(crate) fn stored_len(format: Format, compression: Compression, bytes: usize) -> usize {
    let around = match compression {
        Compression::None => 0,
        Compression::Gzip => 10 + 5 + 8,
        Compression::Lz4 => 7 + 4 + 4,
        Compression::Zstd => 4 + 1 + 4 + 3,
    };
    around + plain_len(format, bytes)
}

/// Returns how long a trailer of so many bytes is in an object that something unpacked on its way.
pub(crate) fn plain_len(format: Format, bytes: usize) -> usize {
    match format {
        Format::Yaml => COMMENT.len() + (bytes * 4).div_ceil(3),
        Format::Pickle => bytes,
        Format::Json => 1 + 4 * bytes,
    }
}

/// Reads what a trailer in its stored form spells; `None` for any other bytes.
pub(crate) fn read(format: Format, compression: Compression, trailer: &[u8]) -> Option<Vec<u8>> {
    let (start, end) = match compression {
        Compression::None => (0, 0),
        Compression::Gzip => (10 + 5, 8),
        Compression::Lz4 => (7 + 4, 4),
        Compression::Zstd => (4 + 1 + 4 + 3, 0),
    };
    let plain = trailer.get(start..trailer.len().checked_sub(end)?)?;
    let bytes = read_plain(format, plain)?;
    (stored(format, compression, &bytes) == trailer).then_some(bytes)
}

/// Reads what a trailer in its plain form spells; `None` for any other bytes.
pub(crate) fn read_plain(format: Format, plain: &[u8]) -> Option<Vec<u8>> {
    match format {
        Format::Yaml => from_base64(std::str::from_utf8(plain.strip_prefix(COMMENT)?).ok()?),
        Format::Pickle => Some(plain.to_vec()),
        Format::Json => {
            let spaces = plain.strip_prefix(b"\n")?;
            let byte = |four: &[u8]| {
                four.iter().try_fold(0, |byte: u8, space| {
                    let bits = SPACES.iter().position(|known| known == space)?;
                    Some(byte << 2 | u8::try_from(bits).ok()?)
                })
            };
            spaces.chunks(4).map(|four| if four.len() == 4 { byte(four) } else { None }).collect()
        }
    }
}

fn plain(format: Format, bytes: &[u8]) -> Vec<u8> {
    match format {
        Format::Yaml => [COMMENT, base64(bytes).as_bytes()].concat(),
        Format::Pickle => bytes.to_vec(),
        Format::Json => {
            let mut spaces = Vec::with_capacity(plain_len(format, bytes.len()));
            spaces.push(b'\n');
            for byte in bytes {
                spaces.extend(
                    [6, 4, 2, 0]
                        .map(|shift| SPACES.get(usize::from(byte >> shift & 3)).copied().unwrap_or(b' ')),
                );
            }
            spaces
        }
    }
}

fn gzip(plain: &[u8]) -> Vec<u8> {
    // It fits: see `LONGEST`.
    let length = u16::try_from(plain.len()).unwrap_or(u16::MAX);
    let mut member = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
    member.push(1);
    member.extend(length.to_le_bytes());
    member.extend((!length).to_le_bytes());
    member.extend(plain);
    member.extend(crc32(plain).to_le_bytes());
    member.extend(u32::from(length).to_le_bytes());
    member
}

fn zstd(plain: &[u8]) -> Vec<u8> {
    let length = u32::try_from(plain.len()).unwrap_or(u32::MAX);
    // One segment, whose length stands in four bytes; then the last block, which is raw.
    let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0xa0];
    frame.extend(length.to_le_bytes());
    frame.extend((length << 3 | 1).to_le_bytes().iter().take(3));
    frame.extend(plain);
    frame
}

fn lz4(plain: &[u8]) -> Vec<u8> {
    // Version 1, blocks independent and of 64 KiB at most, no checksums; the seventh byte is the header's own.
    let mut frame = vec![0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82];
    let length = u32::try_from(plain.len()).unwrap_or(u32::MAX);
    frame.extend((length | 1 << 31).to_le_bytes());
    frame.extend(plain);
    frame.extend([0; 4]);
    frame
}

/// The checksum of gzip (RFC 1952, section 8); trailers are short, so a table would not pay.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc: u32, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| crc >> 1 ^ if crc & 1 == 1 { 0xedb8_8320 } else { 0 })
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use truthound_stores_core::codec::{Codec, Limits, decode};

    use super::*;
    use crate::state::State;

    const FORMATS: [Format; 3] = [Format::Json, Format::Yaml, Format::Pickle];

    proptest! {
        #[test]
        fn what_is_spelt_is_read(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            for format in FORMATS {
                for compression in Compression::ALL {
                    let stored = stored(format, compression, &bytes);
                    prop_assert_eq!(stored.len(), stored_len(format, compression, bytes.len()));
                    prop_assert_eq!(read(format, compression, &stored), Some(bytes.clone()));
                }
                let plain = plain(format, &bytes);
                prop_assert_eq!(plain.len(), plain_len(format, bytes.len()));
                prop_assert_eq!(read_plain(format, &plain), Some(bytes.clone()));
            }
        }
    }

    #[test]
    fn other_readers_overlook_the_longest_trailer() {
        for format in [Format::Json, Format::Yaml] {
            for compression in Compression::ALL {
                for json in [&br#"{"a":1,"b":["x\n\n",{}]}"#[..], b"{}", br#"{"z":"two\nlines\n"}"#] {
                    let codec = Codec::new(format, compression);
                    let mut file = codec.encode(json).unwrap();
                    file.extend(stored(format, compression, &[0xa5; LONGEST]));
                    let name = format!("x{}", codec.extension());
                    assert_eq!(decode(&name, &file, &Limits::default()).unwrap().json, json, "{name}");
                }
            }
        }
    }

    #[test]
    fn no_two_revisions_have_the_same_bytes() {
        let one = State { incarnation: 1, hlc: 2 };
        assert_ne!(unique(one.by(3)), unique(one.by(4)));
        assert_ne!(unique(one.by(3)), unique(State { hlc: 3, ..one }.by(3)));
        assert_ne!(unique(one.by(3)), unique(State { incarnation: 2, ..one }.by(3)));
    }
}
