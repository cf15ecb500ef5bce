//! What a scan decodes, and so holds in memory.

use std::sync::Arc;

use truthound_stores_core::Status;

use super::data::{open, rows, write};
use crate::row::Change;
use crate::runtime::TokioRuntime;
use crate::segment::{BAND, Bounds, Decodes, Kills, Scan};
use crate::workers::Workers;

/// A scan for a rare status decoded all columns of a hundred pages at a time, before a condition had looked at any of them.
#[tokio::test]
async fn pages_without_a_row_are_decoded_no_further_than_tells_so() {
    let mut entries = rows(2 * BAND, 31);
    for entry in entries.iter_mut().step_by(20_000) {
        if let Change::Put(facts) = &mut entry.row.change {
            facts.attributes.status = Status::from("rare");
        }
    }
    let (bytes, stats) = write(entries);
    let workers = Workers::of(Arc::new(TokioRuntime));
    for what in [Decodes::Described, Decodes::Lent] {
        let (opened, whole) = open(&bytes, &stats).await;
        let bounds = Bounds { status: vec![Status::from("rare")], limit: Some(10_000), ..Bounds::default() };
        let kills = Kills::default();
        let mut scan = Scan::new(&opened, &whole, &kills, bounds).decoded_by(&workers, what);
        let mut found = 0;
        while let Some(slip) = scan.next_slip().await.unwrap() {
            assert_eq!(slip.status().as_str(), "rare");
            found += 1;
        }
        assert_eq!(found, 4);
        let places = opened.bands().iter().enumerate();
        let places = places.flat_map(|(band, of)| (0..of.pages.len()).map(move |page| (band, page)));
        let kept: Vec<_> = places.filter_map(|(band, page)| opened.kept_page(band, page)).collect();
        assert!(kept.len() > 20, "{} pages are kept, as so long a listing has them", kept.len());
        let lending = kept.iter().filter(|sheet| sheet.is_prepared(false)).count();
        assert!((1..=4).contains(&lending), "{lending} pages were made to lend, for four rows");
    }
}
