//! The README once showed commands on assets and runs that nobody has. Each one works as shown, in the order shown.

use std::path::Path;

use crate::harness::{Place, result};

#[test]
fn each_command_of_the_readme_works_as_shown() {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md");
    let readme = std::fs::read_to_string(readme).unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_truthound-stores")).parent().unwrap();
    let place = Place::new();
    place.write("results/one.json", result("one", "orders", "2026-01-01", "success"));
    place.write("results/two.json", result("two", "orders", "2026-01-02", "failure"));
    // The policies that are shown are those that are used.
    let policies = readme.split("```toml").find(|block| block.contains("policies = [")).unwrap();
    place.write("policies.toml", policies.split("```").next().unwrap());
    let mut shown = 0;
    for line in readme.lines().filter(|line| line.starts_with("truthound-stores ") && !line.contains(" = ")) {
        let ended = place.shell(&format!("PATH='{}':$PATH; {line}", program.display()));
        assert_eq!(ended.code, 0, "{line}: {ended:?}");
        // Nothing lies in another program's folder here, and the day on which this runs is far from those of the results.
        // What was just saved is kept.
        let may_be_empty = line.contains("--since 7d") || line.contains("retention plan");
        assert!(may_be_empty || !ended.out.is_empty() || line.contains(" verify"), "{line}: {ended:?}");
        shown += 1;
    }
    assert!(shown >= 8, "the README shows commands");
    assert_eq!(place.run("exists two").ok(), "true\n");
}
