//! Conditions are what keeps writers apart; stores differ in how they compare, what they answer, and whether they look.

use object_store::{
    Attribute, Attributes, GetOptions, ObjectStore, ObjectStoreExt, PutMode, PutOptions, UpdateVersion,
};
use truthound_stores_testkit::object::{Condition, DeleteMissing, ETags, StoreOptions};

use super::visit::{block_on, create, delete_all, overwrite, plain, read, update, variant};

#[test]
fn one_creates_and_the_others_hear_that_it_exists() {
    for options in [StoreOptions::s3(), StoreOptions::gcs(), StoreOptions::azure()] {
        block_on(async {
            let store = plain(options);
            let first = create(&store, "root", "one").await.unwrap();
            assert_eq!(variant(&create(&store, "root", "two").await), "AlreadyExists");
            let second = update(&store, "root", "two", first.clone()).await.unwrap();
            assert_eq!(variant(&update(&store, "root", "three", first).await), "Precondition");
            update(&store, "root", "three", second).await.unwrap();
            assert_eq!(read(&store, "root").await.unwrap().0, "three");
            let (_, seen) = read(&store, "root").await.unwrap();
            store.delete(&"root".into()).await.unwrap();
            let gone = store.put_opts(&"root".into(), "four".into(), PutMode::Update(seen).into()).await;
            assert_eq!(variant(&gone), "Precondition");
        });
    }
}

/// With tags of content, a value that comes back cannot be told from one that never changed.
#[test]
fn tags_of_content_repeat_and_opaque_ones_do_not() {
    let there_and_back = |options| {
        block_on(async {
            let store = plain(options);
            let first = overwrite(&store, "root", "one").await.unwrap();
            overwrite(&store, "root", "two").await.unwrap();
            overwrite(&store, "root", "one").await.unwrap();
            variant(&update(&store, "root", "three", first).await)
        })
    };
    assert_eq!(there_and_back(StoreOptions::s3()), "Ok");
    assert_eq!(there_and_back(StoreOptions::s3().with_e_tags(ETags::Opaque)), "Precondition");
    assert_eq!(there_and_back(StoreOptions::gcs()), "Precondition");
    assert_eq!(there_and_back(StoreOptions::azure()), "Precondition");
}

#[test]
fn an_update_needs_what_its_store_compares() {
    let nothing = UpdateVersion { e_tag: None, version: None };
    for options in [StoreOptions::s3(), StoreOptions::gcs(), StoreOptions::azure()] {
        block_on(async {
            let store = plain(options);
            overwrite(&store, "root", "one").await.unwrap();
            store.reset_requests();
            let mode = PutMode::Update(nothing.clone());
            assert_eq!(variant(&store.put_opts(&"root".into(), "two".into(), mode.into()).await), "Generic");
            assert_eq!(store.requests().total(), 0, "the client refuses by itself");
        });
    }
}

#[test]
fn a_store_that_does_not_look_lets_everybody_win() {
    block_on(async {
        let store = plain(StoreOptions::everybody_wins());
        create(&store, "root", "one").await.unwrap();
        create(&store, "root", "two").await.unwrap();
        assert_eq!(read(&store, "root").await.unwrap().0, "two");

        let store = plain(StoreOptions::ignores_if_match());
        let first = overwrite(&store, "root", "one").await.unwrap();
        overwrite(&store, "root", "two").await.unwrap();
        update(&store, "root", "three", first.clone()).await.unwrap();
        store.delete_if(&"root".into(), first.into()).await.unwrap();
        assert!(store.names().is_empty());
    });
}

#[test]
fn a_client_without_conditions_says_so_and_asks_nobody() {
    block_on(async {
        let store = plain(StoreOptions::without_conditions());
        let first = overwrite(&store, "root", "one").await.unwrap();
        assert_eq!(variant(&create(&store, "other", "one").await), "NotImplemented");
        assert_eq!(variant(&update(&store, "root", "two", first.clone()).await), "NotImplemented");
        assert_eq!(variant(&store.delete_if(&"root".into(), first.into()).await), "NotImplemented");
        assert_eq!(store.requests().to_string(), "1 put");
    });
}

#[test]
fn compare_and_delete_spares_what_came_since() {
    for options in [StoreOptions::s3(), StoreOptions::gcs(), StoreOptions::azure()] {
        block_on(async {
            let store = plain(options);
            let mark = overwrite(&store, "doc", "mark").await.unwrap();
            let saved = overwrite(&store, "doc", "saved again").await.unwrap();
            assert_eq!(variant(&store.delete_if(&"doc".into(), mark.into()).await), "Precondition");
            assert_eq!(store.names(), ["doc"]);
            store.delete_if(&"doc".into(), saved.into()).await.unwrap();
            assert!(store.names().is_empty());
        });
    }
    let off = StoreOptions::s3().with_compare_and_delete(Condition::NotImplemented);
    block_on(async {
        let store = plain(off);
        let seen = overwrite(&store, "doc", "mark").await.unwrap();
        assert_eq!(variant(&store.delete_if(&"doc".into(), seen.into()).await), "NotImplemented");
    });
}

