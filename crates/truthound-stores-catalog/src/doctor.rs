//! What a collection's catalog can and cannot promise, said from facts.

use std::time::Duration;

use truthound_stores_core::{Collection, Finding, Level, Timestamp};

use crate::reindex::found::{counted, damaged_index, of};
use crate::root::Root;

/// More rows than this in the tail, and queries notice.
const LONG_TAIL: usize = 4_096;
/// Clocks further apart than this make every row one that has to be looked up.
const SKEW: Duration = Duration::from_mins(5);
/// A root of more bytes than this is read by every query, and is longer than it should be.
const LARGE_ROOT: u64 = 256 << 10;

/// What is known of the place of a store: how far its conditions hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Conditions {
    /// Whether creating what is there, and replacing what has changed, is refused.
    pub(crate) excludes: bool,
    /// Whether there is a request that compares and deletes in one.
    pub(crate) compares_and_deletes: bool,
    /// Whether objects can be written at all.
    pub(crate) writable: bool,
}

/// What is known of a collection's catalog.
#[derive(Debug, Default)]
pub(crate) struct Facts<'f> {
    /// Why the root cannot be read or relied on.
    pub(crate) damage: Option<String>,
    pub(crate) root: Option<&'f Root>,
    /// How many bytes the root takes.
    pub(crate) root_bytes: u64,
    /// When the root was last changed, by the store's clock.
    pub(crate) root_changed: Option<Timestamp>,
    /// How many documents the catalog lists.
    pub(crate) documents: u64,
    /// How many objects of the tail wait to be folded.
    pub(crate) tail: usize,
    /// When Truthound's own `_index.json` was last written, if it is there.
    pub(crate) hint_changed: Option<Timestamp>,
    /// Whether there are documents, for a collection without a root.
    pub(crate) has_documents: bool,
}

/// Says what the place can promise.
pub(crate) fn of_the_place(conditions: Conditions, skew: Option<i64>) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.push(if conditions.excludes {
        Finding::new(Level::Good, "conditions", "writers exclude each other here: any number of them may write at once")
    } else {
        let text = "this store lets everybody win who writes under a condition: only one process may write at a time";
        Finding::new(Level::Warning, "conditions", text).with_remedy("write from one process, or keep the store elsewhere")
    });
    if !conditions.compares_and_deletes {
        let text = "this store cannot delete under a condition: the marks of deleted documents stay for ever, as small objects";
        findings.push(Finding::new(Level::Note, "conditions", text));
    }
    if !conditions.writable {
        let text = "the credentials do not allow to write here: the store can be read only";
        let cure =
            "whoever only reads needs no more; whoever saves, deletes or maintains must be allowed to write";
        findings.push(Finding::new(Level::Warning, "access", text).with_remedy(cure));
    }
    if let Some(skew) = skew
        && skew.unsigned_abs() > u64::try_from(SKEW.as_micros()).unwrap_or(u64::MAX)
    {
        let direction = if skew > 0 { "ahead of" } else { "behind" };
        let text = format!(
            "this machine's clock is {} {direction} the store's: what it saves is ordered wrongly beside what others save, and readers look up more",
            counted(skew.unsigned_abs() / 60_000_000, "minute")
        );
        findings.push(
            Finding::new(Level::Warning, "clock", text)
                .with_remedy("set the clock, or let it be set by a time server"),
        );
    }
    findings
}

