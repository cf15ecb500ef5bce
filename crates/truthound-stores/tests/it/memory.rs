//! Stores in memory, by name and by URL.

use truthound_stores::{ErrorKind, Options, PutOptions, Store, get_store, open, open_with};

use crate::sample;

#[tokio::test]
async fn a_store_in_memory_opens_by_name_and_by_url_each_time_anew() {
    let by_name = get_store("memory", Options::new()).await.unwrap();
    let by_url = open("memory:").await.unwrap();
    sample::save_and_read_back(&by_name, "run_1").await;
    assert_eq!(sample::ids(&by_name).await, ["run_1"]);
    assert_eq!(sample::ids(&by_url).await, [""; 0]);
    assert_eq!((by_name.info().backend, by_url.info().backend), ("memory".to_owned(), "memory".to_owned()));
}

#[tokio::test]
async fn parameters_of_the_url_are_options_under_their_own_names() {
    let store = open("memory:?max_items=2&metadata.team=core%20data").await.unwrap();
    assert_eq!(store.info().metadata.get("team").map(String::as_str), Some("core data"));
    for id in ["run_1", "run_2", "run_3"] {
        store.put_opts(sample::record(id), PutOptions::default()).await.unwrap();
    }
    assert_eq!(sample::ids(&store).await.len(), 2);
}

/// R-ANY-14.
#[tokio::test]
async fn wrong_urls_and_options_are_refused_by_name() {
    for (url, part) in [
        ("", "the store's URL is empty"),
        ("memory:results", "memory:results"),
        ("memory://", "write memory: and nothing after it"),
        ("memory:?max_item=5", "unknown option \"max_item\" of memory: did you mean \"max_items\"?"),
        ("memory:?max_items=many", "option \"max_items\""),
        ("memory:?max_items=-1", "option \"max_items\""),
        ("memory:?max_items", "the URL's option \"max_items\" has no value"),
        ("memory:?max_items=1&max_items=2", "option \"max_items\" is given twice"),
        ("memory:?max_items=%ff", "not UTF-8"),
        ("memory:?compression=zstd", "compression"),
    ] {
        let error = open(url).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid, "{url}: {error}");
        assert!(error.to_string().contains(part), "{url}: {error}");
    }
    for (options, part) in [
        (Options::new().with("max_items", "many"), "option \"max_items\""),
        (Options::new().with("max_items", 1.5), "option \"max_items\""),
        (Options::new().with("base_path", "x"), "unknown option \"base_path\" of memory"),
    ] {
        let error = get_store("memory", options).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid);
        assert!(error.to_string().contains(part), "{error}");
    }
}

#[tokio::test]
async fn an_option_beside_the_url_joins_it_or_is_refused_by_name() {
    let store =
        open_with("memory:?max_items=1", Options::new().with("max_items", 1).with("namespace", "a")).await;
    sample::save_and_read_back(&store.unwrap(), "run_1").await;
    let error = open_with("memory:?namespace=a", Options::new().with("namespace", "b")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert!(error.to_string().contains("\"namespace\""), "{error}");
}
