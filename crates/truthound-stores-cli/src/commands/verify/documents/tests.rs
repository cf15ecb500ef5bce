use truthound_stores::{Attributes, Body, Key, MemoryStore, Record, Status, Timestamp};
use truthound_stores_testkit::{Fault, Faults, FaultyStore, Operation};

use super::*;

/// Verifies a store with so many documents, which fails as `faults` say.
async fn verified(documents: usize, faults: impl IntoIterator<Item = Fault>) -> Result<(Report, Code)> {
    let store = MemoryStore::new();
    for n in 0..documents {
        let attributes = Attributes::new("orders", Timestamp::UNIX_EPOCH, Status::SUCCESS);
        let body = Body::parse(br#"{"a":1}"#).unwrap();
        store.put(Record::new(Key::result(&n.to_string()).unwrap(), attributes, body)).await.unwrap();
    }
    let script = Faults::new();
    faults.into_iter().for_each(|fault| script.add(fault));
    verify(&FaultyStore::new(store, &script), &Collection::RESULTS, &Bar::new(0)).await
}

fn on_get(kind: ErrorKind) -> Fault {
    Fault::fail(kind).on(Operation::Get)
}

/// R-ANY-6: damage and a missing permission concern one document each, and hide no other.
#[tokio::test]
async fn what_cannot_be_read_is_named_and_the_others_are_read() {
    let faults = [on_get(ErrorKind::Corrupt).nth(2), on_get(ErrorKind::Denied).nth(4)];
    let (report, unread) = verified(5, faults).await.unwrap();
    assert_eq!((report.documents, unread), (5, Code::Error));
    let levels: Vec<Level> = report.findings.iter().map(|finding| finding.level).collect();
    assert_eq!(levels, [Level::Damage, Level::Warning]);
    assert!(report.findings.iter().all(|finding| finding.key.is_some()));
}

#[tokio::test]
async fn a_document_that_is_listed_but_not_there_is_damage() {
    let (report, _) = verified(1, [on_get(ErrorKind::NotFound)]).await.unwrap();
    assert!(report.is_damaged() && report.findings[0].message.contains("missing"), "{report:?}");
    // Deleted since it was listed: neither its text nor its description is there.
    let (report, unread) = verified(1, [on_get(ErrorKind::NotFound).times(2)]).await.unwrap();
    assert_eq!((report.findings.len(), unread), (0, Code::Done));
}

/// R-ANY-5.
#[tokio::test]
async fn an_outage_is_no_finding() {
    for operation in [Operation::List, Operation::Get] {
        let outage = verified(3, [Fault::fail(ErrorKind::Timeout).on(operation).forever()]).await;
        assert_eq!(outage.unwrap_err().kind(), ErrorKind::Timeout, "{operation:?}");
    }
}
