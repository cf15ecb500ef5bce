//! `retention`: plans with reasons, moves, deletions that can be undone, schedules.

use serde_json::{Value, json};

use crate::harness::{Ended, Place, result, result_with};

/// Six results: one of the far future, the others older than any limit.
fn six() -> Place {
    let tag = |name: &str, value: &str| format!(r#","tags":{{"{name}":"{value}"}}"#);
    Place::holding(&[
        result("new", "orders", "2999-01-01T12:00:00", "success"),
        result("old", "orders", "2026-01-05T12:00:00", "success"),
        result("older", "orders", "2026-01-04T12:00:00", "success"),
        result("failed", "people", "2026-01-03T12:00:00", "failure"),
        result_with(
            "production",
            "people",
            "2026-01-02T12:00:00",
            "success",
            &tag("environment", "production"),
        ),
        result_with("held", "people", "2026-01-01T12:00:00", "success", &tag("legal_hold", "case 42")),
    ])
}

const POLICIES: &str = r#"
grace_days = 0
archive = "file:archive"
policies = [
  { type = "time", max_age_days = 7, action = "DELETE" },
  { type = "status", status = "failed", max_age_days = 7, action = "archive" },
  { type = "tag", tag_key = "environment", tag_value = "production", max_age_days = 100000, action = "archive" },
]
"#;

fn with_policies() -> Place {
    let place = six();
    place.write("policies.toml", POLICIES);
    place
}

fn rows(ended: &Ended) -> Vec<Value> {
    ended.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn ids(place: &Place, line: &str) -> String {
    place.run(&format!("{line} --format ids")).out.lines().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_plan_prints_what_goes_and_why_and_changes_nothing() {
    let place = with_policies();
    for _ in 0..2 {
        let plan = place.run("retention plan --policy policies.toml --format jsonl");
        let rows = rows(&plan);
        assert_eq!(plan.code, 0, "{plan:?}");
        let brief: Vec<_> =
            rows.iter().map(|row| (row["id"].as_str().unwrap(), row["action"].as_str().unwrap())).collect();
        assert_eq!(brief, [("old", "delete"), ("older", "delete"), ("failed", "archive")]);
        let names: Vec<&str> = plan.lines()[0].split('"').skip(1).step_by(2).take(1).collect();
        assert!(names == ["id"] && rows[0]["size"].as_u64().unwrap() > 50);
        let reasons: Vec<&str> =
            rows[2]["reasons"].as_array().unwrap().iter().map(|why| why.as_str().unwrap()).collect();
        assert!(
            reasons[0].starts_with("time: ") && reasons[0].ends_with(" days old, more than 7 days (delete)"),
            "{reasons:?}"
        );
        assert!(
            reasons[1].starts_with("status failure: ") && reasons[1].ends_with("(archive)"),
            "{reasons:?}"
        );
        assert!(
            plan.err.contains("3 of 6 records would go: 2 deleted (") && plan.err.contains("1 archived ("),
            "{plan:?}"
        );
        assert!(plan.err.contains("kept all the same: 1 held by a tag"), "{plan:?}");
    }
    assert_eq!(ids(&place, "list"), "new old older failed production held");
    assert!(!place.path("archive").exists(), "nothing was archived");
}

#[test]
fn a_plan_is_printed_in_every_format() {
    let place = with_policies();
    let plan = |format: &str| place.run(&format!("retention plan --policy policies.toml --format {format}"));
    assert_eq!(plan("ids").out, "old\nolder\nfailed\n");
    let table = plan("table").out;
    assert!(
        table.starts_with("ID") && table.contains("WHY") && table.contains("more than 7 days (delete)"),
        "{table}"
    );
    let json: Value = serde_json::from_str(&plan("json").out).unwrap();
    assert_eq!((json.as_array().unwrap().len(), &json[1]["id"]), (3, &json!("older")));
    let csv = plan("csv").out;
    assert!(csv.starts_with("id,action,reasons,size") && csv.lines().count() == 4, "{csv}");
    place.write("none.json", r#"{"policies": [{"type": "time", "max_age_days": 999999}]}"#);
    assert_eq!(place.run("retention plan --policy none.json --format json").out, "[]\n");
    place.write("some.yaml", "grace_days: 0\npolicies:\n  - type: count\n    max_count: 5\n");
    assert_eq!(place.run("retention plan --policy some.yaml --format ids").out, "", "the oldest is held");
    place.write("some.yaml", "grace_days: 0\npolicies:\n  - type: count\n    max_count: 4\n");
    assert_eq!(place.run("retention plan --policy some.yaml --format ids").out, "production\n");
}

/// The totals of a plan were a sentence on stderr alone, which programs had to take apart.
#[test]
fn totals_are_there_for_programs() {
    let place = six();
    place.write("policies.toml", format!("excluded_assets = ['peo*']\n{POLICIES}"));
    let plan = |more: &str| place.run(&format!("retention plan --policy policies.toml {more}"));
    let expected = json!({"totals": {
        "scanned": 6, "damaged": 0, "delete": 2, "archive": 0, "archive_bytes": 0, "quarantine": 0, "quarantine_bytes": 0,
        "held": 0, "in_grace": 0, "latest": 0, "excluded": 3,
    }});
    let without_bytes = |mut totals: Value| {
        let bytes = totals["totals"].as_object_mut().unwrap().remove("delete_bytes").unwrap();
        assert!(bytes.as_u64().unwrap() > 100, "{bytes}");
        totals
    };
    // The rows are what they are without.
    let (bare, mut lines) = (rows(&plan("--format jsonl")), rows(&plan("--totals --format jsonl")));
    assert_eq!(without_bytes(lines.pop().unwrap()), expected);
    assert_eq!((lines.len(), &lines), (2, &bare));
    let mut array: Vec<Value> = serde_json::from_str(&plan("--totals --format json").out).unwrap();
    let last = array.pop().unwrap();
    assert_eq!((without_bytes(last.clone()), array), (expected, bare));
    for format in ["table", "csv", "ids"] {
        plan(&format!("--totals --format {format}")).fails(2, "--totals is for json and jsonl");
    }
    let applied = place.run("retention apply --policy policies.toml --format json");
    let applied: Value = serde_json::from_str(&applied.out).unwrap();
    assert_eq!((&applied[0]["planned"], &applied[0]["deleted"]), (&last["totals"], &json!(2)));
    // An array is one, though nothing goes.
    place.write("policies.toml", r"policies = [{ type = 'time', max_age_days = 999999 }]");
    let none: Value = serde_json::from_str(&plan("--totals --format json").out).unwrap();
    assert_eq!((none.as_array().unwrap().len(), &none[0]["totals"]["delete"]), (1, &json!(0)));
}

#[test]
fn apply_does_what_the_plan_says_and_reports_what_happened() {
    let place = with_policies();
    let before = place.run("get failed").ok();
    let bytes: u64 = rows(&place.run("retention plan --policy policies.toml --format jsonl"))
        .iter()
        .filter(|row| row["action"] == "delete")
        .map(|row| row["size"].as_u64().unwrap())
        .sum();
    let applied = place.run("retention apply --policy policies.toml --format jsonl");
    assert_eq!((applied.code, applied.err.as_str()), (0, ""), "{applied:?}");
    let row = &rows(&applied)[0];
    assert_eq!((&row["deleted"], &row["archived"], &row["failed"]), (&json!(2), &json!(1), &json!(0)));
    assert_eq!(row["deleted_bytes"], json!(bytes));
    assert_eq!(ids(&place, "list"), "new production held");
    assert_eq!(ids(&place, "--store file:archive list"), "failed");
    assert_eq!(place.run("--store file:archive get failed").ok(), before);
    let again = place.run("retention apply --policy policies.toml --format table");
    assert!(again.out.contains("nothing was to be done"), "{again:?}");

    let restored = place.run("retention restore failed --from archive --policy policies.toml --format jsonl");
    assert_eq!((restored.code, &rows(&restored)[0]["restored"]), (0, &json!(1)), "{restored:?}");
    assert_eq!(place.run("get failed").ok(), before);
    let none = place.run("retention restore failed --from archive --policy policies.toml");
    none.fails(3, "failed");
}

/// R-RET-3: a record that was just saved is kept, and what is deleted can be brought back.
#[test]
fn deletions_can_be_undone() {
    let place = six();
    place.write("graced.toml", "policies = [{ type = 'time', max_age_days = 7 }]");
    let plan = place.run("retention plan --policy graced.toml --format jsonl");
    assert!(
        plan.out.is_empty() && plan.err.contains("4 saved lately") && plan.err.contains("1 held"),
        "{plan:?}"
    );
    // A grace period of less than a moment: over for what was saved, and not for what is deleted in this test.
    place.write("short.toml", "grace_days = 0.00000001\npolicies = [{ type = 'time', max_age_days = 7 }]");
    let applied = place.run("retention apply --policy short.toml --format jsonl");
    assert_eq!(rows(&applied)[0]["deleted"], json!(4), "{applied:?}");
    assert_eq!(ids(&place, "list"), "new held");
    let listed = rows(&place.run("retention restore --list --format jsonl"));
    let mut found: Vec<&str> = listed.iter().map(|row| row["id"].as_str().unwrap()).collect();
    found.sort_unstable();
    assert_eq!(found, ["failed", "old", "older", "production"]);
    assert!(listed.iter().all(|row| row["until"].as_str().is_some_and(|until| until.ends_with('Z'))));
    let some = place.run("retention restore --all --asset orders --format jsonl");
    assert_eq!((some.code, &rows(&some)[0]["restored"]), (0, &json!(2)), "{some:?}");
    assert_eq!(ids(&place, "list"), "new old older held");
    let mixed = place.run("retention restore failed nothing");
    mixed.fails(3, "nothing");
    assert_eq!(ids(&place, "list"), "new old older failed held");
    // The next one removes what is left for good.
    place.write("later.toml", "policies = [{ type = 'time', max_age_days = 999999 }]");
    let applied = place.run("retention apply --policy later.toml --format jsonl");
    assert_eq!(rows(&applied)[0]["purged"], json!(1), "{applied:?}");
    assert_eq!(place.run("retention restore --list --format ids").ok(), "");
    place.write("graced.toml", "grace_days = 0.00000001\npolicies = [{ type = 'count', max_count = 3 }]");
    assert_eq!(place.run("retention apply --policy graced.toml").code, 0);
    assert_eq!(ids(&place, "list"), "new old older held");
    let taken = place.run_with("save -", result("failed", "orders", "2999-01-01", "success").as_bytes());
    assert_eq!(taken.code, 0);
    place.run("retention restore failed").fails(4, "another document has this id");
    assert!(place.run("get failed").ok().contains("2999"));
}

#[test]
fn policies_may_stand_in_the_configuration_file() {
    let place = six();
    place.write(
        "stores.toml",
        format!("[store]\nurl = 'file:.truthound/store'\n[[layers]]\ntype = 'retention'\n{POLICIES}"),
    );
    assert_eq!(place.run("--config stores.toml retention plan --format ids").out, "old\nolder\nfailed\n");
    assert_eq!(place.run("--config stores.toml list --format ids").ok().lines().count(), 6);
    assert_eq!(place.run("--config stores.toml retention apply").code, 0);
    assert_eq!(ids(&place, "list"), "new production held");
    place.write("bare.toml", "[store]\nurl = 'file:.truthound/store'\n");
    place.run("--config bare.toml retention plan").fails(2, "has no layer of the type retention");
    place.run("retention plan").fails(2, "--policy");
}

/// R-RET-1 and R-ANY-14: what cannot be is refused before anything is done.
#[test]
fn mistakes_are_refused_by_name() {
    let place = six();
    for (text, culprit) in [
        ("policies = []", "retention has no policy"),
        ("policies = [{ type = 'time', max_age_days = 1, action = 'archive' }]", "set archive"),
        ("policies = [{ type = 'time', max_age = 1 }]", "max_age_days"),
        ("polices = []", "did you mean"),
        ("policies = [", "not TOML"),
        ("grace_days = -1\npolicies = [{ type = 'time', max_age_days = 1 }]", "grace_days = -1"),
    ] {
        place.write("bad.toml", text);
        for command in ["plan", "apply", "schedule --once"] {
            let ended = place.run(&format!("retention {command} --policy bad.toml"));
            ended.fails(2, culprit);
            assert!(ended.err.contains("bad.toml"), "{ended:?}");
        }
    }
    place.run("retention plan --policy gone.toml").fails(2, "there is no such file of policies");
    place.run("retention restore").fails(2, "required arguments");
    assert_eq!(ids(&place, "list"), "new old older failed production held");
}

#[test]
fn a_schedule_runs_once_and_then_waits() {
    let place = six();
    place.write("policies.toml", format!("{POLICIES}\nschedule = {{ interval_hours = 24 }}"));
    let first = place.run("retention schedule --once --policy policies.toml");
    let row = &rows(&first)[0];
    assert_eq!((first.code, &row["op"], &row["deleted"]), (0, &json!("ran"), &json!(2)), "{first:?}");
    let second = rows(&place.run("retention schedule --once --policy policies.toml"));
    assert_eq!(second[0]["op"], "not_due");
    assert!(second[0]["due"].as_str().unwrap().ends_with('Z'));
    place.write("none.toml", POLICIES);
    place.run("retention schedule --policy none.toml").fails(2, "no schedule");
}

#[test]
fn an_archive_that_is_the_store_itself_is_refused() {
    let place = six();
    place.write(
        "same.toml",
        "grace_days = 0\narchive = 'file:.truthound/store'\npolicies = [{ type = 'time', max_age_days = 7, action = 'archive' }]",
    );
    place.run("retention apply --policy same.toml").fails(2, "the store itself");
    assert_eq!(ids(&place, "list"), "new old older failed production held");
}

/// Each of several machines that keep one schedule once made the run of the night.
#[test]
fn of_several_processes_that_look_at_a_schedule_at_once_one_runs() {
    let place = six();
    place.write("policies.toml", format!("{POLICIES}\nschedule = {{ interval_hours = 24 }}"));
    let looks = at_once(&place, "retention schedule --once --policy policies.toml");
    let mut ran = Vec::new();
    for look in &looks {
        assert_eq!(look.code, 0, "{look:?}");
        let row = rows(look).remove(0);
        match row["op"].as_str().unwrap() {
            "ran" => ran.push(row["deleted"].clone()),
            other => assert!(["busy", "not_due"].contains(&other), "{look:?}"),
        }
    }
    assert_eq!(ran, [json!(2)]);
}

/// Two who apply one plan at once count each record once, and neither fails for the other.
#[test]
fn several_processes_may_apply_at_once() {
    let place = with_policies();
    let before = place.run("get failed").ok();
    let (mut deleted, mut archived) = (0, 0);
    for applied in at_once(&place, "retention apply --policy policies.toml --format jsonl") {
        assert_eq!((applied.code, applied.err.as_str()), (0, ""), "{applied:?}");
        deleted += rows(&applied)[0]["deleted"].as_u64().unwrap();
        archived += rows(&applied)[0]["archived"].as_u64().unwrap();
    }
    assert_eq!((deleted, archived), (2, 1));
    assert_eq!(ids(&place, "list"), "new production held");
    assert_eq!(place.run("--store file:archive get failed").ok(), before);
}

/// Runs a line of the program three times at once.
fn at_once(place: &Place, line: &str) -> Vec<Ended> {
    std::thread::scope(|scope| {
        let runs: Vec<_> = (0..3).map(|_| scope.spawn(|| place.run(line))).collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    })
}

/// Policies that leave nothing, for good, mostly mean that nothing was saved for long.
#[test]
fn a_run_that_would_leave_nothing_is_refused_until_it_is_said_to_be_meant() {
    let place = Place::holding(&[
        result("one", "orders", "2026-01-05T12:00:00", "success"),
        result("two", "orders", "2026-01-04T12:00:00", "success"),
    ]);
    let policies = "grace_days = 0\npolicies = [{ type = 'time', max_age_days = 7 }]";
    place.write("all.toml", policies);
    let planned = place.run("retention plan --policy all.toml --format ids");
    assert_eq!((planned.code, &*planned.out), (0, "one\ntwo\n"));
    place.write("all.toml", format!("{policies}\nschedule = {{ interval_hours = 1 }}"));
    for command in ["apply", "schedule --once"] {
        place.run(&format!("retention {command} --policy all.toml")).fails(2, "allow_empty = true");
        assert_eq!(ids(&place, "list"), "one two");
    }
    place.write("all.toml", format!("allow_empty = true\n{policies}"));
    assert_eq!(place.run("retention apply --policy all.toml").code, 0);
    assert_eq!(ids(&place, "list"), "");
}
