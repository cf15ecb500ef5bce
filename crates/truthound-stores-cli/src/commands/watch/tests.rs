use truthound_stores::{ErrorKind, Key, MemoryStore, Reading, Record, StoreExt};
use truthound_stores_testkit::{Fault, Faults, FaultyStore, Operation};

use super::*;
use crate::args::Global;
use crate::output::Out;

fn record(collection: &Collection, id: &str) -> Record {
    let text = format!(
        r#"{{"run_id":"{id}","name":"{id}","run_time":"2026-01-01","data_asset":"orders","status":"failure"}}"#
    );
    Record::parse(collection.clone(), text.as_bytes(), &Reading::default()).unwrap()
}

/// Reads lines as `op id`.
fn told(lines: &[String]) -> Vec<String> {
    let value = |line: &String| serde_json::from_str::<serde_json::Value>(line).unwrap();
    let text = |value: serde_json::Value| {
        format!("{} {}", value["op"].as_str().unwrap(), value["id"].as_str().unwrap_or("-"))
    };
    lines.iter().map(value).map(text).collect()
}

#[tokio::test]
async fn changes_are_printed_in_order_with_the_token_to_go_on_from() {
    let global = Global {
        store: None,
        config: None,
        layers: Vec::new(),
        namespace: None,
        collection: None,
        format: None,
        names_store: false,
    };
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    store.put(record(&Collection::RESULTS, "before")).await.unwrap();
    let mut context = Context::new(&global);
    let (out, kept) = Out::kept();
    context.out = out;
    let mut feed =
        Feed { context: &mut context, store: Arc::clone(&store), only: None, token: None, tokens: true };
    feed.begin().await.unwrap();
    assert_eq!(told(&kept.take_lines()), ["token -"], "whoever reads it knows that what follows is told");

    let suites = Collection::EXPECTATIONS;
    store.put(record(&Collection::RESULTS, "a")).await.unwrap();
    store.put(record(&suites, "s")).await.unwrap();
    store.delete(&Key::result("a").unwrap()).await.unwrap();
    let page = feed.read().await.unwrap();
    assert_eq!(feed.print(page).unwrap(), 3);
    let lines = kept.take_lines();
    assert_eq!(told(&lines), ["put a", "put s", "delete a", "token -"]);
    assert!(
        lines[0].contains(r#""status":"failure""#) && lines[1].contains(r#""collection":"expectations""#)
    );

    feed.only = Some(suites.clone());
    feed.tokens = false;
    store.put(record(&Collection::RESULTS, "b")).await.unwrap();
    store.put(record(&suites, "t")).await.unwrap();
    feed.drain().await.unwrap();
    assert_eq!(told(&kept.take_lines()), ["put t", "token -"]);
    feed.drain().await.unwrap();
    assert_eq!(told(&kept.take_lines()), ["token -"]);

    feed.token = Some(ChangeToken::new("0123456789abcdef-0"));
    feed.drain().await.unwrap();
    assert_eq!(told(&kept.take_lines()), ["reset -", "token -"]);
}

/// Time is not waited for: nothing else is to be done, so the clock of the runtime jumps to the next deadline.
#[tokio::test(start_paused = true)]
async fn an_outage_is_waited_out_and_nothing_is_missed() {
    let global = Global {
        store: None,
        config: None,
        layers: Vec::new(),
        namespace: None,
        collection: None,
        format: None,
        names_store: false,
    };
    let faults = Faults::new();
    let store: Arc<dyn Store> = Arc::new(FaultyStore::new(MemoryStore::new(), &faults));
    let mut context = Context::new(&global);
    let (out, kept) = Out::kept();
    context.out = out;
    let mut feed =
        Feed { context: &mut context, store: Arc::clone(&store), only: None, token: None, tokens: false };
    feed.begin().await.unwrap();
    let on_changes = |kind| Fault::fail(kind).on(Operation::Changes);
    faults.add(on_changes(ErrorKind::Unavailable).times(3));
    // What no waiting can cure ends it.
    faults.add(on_changes(ErrorKind::Denied).nth(6));
    store.put(record(&Collection::RESULTS, "a")).await.unwrap();
    let ended = feed.follow(&mut Stop::new().unwrap(), Duration::from_millis(500)).await;
    assert!(matches!(ended, Err(Failure::Store(error)) if error.kind() == ErrorKind::Denied));
    assert_eq!(told(&kept.take_lines()), ["put a"]);
    assert!(faults.calls(Operation::Changes) >= 6);
}
