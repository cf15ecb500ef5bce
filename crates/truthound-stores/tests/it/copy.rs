//! A copy of a store was once made by reading everything and saving it: what stood in its way was written over, what was damaged ended it,
//! and nobody could tell afterwards whether it was whole.

use std::sync::Mutex;

use truthound_stores::{
    Collection, CopyIssue, CopyOptions, CopyProblem, CopyReport, CopyWatch, ErrorKind, MemoryStore,
    OnConflict, Progress, PutOptions, Query, Reading, Record, Result, Store, StoreExt, copy, open,
};
use truthound_stores_testkit::{
    Fault, FaultLayer, Faults, FaultyStore, Gate, Generator, LimitedStore, Operation, odd_records,
};

mod progress;

/// Remembers what it hears.
#[derive(Default)]
struct Heard {
    issues: Mutex<Vec<(CopyProblem, String)>>,
    stages: Mutex<Vec<(&'static str, u64, Option<u64>)>>,
}

impl Progress for Heard {
    fn advance(&self, doing: &'static str, done: u64, total: Option<u64>) {
        self.stages.lock().unwrap().push((doing, done, total));
    }
}

impl CopyWatch for Heard {
    fn issue(&self, issue: CopyIssue) {
        self.issues.lock().unwrap().push((issue.problem, issue.error.report()));
    }
}

impl Heard {
    fn problems(&self) -> Vec<CopyProblem> {
        self.issues.lock().unwrap().iter().map(|(problem, _)| *problem).collect()
    }

