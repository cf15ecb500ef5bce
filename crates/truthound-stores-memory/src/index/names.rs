//! The names that a query allows for an attribute, and the groups that have them.

use std::ops::Bound;

use truthound_stores_core::{Part, Pattern, Query, Status};

use super::Groups;
use super::group::Group;

/// Says which names of an attribute a query allows.
#[derive(Clone, Debug)]
pub(super) enum Names<'q> {
    /// All of them.
    Any,
    /// These, sorted, each once.
    OneOf(Vec<&'q str>),
    /// Those that match.
    Matching(&'q Pattern),
}

impl<'q> Names<'q> {
    /// Names the assets that `query` allows.
    pub(super) fn of_assets(query: &'q Query) -> Self {
        match &query.data_asset {
            None => Self::Any,
            Some(pattern) if pattern.parts() == [Part::AnyText] => Self::Any,
            Some(pattern) => match pattern.as_literal() {
                Some(name) => Self::OneOf(vec![name]),
                None => Self::Matching(pattern),
            },
        }
    }

    /// Names the statuses that `query` allows.
    pub(super) fn of_statuses(query: &'q Query) -> Self {
        if query.status.is_empty() {
            return Self::Any;
        }
        let mut names: Vec<&str> = query.status.iter().map(Status::as_str).collect();
        names.sort_unstable();
        names.dedup();
        Self::OneOf(names)
    }

    pub(super) fn is_any(&self) -> bool {
        matches!(self, Self::Any)
    }

    /// Walks over the groups that have an allowed name, in the order of names, from the name `from` (inclusive) on.
    pub(super) fn groups<'a>(
        self,
        groups: &'a Groups,
        from: Option<&'a str>,
        ascending: bool,
    ) -> Box<dyn Iterator<Item = (&'a str, &'a Group)> + 'a>
    where
        'q: 'a,
    {
        let reached = move |name: &str| match from {
            None => true,
            Some(from) if ascending => name >= from,
            Some(from) => name <= from,
        };
        match self {
            Self::Any => walk(groups, "", from, ascending),
            Self::Matching(pattern) => {
                let walk = walk(groups, &pattern.prefix(), from, ascending);
                Box::new(walk.filter(|(name, _)| pattern.matches(name)))
            }
            Self::OneOf(mut names) => {
                if !ascending {
                    names.reverse();
                }
                let names = names.into_iter().filter(move |name| reached(name));
                Box::new(names.filter_map(|name| Some((name, groups.get(name)?))))
            }
        }
    }
}

/// Walks over the groups whose names begin with `prefix`, from the name `from` on.
fn walk<'a>(
    groups: &'a Groups,
    prefix: &str,
    from: Option<&str>,
    ascending: bool,
) -> Box<dyn Iterator<Item = (&'a str, &'a Group)> + 'a> {
    let prefix = prefix.to_owned();
    if ascending {
        let first = from.map_or(prefix.as_str(), |from| from.max(&prefix));
        let range = groups.range::<str, _>((Bound::Included(first), Bound::Unbounded));
        let names = range.map(|(name, group)| (&**name, group));
        Box::new(names.take_while(move |(name, _)| name.starts_with(&prefix)))
    } else {
        let end = successor(&prefix);
        let last = match (from, end.as_deref()) {
            (Some(from), Some(end)) if end <= from => Bound::Excluded(end),
            (Some(from), _) => Bound::Included(from),
            (None, Some(end)) => Bound::Excluded(end),
            (None, None) => Bound::Unbounded,
        };
        let range = groups.range::<str, _>((Bound::Unbounded, last)).rev();
        let names = range.map(|(name, group)| (&**name, group));
        Box::new(names.take_while(move |(name, _)| name.starts_with(&prefix)))
    }
}

/// Returns the smallest text that is greater than all that begin with `prefix`; `None` if there is none.
fn successor(prefix: &str) -> Option<String> {
    let mut text = prefix.to_owned();
    while let Some(last) = text.pop() {
        // The range steps over the code points that are no characters.
        if let Some(next) = (last..=char::MAX).nth(1) {
            text.push(next);
            return Some(text);
        }
    }
    None
}

#[cfg(test)]
mod tests;
