//! Pages of listings: each shows what is there when it is read.

use std::ops::Bound;

use object_store::path::{DELIMITER, Path};
use truthound_stores_core::Checksum;

use super::super::command::{ListPage, Page};
use super::super::options::StoreOptions;
use super::{Bucket, Object};

impl Bucket {
    /// Reads one page.
    pub(super) fn page(&self, options: &StoreOptions, page: &ListPage) -> Page {
        if options.sorted { self.sorted_page(page) } else { self.scattered_page(page) }
    }

    fn sorted_page(&self, page: &ListPage) -> Page {
        let mut found = Page::default();
        let mut from = Bound::Included(page.prefix.clone());
        for start in page.offset.iter().chain(&page.after) {
            from = later(from, past(start));
        }
        let mut last = None;
        while let Some((name, object)) = self.objects.range((from, Bound::Unbounded)).next() {
            let Some(rest) = name.strip_prefix(&page.prefix) else { break };
            if found.objects.len() + found.common_prefixes.len() >= page.max.max(1) {
                found.next = last;
                break;
            }
            let entry = take(&mut found, page, name, rest, object);
            from = past(&entry);
            last = Some(entry);
        }
        found
    }

    /// As a hash would order them: the same names in the same order, which says nothing.
    fn scattered_page(&self, page: &ListPage) -> Page {
        let mut named: Vec<_> = self
            .objects
            .iter()
            .filter(|(name, _)| page.offset.as_ref().is_none_or(|offset| *name > offset))
            .filter_map(|(name, object)| {
                let rest = name.strip_prefix(&page.prefix)?;
                let entry = entry(page, name, rest);
                Some((scatter(&entry), entry, name, rest, object))
            })
            .collect();
        named.sort_by(|one, other| one.0.cmp(&other.0));
        // Names under one common prefix are one entry.
        named.dedup_by(|one, other| one.1 == other.1);
        let after = page.after.as_deref().map(scatter);
        let mut found = Page::default();
        let mut last = None;
        for (_, entry, name, rest, object) in
            named.into_iter().filter(|(order, ..)| after.as_ref().is_none_or(|after| order > after))
        {
            if found.objects.len() + found.common_prefixes.len() >= page.max.max(1) {
                found.next = last;
                break;
            }
            take(&mut found, page, name, rest, object);
            last = Some(entry);
        }
        found
    }
}

/// Adds a name, or the common prefix that stands for it, and returns which of the two it was.
fn take(found: &mut Page, page: &ListPage, name: &str, rest: &str, object: &Object) -> String {
    let entry = entry(page, name, rest);
    if entry == name {
        found.objects.push(object.meta());
    } else {
        found.common_prefixes.push(Path::parse(&entry).unwrap());
    }
    entry
}

/// Returns what a name is listed as: itself, or the common prefix with its `/`.
fn entry(page: &ListPage, name: &str, rest: &str) -> String {
    match rest.split_once(DELIMITER) {
        Some((folder, _)) if page.delimiter => format!("{}{folder}{DELIMITER}", page.prefix),
        _ => name.into(),
    }
}

/// Returns where a listing goes on after an entry; after a common prefix, behind all names that it stands for.
fn past(entry: &str) -> Bound<String> {
    match entry.strip_suffix(DELIMITER) {
        // The character after `/`.
        Some(folder) => Bound::Included(format!("{folder}0")),
        None => Bound::Excluded(entry.into()),
    }
}

fn later(one: Bound<String>, other: Bound<String>) -> Bound<String> {
    let name = |bound: &Bound<String>| match bound {
        Bound::Included(name) => (name.clone(), false),
        Bound::Excluded(name) => (name.clone(), true),
        Bound::Unbounded => (String::new(), false),
    };
    if name(&one) >= name(&other) { one } else { other }
}

fn scatter(entry: &str) -> (Vec<u8>, String) {
    (Checksum::of(entry.as_bytes()).as_bytes().to_vec(), entry.into())
}
