//! Lines as a measurement prints them, and the table that is made of them.

use super::*;

const OUTPUT: &str = r#"
bench: 50000 of 1000000 documents stored
{"machine":{"date":"2026-01-31","run":"full","cores":2,"processor":null,"memory":25,"kernel":"linux 6.1","file_system":"ext4"}}
{"row":{"id":"save-64","what":"64 callers","ours":{"value":5210.4,"unit":"/s"},"beside":"the loop","theirs":{"value":1302.6,"unit":"/s"},"ratio":4.0,"spread":[3.9,4.25],"limit":{"ratio_at_least":5.0},"met":false,"note":"60 s each"}}
{"row":{"id":"cold","what":"cold start","ours":{"value":12.34,"unit":"ms"},"beside":null,"theirs":null,"ratio":null,"spread":null,"limit":{"below":50.0},"met":true,"note":null}}
{"row":{"id":"python","what":"beside Truthound","ours":null,"beside":null,"theirs":null,"ratio":null,"spread":null,"limit":null,"met":null,"note":"not measured: no Python"}}
"#;

fn table() -> Table {
    let mut table = Table::default();
    OUTPUT.lines().for_each(|line| table.read(line));
    table.measured_with("rustc 1.95.0");
    table
}

#[test]
fn rows_become_a_table_with_what_they_were_measured_on_and_their_notes() {
    let text = table().markdown();
    assert!(
        text.starts_with(
            "Measured on 2026-01-31: a full run, 2 cores, 25 GB of memory, linux 6.1, ext4, rustc 1.95.0.\n"
        ),
        "{text}"
    );
    let rows: Vec<String> = text
        .lines()
        .filter(|line| line.starts_with("| `"))
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    assert_eq!(
        rows,
        [
            "| `save-64`: 64 callers | 5,210 /s | 1,303 /s: the loop | 4 (3.9 to 4.25) | ratio at least 5 | **not met** |",
            "| `cold`: cold start | 12.3 ms | | | below 50 ms | met |",
            "| `python`: beside Truthound | not measured | | | | |",
        ]
    );
    assert!(text.ends_with("- `save-64`: 60 s each.\n- `python`: not measured: no Python."), "{text}");
}

#[test]
fn a_limit_that_is_not_met_is_named() {
    assert_eq!(table().unmet(), ["save-64"]);
}

#[test]
fn a_quick_run_says_so() {
    let mut table = table();
    table.read(r#"{"machine":{"run":"quick"}}"#);
    assert!(table.markdown().contains("a quick run, smaller"));
}

#[test]
fn numbers_keep_what_matters() {
    let cases = [
        (1_234_567.8, "1,234,568"),
        (100.0, "100"),
        (99.94, "99.9"),
        (1.5, "1.5"),
        (0.0123, "0.0123"),
        (1.0, "1"),
    ];
    for (value, text) in cases {
        assert_eq!(number(value), text);
    }
}
