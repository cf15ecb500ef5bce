//! One consistent view of a catalog: its tail, and the root that was read after it.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use futures_util::{StreamExt, TryStreamExt, stream};
use truthound_stores_core::{Error, ErrorKind, Result};

use super::span::{HORIZON, Moment};
use super::{Consistency, Index, locked};
use crate::library::is_gone;
use crate::news::{News, is_above};
use crate::root::{Root, Segment};
use crate::row::Row;
use crate::state::State;
use crate::tail::{Kind, Name, Unique};

/// How often a query begins again because a part of the catalog that its root names is gone.
const REPLANS: u32 = 3;
/// How often a view is taken anew because too much time lay between tail and root.
const VIEWS: u32 = 10;
/// So many rows are looked up at once at the most.
const TOGETHER: usize = 8;

/// A view of the catalog.
#[derive(Debug)]
pub(crate) struct Snapshot {
    /// The root that was read after the tail was listed; `None` for a store without one: nothing was ever folded.
    pub(crate) root: Option<Arc<Root>>,
    /// The rows of the tail that no fold had taken, those that are known or replaced among them.
    pub(crate) listed: Vec<Row>,
    /// Those of them that count.
    pub(crate) news: News,
}

/// A view that may be used again, and when its tail was listed.
#[derive(Debug)]
pub(super) struct Pair {
    snapshot: Arc<Snapshot>,
    at: Moment,
}

/// Which rows at or below the watermark of a root are known there: looking one up takes requests, and the next query meets it again.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// Names the root.
    nonce: String,
    rows: BTreeMap<(State, String), bool>,
    /// Where the rows lie that rows of the tail end: segment and position.
    ended: BTreeMap<(State, String), Option<(usize, u32)>>,
}

impl Known {
    /// Says what a row ends by a root, if that was looked up.
    #[allow(clippy::option_option, reason = "one says whether it is known, the other what is known")]
    pub(super) fn ended(&self, root: &Root, row: &Row) -> Option<Option<(usize, u32)>> {
        let known = self.ended.get(&(row.state, row.id.clone())).copied();
        known.filter(|_| self.nonce == root.nonce)
    }

    pub(super) fn remember(&mut self, root: &Root, row: Row, place: Option<(usize, u32)>) {
        if self.nonce == root.nonce {
            self.ended.insert((row.state, row.id), place);
        }
    }
}

/// How often a query has begun.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    replans: u32,
}

impl Plan {
    /// Tells whether a query is to begin again after this error, with a view of its own.
    pub(crate) fn again(&mut self, error: &Error) -> bool {
        let again = is_gone(error) && self.replans < REPLANS;
        self.replans += u32::from(again);
        again
    }
}

impl Snapshot {
    /// The segments of the root, newest first.
    pub(crate) fn segments(&self) -> &[Segment] {
        self.root.as_ref().map_or(&[], |root| &root.segments)
    }
}

impl Index {
    /// Takes a view, or the one before, where that will do.
    ///
    /// # Errors
    /// Those of the requests; `Corrupt`, naming the object, for what is not what was written.
    pub(crate) async fn snapshot(&self, plan: &Plan) -> Result<Arc<Snapshot>> {
        if let (Consistency::Bounded(age), 0) = (self.consistency, plan.replans)
            && let Some(pair) = &*locked(&self.pair)
            && pair.at.ago(&*self.clock) <= age
        {
            return Ok(Arc::clone(&pair.snapshot));
        }
        self.fresh().await
    }

    /// Takes a view anew, whatever was asked for.
    ///
    /// # Errors
    /// As for [`snapshot`](Self::snapshot).
    pub(crate) async fn fresh(&self) -> Result<Arc<Snapshot>> {
        for _ in 0..VIEWS {
            let at = Moment::now(&*self.clock);
            if let Some(snapshot) = self.view(at).await? {
                let snapshot = Arc::new(snapshot);
                if self.consistency != Consistency::Strong {
                    *locked(&self.pair) = Some(Pair { snapshot: Arc::clone(&snapshot), at });
                }
                return Ok(snapshot);
            }
        }
        Err(Error::new(
            ErrorKind::Unavailable,
            "reading the catalog was held up again and again: listing its tail and reading its root took more than 15 minutes each time",
        ))
    }

    /// Takes a view; `None` if too much time lay between its parts: a tombstone may have been dropped in between, and the old listing
    /// would show what it had ended.
    async fn view(&self, begun: Moment) -> Result<Option<Snapshot>> {
        let listed = self.shelf().tail().await?;
        // Read before the root: what is gone by now has been folded before, and the root knows it.
        let rows = self.bodies.rows(self.shelf(), &listed).await?;
        let root = self.root().await?;
        if begun.ago(&*self.clock) > HORIZON {
            return Ok(None);
        }
        let pending: HashSet<Unique> = root.iter().flat_map(|root| root.pending.iter().copied()).collect();
        let is_pending = |name: &Name| name.unique().is_some_and(|unique| pending.contains(&unique));
        let rows = listed.iter().zip(&rows).filter(|(listed, _)| !is_pending(&listed.name));
        let (mut bodies, mut all) = (0, Vec::new());
        for (listed, rows) in rows {
            bodies += usize::from(listed.name.kind() == Kind::Body);
            all.extend(rows.iter().cloned());
        }
        let listed: Vec<Row> = all;
        *locked(&self.tail) = (listed.len(), bodies);
        let news = match &root {
            Some(root) => News::of(self.unknown(root, &listed).await?),
            None => News::of(listed.iter().cloned()),
        };
        Ok(Some(Snapshot { root, listed, news }))
    }

    /// Gets the root, and lets go of what was read by the one before.
    pub(super) async fn root(&self) -> Result<Option<Arc<Root>>> {
        let before = locked(&self.seen).clone();
        let now = self.shelf().root(before.as_ref()).await?;
        let root = now.as_ref().map(|seen| Arc::clone(&seen.root));
        if let Some(root) = &root
            && before.is_none_or(|before| before.root.nonce != root.nonce)
        {
            self.library.keep_only(root);
        }
        *locked(&self.seen) = now;
        Ok(root)
    }

    /// Leaves out the rows that the segments of a root know.
    async fn unknown(&self, root: &Root, listed: &[Row]) -> Result<Vec<Row>> {
        let asked: Vec<&Row> = {
            let mut known = locked(&self.known);
            if known.nonce != root.nonce {
                *known = Known { nonce: root.nonce.clone(), ..Known::default() };
            }
            let below = listed.iter().filter(|row| !is_above(row, root.watermark));
            below.filter(|row| !known.rows.contains_key(&(row.state, row.id.clone()))).collect()
        };
        let ask = |row: &Row| {
            let row = row.clone();
            async move {
                let knows = self.library.knows(root, &row).await?;
                Ok::<_, Error>(((row.state, row.id), knows))
            }
        };
        let questions: Vec<_> = asked.into_iter().map(ask).collect();
        let answers: BTreeMap<(State, String), bool> =
            stream::iter(questions).buffered(TOGETHER).try_collect().await?;
        let mut known = locked(&self.known);
        // Another query may have read another root meanwhile: what is known there says nothing here.
        let kept = if known.nonce == root.nonce {
            known.rows.extend(answers.clone());
            Some(&known.rows)
        } else {
            None
        };
        let is_known = |row: &Row| {
            let name = (row.state, row.id.clone());
            answers.get(&name).or_else(|| kept?.get(&name)).copied().unwrap_or(false)
        };
        Ok(listed.iter().filter(|row| is_above(row, root.watermark) || !is_known(row)).cloned().collect())
    }
}
