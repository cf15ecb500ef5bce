//! Finds the version that a caller names.

use std::collections::BTreeSet;

use truthound_stores_core::{Error, ErrorKind, GetOptions, Result, Store};

use crate::chain::LARGEST_PAGE;
use crate::facts::{Facts, VERSION};
use crate::head::Head;
use crate::number::{HASH_DIGITS, MAIN, SHORTEST_PREFIX, VersionId};
use crate::place::Place;
use crate::refs::{self, Kind, LATEST};
use crate::store::VersionedStore;

/// How many versions an error names that share a prefix.
const CANDIDATES: usize = 8;

fn is_hex(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

/// Tells whether a text can be the hash of a version, or its prefix.
pub(crate) fn is_prefix(text: &str) -> bool {
    (SHORTEST_PREFIX..=HASH_DIGITS).contains(&text.len()) && is_hex(text)
}

/// Tells whether a text is as long as the hash of a version, and written as one.
pub(crate) fn is_hash(name: &str) -> bool {
    name.len() == HASH_DIGITS && is_hex(name)
}

/// Tells whether a text is the prefix, or all, of a name that is a hash.
pub(crate) fn begins(text: &str, version: &str) -> bool {
    is_prefix(text) && is_hash(version) && version.starts_with(text)
}

/// Reads an ordinal as numbers are written; `012` and `+12` are none, and the former may be the prefix of a hash.
pub(crate) fn as_ordinal(text: &str) -> Option<u64> {
    let plain = text.starts_with(|first: char| ('1'..='9').contains(&first));
    text.parse().ok().filter(|_| plain)
}

/// Tells whether a text names the latest version of a line, which has this ordinal and name. A number that is not above the ordinal is no prefix.
pub(crate) fn names(text: &str, ordinal: u64, version: &str) -> bool {
    if text == version {
        return true;
    }
    match as_ordinal(text) {
        Some(number) if number <= ordinal => number == ordinal,
        _ => begins(text, version),
    }
}

pub(crate) fn unknown(place: &Place, text: &str) -> Error {
    Error::new(ErrorKind::NotFound, format!("there is no version {text:?}")).at(&place.item)
}

/// The error for a name that nothing bears, for an item with this latest version.
fn not_found(place: &Place, text: &str, main: Option<&Head>) -> Error {
    let Some(main) = main else { return unknown(place, text) };
    if as_ordinal(text).is_some_and(|ordinal| ordinal < main.floor) {
        let why = format!("the version of ordinal {text} was cleaned up");
        return Error::new(ErrorKind::NotFound, why).at(&place.item);
    }
    if !text.is_empty() && text.len() < SHORTEST_PREFIX && is_hex(text) && is_hash(&main.name) {
        let why = format!(
            "there is no version {text:?}; the prefix of a hash has {SHORTEST_PREFIX} digits at least"
        );
        return Error::new(ErrorKind::NotFound, why).at(&place.item);
    }
    unknown(place, text)
}

/// The error for a prefix that several versions have: it names them, each by as many digits as tell it from the others.
fn ambiguous(place: &Place, text: &str, several: &[Facts]) -> Error {
    let hash = |facts: &Facts| facts.info.version.clone();
    let apart = |digits: &usize| {
        let cut: BTreeSet<String> =
            several.iter().map(|facts| hash(facts).chars().take(*digits).collect()).collect();
        cut.len() == several.len()
    };
    let digits = (text.len()..HASH_DIGITS).find(apart).unwrap_or(HASH_DIGITS);
    let named = several.iter().take(CANDIDATES).map(|facts| {
        let short: String = hash(facts).chars().take(digits).collect();
        format!("{short} (ordinal {})", facts.info.ordinal)
    });
    let mut named = named.collect::<Vec<_>>().join(", ");
    if several.len() > CANDIDATES {
        named.push_str(", …");
    }
    let why = format!("{text:?} is the prefix of {} versions: {named}; give more digits", several.len());
    Error::invalid(why).at(&place.item)
}

/// The error for a name that several versions have: histories that were brought together may hold some.
fn named_alike(place: &Place, text: &str, several: &[Facts]) -> Error {
    let named = several.iter().take(CANDIDATES).map(|facts| {
        format!("ordinal {} of {} from {}", facts.info.ordinal, facts.info.branch, facts.info.created_at)
    });
    let named = named.collect::<Vec<_>>().join(", ");
    let why = format!(
        "{text:?} is the name of {} versions: {named}; ask by ordinal, by branch, or by a label",
        several.len()
    );
    Error::invalid(why).at(&place.item)
}

impl<S: Store> VersionedStore<S> {
    /// Finds a version by ordinal, label, branch, name or prefix of a hash, in this order. A number up to the latest ordinal is never a prefix.
    ///
    /// # Errors
    /// `NotFound` if nothing bears the name; `Invalid` if several versions do, or if a prefix is that of several versions.
    pub(crate) async fn resolve(&self, place: &Place, text: &str) -> Result<Facts> {
        let main = self.line(place, None).await?;
        if text == LATEST || text == MAIN {
            let head = main.ok_or_else(|| unknown(place, text))?;
            return self.facts(place, head.id).await;
        }
        let latest = main.as_ref().map_or(0, |main| main.id.ordinal);
        let ordinal = as_ordinal(text).filter(|ordinal| *ordinal <= latest);
        if let Some(ordinal) = ordinal
            && let Some(facts) = self.by_ordinal(place, main.as_ref(), ordinal).await?
        {
            return Ok(facts);
        }
        let plain = refs::check_name(Kind::Label, text).is_ok();
        for kind in [Kind::Label, Kind::Branch].into_iter().filter(|_| plain) {
            if let Some((found, _)) = refs::read(&self.inner, place, kind, text).await? {
                return self.facts(place, found.head.id).await;
            }
        }
        let query = place.versions(u64::MAX)?.with_tag(VERSION, text);
        let named = self.reached(place, main.as_ref(), query, |_| true).await?;
        match named.as_slice() {
            [] => {}
            [one] => return Ok(one.clone()),
            several => return Err(named_alike(place, text, several)),
        }
        if ordinal.is_none()
            && let Some(facts) = self.by_prefix(place, main.as_ref(), text).await?
        {
            return Ok(facts);
        }
        Err(not_found(place, text, main.as_ref()))
    }

    /// Finds the version whose hash begins with a text.
    ///
    /// # Errors
    /// `Invalid` if there are several, which it names.
    pub(crate) async fn by_prefix(
        &self,
        place: &Place,
        main: Option<&Head>,
        text: &str,
    ) -> Result<Option<Facts>> {
        if !is_prefix(text) {
            return Ok(None);
        }
        let query = place.versions(u64::MAX)?.with_page_size(LARGEST_PAGE);
        let found = self.reached(place, main, query, |facts| begins(text, &facts.info.version)).await?;
        match found.as_slice() {
            [] => Ok(None),
            [one] => Ok(Some(one.clone())),
            several => Err(ambiguous(place, text, several)),
        }
    }

    /// Reads a version's facts.
    ///
    /// # Errors
    /// `Corrupt` if the record is gone.
    pub(crate) async fn facts(&self, place: &Place, id: VersionId) -> Result<Facts> {
        let key = place.version(id)?;
        match self.inner.get_opts(&key, GetOptions::meta_only()).await {
            Ok(stored) => Facts::of(place, &stored.meta),
            Err(error) if error.kind() == ErrorKind::NotFound => Err(self.gone(place, id).await),
            Err(error) => Err(error),
        }
    }

    /// The error for a version's record that is gone.
    pub(crate) async fn gone(&self, place: &Place, id: VersionId) -> Error {
        match self.lost(place, id).await {
            Ok(Some(error)) | Err(error) => error,
            Ok(None) => {
                let message = format!("the version of ordinal {} was cleaned up", id.ordinal);
                Error::new(ErrorKind::NotFound, message).at(&place.item)
            }
        }
    }

    /// Finds the version of the main line that has an ordinal; one that was cleaned up only if a label keeps it.
    async fn by_ordinal(&self, place: &Place, main: Option<&Head>, ordinal: u64) -> Result<Option<Facts>> {
        let Some(main) = main.filter(|main| (1..=main.id.ordinal).contains(&ordinal)) else {
            return Ok(None);
        };
        if ordinal < main.floor {
            let labels = refs::all(&self.inner, place).await?;
            let label = labels.into_iter().find(|label| {
                label.kind == Kind::Label
                    && label.head.id.ordinal == ordinal
                    && !label.head.name.contains('/')
            });
            return match label {
                Some(label) => self.facts(place, label.head.id).await.map(Some),
                None => Ok(None),
            };
        }
        let page = self.inner.list_page(&place.versions_between(ordinal, ordinal)?, None).await?;
        if let Some(damaged) = page.damaged.into_iter().next() {
            return Err(damaged);
        }
        for meta in &page.metas {
            let facts = Facts::of(place, meta)?;
            if self.reaches(place, main, &facts).await? {
                return Ok(Some(facts));
            }
        }
        // One that should be there is not: the way to it says so.
        self.walk(place, main, LARGEST_PAGE, |passed| passed.id.ordinal > ordinal).await?;
        Ok(None)
    }

    /// Lists the versions that answer a query, meet a condition, and are part of the main line or of a branch.
    async fn reached(
        &self,
        place: &Place,
        main: Option<&Head>,
        query: truthound_stores_core::Query,
        wanted: impl Fn(&Facts) -> bool + Send,
    ) -> Result<Vec<Facts>> {
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let page = self.inner.list_page(&query, after).await?;
            if let Some(damaged) = page.damaged.into_iter().next() {
                return Err(damaged);
            }
            for meta in &page.metas {
                let facts = Facts::of(place, meta)?;
                if wanted(&facts) {
                    found.push(facts);
                }
            }
            match page.next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
        let mut kept = Vec::new();
        for facts in found {
            if self.is_reached(place, main, &facts, None).await? {
                kept.push(facts);
            }
        }
        Ok(kept)
    }

    /// Tells whether a line or a label holds a version; `without` is a reference that does not count.
    pub(crate) async fn is_reached(
        &self,
        place: &Place,
        main: Option<&Head>,
        facts: &Facts,
        without: Option<(Kind, &str)>,
    ) -> Result<bool> {
        if let Some(main) = main
            && self.reaches(place, main, facts).await?
        {
            return Ok(true);
        }
        for other in refs::all(&self.inner, place).await? {
            if without == Some((other.kind, other.name.as_str())) {
                continue;
            }
            let holds = match other.kind {
                Kind::Label => other.head.id == facts.id,
                Kind::Branch => self.reaches(place, &other.head, facts).await?,
                Kind::End => false,
            };
            if holds {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
