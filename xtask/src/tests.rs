//! The door itself: what is refused, and that the help knows every chore.

use super::*;

fn call(args: &[&str]) -> Outcome {
    let args: Vec<String> = args.iter().map(|&arg| arg.to_owned()).collect();
    dispatch(&args)
}

#[test]
fn an_unknown_chore_is_a_usage_error_that_names_it() {
    let Err(Failure::Usage(message)) = call(&["tydi"]) else { panic!("accepted") };
    assert!(message.contains("tydi"), "{message}");
}

#[test]
fn no_chore_at_all_is_a_usage_error() {
    assert!(matches!(call(&[]), Err(Failure::Usage(_))));
}

#[test]
fn an_argument_that_a_chore_would_ignore_is_refused() {
    let Err(Failure::Usage(message)) = call(&["fmt", "--fix"]) else { panic!("accepted") };
    assert!(message.contains("--fix"), "{message}");
}

#[test]
fn features_without_a_mode_or_with_a_misspelt_option_is_refused() {
    assert!(matches!(call(&["features"]), Err(Failure::Usage(_))));
    assert!(matches!(call(&["features", "some"]), Err(Failure::Usage(_))));
    assert!(matches!(call(&["features", "each", "--dryrun"]), Err(Failure::Usage(_))));
}

#[test]
fn test_arguments_without_the_two_dashes_are_refused() {
    assert!(matches!(call(&["test", "codec"]), Err(Failure::Usage(_))));
}
