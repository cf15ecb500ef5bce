//! Damage is found before it is believed: whatever byte is flipped, wherever the object is cut, a reader of parts and a reader of the whole
//! say `Corrupt` and name the object, or answer as if nothing were.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use proptest::prelude::*;
use truthound_stores_core::{Error, ErrorKind, Pattern, Result};

use super::data::{open, rows, write};
use crate::row::Change;
use crate::segment::{Bounds, Entry, Kills, Opened, Ranges, Scan, Stats, Whole, count, find};

/// A program that wrote labels which are none was not to be found: the error said neither in which segment they were, nor in which of many
/// catalogs.
#[tokio::test]
async fn conditions_that_cannot_be_read_name_the_object() {
    let mut entries = rows(100, 23);
    for (at, entry) in entries.iter_mut().enumerate() {
        let lot = at.to_string();
        if let Change::Put(facts) = &mut entry.row.change {
            facts.attributes.tags = [("lot", lot.as_str())].into();
        }
    }
    let (bytes, mut stats) = write(entries);
    // So few rows are not compressed.
    let text = br#"{"lot":"7"}"#;
    let at = bytes.windows(text.len()).position(|window| window == text).unwrap();
    assert!((at as u64) < stats.tail);
    let mut broken = bytes.to_vec();
    broken[at] = b'[';
    stats.hash = *blake3::hash(&broken).as_bytes();
    let (opened, whole) = open(&broken.into(), &stats).await;
    let tags = BTreeMap::from([("lot".to_owned(), "3".to_owned())]);
    let (kills, bounds) = (Kills::default(), Bounds { tags, ..Bounds::default() });
    let scanned = Scan::new(&opened, &whole, &kills, bounds.clone()).next().await.unwrap_err();
    let counted = count(&opened, &whole, &kills, &bounds).await.unwrap_err();
    for error in [scanned, counted] {
        assert_eq!(error.kind(), ErrorKind::Corrupt);
        assert_eq!(error.context("object"), Some("segments/17-abc.parquet"), "{error}");
    }
}

/// An object somewhere else, of which only parts are read.
struct Remote(Bytes);

impl Ranges for Remote {
    async fn ranges(&self, wanted: &[Range<u64>]) -> Result<Vec<Bytes>> {
        let cut = |range: &Range<u64>| {
            let range = range.start as usize..(range.end as usize).min(self.0.len());
            if range.start > range.end {
                Err(Error::corrupt("beyond the end"))
            } else {
                Ok(self.0.slice(range))
            }
        };
        wanted.iter().map(cut).collect()
    }

    fn is_checked(&self) -> bool {
        false
    }
}

/// Reads what one asset has, and looks one row up.
async fn read(remote: &Remote, stats: &Stats, id: &str) -> Result<(Vec<(u32, Entry)>, Vec<(u32, Entry)>)> {
    let kills = Kills::default();
    let opened = Opened::open("segments/17-abc.parquet", stats, remote, &Arc::default()).await?;
    let bounds = Bounds { data_asset: Some(Pattern::exact("warehouse.hr.people")), ..Bounds::default() };
    let mut scan = Scan::new(&opened, remote, &kills, bounds);
    let mut found = Vec::new();
    while let Some(row) = scan.next().await? {
        found.push(row);
    }
    Ok((found, find(&opened, remote, id, None).await?))
}

#[test]
fn damage_anywhere_is_found_or_harmless() {
    let entries = rows(3_000, 5);
    let id = entries[1_234].row.id.clone();
    let (bytes, stats) = write(entries);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let whole = runtime.block_on(read(&Remote(bytes.clone()), &stats, &id)).unwrap();
    assert!(whole.0.len() > 100 && whole.1.len() == 1);
    let at = prop_oneof![
        0..stats.length,
        stats.blooms..stats.length,
        stats.length - 200..stats.length,
        0..200_u64
    ];
    let found = std::cell::Cell::new(0);
    let cases = ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(cases, |(at in at, bit in 0..8_u8, cut: bool)| {
        let broken = if cut {
            bytes.slice(..at as usize)
        } else {
            let mut broken = bytes.to_vec();
            broken[at as usize] ^= 1 << bit;
            Bytes::from(broken)
        };
        prop_assert!(Whole::new(broken.clone(), &stats.hash).is_err());
        match runtime.block_on(read(&Remote(broken), &stats, &id)) {
            Ok(rows) => prop_assert!(rows == whole && !cut && at < stats.tail),
            Err(error) => {
                prop_assert_eq!(error.kind(), ErrorKind::Corrupt);
                prop_assert_eq!(error.context("object"), Some("segments/17-abc.parquet"));
                found.set(found.get() + 1);
            }
        }
    });
    assert!(found.get() > 100, "{} of 200", found.get());
}

#[tokio::test]
async fn what_the_root_says_of_another_segment_does_not_fit() {
    let (one, stats) = write(rows(3_000, 5));
    let (_, other) = write(rows(3_000, 6));
    let opened = Opened::open("s", &other, &Remote(one.clone()), &Arc::default()).await;
    assert_eq!(opened.unwrap_err().kind(), ErrorKind::Corrupt);
    let (opened, _) = open(&one, &stats).await;
    assert_eq!(opened.rows(), 3_000);
}