/// Says how the catalog of a collection is.
pub(crate) fn of_the_catalog(collection: &Collection, facts: &Facts<'_>) -> Vec<Finding> {
    if let Some(what) = &facts.damage {
        let finding = damaged_index(collection, what);
        return vec![finding.with_remedy("`verify --repair` rebuilds it from the documents")];
    }
    let Some(root) = facts.root else {
        let finding = match (facts.has_documents, *collection == Collection::RESULTS) {
            (true, _) => {
                let text = format!(
                    "the documents{} have no index yet: the next command that looks for some makes it",
                    of(collection)
                );
                Some(Finding::new(Level::Note, "index", text))
            }
            (false, true) => Some(Finding::new(Level::Note, "store", "nothing is stored here yet")),
            (false, false) => None,
        };
        return finding.into_iter().collect();
    };
    let mut findings = Vec::new();
    let text = format!("the index{} knows {}", of(collection), counted(facts.documents, "document"));
    findings.push(Finding::new(Level::Good, "index", text));
    if facts.tail > LONG_TAIL {
        let text = format!(
            "{} of the index{} wait to be folded, and each query reads them",
            counted(facts.tail as u64, "change"),
            of(collection)
        );
        findings.push(Finding::new(Level::Warning, "index", text).with_remedy("`maintain` folds them"));
    }
    if facts.root_bytes > LARGE_ROOT {
        let text = format!(
            "the root of the index{} takes {} KiB, and each query reads it",
            of(collection),
            facts.root_bytes >> 10
        );
        findings
            .push(Finding::new(Level::Warning, "index", text).with_remedy("`maintain` merges its segments"));
    }
    if let (Some(hint), Some(root)) = (facts.hint_changed, facts.root_changed)
        && hint > root
    {
        let text = "Truthound has written its _index.json since the index was last changed: documents of its may be unknown here";
        findings.push(
            Finding::new(Level::Warning, "index", text)
                .with_remedy("`reindex --quick` takes them up, and so does `maintain`"),
        );
    }
    if root.suffixes.len() > 1 {
        let text = format!(
            "documents{} have {} different endings ({}): an id that the index does not know may take as many requests",
            of(collection),
            root.suffixes.len(),
            root.suffixes.join(", ")
        );
        findings.push(Finding::new(Level::Note, "documents", text));
    }
    findings
}

#[cfg(test)]
mod tests {
    use truthound_stores_testkit::ManualClock;

    use super::*;

    fn said(findings: &[Finding]) -> Vec<(Level, &'static str)> {
        findings.iter().map(|finding| (finding.level, finding.subject)).collect()
    }

    #[test]
    fn a_place_is_judged_by_its_conditions_and_its_clock() {
        let sound = Conditions { excludes: true, compares_and_deletes: true, writable: true };
        assert_eq!(said(&of_the_place(sound, Some(3_000_000))), [(Level::Good, "conditions")]);
        let poor = of_the_place(Conditions::default(), Some(-3_600_000_000));
        let expected = [
            (Level::Warning, "conditions"),
            (Level::Note, "conditions"),
            (Level::Warning, "access"),
            (Level::Warning, "clock"),
        ];
        assert_eq!(said(&poor), expected);
        assert!(poor[3].message.contains("60 minutes behind"), "{poor:?}");
    }

    #[test]
    fn a_catalog_is_judged_by_its_root() {
        let results = &Collection::RESULTS;
        assert_eq!(said(&of_the_catalog(results, &Facts::default())), [(Level::Note, "store")]);
        assert_eq!(said(&of_the_catalog(&Collection::EXPECTATIONS, &Facts::default())), []);
        let without = Facts { has_documents: true, ..Facts::default() };
        assert_eq!(said(&of_the_catalog(results, &without)), [(Level::Note, "index")]);
        let damaged = Facts { damage: Some("torn".to_owned()), ..Facts::default() };
        assert_eq!(said(&of_the_catalog(results, &damaged)), [(Level::Damage, "index")]);
        let clock = ManualClock::new(1);
        let mut root = Root::first(&clock, ".json");
        let time = |micros| Some(Timestamp::from_micros(micros));
        let sound =
            Facts { root: Some(&root), root_changed: time(5), hint_changed: time(4), ..Facts::default() };
        assert_eq!(said(&of_the_catalog(results, &sound)), [(Level::Good, "index")]);
        root.suffixes.push(".json.gz".to_owned());
        let strained = Facts {
            root: Some(&root),
            root_bytes: 300 << 10,
            root_changed: time(4),
            hint_changed: time(5),
            tail: 5_000,
            ..Facts::default()
        };
        let expected = [
            (Level::Good, "index"),
            (Level::Warning, "index"),
            (Level::Warning, "index"),
            (Level::Warning, "index"),
            (Level::Note, "documents"),
        ];
        assert_eq!(said(&of_the_catalog(results, &strained)), expected);
    }
}
