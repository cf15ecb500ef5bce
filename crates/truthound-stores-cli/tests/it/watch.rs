//! `watch` over a store in memory, which nobody else can change; `upkeep.rs` follows a store that others write to.

use serde_json::Value;

use crate::harness::Place;

#[test]
fn once_prints_where_to_begin() {
    let place = Place::new();
    let text = place.run("--store memory: watch --once").ok();
    assert_eq!(text.lines().count(), 1);
    let line: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(line["op"], "token");
    assert!(!line["token"].as_str().unwrap().is_empty(), "{text}");
}

/// A store in memory is a new one each time, so that a token of an earlier one is always too old.
#[test]
fn a_token_that_is_too_old_is_answered_with_a_reset() {
    let place = Place::new();
    let text = place.run("--store memory: watch --once").ok();
    let token: Value = serde_json::from_str(&text).unwrap();
    let command = format!("--store memory: watch --once --after {}", token["token"].as_str().unwrap());
    let lines: Vec<Value> =
        place.run(&command).ok().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.iter().map(|line| line["op"].as_str().unwrap()).collect::<Vec<_>>(), ["reset", "token"]);
    assert_eq!(lines[0]["token"], lines[1]["token"]);
}

#[test]
fn wrong_options_are_refused_by_name() {
    let place = Place::new();
    place.run("--store memory: watch --once --format csv").fails(2, "--format");
    place.run("--store memory: watch --once --after x").fails(2, "token");
    assert_eq!(place.run("watch --interval 0").code, 2);
}

#[cfg(unix)]
#[test]
fn an_interrupt_ends_it_with_the_token_to_go_on_from() {
    let place = Place::new();
    let mut watch = place.start("--store memory: watch --interval 10ms");
    let begun = watch.err_line();
    let token = begun.rsplit(' ').next().unwrap();
    assert!(begun.starts_with("note: watching Memory after "), "{begun}");
    watch.interrupt();
    let ended = watch.end();
    assert_eq!((ended.code, ended.out.as_str()), (0, ""), "{ended:?}");
    assert!(ended.err.contains(&format!("--after {token}\n")), "{ended:?}");
}
