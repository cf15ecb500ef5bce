use super::*;

#[test]
fn extra_facts_stop_at_their_limit_and_stay_as_they_were() {
    let mut ext = Ext::default();
    ext.set("a", "x".repeat(1000)).unwrap();
    assert!(ext.set("b", "y".repeat(23)).is_err());
    assert_eq!(ext.get("b"), None);
    ext.set("b", "y".repeat(22)).unwrap();
    // Replacing counts what goes.
    assert_eq!(ext.set("a", "z".repeat(1000)).unwrap().unwrap().len(), 1000);
    assert_eq!(ext.remove("a").unwrap().len(), 1000);
    assert_eq!(ext.iter().count(), 1);
}

#[test]
#[allow(clippy::float_cmp, reason = "the values are exact")]
fn rates_of_nothing_are_those_of_truthound() {
    let nothing = Statistics::default();
    assert_eq!((nothing.pass_rate(), nothing.issue_rate()), (1.0, 0.0));
    let some = Statistics {
        total_validators: 4,
        passed_validators: 3,
        total_rows: 10,
        total_issues: 5,
        ..Statistics::default()
    };
    assert_eq!((some.pass_rate(), some.issue_rate()), (0.75, 0.5));
}
