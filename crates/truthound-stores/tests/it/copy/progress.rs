//! How far a copy is was once looked at only when it was over. Whoever watches it goes by what was told until then: a bar that stands still, or is ahead of what was
//! written, misleads.

use std::collections::HashSet;

use truthound_stores::{CopyOptions, ErrorKind, Key, MemoryStore, Query, copy};
use truthound_stores_testkit::{Fault, Gate, Generator, Operation};

use super::{Heard, changed, faulty, filled};

/// What is to be told of a stage, up to its `last` document.
fn steps(stage: &'static str, last: u64, total: Option<u64>) -> Vec<(&'static str, u64, Option<u64>)> {
    (1..=last).map(|done| (stage, done, total)).collect()
}

#[tokio::test]
async fn each_document_is_told_of_once_when_it_is_done() {
    let records = Generator::new(16).records(30);
    let source = filled(&records).await;
    // Equal ones and conflicts are done, too.
    let (target, faults) = faulty(filled(&[records[0].clone(), changed(&records[1])]).await);
    let gate = Gate::new("the second batch");
    faults.add(Fault::hold(&gate).on(Operation::PutMany).nth(2));
    let heard = Heard::default();
    let (query, options) = (Query::new(), CopyOptions::new().with_batch_documents(10));
    let copying = copy(&source, &target, &query, &options, &heard);
    let looking = async {
        gate.reached().await;
        let told = heard.stages.lock().unwrap().clone();
        gate.open();
        told
    };
    let (report, told) = futures_util::future::join(copying, looking).await;
    let report = report.unwrap();
    assert_eq!((report.copied, report.equal, report.conflicts), (28, 1, 1));
    assert_eq!(told, steps("copying", 10, Some(30)), "the second batch was read, and not written yet");
    let all = [steps("copying", 30, Some(30)), steps("comparing", 30, Some(30))].concat();
    assert_eq!(*heard.stages.lock().unwrap(), all);
}

/// A part of a store is all that its copy has to do; and where nobody can count, what is done is told all the same.
#[tokio::test]
async fn the_total_is_that_of_the_query_if_there_is_one() {
    let (source, faults) = faulty(filled(&Generator::new(17).records(30)).await);
    let query = Query::new().with_limit(8).with_offset(3);
    for total in [Some(8), None] {
        let heard = Heard::default();
        let report = copy(&source, &MemoryStore::new(), &query, &CopyOptions::new(), &heard).await.unwrap();
        assert_eq!(report.copied, 8);
        let all = [steps("copying", 8, total), steps("comparing", 8, total)].concat();
        assert_eq!(*heard.stages.lock().unwrap(), all);
        faults.add(Fault::fail(ErrorKind::Corrupt).on(Operation::Count));
    }
}

/// Documents whose histories had been brought in before were still counted as ahead: the bar of such a copy ended at two thirds.
#[tokio::test]
async fn what_is_left_out_is_not_waited_for() {
    let records = Generator::new(18).records(30);
    let source = filled(&records).await;
    let left_out: HashSet<Key> = records.iter().step_by(3).map(|record| record.key.clone()).collect();
    let heard = Heard::default();
    let (query, options) = (Query::new(), CopyOptions::new().with_leave_out(left_out));
    let report = copy(&source, &MemoryStore::new(), &query, &options, &heard).await.unwrap();
    assert_eq!((report.documents, report.copied), (20, 20));
    let told = heard.stages.lock().unwrap();
    assert!(told.iter().all(|&(_, done, total)| total.is_some_and(|total| done <= total)), "{told:?}");
    for stage in ["copying", "comparing"] {
        let last = told.iter().rfind(|(told, ..)| *told == stage);
        assert_eq!(last, Some(&(stage, 20, Some(20))));
    }
}
