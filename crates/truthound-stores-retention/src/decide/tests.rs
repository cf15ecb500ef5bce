//! Decisions: what protects a record, and all policies against a second, slow reading of what they mean.

use std::collections::BTreeSet;

use proptest::prelude::*;
use truthound_stores_core::{Collection, ErrorKind, Key, OrderBy, Query, RecordMeta, Revision, Status};
use truthound_stores_memory::MemoryStore;

use super::*;
use crate::plan::Planning;
use crate::reason::Because;
use crate::sample::{days_ago, meta, now, shown, tagged};
use crate::{
    CountBasedPolicy, KeepPolicy, Policy, PolicyMode, PredicatePolicy, Removal, SizeBasedPolicy,
    StatusBasedPolicy, TagBasedPolicy, TimeBasedPolicy,
};
use RetentionAction::{Archive, Delete, Quarantine};

fn newest_first(metas: &mut [RecordMeta]) {
    let query = Query::new().with_order_by(OrderBy::RunTime);
    metas.sort_by(|a, b| query.cmp(a, b));
}

fn decide(config: &RetentionConfig, mut metas: Vec<RecordMeta>) -> Vec<(String, Verdict)> {
    let rules = Rules::new(config).unwrap();
    let mut decider = rules.judge(now()).unwrap();
    newest_first(&mut metas);
    metas.iter().map(|meta| (meta.key.id().to_owned(), decider.decide(meta).unwrap())).collect()
}

fn protections(config: &RetentionConfig, metas: Vec<RecordMeta>) -> Vec<Option<String>> {
    let verdicts = decide(config, metas).into_iter().map(|(_, verdict)| match verdict {
        Verdict::Keep { protection, reasons } => {
            assert!(protection.is_some() || reasons.is_empty());
            Some(protection.map(|protection| protection.to_string()).unwrap_or_default())
        }
        Verdict::Remove { .. } => None,
    });
    verdicts.collect()
}

fn hourly() -> RetentionConfig {
    RetentionConfig::new().with_policy(TimeBasedPolicy::new(1.0, Delete))
}

/// R-RET-3: a late save of an old run once went at its own save.
#[test]
fn a_record_that_was_just_saved_is_kept_however_old_its_run() {
    let mut late = meta("late", "a", "success", 400.0);
    late.saved_at = days_ago(6.999);
    let mut due = meta("due", "a", "success", 401.0);
    due.saved_at = days_ago(7.0);
    let mut ahead = meta("ahead", "a", "success", 402.0);
    ahead.saved_at = days_ago(-1.0);
    let metas = vec![late, due, ahead];
    let until = "saved lately: in its grace period until";
    let kept = protections(&hourly(), metas.clone());
    assert!(kept[0].as_ref().unwrap().starts_with(until) && kept[2].as_ref().unwrap().starts_with(until));
    assert_eq!(kept[1], None);
    assert_eq!(protections(&hourly().with_grace_days(0.0), metas), [None, None, None]);
}

#[test]
fn a_held_record_is_kept_and_the_hold_is_named() {
    let config = hourly();
    let held = |value| tagged(meta("one", "a", "success", 90.0), "legal_hold", value);
    assert_eq!(protections(&config, vec![held("case 42")]), [Some("held by the tag legal_hold".to_owned())]);
    for no in ["false", "False", "no", "0", ""] {
        assert_eq!(protections(&config, vec![held(no)]), [None], "{no:?}");
    }
    let config = config.with_hold_tags(["case=42".parse().unwrap()]);
    let case = |number| tagged(meta("one", "a", "success", 90.0), "case", number);
    assert_eq!(protections(&config, vec![case("42")]), [Some("held by the tag case=42".to_owned())]);
    assert_eq!(protections(&config, vec![case("43")]), [None]);
    assert_eq!(protections(&config, vec![held("true")]), [None], "the setting replaces the default");
}

