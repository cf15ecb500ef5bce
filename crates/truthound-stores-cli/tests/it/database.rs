//! Databases at the shell: from Truthound's own table into one of ours, and what the commands say of it.

use crate::harness::Place;

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