    fn says(&self, text: &str) -> bool {
        self.issues.lock().unwrap().iter().any(|(_, says)| says.contains(text))
    }
}

async fn filled(records: &[Record]) -> MemoryStore {
    let store = MemoryStore::new();
    for written in store.put_many(records.to_vec(), PutOptions::default()).await {
        written.unwrap();
    }
    store
}

async fn copied(source: &dyn Store, target: &dyn Store, options: &CopyOptions) -> (CopyReport, Heard) {
    let heard = Heard::default();
    let report = copy(source, target, &Query::new(), options, &heard).await.unwrap();
    (report, heard)
}

fn faulty(store: MemoryStore) -> (FaultyStore<MemoryStore>, Faults) {
    let faults = Faults::new();
    (store.layer(FaultLayer::new(&faults)), faults)
}

/// Another document under the id of `record`.
fn changed(record: &Record) -> Record {
    let text = record.body.as_str().replacen("\"status\":", "\"changed\":1,\"status\":", 1);
    assert_ne!(text, record.body.as_str());
    let record = Record::parse(record.key.collection().clone(), text.as_bytes(), &Reading::default());
    record.unwrap()
}

/// All of `wanted` is in the store as it was made: its text, its attributes.
async fn assert_holds(store: &dyn Store, wanted: &[Record]) {
    for record in wanted {
        let stored = store.read(&record.key).await.unwrap().into_record().unwrap();
        assert_eq!(stored, *record);
    }
}

#[tokio::test]
async fn documents_go_from_any_store_to_any_other_with_text_and_attributes() {
    let folder = tempfile::tempdir().unwrap();
    let url = |name: &str| format!("file:{}", folder.path().join(name).display());
    let mut records = Generator::new(5).records(300);
    records
        .extend(odd_records().into_iter().filter(|record| *record.key.collection() == Collection::RESULTS));
    // What a wrapper keeps beside a text, too.
    records[0].attributes.ext.set("test.parent", "7").unwrap();
    records[1].attributes.run_time = records[2].attributes.run_time;
    let memory = filled(&records).await;
    let files = open(&url("one")).await.unwrap();
    let options = CopyOptions::new().with_batch_documents(50);
    let (report, heard) = copied(&memory, &*files, &options).await;
    let number = records.len() as u64;
    assert!(report.is_complete(), "{report:?} {:?}", heard.issues);
    assert_eq!((report.documents, report.copied, report.equal), (number, number, 0));
    let compared = report.compared.unwrap();
    assert_eq!((compared.documents, compared.equal), (number, number));
    assert_holds(&*files, &records).await;

    let (back, more_files) =
        (MemoryStore::new(), open(&format!("{}?compression=gzip", url("two"))).await.unwrap());
    assert!(copied(&*files, &back, &options).await.0.is_complete());
    assert_holds(&back, &records).await;
    assert!(copied(&*files, &*more_files, &options).await.0.is_complete());
    assert_holds(&*more_files, &records).await;

    let stages = heard.stages.lock().unwrap();
    assert!(
        stages.contains(&("copying", number, Some(number)))
            && stages.contains(&("comparing", number, Some(number)))
    );
}

#[tokio::test]
async fn what_is_equal_is_neither_read_nor_written_again() {
    let records = Generator::new(1).records(120);
    let (source, reads) = faulty(filled(&records).await);
    let (target, writes) = faulty(filled(&records[..100]).await);
    let (report, _) = copied(&source, &target, &CopyOptions::new()).await;
    assert_eq!((report.equal, report.copied), (100, 20));
    assert_eq!(reads.calls(Operation::Get), 20);
    assert_eq!((writes.calls(Operation::PutMany), writes.calls(Operation::Put)), (1, 0));
    let (again, _) = copied(&source, &target, &CopyOptions::new()).await;
    assert_eq!((again.equal, again.bytes), (120, 0));
    assert_eq!((reads.calls(Operation::Get), writes.calls(Operation::PutMany)), (20, 1));
}

#[tokio::test]
async fn a_copy_that_was_stopped_goes_on_where_it_was() {
    let records = Generator::new(2).records(100);
    let source = filled(&records).await;
    let (target, faults) = faulty(MemoryStore::new());
    faults.add(Fault::fail(ErrorKind::Unavailable).on(Operation::PutMany).nth(4).forever());
    let options = CopyOptions::new().with_batch_documents(10);
    let error = copy(&source, &target, &Query::new(), &options, &()).await.unwrap_err();
    assert_eq!((error.kind(), error.context("copied")), (ErrorKind::Unavailable, Some("30")), "{error}");
    faults.heal();
    let (report, _) = copied(&source, &target, &options).await;
    assert_eq!((report.equal, report.copied, report.is_complete()), (30, 70, true));
    assert_holds(&target, &records).await;
}

/// Three documents, of which the target has another `b`.
async fn in_conflict() -> (Vec<Record>, MemoryStore, MemoryStore, Record) {
    let records = Generator::new(3).records(3);
    let other = changed(&records[1]);
    let target = filled(std::slice::from_ref(&other)).await;
    (records.clone(), filled(&records).await, target, other)
}

#[tokio::test]
async fn a_conflict_is_reported_and_stops_no_other_document() {
    let (records, source, target, other) = in_conflict().await;
    let (report, heard) = copied(&source, &target, &CopyOptions::new()).await;
    assert_eq!((report.copied, report.conflicts, report.is_complete()), (2, 1, false));
    assert_eq!(heard.problems(), [CopyProblem::Conflict]);
    assert!(heard.says(records[1].key.id()), "{:?}", heard.issues);
    let compared = report.compared.unwrap();
    assert_eq!((compared.equal, compared.explained, compared.unexplained), (2, 1, 0));
    assert_holds(&target, &[other]).await;
}

#[tokio::test]
async fn a_conflict_may_be_settled_for_either_side() {
    let (_, source, target, other) = in_conflict().await;
    let (kept, heard) =
        copied(&source, &target, &CopyOptions::new().with_on_conflict(OnConflict::Keep)).await;
    assert_eq!((kept.copied, kept.kept, kept.is_complete()), (2, 1, true), "{:?}", heard.issues);
    assert_holds(&target, &[other]).await;
    let (records, source, target, _) = in_conflict().await;
    let overwrite = CopyOptions::new().with_on_conflict(OnConflict::Overwrite);
    let (written, _) = copied(&source, &target, &overwrite).await;
    assert_eq!((written.copied, written.overwritten, written.is_complete()), (2, 1, true));
    assert_holds(&target, &records).await;
}

/// A document that the target lists elsewhere, because its own has another time or asset, was once taken for absent and written over.
#[tokio::test]
async fn a_document_that_the_target_lists_elsewhere_is_not_overwritten() {
    let records = Generator::new(4).records(20);
    let mut moved = records[7].clone();
    moved.attributes.run_time = "1999-12-31".parse().unwrap();
    let source = filled(&records).await;
    for create_only in [true, false] {
        let target = filled(&[moved.clone()]).await;
        let can = target.info().capabilities.with_create_only(create_only).with_compare_and_swap(create_only);
        let target = LimitedStore::new(target, can);
        let (report, heard) = copied(&source, &target, &CopyOptions::new()).await;
        assert_eq!((report.copied, report.conflicts), (19, 1));
        assert_eq!(heard.problems(), [CopyProblem::Conflict]);
        assert_holds(&target, &[moved.clone()]).await;
        let options = CopyOptions::new().with_on_conflict(OnConflict::Overwrite);
        assert_eq!(copied(&source, &target, &options).await.0.overwritten, 1);
        assert_holds(&target, &records).await;
    }
}

/// Somebody saves under the same id between the listing and the write.
#[tokio::test]
async fn a_document_that_appears_meanwhile_is_not_overwritten() {
    let records = Generator::new(6).records(2);
    let other = changed(&records[0]);
    let source = filled(&records).await;
    let (target, faults) = faulty(MemoryStore::new());
    let gate = Gate::new("copy");
    faults.add(Fault::hold(&gate).on(Operation::PutMany));
    let heard = Heard::default();
    let (query, options) = (Query::new(), CopyOptions::new());
    let copying = copy(&source, &target, &query, &options, &heard);
    let meanwhile = async {
        gate.reached().await;
        target.put(other.clone()).await.unwrap();
        gate.open();
    };
    let (report, ()) = futures_util::future::join(copying, meanwhile).await;
    assert_eq!(report.unwrap().conflicts, 1);
    assert_eq!(heard.problems(), [CopyProblem::Conflict]);
    assert_holds(&target, &[other]).await;
}

#[tokio::test]
async fn a_dry_run_says_what_a_copy_does_and_writes_nothing() {
    let (records, source, target, other) = in_conflict().await;
    let mut moved = records[2].clone();
    moved.attributes.data_asset = "elsewhere".to_owned();
    target.put(moved.clone()).await.unwrap();
    let (target, faults) = faulty(target);
    for (policy, expected) in [
        (OnConflict::Refuse, (1, 0, 0, 2)),
        (OnConflict::Keep, (1, 0, 2, 0)),
        (OnConflict::Overwrite, (1, 2, 0, 0)),
    ] {
        let options = CopyOptions::new().with_on_conflict(policy).with_dry_run(true);
        let (report, _) = copied(&source, &target, &options).await;
        let found = (report.copied, report.overwritten, report.kept, report.conflicts);
        assert_eq!((found, report.compared), (expected, None), "{policy}");
    }
    assert_eq!(faults.calls(Operation::PutMany) + faults.calls(Operation::Put), 0);
    assert_holds(&target, &[other, moved]).await;
}

#[tokio::test]
async fn a_document_that_cannot_be_read_is_named_and_the_others_are_copied() {
    let folder = tempfile::tempdir().unwrap();
    let source = open(&format!("file:{}", folder.path().display())).await.unwrap();
    let records = Generator::new(8).records(10);
    for written in source.put_many(records.clone(), PutOptions::default()).await {
        written.unwrap();
    }
    source.flush().await.unwrap();
    source.upkeep().unwrap().maintain(truthound_stores::MaintainOptions::default(), &()).await.unwrap();
    let id = records[4].key.id();
    let file = folder.path().join(format!("default/validations/{id}.json"));
    std::fs::write(&file, "{\"run_id\": ").unwrap();
    let target = MemoryStore::new();
    let (report, heard) = copied(&*source, &target, &CopyOptions::new()).await;
    assert_eq!((report.copied, report.unreadable, report.is_complete()), (9, 1, false), "{:?}", heard.issues);
    assert_eq!(heard.problems(), [CopyProblem::Unreadable]);
    assert!(heard.says(id));
}

#[tokio::test]
async fn an_outage_of_the_source_ends_the_copy_and_is_no_damage() {
    let (source, faults) = faulty(filled(&Generator::new(9).records(10)).await);
    faults.add(Fault::fail(ErrorKind::Unavailable).on(Operation::Get).nth(3).forever());
    faults.add(Fault::fail(ErrorKind::Unavailable).on(Operation::Check).forever());
    let heard = Heard::default();
    let error =
        copy(&source, &MemoryStore::new(), &Query::new(), &CopyOptions::new(), &heard).await.unwrap_err();
    assert_eq!((error.kind(), heard.problems()), (ErrorKind::Unavailable, Vec::new()));
    // A single bad block, of which the rest of the store knows nothing, is another matter.
    faults.heal();
    faults.add(Fault::fail(ErrorKind::Unavailable).on(Operation::Get).nth(3));
    let (report, _) = copied(&source, &MemoryStore::new(), &CopyOptions::new()).await;
    assert_eq!((report.copied, report.unreadable), (9, 1));
}

#[tokio::test]
async fn a_document_that_the_target_loses_or_changes_is_found_by_the_comparison() {
    let records = Generator::new(10).records(10);
    let source = filled(&records).await;
    for loses in [true, false] {
        let (target, faults) = faulty(MemoryStore::new());
        let gate = Gate::new("copy");
        // Between the last write and the comparison.
        faults.add(Fault::hold(&gate).on(Operation::Flush));
        let heard = Heard::default();
        let (query, options) = (Query::new(), CopyOptions::new());
        let copying = copy(&source, &target, &query, &options, &heard);
        let damage = async {
            gate.reached().await;
            if loses {
                assert!(target.delete(&records[3].key).await.unwrap());
            } else {
                target.put(changed(&records[3])).await.unwrap();
            }
            gate.open();
        };
        let (report, ()) = futures_util::future::join(copying, damage).await;
        let report = report.unwrap();
        assert_eq!((report.copied, report.is_complete()), (10, false), "loses: {loses}");
        let compared = report.compared.unwrap();
        assert_eq!((compared.documents, compared.equal, compared.unexplained), (10, 9, 1), "loses: {loses}");
        assert_eq!(heard.problems(), [CopyProblem::Differs], "loses: {loses}");
        assert!(heard.says(records[3].key.id()));
    }
}

#[tokio::test]
async fn what_is_deleted_from_the_source_meanwhile_is_no_trouble() {
    let records = Generator::new(11).records(5);
    let (source, faults) = faulty(filled(&records).await);
    let gate = Gate::new("copy");
    faults.add(Fault::hold(&gate).on(Operation::Get));
    let heard = Heard::default();
    let (query, target) = (Query::new(), MemoryStore::new());
    let options = CopyOptions::new().with_concurrency(1);
    let copying = copy(&source, &target, &query, &options, &heard);
    let deleting = async {
        gate.reached().await;
        for record in &records {
            source.delete(&record.key).await.unwrap();
        }
        gate.open();
    };
    let (report, ()) = futures_util::future::join(copying, deleting).await;
    let report = report.unwrap();
    assert_eq!((report.gone, report.copied, report.is_complete()), (5, 0, true), "{:?}", heard.issues);
}

#[tokio::test]
async fn a_document_that_the_target_refuses_stops_no_other_but_a_missing_permission_stops_all() {
    let source = filled(&Generator::new(12).records(10)).await;
    let (target, faults) = faulty(MemoryStore::new());
    faults.add(Fault::fail(ErrorKind::Invalid).on(Operation::PutMany).item(2));
    let (report, heard) = copied(&source, &target, &CopyOptions::new()).await;
    assert_eq!((report.copied, report.refused), (9, 1));
    assert_eq!(heard.problems(), [CopyProblem::Refused]);
    assert_eq!(report.compared.unwrap().explained, 1);
    faults.add(Fault::fail(ErrorKind::Denied).on(Operation::PutMany).forever());
    let error = copy(&source, &target, &Query::new(), &CopyOptions::new(), &()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Denied);
}

#[tokio::test]
async fn a_part_of_a_store_is_copied_by_a_query() {
    let records = Generator::new(13).records(60);
    let source = filled(&records).await;
    let asset = records[0].attributes.data_asset.clone();
    let wanted: Vec<Record> =
        records.iter().filter(|record| record.attributes.data_asset == asset).cloned().collect();
    let target = MemoryStore::new();
    let query = Query::new().with_data_asset(truthound_stores::Pattern::exact(&asset));
    let report = copy(&source, &target, &query, &CopyOptions::new(), &()).await.unwrap();
    assert_eq!((report.copied, report.is_complete()), (wanted.len() as u64, true));
    assert_eq!(target.count(&Query::new()).await.unwrap(), report.copied);
    // The newest ones, of which the target has two already: both listings are cut, but not at the same place.
    let query = Query::new().with_limit(5).with_offset(1).with_page_size(2);
    let report = copy(&source, &target, &query, &CopyOptions::new(), &()).await.unwrap();
    assert_eq!((report.documents, report.copied + report.equal, report.is_complete()), (5, 5, true));
    let (source, reads) = faulty(source);
    let again = copy(&source, &target, &query, &CopyOptions::new(), &()).await.unwrap();
    assert_eq!((again.equal, reads.calls(Operation::Get)), (5, 0));
}

/// What is overwritten is the document that was seen. Somebody who copies the same at the same time is no loser of a race.
#[tokio::test]
async fn an_overwrite_that_another_has_done_meanwhile_is_not_done_again() {
    let (records, source, target, _) = in_conflict().await;
    let (target, faults) = faulty(target);
    let gate = Gate::new("overwrite");
    faults.add(Fault::hold(&gate).on(Operation::Put));
    let (query, options) = (Query::new(), CopyOptions::new().with_on_conflict(OnConflict::Overwrite));
    let copying = copy(&source, &target, &query, &options, &());
    let meanwhile = async {
        gate.reached().await;
        for written in target.put_many(vec![records[1].clone()], PutOptions::default()).await {
            written.unwrap();
        }
        gate.open();
    };
    let (report, ()) = futures_util::future::join(copying, meanwhile).await;
    let report = report.unwrap();
    assert_eq!((report.copied, report.overwritten, report.equal), (2, 0, 1));
    assert!(report.is_complete());
    assert_holds(&target, &records).await;
}

#[tokio::test]
async fn batches_end_with_documents_and_with_bytes() {
    let source = filled(&Generator::new(15).records(12)).await;
    for (options, batches) in [
        (CopyOptions::new(), 1),
        (CopyOptions::new().with_batch_documents(5), 3),
        (CopyOptions::new().with_batch_bytes(1), 12),
    ] {
        let (target, faults) = faulty(MemoryStore::new());
        assert_eq!(copied(&source, &target, &options).await.0.copied, 12);
        assert_eq!(faults.calls(Operation::PutMany), batches, "{options:?}");
    }
}

#[tokio::test]
async fn memory_does_not_grow_with_the_number_of_documents() {
    let records = Generator::new(14).records(200);
    let largest = records.iter().map(|record| record.body.as_bytes().len()).max().unwrap();
    let (source, reads) = faulty(filled(&records).await);
    let (target, faults) = faulty(MemoryStore::new());
    let gate = Gate::new("copy");
    faults.add(Fault::hold(&gate).on(Operation::PutMany));
    let options =
        CopyOptions::new().with_concurrency(4).with_batch_documents(10).with_batch_bytes(largest * 20);
    let query = Query::new();
    let copying = copy(&source, &target, &query, &options, &());
    let looking = async {
        gate.reached().await;
        // Whatever is ready to run, runs; the target does not take anything.
        for _ in 0..10_000 {
            tokio::task::yield_now().await;
        }
        let read = reads.calls(Operation::Get);
        gate.open();
        read
    };
    let (report, read) = futures_util::future::join(copying, looking).await;
    assert!((20..=30).contains(&read), "{read} documents were read while one batch of 10 was being written");
    assert!(report.unwrap().is_complete());
}

#[tokio::test]
async fn options_that_make_no_sense_and_a_target_that_cannot_be_written_are_refused() {
    let store = MemoryStore::new();
    let refused = async |target: &dyn Store, options: &CopyOptions, query: &Query| -> Result<CopyReport> {
        copy(&store, target, query, options, &()).await
    };
    let error = refused(&store, &CopyOptions::new().with_concurrency(0), &Query::new()).await.unwrap_err();
    assert!(error.message().contains("concurrency"), "{error}");
    let error = refused(&store, &CopyOptions::new(), &Query::new().with_page_size(0)).await.unwrap_err();
    assert!(error.message().contains("page_size"), "{error}");
    let can = store.info().capabilities.with_writable(false);
    let error = refused(&LimitedStore::new(store.clone(), can), &CopyOptions::new(), &Query::new()).await;
    assert_eq!(error.unwrap_err().kind(), ErrorKind::Unsupported);
}
