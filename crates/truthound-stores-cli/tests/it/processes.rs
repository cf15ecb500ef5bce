//! Several processes at one store, and one that is killed.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Stdio};

use crate::harness::{Place, result};

fn start(place: &Place, words: &str) -> Child {
    let mut command = place.command(words.split_whitespace());
    command.stdin(Stdio::piped()).spawn().unwrap()
}

fn feed(child: &mut Child, documents: impl Iterator<Item = String>) {
    let mut input = child.stdin.take().unwrap();
    for document in documents {
        // The process may be gone by now.
        if writeln!(input, "{document}").is_err() {
            return;
        }
    }
}

/// R-ANY-1: saves from several processes into one store are all there afterwards.
#[test]
fn four_processes_save_into_one_store_and_lose_nothing() {
    let place = Place::new();
    let mut children: Vec<Child> = (0..4).map(|_| start(&place, "save -")).collect();
    for (process, child) in children.iter_mut().enumerate() {
        feed(child, (0..100).map(|n| result(&format!("p{process}-{n}"), "orders", "2026-01-01", "success")));
    }
    for child in children {
        let ended = child.wait_with_output().unwrap();
        assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    }
    assert_eq!(place.run("count").ok(), "400\n");
    assert_eq!(place.run("list --format ids").lines().len(), 400);
}

/// R-ANY-13: of many processes that create one id, one wins, and the others are told.
#[test]
fn one_of_six_processes_creates_an_id() {
    let place = Place::new();
    for round in 0..3 {
        let id = format!("run{round}");
        let mut children: Vec<Child> = (0..6).map(|_| start(&place, "save - --if-absent")).collect();
        for (process, child) in children.iter_mut().enumerate() {
            let document = result(&id, &format!("from{process}"), "2026-01-01", "success");
            feed(child, std::iter::once(document));
        }
        let codes: Vec<i32> = children
            .into_iter()
            .map(|child| child.wait_with_output().unwrap().status.code().unwrap())
            .collect();
        assert_eq!(codes.iter().filter(|code| **code == 0).count(), 1, "{codes:?}");
        assert_eq!(codes.iter().filter(|code| **code == 4).count(), 5, "{codes:?}");
    }
}

/// R-ANY-3: what a killed process has printed is safe, and what it has not is whole or absent.
#[test]
fn a_killed_save_has_printed_only_what_is_stored() {
    let place = Place::new();
    for round in 0..5_usize {
        let mut child = start(&place, "save -");
        let mut input = child.stdin.take().unwrap();
        let feeding = std::thread::spawn(move || {
            for n in 0..100_000 {
                let document = result(&format!("r{round}-{n}"), "orders", "2026-01-01", "success");
                if writeln!(input, "{document}").is_err() {
                    return;
                }
            }
        });
        let mut output = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut printed: Vec<String> = output.by_ref().take(20 + round * 37).map(Result::unwrap).collect();
        child.kill().unwrap();
        // What was on its way through the pipe was printed, too; the last line may be cut.
        printed.extend(output.map_while(Result::ok));
        child.wait().unwrap();
        feeding.join().unwrap();
        let listed = place.run("list --format ids --order-by data_asset");
        assert_eq!(listed.code, 0, "{}", listed.err);
        let stored: std::collections::HashSet<&str> = listed.out.lines().collect();
        let last = printed.pop().unwrap();
        assert!(printed.len() >= 19 && printed.iter().all(|id| stored.contains(id.as_str())));
        assert!(stored.iter().any(|id| id.starts_with(&last)), "{last}");
    }
}
