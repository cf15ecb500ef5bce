//! The latest twenty versions of a long history, beside those of a short one.

use std::path::Path;

use truthound_stores_testkit::bench::{Ask, Limit, Outcome, Row, Turns, Watch, micros, print_row, thousands};
use truthound_stores_versioning::{History, SaveOptions, VersioningConfig};

use crate::document::{key, record, text};
use crate::place::Kind;

/// How many versions are asked for.
const LATEST: usize = 20;
/// How much longer that may take in the long history.
const LONGER: f64 = 1.5;

pub(crate) async fn rows(ask: &Ask, kind: Kind, room: &Path) -> Outcome {
    let long = ask.documents.unwrap_or(ask.either(10_000, 2_000));
    let store = kind.open_versioned(room, &format!("{}-list", kind.name()), VersioningConfig::new()).await?;
    for (number, versions) in [(0, long), (1, LATEST as u64)] {
        for state in 0..versions {
            store.save(record(&text(number, state)?)?, SaveOptions::new()).await?;
        }
    }
    let (calls, mut turns) = (ask.either(50_usize, 20), Turns::default());
    for round in 0..=ask.either(30_usize, 7) {
        let mut took = [0.0, 0.0];
        for (number, took) in [0, 1].into_iter().zip(&mut took) {
            let (key, latest) = (key(number)?, History::new().with_limit(LATEST));
            let watch = Watch::start();
            for _ in 0..calls {
                if store.list_versions(&key, &latest).await?.len() != LATEST {
                    return Err("a list did not do the work".into());
                }
            }
            #[allow(clippy::cast_precision_loss, reason = "a figure")]
            let each = micros(watch.passed()) / calls as f64;
            *took = each;
        }
        if round > 0 {
            let [ours, beside] = took;
            turns.add(ours, beside);
        }
    }
    let what = format!("listing the latest {LATEST} of {} versions", thousands(long));
    let row = Row::new(format!("version-{}-list", kind.name()), what);
    print_row(&row.turns(&turns, "µs", format!("of {LATEST} versions"))?.limit(Limit::RatioAtMost(LONGER)));
    Ok(())
}
