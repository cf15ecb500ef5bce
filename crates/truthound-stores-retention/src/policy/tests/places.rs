//! Policies gave places among the newest to records that another policy of the same `any` took away. A policy took a hundred failures, a count of a hundred beside
//! it took the fifty successes behind them, and of "the newest hundred" nothing was left. The same went for every rule of a keep policy.

use super::*;

/// Shows records to policies of which one is enough, in both orders; answers what goes, which the order must not change. Held records are protected.
fn gone(policies: &[Policy], metas: &[RecordMeta]) -> Vec<(String, RetentionAction)> {
    let shown = |policies: Vec<Policy>| {
        let mut judge = CompositePolicy::any(policies).judge().unwrap();
        let mut assets = crate::assets::Assets::default();
        let mut gone = Vec::new();
        for meta in metas {
            let asset = assets.number(&meta.attributes.data_asset);
            let protected = meta.attributes.tags.contains_key("legal_hold");
            let seen = Seen { protected, ..seen(meta, asset) };
            let trigger = judge.judge(&seen).filter(|_| !protected);
            gone.extend(trigger.map(|trigger| (meta.key.id().to_owned(), trigger.action)));
        }
        gone
    };
    let (one, other) = (shown(policies.to_vec()), shown(policies.iter().rev().cloned().collect()));
    assert_eq!(one, other, "the order of policies decides nothing");
    one
}

fn names(gone: &[(String, RetentionAction)]) -> Vec<&str> {
    gone.iter().map(|(id, _)| id.as_str()).collect()
}

fn failures() -> Policy {
    StatusBasedPolicy::new("failure", 0.5, Delete).into()
}

/// Three failures of today and the days before, each a bit newer than a success of the same day.
fn pairs() -> Vec<RecordMeta> {
    let day = |day: u32| {
        let days = 1.0 + f64::from(day);
        [
            meta(&format!("failed {day}"), "a", "failure", days),
            meta(&format!("good {day}"), "a", "success", days + 0.1),
        ]
    };
    (0..3).flat_map(day).collect()
}

const FAILED: [&str; 3] = ["failed 0", "failed 1", "failed 2"];

#[test]
fn the_newest_are_the_newest_of_what_is_left() {
    for policy in [
        CountBasedPolicy::new(3, Delete).into(),
        CountBasedPolicy::per_asset(3, Delete).into(),
        SizeBasedPolicy::new(300, Delete).into(),
        KeepPolicy::new(Delete).with_last(3).into(),
        KeepPolicy::new(Delete).with_daily(3).into(),
        KeepPolicy::new(Delete).with_hourly(3).with_per_asset(false).into(),
    ] {
        let policy: Policy = policy;
        assert_eq!(names(&gone(&[policy.clone(), failures()], &pairs())), FAILED, "{policy}");
        // Whatever takes a record for what it is: its age, its tag, a function.
        let function = PredicatePolicy::new("mine", Delete, |meta, _| {
            meta.key.id().starts_with("failed").then(|| "it failed".to_owned())
        });
        assert_eq!(names(&gone(&[policy.clone(), function.into()], &pairs())), FAILED, "{policy}");
        let scratch: Vec<RecordMeta> = pairs()
            .into_iter()
            .map(
                |meta| {
                    if meta.key.id().starts_with("failed") { tagged(meta, "env", "scratch") } else { meta }
                },
            )
            .collect();
        let tag = TagBasedPolicy::new("env", "scratch", 0.5, Delete).into();
        assert_eq!(names(&gone(&[policy.clone(), tag], &scratch)), FAILED, "{policy}");
    }
    // The newest of each day is the newest that stays.
    let daily = gone(&[KeepPolicy::new(Delete).with_daily(2).into(), failures()], &pairs());
    assert_eq!(names(&daily), ["failed 0", "failed 1", "failed 2", "good 2"]);
}

#[test]
fn what_is_protected_takes_a_place_whoever_wants_it_gone() {
    let mut metas = pairs();
    metas[0] = tagged(metas[0].clone(), "legal_hold", "case 42");
    for policy in [
        CountBasedPolicy::new(3, Delete).into(),
        SizeBasedPolicy::new(300, Delete).into(),
        KeepPolicy::new(Delete).with_last(3).into(),
    ] {
        let policy: Policy = policy;
        let gone = gone(&[policy.clone(), failures()], &metas);
        assert_eq!(names(&gone), ["failed 1", "failed 2", "good 2"], "{policy}");
    }
}

/// Of the actions that policies want, the mildest is carried out, also for a record that takes no place: else what was archived would be deleted.
#[test]
fn what_leaves_and_finds_no_place_has_the_milder_action() {
    let metas: Vec<RecordMeta> =
        [10.0, 20.0, 50.0, 100.0].map(|days| meta(&format!("{days}"), "a", "success", days)).to_vec();
    let old = || TimeBasedPolicy::new(90.0, Delete).into();
    for (limit, fifty, hundred) in [(2, Some(Archive), Archive), (3, None, Archive), (4, None, Delete)] {
        let expected: Vec<(String, RetentionAction)> = fifty
            .map(|action| ("50".to_owned(), action))
            .into_iter()
            .chain([("100".to_owned(), hundred)])
            .collect();
        for policy in [
            CountBasedPolicy::new(limit, Archive).into(),
            SizeBasedPolicy::new(limit * 100, Archive).into(),
            KeepPolicy::new(Archive).with_last(limit).into(),
            KeepPolicy::new(Archive).with_daily(limit).into(),
        ] {
            let policy: Policy = policy;
            assert_eq!(gone(&[policy.clone(), old()], &metas), expected, "{policy}");
        }
    }
}

#[test]
fn an_any_within_an_any_counts_as_if_its_policies_stood_outside() {
    let count = || Policy::from(CountBasedPolicy::new(3, Delete));
    let within = |policy: Policy| Policy::from(CompositePolicy::any([policy]));
    for policies in [
        vec![count(), within(failures())],
        vec![within(count()), failures()],
        vec![within(count()), within(within(failures()))],
        vec![CompositePolicy::any([failures(), SizeBasedPolicy::new(10_000, Delete).into()]).into(), count()],
        vec![CompositePolicy::all([count(), TimeBasedPolicy::new(0.0, Delete).into()]).into(), failures()],
    ] {
        assert_eq!(names(&gone(&policies, &pairs())), FAILED, "{policies:?}");
    }
}

/// In `all`, nobody leaves for one policy alone: who stays is counted.
#[test]
fn in_an_all_everybody_is_counted() {
    let all = CompositePolicy::all([CountBasedPolicy::new(2, Delete).into(), failures()]);
    assert_eq!(names(&gone(&[all.into()], &pairs())), ["failed 1", "failed 2"]);
}

/// Of two keep policies, a record stays only if both keep it; people who wanted the records of either one lost those of both.
#[test]
fn two_keeps_meet_and_the_rules_of_one_add_up() {
    let (last, daily) = (KeepPolicy::new(Delete).with_last(2), KeepPolicy::new(Delete).with_daily(3));
    let both = gone(&[last.clone().into(), daily.clone().into()], &pairs());
    assert_eq!(names(&both), ["good 0", "failed 1", "good 1", "failed 2", "good 2"]);
    let one = KeepPolicy::new(Delete).with_last(2).with_daily(3);
    let either = ["good 1", "good 2"];
    assert_eq!(names(&gone(&[one.into()], &pairs())), either);
    assert_eq!(names(&gone(&[CompositePolicy::all([last.into(), daily.into()]).into()], &pairs())), either);
}
