//! Each policy by itself, on a table of records.

use serde_json::json;
use truthound_stores_core::ErrorKind;

use super::*;
use crate::sample::{meta, now, shown, tagged};
use RetentionAction::{Archive, Delete, Quarantine};

mod backup;
mod places;

fn seen(meta: &RecordMeta, asset: usize) -> Seen<'_> {
    Seen { facts: meta, described: Some(meta), asset, now: now(), protected: false, leaves: false }
}

/// Shows records to a policy, the newest first; answers the ids that it wants gone, and what it wants done.
fn wanted(policy: impl Into<Policy>, metas: &[RecordMeta]) -> Vec<(String, RetentionAction)> {
    let mut judge = policy.into().judge().unwrap();
    let mut sorted: Vec<&RecordMeta> = metas.iter().collect();
    sorted.sort_by_key(|meta| std::cmp::Reverse(meta.attributes.run_time));
    let mut assets = crate::assets::Assets::default();
    let mut gone = Vec::new();
    for meta in sorted {
        let asset = assets.number(&meta.attributes.data_asset);
        let seen = seen(meta, asset);
        gone.extend(judge.judge(&seen).map(|trigger| (meta.key.id().to_owned(), trigger.action)));
    }
    gone
}

fn ids(policy: impl Into<Policy>, metas: &[RecordMeta]) -> Vec<String> {
    wanted(policy, metas).into_iter().map(|(id, _)| id).collect()
}

/// R-RET-3: elsewhere, ages were cut to whole days, so that seven days were nearly eight.
#[test]
fn seven_days_are_seven_days() {
    let micro = 1.0 / 86_400e6;
    let metas = [
        meta("younger", "a", "success", 6.999),
        meta("just", "a", "success", 7.0),
        meta("older", "a", "success", 7.0 + 2.0 * micro),
        meta("future", "a", "success", -3.0),
    ];
    assert_eq!(ids(TimeBasedPolicy::new(7.0, Delete), &metas), ["older"]);
    assert_eq!(ids(TimeBasedPolicy::new(0.0, Delete), &metas), ["younger", "just", "older"]);
    assert_eq!(ids(TimeBasedPolicy::new(6.5, Delete), &metas), ["younger", "just", "older"]);
}

/// R-RET-3: `status="failed"`, as the configuration document writes it, once matched nothing.
#[test]
fn a_failed_status_means_failure() {
    let metas = [
        meta("young", "a", "failure", 1.0),
        meta("failure", "a", "failure", 8.0),
        meta("success", "a", "success", 9.0),
        meta("failed", "a", "failed", 10.0),
    ];
    for word in ["failed", "failure"] {
        assert_eq!(ids(StatusBasedPolicy::new(word, 7.0, Delete), &metas), ["failure", "failed"], "{word}");
    }
    let options = Options::from_value(json!({"type": "status", "status": "failed", "max_age_days": 7}));
    assert_eq!(ids(Policy::from_options(&options.unwrap()).unwrap(), &metas), ["failure", "failed"]);
}

#[test]
fn counts_keep_the_newest_of_all_or_of_each_asset() {
    let metas = [
        meta("a1", "a", "success", 1.0),
        meta("b2", "b", "success", 2.0),
        meta("a3", "a", "success", 3.0),
        meta("a4", "a", "success", 4.0),
        meta("b5", "b", "success", 5.0),
    ];
    assert_eq!(ids(CountBasedPolicy::new(2, Archive), &metas), ["a3", "a4", "b5"]);
    assert_eq!(ids(CountBasedPolicy::per_asset(2, Archive), &metas), ["a4"]);
    assert_eq!(ids(CountBasedPolicy::new(5, Archive), &metas), [""; 0]);
}

