use super::*;
use truthound_stores::Key;

fn with(findings: impl IntoIterator<Item = Finding>) -> Report {
    let mut report = Report::new();
    report.documents = 3;
    findings.into_iter().for_each(|finding| report.add(finding));
    report
}

#[test]
fn the_totals_say_what_there_is_and_not_what_there_is_not() {
    assert_eq!(totals("verified", &with([])), "verified 3 documents, no damage");
    let found = with([
        Finding::new(Level::Damage, "document", "cut"),
        Finding::new(Level::Damage, "index", "lost").with_repaired(true),
        Finding::new(Level::Note, "document", "new"),
        Finding::new(Level::Note, "document", "new"),
        Finding::new(Level::Good, "index", "whole"),
    ]);
    assert_eq!(totals("verified", &found), "verified 3 documents, 1 case of damage, 2 notes, 1 repaired");
}

/// What programs read of a finding is what the library says of it.
#[test]
fn rows_hold_what_serde_writes() {
    let finding =
        Finding::new(Level::Damage, "document", "cut").at(Key::result("a").unwrap()).with_remedy("mend it");
    let written = serde_json::to_value(&finding).unwrap();
    assert_eq!(written.as_object().unwrap().len(), Finding::NAMES.len());
    for (name, value) in Finding::NAMES.iter().zip(finding.values()) {
        assert_eq!(written[name], value, "{name}");
    }
}
