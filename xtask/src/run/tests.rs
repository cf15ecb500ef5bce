//! Commands as they are shown, and how a bad end reads.

use super::*;

#[test]
fn a_command_is_shown_as_one_would_type_it() {
    let mut command = Command::new("cargo");
    command.args(["nextest", "run", "-E", "test(a) & test(b)", ""]);
    assert_eq!(show(&command), "cargo nextest run -E \"test(a) & test(b)\" \"\"");
}

#[test]
fn a_program_that_is_not_there_is_named() {
    let error = run(&mut Command::new("no-such-program-here")).unwrap_err();
    assert!(error.contains("`no-such-program-here`"), "{error}");
    assert!(error.contains("not installed"), "{error}");
    assert!(!answers(&mut Command::new("no-such-program-here")));
}

#[test]
fn both_outputs_of_a_command_are_read_to_their_end() {
    let mut command = Command::new("cargo");
    command.args(["--version"]);
    let mut lines = Vec::new();
    assert!(stream(command, |line| lines.push(line.to_owned())).unwrap());
    assert!(lines.concat().starts_with("cargo "), "{lines:?}");

    let mut command = Command::new("cargo");
    command.args(["no-such-chore-here"]);
    let mut lines = Vec::new();
    assert!(!stream(command, |line| lines.push(line.to_owned())).unwrap());
    assert!(lines.concat().contains("no-such-chore-here"), "{lines:?}");
}

#[test]
fn a_captured_command_that_fails_gives_what_it_said() {
    let error = capture(Command::new("cargo").arg("no-such-chore-here")).unwrap_err();
    assert!(error.contains("no such command"), "{error}");
}