#[test]
fn excluded_assets_are_neither_looked_at_nor_counted() {
    let config =
        RetentionConfig::new().with_policy(CountBasedPolicy::new(1, Delete)).with_excluded_asset("golden.*");
    let metas = vec![
        meta("1", "golden.orders", "success", 90.0),
        meta("2", "orders", "success", 91.0),
        meta("3", "orders", "success", 92.0),
    ];
    let excluded = Some("its asset is excluded".to_owned());
    assert_eq!(protections(&config, metas), [excluded, Some(String::new()), None]);
}

#[test]
fn the_latest_of_each_asset_is_kept_if_asked_for() {
    let metas = vec![
        meta("a2", "a", "success", 80.0),
        meta("a1", "a", "success", 90.0),
        meta("b1", "b", "success", 91.0),
    ];
    assert_eq!(protections(&hourly(), metas.clone()), [None, None, None]);
    let latest = Some("the latest of its asset".to_owned());
    assert_eq!(protections(&hourly().with_preserve_latest(true), metas), [latest.clone(), None, latest]);
}

#[test]
fn only_records_that_can_go_are_asked_for() {
    let horizon = |config: RetentionConfig| Rules::new(&config).unwrap().horizon(now()).unwrap();
    let failures = StatusBasedPolicy::new("failure", 7.0, Delete);
    assert_eq!(horizon(hourly()), Some(days_ago(1.0)));
    assert_eq!(horizon(hourly().with_policy(failures.clone())), Some(days_ago(1.0)));
    assert_eq!(horizon(hourly().with_policy(failures).with_mode(PolicyMode::All)), Some(days_ago(7.0)));
    assert_eq!(horizon(hourly().with_preserve_latest(true)), None);
    assert_eq!(horizon(hourly().with_policy(CountBasedPolicy::new(3, Delete))), None);
    assert_eq!(
        horizon(hourly().with_policy(CountBasedPolicy::new(3, Delete)).with_mode(PolicyMode::All)),
        None
    );
}

// The second reading. It knows all records at once, and goes through them for each of them anew. It once counted what another policy of the same `any` takes away,
// as the pass did, so that it could not tell that of "the newest ten" none was left.

/// Says of each record, the newest first, what the policy wants done.
fn slowly(
    policy: &Policy,
    metas: &[RecordMeta],
    leaves: &[bool],
    protected: &[bool],
) -> Vec<Option<RetentionAction>> {
    let age = |meta: &RecordMeta| now().micros_since(meta.attributes.run_time);
    let limit = |days: f64| now().micros_since(days_ago(days));
    let counts = |place: usize| !leaves[place] || protected[place];
    let each = |wanted: &dyn Fn(usize, &RecordMeta) -> bool, action| {
        let verdict = |(place, meta)| wanted(place, meta).then_some(action);
        metas.iter().enumerate().map(verdict).collect::<Vec<_>>()
    };
    match policy {
        Policy::Time(policy) => each(&|_, meta| age(meta) > limit(policy.max_age_days), policy.action),
        Policy::Status(policy) => each(
            &|_, meta| meta.attributes.status == policy.status && age(meta) > limit(policy.max_age_days),
            policy.action,
        ),
        Policy::Tag(policy) => each(
            &|_, meta| {
                meta.attributes.tags.get(&policy.tag_key) == Some(&policy.tag_value)
                    && age(meta) > limit(policy.max_age_days)
            },
            policy.action,
        ),
        Policy::Count(policy) => each(
            &|place, meta| {
                let same = |other: usize| {
                    !policy.per_asset || metas[other].attributes.data_asset == meta.attributes.data_asset
                };
                (0..place).filter(|other| counts(*other) && same(*other)).count() as u64 >= policy.max_count
            },
            policy.action,
        ),
        Policy::Size(policy) => {
            let newer = |place: usize| {
                (0..place).filter(|other| counts(*other)).map(|other| metas[other].size).sum::<u64>()
            };
            each(&|place, meta| newer(place) + meta.size > policy.max_size_bytes, policy.action)
        }
        Policy::Keep(policy) => {
            let mut asked = BTreeSet::new();
            // The parts of time are the beginnings of what is printed; each record is one of its own for `last`.
            for (length, count) in [
                (0, policy.last),
                (13, policy.hourly),
                (10, policy.daily),
                (7, policy.monthly),
                (4, policy.yearly),
            ] {
                for asset in ["a", "b", "c"] {
                    let mut met = Vec::new();
                    for (place, meta) in metas.iter().enumerate() {
                        let time = shown(meta.attributes.run_time, length);
                        let part = if length == 0 { place.to_string() } else { time };
                        if (policy.per_asset && meta.attributes.data_asset != asset) || met.contains(&part) {
                            continue;
                        }
                        if (met.len() as u64) < count {
                            asked.insert(place);
                        }
                        if counts(place) {
                            met.push(part);
                        }
                    }
                }
            }
            each(&|place, _| !asked.contains(&place), policy.action)
        }
        Policy::Composite(policy) => composite(&policy.policies, policy.mode, metas, leaves, protected),
        Policy::Predicate(_) => unreachable!("none is generated"),
    }
}

