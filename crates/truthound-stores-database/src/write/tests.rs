use truthound_stores_core::Key;

use super::*;

fn split(things: &[(&str, usize)]) -> Vec<Vec<String>> {
    let things: Vec<(Key, usize)> =
        things.iter().map(|(id, size)| (Key::result(id).unwrap(), *size)).collect();
    let parts = parts(things, |(key, _)| key, |(_, size)| *size);
    parts.into_iter().map(|part| part.into_iter().map(|(key, _)| key.id().to_owned()).collect()).collect()
}

#[test]
fn a_batch_is_split_where_a_key_comes_again() {
    assert_eq!(split(&[("a", 1), ("b", 1), ("a", 1), ("c", 1)]), [vec!["a", "b"], vec!["a", "c"]]);
    assert!(split(&[]).is_empty());
}

#[test]
fn a_batch_is_split_where_it_becomes_too_large_and_one_document_never_is() {
    let huge = MOST_BYTES + 1;
    assert_eq!(split(&[("a", 1), ("b", huge), ("c", 1)]), [vec!["a"], vec!["b"], vec!["c"]]);
    assert_eq!(split(&[("a", MOST_BYTES / 2), ("b", MOST_BYTES / 2), ("c", 1)]), [vec!["a", "b"], vec!["c"]]);
}

#[test]
fn a_batch_is_split_where_it_has_too_many() {
    let ids: Vec<String> = (0..=MOST_ROWS).map(|id| id.to_string()).collect();
    let things: Vec<(&str, usize)> = ids.iter().map(|id| (id.as_str(), 0)).collect();
    assert_eq!(split(&things).iter().map(Vec::len).collect::<Vec<_>>(), [MOST_ROWS, 1]);
}