#[test]
fn sizes_remove_the_oldest_until_the_rest_fits() {
    let metas: Vec<RecordMeta> = (1..=5).map(|n| meta(&n.to_string(), "a", "success", n.into())).collect();
    assert_eq!(ids(SizeBasedPolicy::new(500, Delete), &metas), [""; 0]);
    assert_eq!(ids(SizeBasedPolicy::new(499, Delete), &metas), ["5"]);
    assert_eq!(ids(SizeBasedPolicy::new(300, Delete), &metas), ["4", "5"]);
    assert_eq!(ids(SizeBasedPolicy::new(1, Delete), &metas), ["1", "2", "3", "4", "5"]);
}

/// What a policy beside it takes away makes room; else newer records would go for nothing.
#[test]
fn a_size_does_not_count_what_goes_anyway() {
    let metas = [
        meta("new", "a", "success", 1.0),
        meta("failed", "a", "failure", 2.0),
        meta("old", "a", "success", 3.0),
    ];
    let size = || SizeBasedPolicy::new(200, Archive).into();
    let failures = || StatusBasedPolicy::new("failure", 1.0, Delete).into();
    assert_eq!(wanted(CompositePolicy::any([size()]), &metas), [("old".to_owned(), Archive)]);
    let joined = [("failed".to_owned(), Delete)];
    assert_eq!(wanted(CompositePolicy::any([size(), failures()]), &metas), joined);
    assert_eq!(
        wanted(CompositePolicy::any([CompositePolicy::any([size()]).into(), failures()]), &metas),
        joined
    );
}

/// Two limits of size must not hide each other's action.
#[test]
fn sizes_do_not_make_room_for_each_other() {
    let metas = [meta("new", "a", "success", 1.0), meta("old", "a", "success", 2.0)];
    let pair = [SizeBasedPolicy::new(100, Delete).into(), SizeBasedPolicy::new(150, Quarantine).into()];
    assert_eq!(wanted(CompositePolicy::any(pair), &metas), [("old".to_owned(), Quarantine)]);
}

#[test]
fn tags_have_ages_of_their_own() {
    let production = |id: &str, days| tagged(meta(id, "a", "success", days), "environment", "production");
    let metas = [
        production("young", 100.0),
        production("old", 400.0),
        tagged(meta("staging", "a", "success", 500.0), "environment", "staging"),
        meta("bare", "a", "success", 501.0),
    ];
    let policy = TagBasedPolicy::new("environment", "production", 365.0, Archive);
    assert_eq!(ids(policy, &metas), ["old"]);
}

/// The tag's age holds in place of the general one, be it longer or shorter; other policies are not touched by that.
#[test]
fn a_tag_exempts_from_the_time_policy_beside_it() {
    let production = |id: &str, days| tagged(meta(id, "a", "success", days), "environment", "production");
    let metas = [
        tagged(meta("scratch", "a", "success", 2.0), "environment", "scratch"),
        production("young", 100.0),
        meta("bare", "a", "success", 101.0),
        production("old", 400.0),
    ];
    let time = || TimeBasedPolicy::new(90.0, Delete).into();
    let tag = || TagBasedPolicy::new("environment", "production", 365.0, Archive).into();
    let scratch = || TagBasedPolicy::new("environment", "scratch", 1.0, Delete).into();
    let any = CompositePolicy::any([time(), tag(), scratch()]);
    let gone =
        [("scratch", Delete), ("bare", Delete), ("old", Archive)].map(|(id, what)| (id.to_owned(), what));
    assert_eq!(wanted(any, &metas), gone);
    let count = CompositePolicy::any([time(), tag(), CountBasedPolicy::new(1, Quarantine).into()]);
    assert_eq!(ids(count, &metas), ["young", "bare", "old"]);
    // Not beside it, but within.
    let nested = CompositePolicy::any([tag(), CompositePolicy::any([time()]).into()]);
    assert_eq!(ids(nested, &metas), ["young", "bare", "old"]);
    let all = CompositePolicy::all([time(), tag()]);
    assert_eq!(wanted(all, &metas), [("old".to_owned(), Archive)]);
}

