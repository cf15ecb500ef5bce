//! Nothing but the table changes.

use super::*;

#[test]
fn the_table_takes_the_place_of_the_old_one() {
    let page = "# Title\n\n<!-- bench:a -->\n\nold\n\n<!-- /bench:a -->\n\nThe end.\n";
    let new = with_table(page, "a", "new\n").unwrap();
    assert_eq!(new, "# Title\n\n<!-- bench:a -->\n\nnew\n\n<!-- /bench:a -->\n\nThe end.\n");
    assert_eq!(with_table(&new, "a", "new").unwrap(), new);
}

#[test]
fn a_page_without_the_markers_is_left_alone() {
    assert!(with_table("# Title\n", "a", "new").unwrap_err().contains("<!-- bench:a -->"));
    assert!(with_table("<!-- bench:a -->\n", "a", "new").unwrap_err().contains("<!-- /bench:a -->"));
}
