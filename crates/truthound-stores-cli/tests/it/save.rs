//! `save` reads any arrangement of documents, prints only what is safe, and refuses one by one (R-ANY-6, R-ANY-13).

use std::io::{BufRead, BufReader, Read, Write};
use std::process::Stdio;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::harness::{Place, four, result, result_with};

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn every_arrangement_is_read() {
    let documents = four();
    for (name, bytes) in [
        ("lines", documents.join("\n").into_bytes()),
        ("lines with an end", format!("{}\r\n", documents.join("\r\n")).into_bytes()),
        ("joined", documents.concat().into_bytes()),
        ("array", format!("[{}]", documents.join(",")).into_bytes()),
        ("laid out array", format!("[\n  {}\n]\n", documents.join(",\n  ")).into_bytes()),
        ("byte order mark", format!("\u{feff}{}", documents.join("\n")).into_bytes()),
        ("gzip", gzip(&documents.join("\n"))),
        ("gzip members", documents.iter().flat_map(|text| gzip(&format!("{text}\n"))).collect()),
    ] {
        let place = Place::new();
        place.write("input", &bytes);
        assert_eq!(place.run("save input").ok(), "a\nb\nc\nd\n", "{name}");
        assert_eq!(place.run_with("--store other save -", &bytes).ok(), "a\nb\nc\nd\n", "{name}");
        assert_eq!(place.run("query --asc").ok().lines().collect::<Vec<_>>(), documents, "{name}");
    }
}

#[test]
fn several_files_are_saved_in_order() {
    let place = Place::new();
    let documents = four();
    place.write("1.json", &documents[2]);
    place.write("2.json.gz", gzip(&documents[0]));
    assert_eq!(place.run_with("save 1.json - 2.json.gz", documents[1].as_bytes()).ok(), "c\nb\na\n");
}

#[test]
fn saving_again_overwrites_unless_told_otherwise() {
    let place = Place::holding(&[result("x", "first", "2026-01-01", "success")]);
    let second = result("x", "second", "2026-01-01", "success");
    let both = format!("{second}\n{}", result("y", "new", "2026-01-01", "success"));
    let ended = place.run_with("save - --if-absent", both.as_bytes());
    ended.fails(4, "results/x");
    assert_eq!(ended.out, "y\n");
    assert!(place.run("get x").ok().contains("first"));
    assert_eq!(place.run_with("save -", second.as_bytes()).ok(), "x\n");
    assert!(place.run("get x").ok().contains("second"));
}

#[test]
fn refused_documents_are_named_and_the_others_saved() {
    let place = Place::new();
    let [a, b, c, d]: [String; 4] = four().try_into().unwrap();
    let no_time = r#"{"run_id":"untimed","data_asset":"x","status":"success"}"#;
    let bad_time = result("when", "x", "yesterday", "success");
    let bad_id = result("two\\nlines", "x", "2026-01-01", "success");
    let cut = &c[..c.len() - 20];
    place.write(
        "mixed.jsonl",
        [&a, no_time, &b, &bad_time, &bad_id, "rubbish", cut, &c, "[1]", &d].join("\n"),
    );
    let ended = place.run("save mixed.jsonl");
    assert_eq!(ended.lines(), ["a", "b", "c", "d"]);
    for (place, reason) in [
        ("mixed.jsonl:2: document 2 (\"untimed\")", "run_time"),
        ("mixed.jsonl:4: document 4 (\"when\")", "yesterday"),
        ("mixed.jsonl:5: document 5", "control character"),
        ("mixed.jsonl:6: document 6", "not JSON"),
        ("mixed.jsonl:7: document 7", "not JSON"),
        ("mixed.jsonl:9: document 9", "not JSON"),
    ] {
        ended.fails(1, place);
        assert!(
            ended.err.lines().any(|line| line.contains(place) && line.contains(reason)),
            "{place}: {ended:?}"
        );
    }
    assert_eq!(ended.err.lines().count(), 6, "{ended:?}");
    assert_eq!(place.run("count").ok(), "4\n");
}

