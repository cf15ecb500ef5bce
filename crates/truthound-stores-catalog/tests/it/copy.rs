//! A store is copied into a bucket and from one vendor's bucket to another's, also when the bucket cannot be reached for a while in the middle.

use truthound_stores_catalog::CatalogConfig;
use truthound_stores_core::{CopyOptions, ErrorKind, PutOptions, Query, Record, Store, StoreExt, copy};
use truthound_stores_testkit::object::{ObjectFault, StoreOptions, Trouble};
use truthound_stores_testkit::{Generator, Place};

use crate::place::{Plain, Simulated};

async fn assert_holds(store: &dyn Store, wanted: &[Record]) {
    for record in wanted {
        assert_eq!(store.read(&record.key).await.unwrap().into_record().unwrap(), *record);
    }
}

#[tokio::test]
async fn a_copy_goes_from_bucket_to_bucket_and_on_after_an_outage() {
    let records = Generator::new(21).records(80);
    let plain = Plain::new(CatalogConfig::new);
    let source = plain.open("default").await;
    for written in source.put_many(records.clone(), PutOptions::default()).await {
        written.unwrap();
    }
    let vendor = Simulated::new(StoreOptions::s3(), CatalogConfig::new);
    let target = vendor.open("default").await;
    let options = CopyOptions::new().with_batch_documents(20);
    let first = Query::new().with_limit(30);
    let report = copy(&*source, &*target, &first, &options, &()).await.unwrap();
    assert_eq!((report.copied, report.is_complete()), (30, true));

    vendor.bucket.faults().force(ObjectFault::new(Trouble::Reset).forever());
    let error = copy(&*source, &*target, &Query::new(), &options, &()).await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Unavailable | ErrorKind::Timeout), "{error}");
    vendor.bucket.faults().heal();

    let report = copy(&*source, &*target, &Query::new(), &options, &()).await.unwrap();
    assert_eq!((report.equal + report.copied, report.is_complete()), (80, true), "{report:?}");
    // Which of those whose answers were lost are there already, only the bucket knows.
    assert!(report.equal >= 30, "{report:?}");
    assert_holds(&*target, &records).await;

    // Listings of buckets know the start of a checksum only: it is enough to leave equal documents alone.
    let other = Simulated::new(StoreOptions::azure(), CatalogConfig::new);
    let other = other.open("default").await;
    assert!(copy(&*target, &*other, &Query::new(), &options, &()).await.unwrap().is_complete());
    let again = copy(&*target, &*other, &Query::new(), &options, &()).await.unwrap();
    assert_eq!((again.equal, again.bytes), (80, 0));
    assert_holds(&*other, &records).await;
}