/// Which of an `any` are asked first: those that judge a record by itself, those that count, those that add up bytes.
fn turn(policy: &Policy) -> usize {
    match policy {
        Policy::Size(_) => 2,
        Policy::Count(_) | Policy::Keep(_) => 1,
        Policy::Composite(policy) => policy.policies.iter().map(turn).max().unwrap(),
        _ => 0,
    }
}

/// Lists the policies of an `any` and of each `any` within, each with the tags that exempt from it.
fn apart(policies: &[Policy]) -> Vec<(&Policy, Vec<&TagBasedPolicy>)> {
    let tags = policies.iter().filter_map(|policy| match policy {
        Policy::Tag(tag) => Some(tag),
        _ => None,
    });
    let mut found = Vec::new();
    for policy in policies {
        match policy {
            Policy::Composite(inner) if inner.mode == PolicyMode::Any => found.extend(apart(&inner.policies)),
            Policy::Time(_) => found.push((policy, tags.clone().collect())),
            other => found.push((other, Vec::new())),
        }
    }
    found
}

fn composite(
    policies: &[Policy],
    mode: PolicyMode,
    metas: &[RecordMeta],
    leaves: &[bool],
    protected: &[bool],
) -> Vec<Option<RetentionAction>> {
    if mode == PolicyMode::All {
        let wanted: Vec<_> = policies.iter().map(|policy| slowly(policy, metas, leaves, protected)).collect();
        let agreed = |place: usize| wanted.iter().map(|one| one[place]).collect::<Option<Vec<_>>>();
        return (0..metas.len()).map(|place| agreed(place).and_then(|all| all.into_iter().min())).collect();
    }
    let mut wanted: Vec<Vec<Option<RetentionAction>>> = Vec::new();
    for at in 0..3 {
        // What goes by those of the turns before leaves a place to others.
        let leaves: Vec<bool> = (0..metas.len())
            .map(|place| leaves[place] || wanted.iter().any(|one| one[place].is_some()))
            .collect();
        for (policy, tags) in apart(policies).into_iter().filter(|(policy, _)| turn(policy) == at) {
            let mut one = slowly(policy, metas, &leaves, protected);
            for (meta, one) in metas.iter().zip(&mut one) {
                let has =
                    |tag: &&TagBasedPolicy| meta.attributes.tags.get(&tag.tag_key) == Some(&tag.tag_value);
                one.take_if(|_| tags.iter().any(has));
            }
            wanted.push(one);
        }
    }
    (0..metas.len()).map(|place| wanted.iter().filter_map(|one| one[place]).min()).collect()
}

fn action() -> impl Strategy<Value = RetentionAction> {
    prop_oneof![Just(Quarantine), Just(Archive), Just(Delete)]
}

