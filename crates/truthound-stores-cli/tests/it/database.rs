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
