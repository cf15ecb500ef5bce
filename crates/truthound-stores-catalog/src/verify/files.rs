//! The catalog's own files: whether each is what was written.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::{StreamExt, stream};
use truthound_stores_core::{Clock, Collection, ErrorKind, Finding, Level, Progress, Report, Result};

use crate::kill_file;
use crate::reindex::{Base, base, found};
use crate::root::{Kill, Root, Segment};
use crate::row::Lately;
use crate::shelf::Shelf;
use crate::tail::{self, Kind, Name};

/// A segment is hashed in parts of so many bytes.
const PART: u64 = 8 << 20;
/// So many objects of the tail are read at a time.
const AT_ONCE: usize = 16;
/// How often all is looked at again because clean-up has removed what an older root names.
const LOOKS: u32 = 5;
const CHECKING: &str = "verifying the index";

/// What is wrong with the files.
#[derive(Debug, Default)]
pub(crate) struct Files {
    /// Why the root is not relied on.
    root: Option<String>,
    missing: bool,
    /// Segments and kill files of the root.
    segments: Vec<(String, String)>,
    /// Objects of the tail.
    pub(crate) tail: Vec<(Name, String)>,
    /// Roots that are kept, by generation.
    history: BTreeMap<u64, String>,
}

impl Files {
    /// Tells whether the catalog has to be rebuilt.
    pub(crate) fn is_damaged(&self) -> bool {
        self.root.is_some() || !self.segments.is_empty() || !self.tail.is_empty()
    }

    /// Tells whether there is no root.
    pub(crate) fn is_missing(&self) -> bool {
        self.missing
    }

    pub(crate) fn lost_history(&self) -> BTreeSet<u64> {
        self.history.keys().copied().collect()
    }

    /// Reports what is wrong.
    pub(crate) fn tell(&self, collection: &Collection, repaired: bool, report: &mut Report) {
        let of_tail = self.tail.iter().map(|(_, what)| what.clone());
        let all = self.root.iter().cloned().chain(self.segments.iter().map(|(_, what)| what.clone()));
        for what in all.chain(of_tail) {
            let finding = found::damaged_index(collection, &what);
            report.add(mended(finding, repaired, super::REBUILDS));
        }
        for (generation, what) in &self.history {
            let text = format!(
                "generation {generation} of the index{} cannot be asked for: {what}",
                found::of(collection)
            );
            let finding = Finding::new(Level::Damage, "history", text);
            report.add(mended(
                finding,
                repaired,
                "`verify --repair` lets go of it; the documents are not concerned",
            ));
        }
    }
}

fn mended(finding: Finding, repaired: bool, cure: &str) -> Finding {
    if repaired { finding.with_repaired(true) } else { finding.with_remedy(cure) }
}

/// Reads all files that the current root and its history name, and the tail.
///
/// # Errors
/// Outages; `Unsupported` for a catalog that a later program must read.
pub(crate) async fn check(shelf: &Shelf, clock: &dyn Clock, progress: &dyn Progress) -> Result<Files> {
    let mut looks = 0;
    loop {
        looks += 1;
        let mut files = Files::default();
        // The tail first, as queries do: what is folded meanwhile is gone from it.
        tail(shelf, &mut files).await?;
        let seen = match base(shelf, clock).await? {
            Base::Sound(seen) => seen,
            Base::Anew(anew) => {
                files.missing = anew.why.is_none();
                files.root = anew.why;
                return Ok(files);
            }
        };
        let mut known = BTreeMap::new();
        root(shelf, &seen.root, &mut known, &mut files.segments, progress).await?;
        for generation in &seen.root.kept {
            if let Some(what) = kept(shelf, &seen.root, *generation, &mut known, progress).await? {
                files.history.insert(*generation, what);
            }
        }
        let now = shelf.root(Some(&seen)).await?;
        let same = now.is_some_and(|now| now.root.nonce == seen.root.nonce);
        let is_well = !files.is_damaged() && files.history.is_empty();
        if same || is_well || looks == LOOKS {
            return Ok(files);
        }
    }
}

/// What was found of a file: why it is not what was written.
type Known = BTreeMap<String, Option<String>>;

/// Reads the files of a root.
async fn root(
    shelf: &Shelf,
    root: &Root,
    known: &mut Known,
    wrong: &mut Vec<(String, String)>,
    progress: &dyn Progress,
) -> Result<()> {
    let total = root.segments.len() as u64;
    for (done, segment) in root.segments.iter().enumerate() {
        progress.advance(CHECKING, done as u64, Some(total));
        for (name, what) in [of_segment(shelf, segment, known).await?, of_kill(shelf, segment, known).await?]
            .into_iter()
            .flatten()
        {
            if !wrong.iter().any(|(other, _)| *other == name) {
                wrong.push((name, what));
            }
        }
    }
    Ok(())
}

