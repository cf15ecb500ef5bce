//! Versions are numbers, not texts.

use super::*;

#[test]
fn the_newest_version_comes_first() {
    let folders = ["9.6", "15", "14", "README", "16"].map(|name| Path::new(VERSIONS).join(name)).to_vec();
    let sorted = newest_first(folders);
    let names: Vec<String> =
        sorted.iter().map(|folder| folder.file_name().unwrap().to_string_lossy().into_owned()).collect();
    assert_eq!(names, ["16", "15", "14", "9.6", "README"]);
}

#[test]
fn a_program_that_is_not_there_is_named_with_the_places_that_were_searched() {
    let error = find(&["no-such-server-here"]).unwrap_err();
    assert!(error.contains("no-such-server-here") && error.contains("/usr/sbin"), "{error}");
}
