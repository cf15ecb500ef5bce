//! A listing is no snapshot: each page shows what is there when it is read, and readers must live with that.

use futures_util::TryStreamExt;
use object_store::{ObjectStore, ObjectStoreExt};
use truthound_stores_testkit::object::{RequestKind, StoreOptions};

use super::visit::{block_on, names, overwrite, plain};

#[test]
fn pages_are_read_when_they_are_needed_and_show_what_is_there_then() {
    block_on(async {
        let store = plain(StoreOptions::s3().with_page_size(2));
        for name in ["b", "d", "f", "h"] {
            overwrite(&store, &format!("tail/{name}"), "").await.unwrap();
        }
        store.reset_requests();
        let mut listing = store.list(Some(&"tail".into()));
        assert_eq!(store.requests().total(), 0, "nothing is asked before it is needed");
        assert_eq!(listing.try_next().await.unwrap().unwrap().location.as_ref(), "tail/b");
        assert_eq!(store.requests().of(RequestKind::List), 1);
        let aside = store.backdoor();
        // Behind the page that was read: missed. Before the next: seen. Gone before its page: never seen.
        overwrite(&aside, "tail/a", "").await.unwrap();
        overwrite(&aside, "tail/e", "").await.unwrap();
        aside.delete(&"tail/f".into()).await.unwrap();
        let rest: Vec<String> = listing.map_ok(|meta| meta.location.to_string()).try_collect().await.unwrap();
        assert_eq!(rest, ["tail/d", "tail/e", "tail/h"]);
        assert_eq!(store.requests().to_string(), "2 list");
    });
}

#[test]
fn an_offset_starts_behind_it_and_saves_pages() {
    block_on(async {
        let store = plain(StoreOptions::s3().with_page_size(10));
        for name in 0..35 {
            overwrite(&store, &format!("t/{name:02}"), "").await.unwrap();
        }
        store.reset_requests();
        let listing = store.list_with_offset(Some(&"t".into()), &"t/19".into());
        let found: Vec<String> =
            listing.map_ok(|meta| meta.location.to_string()).try_collect().await.unwrap();
        assert_eq!((found.len(), found[0].as_str()), (15, "t/20"));
        assert_eq!(store.reset_requests().to_string(), "2 list");
        assert_eq!(names(&store, "t").await.unwrap().len(), 35);
        assert_eq!(store.reset_requests().to_string(), "4 list");
    });
}

#[test]
fn folders_are_one_entry_of_a_page_however_much_is_in_them() {
    block_on(async {
        let store = plain(StoreOptions::s3().with_page_size(2));
        for name in ["p/a/1", "p/a/2", "p/a/3", "p/b", "p/c/1", "p/c/2", "p/d", "p0"] {
            overwrite(&store, name, "").await.unwrap();
        }
        store.reset_requests();
        let found = store.list_with_delimiter(Some(&"p".into())).await.unwrap();
        let folders: Vec<&str> = found.common_prefixes.iter().map(AsRef::as_ref).collect();
        let objects: Vec<&str> = found.objects.iter().map(|meta| meta.location.as_ref()).collect();
        assert_eq!((folders, objects), (vec!["p/a", "p/c"], vec!["p/b", "p/d"]));
        assert_eq!(store.requests().to_string(), "2 list");
    });
}

#[test]
fn an_unsorted_store_lists_all_of_it_in_no_order() {
    block_on(async {
        let store = plain(StoreOptions::unsorted().with_page_size(7));
        for name in 0..50 {
            overwrite(&store, &format!("t/{name:02}"), "").await.unwrap();
        }
        let mut found = names(&store, "t").await.unwrap();
        assert!(!found.is_sorted());
        found.sort();
        assert_eq!(found, store.names());
        assert_eq!(store.requests().of(RequestKind::List), 8);
    });
}