/// R-RET-2: elsewhere, the first policy that fired decided, or the composite's own default.
#[test]
fn the_mildest_action_of_those_that_fire_wins() {
    let metas = [meta("one", "a", "failure", 50.0), meta("two", "a", "success", 60.0)];
    let time = |days, action| TimeBasedPolicy::new(days, action).into();
    for (actions, mildest) in [
        ([Delete, Archive, Quarantine], Quarantine),
        ([Delete, Delete, Archive], Archive),
        ([Archive, Quarantine, Delete], Quarantine),
        ([Delete, Delete, Delete], Delete),
    ] {
        for composite in [CompositePolicy::any, CompositePolicy::all] {
            let composite = composite(actions.map(|action| time(10.0, action)));
            assert_eq!(wanted(composite, &metas)[0].1, mildest, "{actions:?}");
        }
    }
    // Those that do not fire have no say.
    let any = CompositePolicy::any([time(10.0, Delete), time(70.0, Quarantine)]);
    assert_eq!(wanted(any, &metas)[0].1, Delete);
    let all = CompositePolicy::all([time(10.0, Delete), time(55.0, Archive)]);
    assert_eq!(wanted(all, &metas), [("two".to_owned(), Archive)]);
}

#[test]
fn a_plan_can_say_why() {
    let metas = [tagged(meta("one", "a", "failure", 120.5), "team", "sales")];
    let composite = CompositePolicy::any([
        StatusBasedPolicy::new("failed", 7.0, Delete).into(),
        TagBasedPolicy::new("team", "sales", 30.0, Archive).into(),
        CompositePolicy::all([TimeBasedPolicy::new(90.0, Delete).into()]).into(),
        PredicatePolicy::new("mine", Delete, |meta, _| Some(format!("{} is too much", meta.size))).into(),
    ]);
    let mut judge = composite.judge().unwrap();
    let seen = seen(&metas[0], 0);
    let trigger = judge.judge(&seen).unwrap();
    let reasons: Vec<String> = trigger.reasons.iter().map(ToString::to_string).collect();
    assert_eq!(
        reasons,
        [
            "status failure: 120.5 days old, more than 7 days (delete)",
            "tag team=sales: 120.5 days old, more than 30 days (archive)",
            "time: 120.5 days old, more than 90 days (delete)",
            "mine: 100 is too much (delete)",
        ]
    );
    assert_eq!(trigger.action, Archive);
}

/// As `restic forget --keep-daily 2 --keep-monthly 2` does: one record may serve several rules.
#[test]
fn keeps_are_those_of_backup_tools() {
    let hourly: Vec<RecordMeta> = (0..24 * 70)
        .map(|hour| meta(&format!("{hour:04}"), "a", "success", f64::from(hour) / 24.0))
        .collect();
    let kept = |policy: KeepPolicy| -> Vec<String> {
        let gone = ids(policy, &hourly);
        let kept = hourly.iter().filter(|meta| !gone.contains(&meta.key.id().to_owned()));
        kept.map(|meta| shown(meta.attributes.run_time, 13)).collect()
    };
    let keep = || KeepPolicy::new(Delete);
    assert_eq!(kept(keep().with_last(2)), ["2026-11-29T12", "2026-11-29T11"]);
    assert_eq!(kept(keep().with_hourly(2)), ["2026-11-29T12", "2026-11-29T11"]);
    assert_eq!(kept(keep().with_daily(3)), ["2026-11-29T12", "2026-11-28T23", "2026-11-27T23"]);
    // The 29th is a Sunday, the last day of its week.
    assert_eq!(kept(keep().with_weekly(3)), ["2026-11-29T12", "2026-11-22T23", "2026-11-15T23"]);
    assert_eq!(kept(keep().with_monthly(2)), ["2026-11-29T12", "2026-10-31T23"]);
    assert_eq!(kept(keep().with_yearly(2)), ["2026-11-29T12"]);
    assert_eq!(kept(keep().with_within_days(0.05)), ["2026-11-29T12", "2026-11-29T11"]);
    assert_eq!(
        kept(keep().with_daily(2).with_monthly(2)),
        ["2026-11-29T12", "2026-11-28T23", "2026-10-31T23"]
    );
    assert_eq!(kept(keep().with_monthly(100)).len(), 3, "September has its last one, too");
}