fn policy() -> impl Strategy<Value = Policy> {
    let days = prop_oneof![Just(0.0), Just(1.0), Just(2.5), Just(30.0), Just(400.0)];
    let leaf = (0..6, days, 1..6_u64, action(), any::<bool>(), any::<bool>(), [0..3_u64, 0..3, 0..3, 1..3])
        .prop_map(|(kind, days, count, action, yes, other, [hourly, daily, monthly, yearly])| match kind {
            0 => TimeBasedPolicy::new(days, action).into(),
            1 => Policy::Count(CountBasedPolicy { max_count: count, per_asset: yes, action }),
            2 => SizeBasedPolicy::new(count * 70, action).into(),
            3 => StatusBasedPolicy::new(if yes { "failed" } else { "success" }, days, action).into(),
            4 => TagBasedPolicy::new("env", if yes { "prod" } else { "dev" }, days, action).into(),
            _ => KeepPolicy::new(action)
                .with_last(if yes { count } else { 0 })
                .with_hourly(hourly)
                .with_daily(daily)
                .with_monthly(monthly)
                .with_yearly(yearly)
                .with_per_asset(other)
                .into(),
        });
    leaf.prop_recursive(2, 8, 3, |inner| {
        (prop::collection::vec(inner, 1..4), any::<bool>()).prop_map(|(policies, all)| {
            if all { CompositePolicy::all(policies).into() } else { CompositePolicy::any(policies).into() }
        })
    })
}

