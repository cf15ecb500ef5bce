//! Databases at the shell: from Truthound's own table into one of ours, and what the commands say of it.

use truthound_stores_testkit::skip;

use crate::harness::{Place, result};

#[test]
fn truthounds_own_table_is_copied_into_a_database_and_looked_after_there() {
    let place = Place::new();
    let fixture =
        concat!(env!("CARGO_MANIFEST_DIR"), "/../truthound-stores-database/tests/fixtures/truthound.db");
    place.run(&format!("copy truthound+sqlite://{fixture} sqlite:quality.db")).ok();
    assert_eq!(place.run("--store sqlite:quality.db count").ok(), "20\n");
    assert_eq!(place.run(&format!("--store truthound+sqlite://{fixture} count")).ok(), "20\n");
    let listed = place.run("--store sqlite:quality.db list --limit 1 --format ids").ok();
    let id = listed.trim();
    assert!(place.run(&format!("--store sqlite:quality.db get {id}")).ok().contains(id));
    assert!(place.run("--store sqlite:quality.db doctor").ok().contains("SQLite 3."));
    for command in ["verify", "reindex", "maintain"] {
        let ended = place.run(&format!("--store sqlite:quality.db {command}"));
        assert_eq!(ended.code, 0, "{ended:?}");
    }
    let refused = place.run(&format!("--store truthound+sqlite://{fixture} delete {id}"));
    assert_eq!(refused.code, 1, "{refused:?}");
    let unknown = place.run("--store sqlite:quality.db?pool_sise=3 count");
    assert!(unknown.code != 0 && unknown.err.contains("pool_size"), "{unknown:?}");
}

/// Saves, compares and brings back versions, and copies them away and back, all in a database.
fn story(place: &Place, store: &str) {
    let run = |line: &str| place.run(&format!("--layer versioning:enable_branching=true {store} {line}"));
    for (status, said) in
        [("failure", "--message first --author ada"), ("warning", ""), ("success", "--expected-version 2")]
    {
        let text = result("run_1", "orders", "2026-01-01T12:00:00", status);
        let line = format!("--layer versioning:enable_branching=true {store} save - {said}");
        place.run_with(&line, text.as_bytes()).ok();
    }
    assert!(run("versions diff run_1 1 3 --format jsonl").ok().contains("$.status"));
    run("versions branch create run_1 fix --at 2").ok();
    run("versions label add run_1 good 1").ok();
    run("versions rollback run_1 good").ok();
    assert!(run("get run_1").ok().contains("failure"));
    run("delete run_1").ok();
    run("versions rollback run_1 3").ok();
    assert!(run("get run_1").ok().contains("success"));
    assert_eq!(run("count").ok(), "1\n");
    assert_eq!(run("verify").code, 0);
    let wanted = run("versions list run_1 --format jsonl").ok();
    assert_eq!(wanted.lines().count(), 6, "{wanted}");
    run("copy - file:away --versions --collection results").ok();
    let namespace =
        store.split_once("--namespace").map_or(String::new(), |(_, name)| format!("--namespace{name}"));
    let away = |line: &str| place.run(&format!("--store file:away {namespace} {line}"));
    assert_eq!(away("versions list run_1 --format jsonl").ok(), wanted);
    assert!(away("versions get run_1 good").ok().contains("failure"));
}

#[test]
fn histories_are_kept_in_databases() {
    let place = Place::new();
    story(&place, "--store sqlite:versions.db");
    for (name, variable) in
        [("postgres", "TRUTHOUND_TEST_POSTGRES_URL"), ("mysql", "TRUTHOUND_TEST_MYSQL_URL")]
    {
        match std::env::var_os(variable).and_then(|url| url.into_string().ok()) {
            // A namespace of its own keeps it apart from what others do there.
            Some(url) => story(&Place::new(), &format!("--store {url} --namespace v{}", std::process::id())),
            None => skip(name, &format!("{variable} is not set")),
        }
    }
}

/// `retry` and its like were once taken, and were without effect, beside `use_pool_manager = false`.
#[test]
fn a_configuration_whose_settings_have_no_effect_is_refused_by_name() {
    let place = Place::new();
    let bare = "[store]\nurl = \"sqlite:quality.db\"\nuse_pool_manager = false\n";
    place.write("store.toml", bare);
    place.run("--config store.toml config check").ok();
    for (part, setting) in [
        ("retry", "max_retries = 3"),
        ("circuit_breaker", "failure_threshold = 2"),
        ("health_check", "query = \"SELECT 2\""),
    ] {
        place.write("store.toml", format!("{bare}[store.{part}]\n{setting}\n"));
        let refused = place.run("--config store.toml config check");
        assert!(refused.code != 0, "{part}: {refused:?}");
        assert!(
            refused.err.contains(part) && refused.err.contains("use_pool_manager"),
            "{part}: {refused:?}"
        );
    }
}

/// R-ANY-14: `echo` was taken and nothing was printed, because nobody in the program listened.
#[test]
fn statements_and_connections_are_told_where_that_is_asked_for() {
    let place = Place::new();
    let save = |store: &str| {
        let text = result("run_secret", "orders", "2026-01-01T12:00:00", "success");
        place.run_with(&format!("--store {store} save -"), text.as_bytes())
    };
    let quiet = save("sqlite:quality.db");
    assert!(quiet.code == 0 && !quiet.err.contains("INSERT"), "{quiet:?}");
    let told = save("sqlite:quality.db?echo=true");
    assert!(told.code == 0 && told.err.contains("INSERT") && told.err.contains("COMMIT"), "{told:?}");
    let statements = told.err.lines().filter(|line| line.contains("truthound_stores_database::sql"));
    assert!(statements.clone().count() > 1, "{told:?}");
    assert!(statements.clone().all(|line| !line.contains("run_secret")), "{told:?}");
    let told = place.run("--store sqlite:quality.db?pool.echo_pool=true count");
    assert!(told.err.contains("truthound_stores_database::pool") && told.err.contains("opened"), "{told:?}");
    assert_eq!(told.out, "1\n", "what is told is no result");
}