/// A process that feeds `save` and waits for the id before it goes on must not wait for ever.
#[test]
fn an_id_is_printed_as_soon_as_its_save_is_acknowledged() {
    let place = Place::new();
    let mut child = place.command(["save", "-"]).stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    for number in 0..5 {
        let id = format!("r{number}");
        writeln!(stdin, "{}", result(&id, "a", "2026-01-01", "success")).unwrap();
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        assert_eq!(line.trim_end(), id);
        assert_eq!(place.run(&format!("exists {id}")).ok(), "true\n", "printed, but not saved");
    }
    drop(stdin);
    assert!(child.wait().unwrap().success());
}

/// `truthound-stores save … | head -1` must not save only the first few.
#[test]
fn saving_goes_on_when_nobody_reads_the_ids() {
    let place = Place::new();
    let many: Vec<String> =
        (0..300).map(|number| result(&format!("r{number}"), "a", "2026-01-01", "success")).collect();
    place.write("many.jsonl", many.join("\n"));
    let mut child = place.command(["save", "many.jsonl"]).spawn().unwrap();
    drop(child.stdout.take());
    let mut err = String::new();
    child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    assert_eq!((child.wait().unwrap().code(), err.as_str()), (Some(0), ""));
    assert_eq!(place.run("count").ok(), "300\n");
}

/// Five hundred errors that say the same help nobody.
#[cfg(unix)]
#[test]
fn a_store_that_takes_nothing_ends_the_run() {
    let place = Place::new();
    let many: Vec<String> =
        (0..500).map(|number| result(&format!("r{number}"), "a", "2026-01-01", "success")).collect();
    place.write("many.jsonl", many.join("\n"));
    // No file may grow, as on a full disk.
    let line =
        format!("trap '' XFSZ; ulimit -f 0; exec {} save many.jsonl", env!("CARGO_BIN_EXE_truthound-stores"));
    let ended = place.shell(&line);
    ended.fails(1, "and what follows cannot be saved");
    assert_eq!(ended.out, "");
    assert!(ended.err.lines().count() == 1, "one reason is said once: {ended:?}");
}

#[test]
fn times_without_an_offset_are_read_in_the_zone_of_the_store() {
    let place = Place::new();
    let document = result("x", "a", "2026-01-01T09:00:00", "success");
    let store = "--store file:s?assume_timezone=%2B09:00";
    assert_eq!(place.run_with(&format!("save - {store}"), document.as_bytes()).ok(), "x\n");
    assert!(place.run(&format!("list {store}")).ok().contains("\"run_time\":\"2026-01-01T00:00:00Z\""));
    place.write("c.toml", "[store]\nurl = \"memory:\"\nassume_timezone = \"Nowhere/Land\"\n");
    place.run_with("--config c.toml save -", document.as_bytes()).fails(2, "Nowhere/Land");
}

#[test]
fn an_input_without_documents_says_so() {
    let place = Place::new();
    place.write("empty.json", "");
    let ended = place.run("save empty.json");
    assert_eq!((ended.code, ended.err.as_str()), (0, "note: empty.json holds no document\n"));
    assert_eq!(place.run_with("save -", b"[]").code, 0);
}

/// What is read ahead of the store is limited, and what is saved is let go.
#[cfg(target_os = "linux")]
#[test]
fn a_long_stream_takes_bounded_memory() {
    let place = Place::new();
    let mut child =
        place.command(["--store", "memory:?max_items=2", "save", "-"]).stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let (finished, wait) = std::sync::mpsc::channel::<()>();
    let writer = std::thread::spawn(move || {
        let fill = format!(",\"fill\":\"{}\"", "x".repeat(1 << 20));
        for number in 0..260 {
            let line = result_with(&format!("r{number}"), "a", "2026-01-01", "success", &fill);
            writeln!(stdin, "{line}").unwrap();
        }
        // The stream stays open until the memory was measured.
        wait.recv().unwrap();
    });
    let ids = BufReader::new(child.stdout.take().unwrap()).lines().take(260).map(Result::unwrap);
    assert_eq!(ids.last().unwrap(), "r259");
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let kib: u64 = peak.trim().trim_end_matches(" kB").parse().unwrap();
    finished.send(()).unwrap();
    writer.join().unwrap();
    assert!(child.wait().unwrap().success());
    assert!(kib < 190 << 10, "260 MiB took {kib} KiB");
}