fn record() -> impl Strategy<Value = RecordMeta> {
    // Times meet each other and the limits now and then.
    let age = prop_oneof![Just(1.0), Just(2.5), Just(30.0), (0..2_000_u32).prop_map(|n| f64::from(n) / 24.0)];
    (0..1_000_u32, 0..3_usize, age, any::<bool>(), 0..4_usize, 1..120_u64, 0..10_u32).prop_map(
        |(id, asset, days, failed, tag, size, saved)| {
            let status = if failed { "failure" } else { "success" };
            let mut meta = meta(&format!("{id:03}"), ["a", "b", "c"][asset], status, days);
            meta.size = size;
            meta.saved_at = days_ago(f64::from(saved));
            match tag {
                0 => tagged(meta, "env", "prod"),
                1 => tagged(meta, "env", "dev"),
                2 => tagged(meta, "legal_hold", "yes"),
                _ => meta,
            }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn one_pass_decides_as_a_reading_of_all_at_once_does(
        policies in prop::collection::vec(policy(), 1..4),
        all in any::<bool>(),
        preserve_latest in any::<bool>(),
        metas in prop::collection::vec(record(), 0..40),
    ) {
        let mut metas = metas;
        newest_first(&mut metas);
        metas.dedup_by(|a, b| a.key == b.key);
        let mode = if all { PolicyMode::All } else { PolicyMode::Any };
        let mut config = RetentionConfig::new().with_mode(mode).with_preserve_latest(preserve_latest);
        config.policies = policies.clone();
        let protected: Vec<bool> = metas.iter().enumerate().map(|(place, meta)| {
            let latest = !metas[..place].iter().any(|other| other.attributes.data_asset == meta.attributes.data_asset);
            (preserve_latest && latest)
                || meta.attributes.tags.contains_key("legal_hold")
                || now().micros_since(meta.saved_at) < now().micros_since(days_ago(7.0))
        }).collect();
        let wanted = composite(&policies, mode, &metas, &vec![false; metas.len()], &protected);
        for (place, (id, verdict)) in decide(&config, metas.clone()).into_iter().enumerate() {
            let expected = wanted[place].filter(|_| !protected[place]);
            match verdict {
                Verdict::Remove { action, reasons } => {
                    prop_assert_eq!(Some(action), expected, "{}", id);
                    // R-RET-2: the plan says why, and the action is the mildest of those that it names.
                    prop_assert_eq!(reasons.iter().map(|reason| reason.action).min(), Some(action));
                }
                Verdict::Keep { protection, reasons } => {
                    prop_assert_eq!(expected, None, "{}", id);
                    prop_assert_eq!(protection.is_some(), wanted[place].is_some());
                    prop_assert_eq!(reasons.iter().map(|reason| reason.action).min(), wanted[place]);
                }
            }
        }
        // What lies above the horizon never goes.
        if let Some(horizon) = Rules::new(&config).unwrap().horizon(now()).unwrap() {
            for (place, meta) in metas.iter().enumerate() {
                prop_assert!(wanted[place].is_none() || meta.attributes.run_time <= horizon);
            }
        }
    }
}

/// Lends facts, and cannot be described.
struct Undescribed(RecordMeta);

impl Facts for Undescribed {
    fn id(&self) -> &str {
        self.0.id()
    }

    fn data_asset(&self) -> &str {
        self.0.data_asset()
    }

    fn run_time(&self) -> Timestamp {
        self.0.run_time()
    }

    fn status(&self) -> &Status {
        self.0.status()
    }

    fn tags(&self) -> &Labels {
        self.0.tags()
    }

    fn size(&self) -> u64 {
        self.0.size
    }

    fn saved_at(&self) -> Timestamp {
        self.0.saved_at
    }

    fn key(&self) -> Result<Key> {
        Err(Error::corrupt("an id that cannot be").at(&self.0.key))
    }

    fn revision(&self) -> Revision {
        self.0.revision.clone()
    }

    fn describe(&self) -> Result<RecordMeta> {
        Err(Error::corrupt("counts that cannot be").at(&self.0.key))
    }
}

/// A function is shown the whole description, also where it stands within another policy; without one, nobody makes descriptions.
#[test]
fn records_are_described_for_functions_alone() {
    let one = meta("one", "a", "success", 90.0);
    let damaged = Undescribed(one.clone());
    let all_go = PredicatePolicy::new("all", Delete, |meta, _| Some(meta.size.to_string()));
    let nested = CompositePolicy::all([CompositePolicy::any([all_go.into()]).into()]);
    let asking = Rules::new(&RetentionConfig::new().with_policy(nested)).unwrap();
    let Verdict::Remove { reasons, .. } = asking.judge(now()).unwrap().decide(&one).unwrap() else {
        panic!("the function was not asked")
    };
    assert_eq!(reasons[0].to_string(), "all: 100 (delete)");
    let error = asking.judge(now()).unwrap().decide(&damaged).unwrap_err();
    assert_eq!((error.kind(), error.key()), (ErrorKind::Corrupt, Some(&one.key)));
    let rules = Rules::new(&hourly()).unwrap();
    let verdict = rules.judge(now()).unwrap().decide(&damaged).unwrap();
    assert!(matches!(verdict, Verdict::Remove { .. }), "{verdict:?}");
}

/// What is damaged may show first when it shall go: then it stays, and is reported.
#[tokio::test]
async fn a_record_whose_name_cannot_be_made_stays() {
    let (store, rules) = (MemoryStore::new(), Rules::new(&hourly()).unwrap());
    let mut planning = Planning::begin(&store, &rules, &Collection::RESULTS, now(), true).await.unwrap();
    let mut gone: Vec<Removal> = Vec::new();
    let damaged = Undescribed(meta("damaged", "a", "success", 90.0));
    assert_eq!(planning.decide(&damaged, &mut gone).unwrap_err().kind(), ErrorKind::Corrupt);
    planning.decide(&damaged.0, &mut gone).unwrap();
    assert_eq!((gone.len(), planning.totals.scanned, planning.totals.removed()), (1, 1, 1));
}

#[test]
fn reasons_tell_what_was_found() {
    let config = RetentionConfig::new().with_policy(SizeBasedPolicy::new(150, Delete));
    let metas = vec![meta("1", "a", "success", 90.0), meta("2", "a", "success", 91.0)];
    let verdicts = decide(&config, metas);
    let Verdict::Remove { reasons, .. } = &verdicts[1].1 else { panic!("{verdicts:?}") };
    assert_eq!(reasons[0].because, Because::Size { bytes: 200, limit: 150 });
}