/// Reads a root that is kept, and its files; says what is wrong with it.
async fn kept(
    shelf: &Shelf,
    current: &Root,
    generation: u64,
    known: &mut Known,
    progress: &dyn Progress,
) -> Result<Option<String>> {
    let kept = match shelf.kept(generation).await {
        Ok(Some(kept)) => kept,
        Ok(None) => return Ok(Some("its copy is gone".to_owned())),
        Err(error) if error.kind() == ErrorKind::Corrupt => return Ok(Some(error.report())),
        Err(error) => return Err(error),
    };
    if kept.store_id != current.store_id || kept.generation != generation {
        return Ok(Some("its copy is another root's".to_owned()));
    }
    let mut wrong = Vec::new();
    root(shelf, &kept, known, &mut wrong, progress).await?;
    Ok(wrong.into_iter().next().map(|(_, what)| what))
}

async fn of_segment(shelf: &Shelf, segment: &Segment, known: &mut Known) -> Result<Option<(String, String)>> {
    let what = if let Some(what) = known.get(&segment.name) {
        what.clone()
    } else {
        let what = hashed(shelf, segment).await?;
        known.insert(segment.name.clone(), what.clone());
        what
    };
    Ok(what.map(|what| (segment.name.clone(), what)))
}

async fn hashed(shelf: &Shelf, segment: &Segment) -> Result<Option<String>> {
    let (mut hasher, mut at) = (blake3::Hasher::new(), 0);
    while at < segment.stats.length {
        let end = (at + PART).min(segment.stats.length);
        let parts = match shelf.parts(&segment.name, std::slice::from_ref(&(at..end))).await {
            Ok(Some(parts)) => parts,
            Ok(None) => return Ok(Some(format!("{} is gone", segment.name))),
            // A part that lies behind the end of a file that was cut is refused, in one way or another.
            Err(error) if !error.is_retryable() || at > 0 => {
                return if error.kind() == ErrorKind::Denied { Err(error) } else { Ok(Some(error.report())) };
            }
            Err(error) => return Err(error),
        };
        for part in &parts {
            hasher.update(part);
        }
        at = end;
    }
    let same = hasher.finalize().as_bytes() == &segment.stats.hash;
    Ok((!same).then(|| format!("{} is not what was written", segment.name)))
}

async fn of_kill(shelf: &Shelf, segment: &Segment, known: &mut Known) -> Result<Option<(String, String)>> {
    let Some(kill) = &segment.kill else { return Ok(None) };
    // The same file, as another root describes it, is another question.
    let asked = format!("{} {} {}", kill.name, kill.hash, segment.name);
    let what = if let Some(what) = known.get(&asked) {
        what.clone()
    } else {
        let what = parsed(shelf, kill, &segment.name).await?;
        known.insert(asked, what.clone());
        what
    };
    Ok(what.map(|what| (kill.name.clone(), what)))
}

async fn parsed(shelf: &Shelf, kill: &Kill, segment: &str) -> Result<Option<String>> {
    let Some(bytes) = shelf.segment(&kill.name).await? else {
        return Ok(Some(format!("{} is gone", kill.name)));
    };
    match kill_file::parse(kill, &bytes) {
        Ok(kills) if kills.contains_key(segment) => Ok(None),
        Ok(_) => Ok(Some(format!("{} does not tell of {segment}, which refers to it", kill.name))),
        Err(error) if error.kind() == ErrorKind::Corrupt => Ok(Some(error.report())),
        Err(error) => Err(error),
    }
}

/// Reads the rows of the tail.
async fn tail(shelf: &Shelf, files: &mut Files) -> Result<()> {
    let read = |name: Name| async move {
        let rows = match name.kind() {
            Kind::Named => name.row_of(&mut Lately::default()).map(drop),
            Kind::Body => match shelf.tail_body(&name).await? {
                Some(body) => tail::rows(&name, &body).map(drop),
                // A fold has taken it.
                None => Ok(()),
            },
        };
        Ok::<_, truthound_stores_core::Error>((name, rows))
    };
    let listed = shelf.tail().await?.into_iter().map(|listed| listed.name);
    let mut all = stream::iter(listed).map(read).buffered(AT_ONCE);
    while let Some(read) = all.next().await {
        match read? {
            (_, Ok(())) => {}
            (name, Err(error)) if error.kind() == ErrorKind::Corrupt => {
                files.tail.push((name, error.report()));
            }
            (_, Err(error)) => return Err(error),
        }
    }
    Ok(())
}