#[test]
fn deleting_what_is_not_there_is_as_the_store_has_it() {
    let delete = |options| {
        block_on(async {
            let store = plain(options);
            variant(&store.delete(&"nothing".into()).await)
        })
    };
    // `delete` of the clients goes through `delete_stream`: on S3 and Azure a batch of one.
    assert_eq!(delete(StoreOptions::s3()), "Ok");
    assert_eq!(delete(StoreOptions::azure()), "Ok");
    assert_eq!(delete(StoreOptions::gcs()), "NotFound");
    assert_eq!(delete(StoreOptions::gcs().with_delete_missing(DeleteMissing::Succeeds)), "Ok");
}

#[test]
fn deletes_go_in_batches_of_the_stores_size() {
    let count = |options| {
        block_on(async {
            let store = plain(options);
            for name in ["a", "b", "c", "d", "e"] {
                overwrite(&store, name, "text").await.unwrap();
            }
            store.reset_requests();
            let outcomes = delete_all(&store, &["a", "b", "c", "d", "e"]).await;
            assert!(outcomes.iter().all(Result::is_ok));
            assert!(store.names().is_empty());
            store.requests().to_string()
        })
    };
    assert_eq!(count(StoreOptions::s3()), "1 batch delete");
    assert_eq!(count(StoreOptions::s3().with_delete_batch(2)), "3 batch delete");
    assert_eq!(count(StoreOptions::gcs()), "5 delete");
}

#[test]
fn conditional_gets_spare_the_body() {
    block_on(async {
        let store = plain(StoreOptions::gcs());
        let written = overwrite(&store, "root", "one").await.unwrap();
        let path = "root".into();
        let unchanged = GetOptions::new().with_if_none_match(written.e_tag.clone());
        assert_eq!(variant(&store.get_opts(&path, unchanged.clone()).await), "NotModified");
        overwrite(&store, "root", "two").await.unwrap();
        assert_eq!(variant(&store.get_opts(&path, unchanged).await), "Ok");
        let same = GetOptions::new().with_if_match(written.e_tag);
        assert_eq!(variant(&store.get_opts(&path, same).await), "Precondition");
        let old = GetOptions::new().with_version(written.version);
        assert_eq!(variant(&store.get_opts(&path, old).await), "NotFound");
        assert_eq!(store.requests().to_string(), "4 get, 2 put");
    });
}

/// A store in memory takes anything; these do not, and give keys back in lower case.
#[test]
fn user_metadata_travels_as_headers_do() {
    let put = |options: StoreOptions, key: &'static str, value: String| {
        block_on(async {
            let store = plain(options);
            let attributes = Attributes::from_iter([(Attribute::Metadata(key.into()), value)]);
            let options = PutOptions { attributes, ..PutOptions::default() };
            store.put_opts(&"doc".into(), "".into(), options).await.ok()?;
            let got = store.get(&"doc".into()).await.unwrap();
            let (key, value) = got.attributes.iter().next().unwrap();
            let Attribute::Metadata(key) = key else { panic!("{key:?}") };
            Some((key.to_string(), value.len()))
        })
    };
    assert_eq!(put(StoreOptions::s3(), "Run-Id", "a b".into()), Some(("run-id".into(), 3)));
    assert_eq!(put(StoreOptions::azure(), "Run_Id", "a b".into()), Some(("run_id".into(), 3)));
    assert_eq!(put(StoreOptions::azure(), "run-id", "a b".into()), None);
    assert_eq!(put(StoreOptions::gcs(), "run", "\u{e9}".into()), None);
    assert_eq!(put(StoreOptions::gcs(), "run", "line\nbreak".into()), None);
    assert_eq!(put(StoreOptions::s3(), "run", "x".repeat(2_045)), Some(("run".into(), 2_045)));
    assert_eq!(put(StoreOptions::s3(), "run", "x".repeat(2_046)), None);
    assert_eq!(put(StoreOptions::gcs(), "run", "x".repeat(8_000)), Some(("run".into(), 8_000)));
    block_on(async {
        let store = plain(StoreOptions::s3());
        assert_eq!(variant(&overwrite(&store, &"x".repeat(1_025), "").await), "Generic");
        overwrite(&store, &"x".repeat(1_024), "").await.unwrap();
    });
}
