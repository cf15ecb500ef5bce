//! Saves that make versions beside saves that do not: of new documents, and of a known one that changes.

use std::path::Path;
use std::sync::Arc;

use truthound_stores_core::{Store, StoreExt};
use truthound_stores_testkit::bench::{Ask, Limit, Outcome, Row, Turns, Watch, micros, print_row};
use truthound_stores_versioning::{History, SaveOptions, VersionedStore, VersioningConfig, VersioningMode};

use crate::document::{key, record, text};
use crate::place::Kind;

/// How much longer a save may take that makes a version.
const LONGER: f64 = 2.5;

type Versioned = VersionedStore<Arc<dyn Store>>;

/// Which documents are saved.
#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    /// Each is new.
    New,
    /// One that is known, in another state each time.
    Known,
}

pub(crate) async fn rows(ask: &Ask, kind: Kind, room: &Path) -> Outcome {
    let default = VersioningConfig::new;
    for (id, what, settings, config) in [
        ("new", What::New, "by default", default()),
        ("known", What::Known, "by default", default()),
        ("untracked", What::Known, "without track_changes", default().with_track_changes(false)),
        (
            "git",
            What::Known,
            "git-like, by blake3",
            default().with_mode(VersioningMode::GitLike).with_checksum_algorithm("blake3".parse()?),
        ),
        ("few", What::Known, "and ten are kept", default().with_max_versions(10)),
    ] {
        let name = format!("{}-{id}", kind.name());
        let plain = kind.open(room, &format!("{name}-plain")).await?;
        let versioned = kind.open_versioned(room, &name, config).await?;
        let turns = measure(ask, kind, what, &*plain, &versioned).await?;
        let known = if what == What::New { "a new document" } else { "a known document" };
        let title = format!("saving {known} as a version, {settings}");
        let row =
            Row::new(format!("version-{name}"), title).turns(&turns, "µs", "saving it without versions")?;
        // What cleaning up costs is asked for beyond a save.
        print_row(&if id == "few" { row } else { row.limit(Limit::RatioAtMost(LONGER)) });
        versioned.close().await?;
        plain.close().await?;
    }
    Ok(())
}

async fn measure(
    ask: &Ask,
    kind: Kind,
    what: What,
    plain: &dyn Store,
    versioned: &Versioned,
) -> Outcome<Turns> {
    // So many that each side's log is written back in each turn: a median of turns in which one side's is and the other's is not says nothing.
    let saves: u64 = if kind == Kind::Memory { ask.either(500, 200) } else { ask.either(300, 20) };
    let (rounds, mut turns, mut at) = (ask.either(15_u64, 7), Turns::default(), 0);
    for round in 0..=rounds {
        let texts = (at..at + saves)
            .map(|number| text(if what == What::New { number } else { 0 }, number))
            .collect::<Outcome<Vec<_>>>()?;
        at += saves;
        let watch = Watch::start();
        for text in &texts {
            versioned.save(record(text)?, SaveOptions::new().with_message("measured")).await?;
        }
        let ours = micros(watch.passed());
        let watch = Watch::start();
        for text in &texts {
            plain.put(record(text)?).await?;
        }
        let beside = micros(watch.passed());
        // The first turn opens what is opened once.
        if round > 0 {
            #[allow(clippy::cast_precision_loss, reason = "a figure")]
            turns.add(ours / saves as f64, beside / saves as f64);
        }
    }
    let is_new = what == What::New;
    let item = key(if is_new { at - 1 } else { 0 })?;
    let latest = versioned.list_versions(&item, &History::new().with_limit(1)).await?;
    if latest.first().map(|version| version.ordinal) != Some(if is_new { 1 } else { at }) {
        return Err("a save did not do the work".into());
    }
    Ok(turns)
}
