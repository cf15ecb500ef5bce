//! What may stand in a `lib.rs` and what may not.

use super::*;

fn findings(text: &str) -> Vec<(usize, String)> {
    let tree = Tree::of(&[("crates/a/src/lib.rs", text)]);
    check(&tree).into_iter().map(|finding| (finding.line, finding.message)).collect()
}

fn reported_in_line(line: usize, text: &str) {
    let found = findings(text);
    assert_eq!(found.iter().map(|found| found.0).collect::<Vec<_>>(), [line], "{found:?}");
}

#[test]
fn docs_attributes_modules_and_exports_by_name_are_accepted() {
    let text = "//! Docs with `fn main() {}`.\n\
        #![cfg_attr(docsrs, feature(doc_cfg))]\n\
        #![doc = \"a ] in a string\"]\n\
        /* a /* nested */ comment: fn no() {} */\n\
        mod a;\n\
        pub mod b; // struct Remark;\n\
        #[cfg(feature = \"x\")]\npub use a::{\n    One, // first\n    Two as Three,\n};\n\
        pub use b::f;\n\
        #[cfg(test)]\nmod tests;\n";
    assert_eq!(findings(text), []);
}

#[test]
fn a_glob_is_reported() {
    reported_in_line(2, "mod a;\npub use a::*;\n");
    reported_in_line(1, "pub use a::{b, c::{*}};\n");
}

#[test]
fn code_is_reported_where_it_begins() {
    reported_in_line(2, "mod a;\npub fn f() -> u8 { if true { 1 } else { 2 } }\npub use a::B;\n");
    reported_in_line(1, "pub struct A { b: u8 }\n");
    reported_in_line(1, "impl A {\n    fn f() {}\n}\n");
    reported_in_line(3, "//! Docs.\n\npub const A: u8 = 1;\n");
}

#[test]
fn a_module_written_in_place_is_reported() {
    reported_in_line(1, "pub mod prelude {\n    pub use super::A;\n}\n");
}

#[test]
fn a_private_import_is_reported() {
    reported_in_line(1, "use std::fmt;\n");
}

#[test]
fn broken_code_ends_the_scan_and_is_reported() {
    assert_eq!(findings("pub fn f() { \"never closed").len(), 1);
    assert_eq!(findings("/* never closed").len(), 0);
    assert_eq!(findings("#[never closed").len(), 0);
}

#[test]
fn other_files_may_hold_code() {
    assert_eq!(check(&Tree::of(&[("crates/a/src/b.rs", "fn f() {}")])), []);
}