#[test]
fn keeps_are_for_each_asset_unless_told_otherwise() {
    let metas =
        [meta("a1", "a", "success", 0.1), meta("b1", "b", "success", 0.2), meta("a2", "a", "success", 0.3)];
    assert_eq!(ids(KeepPolicy::new(Delete).with_last(1), &metas), ["a2"]);
    assert_eq!(ids(KeepPolicy::new(Delete).with_last(1).with_per_asset(false), &metas), ["b1", "a2"]);
}

#[test]
fn what_cannot_be_is_refused_by_name() {
    for (options, said) in [
        (json!({"max_age_days": 7}), "a policy has no type"),
        (json!({"type": 7}), "the type of a policy is not a text"),
        (json!({"type": "times", "max_age_days": 7}), "did you mean \"time\"?"),
        (
            json!({"type": "time", "max_age": 7}),
            "unknown option \"max_age\" of the time policy: did you mean \"max_age_days\"?",
        ),
        (json!({"type": "time"}), "max_age_days"),
        (json!({"type": "time", "max_age_days": -1}), "max_age_days = -1 is no number of days"),
        (json!({"type": "time", "max_age_days": "soon"}), "max_age_days"),
        (json!({"type": "time", "max_age_days": 7, "action": "shred"}), "unknown action \"shred\""),
        (json!({"type": "count", "max_count": 0}), "max_count = 0"),
        (json!({"type": "size", "max_size_bytes": 0}), "max_size_bytes = 0"),
        (json!({"type": "tag", "tag_key": "", "tag_value": "x", "max_age_days": 1}), "tag_key is empty"),
        (json!({"type": "tag", "tag_key": "t", "max_age_days": 1}), "tag_value"),
        (json!({"type": "keep"}), "a keep policy without a rule"),
        (json!({"type": "composite", "policies": []}), "policies is empty"),
        (json!({"type": "composite", "policies": [{"type": "keep", "dayly": 3}]}), "did you mean \"daily\"?"),
        (json!({"type": "composite", "mode": "some", "policies": [{"type": "keep", "daily": 3}]}), "mode"),
    ] {
        let error = Policy::from_options(&Options::from_value(options.clone()).unwrap()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid, "{options}");
        assert!(error.to_string().contains(said), "{options}: {error}");
    }
}

#[test]
fn policies_are_read_as_the_configuration_document_names_them() {
    for (options, shown) in [
        (json!({"type": "time", "max_age_days": 90, "action": "DELETE"}), "time: at most 90 days (delete)"),
        (
            json!({"type": "count", "max_count": "100", "per_asset": "true", "action": "archive"}),
            "count: the newest 100 of each asset (archive)",
        ),
        (json!({"type": "size", "max_size_bytes": 1_000_000_000}), "size: at most 1000000000 bytes (delete)"),
        (
            json!({"type": "tag", "tag_key": "environment", "tag_value": "production", "max_age_days": 365, "action": "archive"}),
            "tag environment=production: at most 365 days (archive)",
        ),
        (
            json!({"type": "composite", "mode": "all", "policies": [{"type": "time", "max_age_days": 0.5},
                   {"type": "keep", "last": 3, "daily": 7}]}),
            "all of [time: at most 0.5 days (delete), keep: last 3, daily 7 (delete)]",
        ),
    ] {
        let policy = Policy::from_options(&Options::from_value(options).unwrap()).unwrap();
        assert_eq!(policy.to_string(), shown);
    }
}
