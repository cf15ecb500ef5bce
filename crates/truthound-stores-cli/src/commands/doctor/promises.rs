//! A store's capabilities as findings: what it can is good, what it cannot is a warning that says what follows from it.

use truthound_stores::{Finding, Level, StoreInfo};

/// The subject of the promise that documents can be saved.
pub(super) const WRITING: &str = "writing";

const EVERY_CHANGE: &str = "every change";

/// Says where a store is and what it can do.
pub(super) fn of(info: &StoreInfo) -> Vec<Finding> {
    let can = &info.capabilities;
    let mut findings = vec![Finding::new(
        Level::Good,
        "store",
        format!("{} at {}", info.backend, if info.location.is_empty() { "no place" } else { &info.location }),
    )];
    for (yes, subject, good, warning, remedy) in [
        (
            can.writable,
            WRITING,
            "documents can be saved and deleted",
            "the store is open for reading only: saving and deleting are refused",
            "copy its documents into a store of another kind to change them",
        ),
        (
            can.durable,
            "durability",
            "what was acknowledged survives the end of the process",
            "what is saved ends with the process",
            "use another store, such as file:PATH, for what must last",
        ),
        (
            can.shared,
            "sharing",
            "several processes may use the store at once",
            "only one process may use the store",
            "let one process do all the work, or use another store",
        ),
        (
            can.create_only,
            "create only",
            "of many writers that create one id, exactly one wins",
            "saving only what is absent is refused",
            "do not rely on save --if-absent here",
        ),
        (
            can.compare_and_swap,
            "compare and swap",
            "a write or delete can be bound to the revision that was read",
            "writes and deletes cannot be bound to a revision: the last one wins",
            "let one process at a time change a document",
        ),
        (
            can.change_feed,
            "change feed",
            "every write and delete can be followed (watch)",
            "there is no change feed: watch, and all that follows changes, is refused",
            "compare listings instead",
        ),
        (
            can.every_change,
            EVERY_CHANGE,
            "the change feed tells each of several changes of one document",
            "of several changes of one document the change feed may tell the last one only",
            "do not count on seeing each state of a document that is overwritten",
        ),
    ] {
        // Of a feed that there is not, nothing is to be said.
        if subject == EVERY_CHANGE && !can.change_feed {
            continue;
        }
        findings.push(if yes {
            Finding::new(Level::Good, subject, good)
        } else {
            Finding::new(Level::Warning, subject, warning).with_remedy(remedy)
        });
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use truthound_stores::Capabilities;

    #[test]
    fn what_a_store_can_is_good_and_what_it_cannot_is_a_warning_with_a_remedy() {
        let can = Capabilities::none().with_durable(true).with_writable(true);
        let findings = of(&StoreInfo::new("sample", "/srv/results", can));
        for finding in &findings {
            let is_good = ["store", "writing", "durability"].contains(&finding.subject);
            assert_eq!(finding.level == Level::Good, is_good, "{finding:?}");
            assert_eq!(finding.remedy.is_none(), is_good, "{finding:?}");
        }
        assert_eq!(findings.len(), 7);
        let with_feed = of(&StoreInfo::new("sample", "/srv/results", can.with_change_feed(true)));
        let every = with_feed.iter().find(|finding| finding.subject == EVERY_CHANGE);
        assert_eq!(every.map(|finding| finding.level), Some(Level::Warning));
    }
}
