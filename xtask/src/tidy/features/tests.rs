//! README and matrices, each one step behind the features.

use super::*;

const MANIFEST: &str = r#"
[features]
default = ["filesystem", "memory"]
filesystem = ["dep:truthound-stores-filesystem", "codecs"]
memory = ["dep:truthound-stores-memory"]
codecs = []
"#;
const TEXT: &str = "Features: `codecs`, `filesystem`, `memory`.";
const INLINE: &str = "    matrix:\n        feature: [filesystem, memory]\n";
const BLOCK: &str =
    "    matrix:\n      backend:\n        - filesystem\n        - memory\n    steps:\n      - run: x\n";

fn findings(readme: &str, compile: &str, conformance: &str) -> Vec<String> {
    let tree =
        Tree::of(&[(UMBRELLA, MANIFEST), (README, readme), (COMPILE, compile), (CONFORMANCE, conformance)]);
    check(&tree).iter().map(ToString::to_string).collect()
}

#[test]
fn a_complete_tree_is_accepted_with_lists_in_either_form() {
    assert_eq!(findings(TEXT, INLINE, BLOCK), [""; 0]);
}

#[test]
fn a_feature_that_the_readme_forgot_is_reported() {
    let found = findings("`filesystem`, memory, `codecs`", INLINE, BLOCK);
    assert_eq!(found, ["README.md: does not mention the feature `memory` in backticks"]);
}

#[test]
fn a_backend_that_a_matrix_forgot_is_reported() {
    let found = findings(TEXT, &INLINE.replace(", memory", ""), BLOCK);
    assert_eq!(found, [".github/workflows/features.yml:2: the matrix lacks the feature `memory`"]);
    let found = findings(TEXT, INLINE, &BLOCK.replace("        - memory\n", ""));
    assert_eq!(found, [".github/workflows/conformance.yml:2: the matrix lacks the backend `memory`"]);
}

#[test]
fn a_name_in_a_matrix_that_is_no_backend_is_reported() {
    let found = findings(TEXT, &INLINE.replace("memory", "memory, codecs"), BLOCK);
    assert!(found.concat().contains("names `codecs`"), "{found:?}");
}

#[test]
fn a_missing_file_or_list_is_reported() {
    assert_eq!(findings(TEXT, "matrix:\n", BLOCK).len(), 1);
    assert_eq!(check(&Tree::of(&[(UMBRELLA, MANIFEST), (README, TEXT)])).len(), 2);
}
