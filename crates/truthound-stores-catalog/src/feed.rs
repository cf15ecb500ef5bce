//! The change feed of one collection: every acknowledged change, or a later one of the same document, without asking documents.

mod collections;
mod token;

use std::collections::BTreeSet;

use truthound_stores_core::{Change, ChangeOp, Collection, Error, Result};

pub(crate) use collections::changes_of;
pub(crate) use token::Token;

use crate::query::{Index, Plan, Snapshot, key, meta};
use crate::row::{Change as Act, Row};
use crate::segment::{Bounds, Entry, Scan};
use token::{Identity, identity};

/// A part of the feed of one collection.
#[derive(Debug)]
pub(crate) struct Changes {
    pub(crate) all: Vec<Change>,
    /// Where to go on.
    pub(crate) next: Token,
    /// The feed cannot go on from the token that was given.
    pub(crate) reset: bool,
    /// A limit cut it: there is more.
    #[cfg_attr(not(test), allow(dead_code, reason = "only tests ask"))]
    pub(crate) more: bool,
}

impl Index {
    /// Reads the changes after a token, at most `limit`. Without a token it answers with one for this moment.
    ///
    /// # Errors
    /// `Invalid` for a limit of 0; as for queries.
    pub(crate) async fn changes(&self, after: Option<&Token>, limit: usize) -> Result<Changes> {
        if limit == 0 {
            return Err(Error::invalid(
                "a page of the change feed of no changes would never end: the limit is 1 or more",
            ));
        }
        let mut plan = Plan::default();
        loop {
            let answer = async {
                // Never a view that was used before: what is acknowledged must come.
                let snapshot = self.fresh().await?;
                match after {
                    Some(token) if !token.is_too_old(&snapshot) => self.since(&snapshot, token, limit).await,
                    _ => Ok(Changes {
                        all: Vec::new(),
                        next: Token::of(&snapshot, |_| true),
                        reset: true,
                        more: false,
                    }),
                }
            };
            match Box::pin(answer).await {
                Err(error) if plan.again(&error) => {}
                answer => return answer,
            }
        }
    }

    async fn since(&self, snapshot: &Snapshot, token: &Token, limit: usize) -> Result<Changes> {
        let (mut folded, seen) = self.folded(snapshot, token, limit).await?;
        if folded.len() > limit {
            // All of the generations before that of the first change that is left out were given.
            let generation =
                folded.get(limit).map_or(token.generation, |entry| entry.generation.saturating_sub(1));
            folded.truncate(limit);
            let mut given: BTreeSet<Identity> = token.given.difference(&seen(generation)).copied().collect();
            let later = folded.iter().filter(|entry| entry.generation > generation);
            given.extend(later.map(|entry| identity(&entry.row)));
            let next =
                Token { lineage: lineage(snapshot), generation: generation.max(token.generation), given };
            let changes =
                folded.iter().map(|entry| change(self.collection(), &entry.row)).collect::<Result<_>>()?;
            return Ok(Changes { all: changes, next, reset: false, more: true });
        }
        let mut news: Vec<&Row> =
            snapshot.news.all().filter(|row| !token.given.contains(&identity(row))).collect();
        // Of one document a deletion comes before what follows it in another incarnation.
        news.sort_by_key(|row| (row.id.as_str(), is_put(row), row.state.hlc));
        let room = limit - folded.len();
        let more = news.len() > room;
        news.truncate(room);
        let given: BTreeSet<Identity> = news.iter().map(|row| identity(row)).collect();
        let rows = folded.iter().map(|entry| &entry.row).chain(news);
        let changes = rows.map(|row| change(self.collection(), row)).collect::<Result<_>>()?;
        let next = Token::of(snapshot, |name| !more || token.given.contains(name) || given.contains(name));
        Ok(Changes { all: changes, next, reset: false, more })
    }

    /// Finds the rows that were folded since a token and that still count: the first of them, one more than asked for if there are more.
    /// Tells also which of those that the token says were given are in the segments, up to a generation.
    async fn folded(
        &self,
        snapshot: &Snapshot,
        token: &Token,
        limit: usize,
    ) -> Result<(Vec<Entry>, impl Fn(u64) -> BTreeSet<Identity> + use<>)> {
        let bounds = Bounds {
            ascending: true,
            deletes: true,
            above: Some(token.generation),
            limit: Some(limit.saturating_add(1 + token.given.len() + snapshot.news.len())),
            ..Bounds::default()
        };
        let mut segments: Vec<_> = snapshot
            .segments()
            .iter()
            .filter(|segment| segment.stats.rows() > 0 && segment.stats.generations.1 > token.generation)
            .collect();
        segments.sort_by_key(|segment| segment.stats.generations.0);
        let (mut found, mut seen): (Vec<Entry>, Vec<(u64, Identity)>) = (Vec::new(), Vec::new());
        for segment in segments {
            let last = found.get(limit).map(|entry| entry.generation);
            if last.is_some_and(|last| last < segment.stats.generations.0) {
                break;
            }
            let volume = self.library().volume(segment).await?;
            let mut scan = Scan::new(&volume.opened, &volume.reader, &volume.kills, bounds.clone());
            let mut taken = 0;
            while taken <= limit {
                let Some((_, entry)) = scan.next().await? else { break };
                let name = identity(&entry.row);
                if token.given.contains(&name) {
                    seen.push((entry.generation, name));
                } else if !snapshot.news.covers(&entry.row.id, entry.row.state) {
                    found.push(entry);
                    taken += 1;
                }
            }
            found.sort_by(|one, other| order(one).cmp(&order(other)));
            found.truncate(limit.saturating_add(1));
        }
        let seen = move |up_to: u64| {
            seen.iter().filter(|(generation, _)| *generation <= up_to).map(|(_, name)| *name).collect()
        };
        Ok((found, seen))
    }
}

/// Rows come by generation; of one document a deletion comes before what follows it in another incarnation.
fn order(entry: &Entry) -> (u64, &str, bool) {
    (entry.generation, &entry.row.id, is_put(&entry.row))
}

fn is_put(row: &Row) -> bool {
    row.change != Act::Delete
}

/// Says what a row tells.
fn change(collection: &Collection, row: &Row) -> Result<Change> {
    let op = match &row.change {
        Act::Put(facts) => ChangeOp::Put(Box::new(meta(collection, row, facts)?)),
        Act::Delete => {
            ChangeOp::Delete { revision: row.before.as_ref().map(|before| before.state.revision()) }
        }
    };
    Ok(Change { key: key(collection, &row.id)?, op })
}

fn lineage(snapshot: &Snapshot) -> Option<String> {
    snapshot.root.as_ref().map(|root| root.lineage.clone())
}

#[cfg(test)]
pub(crate) mod tests;
