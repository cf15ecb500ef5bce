//! A folder and a clean-up as short as they can be: what readers must cope with.

use std::collections::BTreeMap;
use std::sync::Arc;

use truthound_stores_core::{Clock, Result};

use crate::kill_file;
use crate::library::Library;
use crate::news::News;
use crate::root::{Root, Segment, lot};
use crate::segment::{Entry, Kills, Merge, Writer};
use crate::shelf::{Seen, Shelf, Swap, generation_of};
use crate::tail::{self, Kind, Name};

/// What the scripted folder works with.
#[derive(Clone, Debug)]
pub(crate) struct Folder {
    pub(crate) shelf: Shelf,
    pub(crate) clock: Arc<dyn Clock>,
    /// So many of the last roots are kept.
    pub(crate) keeps: usize,
}

impl Folder {
    /// Folds the objects of the tail that `takes` chooses into a segment of their own, or into one with all others.
    pub(crate) async fn fold(&self, takes: impl Fn(&Name) -> bool + Send, merges: bool) -> Result<bool> {
        let Some(seen) = self.seen().await? else { return Ok(false) };
        let root = Arc::clone(&seen.root);
        let library = Library::new(self.shelf.clone());
        let listed = self.shelf.tail().await?;
        let (done, open): (Vec<_>, Vec<_>) = listed
            .into_iter()
            .map(|listed| listed.name)
            .partition(|name| name.unique().is_some_and(|unique| root.pending.contains(&unique)));
        self.shelf.remove_tail(&done.into(), || true).await?;
        let taken: Vec<Name> = open.into_iter().filter(|name| takes(name)).collect();
        let mut rows = Vec::new();
        for name in &taken {
            let all = match name.kind() {
                Kind::Named => vec![name.row()?],
                Kind::Body => match self.shelf.tail_body(name).await? {
                    Some(body) => tail::rows(name, &body)?,
                    None => return Ok(false),
                },
            };
            for row in all {
                if !library.knows(&root, &row).await? {
                    rows.push(row);
                }
            }
        }
        let watermark = rows.iter().map(|row| row.state.hlc).fold(root.watermark, u64::max);
        let news = News::of(rows);
        let mut kills: BTreeMap<String, Kills> = BTreeMap::new();
        for row in news.all() {
            for place in library.rows_of(&root, &row.id).await? {
                if !place.ended && row.state.replaces(place.entry.row.state) {
                    let segment = &root.segments[place.segment];
                    let all = (*library.volume(segment).await?.kills).clone();
                    kills.entry(segment.name.clone()).or_insert(all).extend([place.position]);
                }
            }
        }
        let commit = lot(&*self.clock);
        let mut next = root.next(&*self.clock, &commit);
        let mut entries: Vec<Entry> =
            news.all().map(|row| Entry::new(next.generation, row.clone())).collect();
        if merges {
            for segment in &root.segments {
                let volume = library.volume(segment).await?;
                let dead = kills.get(&segment.name).unwrap_or(&volume.kills);
                let mut merge = Merge::new([(&*volume.opened, &volume.reader, dead)], library.workers());
                while let Some((_, _, entry)) = merge.next().await? {
                    entries.push(entry);
                }
            }
            next.segments.clear();
        } else if !kills.is_empty() {
            let name = format!("{:016x}-{commit}.kill", root.generation);
            let bytes = kill_file::to_bytes(&kills);
            for segment in &mut next.segments {
                if let Some(kills) = kills.get(&segment.name) {
                    segment.kill = Some(kill_file::describe(&name, &bytes, kills));
                }
            }
            self.shelf.put_segment(&name, bytes.into()).await?;
        }
        if !entries.is_empty() {
            let name = format!("{:016x}-{commit}.parquet", root.generation);
            let segment = self.segment(&name, entries).await?;
            next.segments.insert(0, segment);
        }
        next.pending = taken.iter().filter_map(Name::unique).collect();
        next.watermark = watermark;
        self.keep(&root, &mut next).await?;
        let done = self.swap(&seen, &next, &commit).await?;
        if done {
            self.shelf.remove_tail(&taken.into(), || true).await?;
        }
        Ok(done)
    }

    /// Commits, and then removes what no root names that is kept.
    pub(crate) async fn clean_up(&self) -> Result<bool> {
        let Some(seen) = self.seen().await? else { return Ok(false) };
        let commit = lot(&*self.clock);
        let mut next = seen.root.next(&*self.clock, &commit);
        self.keep(&seen.root, &mut next).await?;
        if !self.swap(&seen, &next, &commit).await? {
            return Ok(false);
        }
        let mut named = names(&next);
        for generation in &next.kept {
            if let Some(root) = self.shelf.kept(*generation).await? {
                named.extend(names(&root));
            }
        }
        let listed = self.shelf.segments().await?.into_iter().map(|listed| listed.name);
        let old = listed.filter(|name| {
            generation_of(name).is_some_and(|base| base < next.generation) && !named.contains(name)
        });
        self.shelf.remove_segments(&old.collect::<Vec<_>>()).await?;
        let history = self.shelf.history().await?;
        let old: Vec<u64> =
            history.into_iter().map(|kept| kept.name).filter(|at| !next.kept.contains(at)).collect();
        self.shelf.remove_history(&old).await?;
        Ok(true)
    }

    pub(crate) async fn segment(&self, name: &str, mut entries: Vec<Entry>) -> Result<Segment> {
        entries.sort_by(|one, other| one.time_key().cmp(&other.time_key()));
        let mut writer = Writer::new(Vec::new());
        for entry in entries {
            writer.push(entry)?;
        }
        let (bytes, stats) = writer.finish()?;
        self.shelf.put_segment(name, bytes.into()).await?;
        Ok(Segment { name: name.to_owned(), kill: None, stats })
    }

    async fn keep(&self, root: &Root, next: &mut Root) -> Result<()> {
        if self.keeps > 0 {
            self.shelf.keep(root).await?;
            next.kept.push(root.generation);
            next.kept.drain(..next.kept.len().saturating_sub(self.keeps));
        }
        Ok(())
    }

    async fn seen(&self) -> Result<Option<Seen>> {
        if let Some(seen) = self.shelf.root(None).await? {
            return Ok(Some(seen));
        }
        self.shelf.create_root(&Root::first(&*self.clock, ".json")).await?;
        self.shelf.root(None).await
    }

    async fn swap(&self, seen: &Seen, next: &Root, commit: &str) -> Result<bool> {
        match self.shelf.swap_root(seen, next).await? {
            Swap::Taken => Ok(true),
            Swap::Lost | Swap::Unknown(_) => {
                Ok(self.shelf.root(None).await?.is_some_and(|seen| seen.root.has(commit)))
            }
        }
    }
}

fn names(root: &Root) -> Vec<String> {
    let kills = root.segments.iter().filter_map(|segment| segment.kill.as_ref()).map(|kill| &kill.name);
    root.segments.iter().map(|segment| &segment.name).chain(kills).cloned().collect()
}
