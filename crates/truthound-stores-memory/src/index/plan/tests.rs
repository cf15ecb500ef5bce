//! Going through the groups of a wide pattern would cost every page more than reading the documents it returns.

use truthound_stores_core::{Attributes, Body, Key, RecordMeta, Revision, Status, Timestamp};

use super::*;

fn documents(assets: usize) -> Documents {
    let mut documents = Documents::default();
    for n in 0..assets {
        let attributes = Attributes::new(format!("asset_{n:04}"), Timestamp::UNIX_EPOCH, Status::SUCCESS);
        let body = Body::from_canonical("{}");
        let key = Key::result(&n.to_string()).unwrap();
        let meta =
            RecordMeta::new(key, attributes, Revision::new("1"), 2, body.checksum(), Timestamp::UNIX_EPOCH);
        documents.insert(Arc::new(meta), body);
    }
    documents
}

fn groups_selected(documents: &Documents, pattern: &str, page_size: Option<usize>) -> Option<usize> {
    let query = Query::new().with_data_asset(pattern);
    let assets = Choice { groups: &documents.assets, names: Names::of_assets(&query) };
    assets.select(documents.len(), page_size).map(|selection| selection.groups.len())
}

#[test]
fn a_page_goes_through_the_groups_of_a_narrow_pattern_only() {
    let documents = documents(1000);
    assert_eq!(groups_selected(&documents, "asset_000*", Some(10)), Some(10));
    assert_eq!(
        groups_selected(&documents, "asset_0*", Some(10)),
        None,
        "1000 groups cost more than 10 documents"
    );
    assert_eq!(groups_selected(&documents, "asset_0*", Some(1000)), Some(1000));
    assert_eq!(groups_selected(&documents, "asset_0*", None), Some(1000), "a count goes through all of them");
    assert_eq!(groups_selected(&documents, "*", None), None, "all documents are walked as one group");
    assert_eq!(groups_selected(&documents, "absent", Some(1)), Some(0));
}
