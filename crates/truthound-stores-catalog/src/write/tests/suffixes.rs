//! Stores whose documents have several suffixes: what each operation asks of the store, counted, and where documents are (R-ANY-11).

use object_store::path::Path;
use truthound_stores_core::ErrorKind;
use truthound_stores_core::codec::{Compression, Format};

use super::Request::{Create, Get, Head, Replace, Row as PutRow};
use super::probe::Fault;
use super::*;
use crate::beside::Head as Under;
use crate::root::Root;
use crate::shelf::Shelf;
use crate::suffix::adopt::adopt_suffix;
use crate::times::SETTLED;
use crate::wire::Wire;

const JSON: Codec = Codec::new(Format::Json, Compression::None);
const GZIP: Codec = Codec::new(Format::Json, Compression::Gzip);
const YAML: Codec = Codec::new(Format::Yaml, Compression::None);

fn shelf(writer: &Writer) -> (Shelf, Wire) {
    let wire = Wire::new(writer.clock.clone(), writer.clock.clone());
    let folder = format!("{}_catalog", writer.documents.place.folder());
    (Shelf::new(Arc::new(writer.probe.clone()), Path::from(folder), wire.clone()), wire)
}

/// Opens a store with a setting.
async fn open(probe: &Probe, seed: u64, codec: Codec) -> Writer {
    let mut writer = Writer::on(probe.clone(), seed, codec);
    let (shelf, wire) = shelf(&writer);
    if shelf.root(None).await.unwrap().is_none() {
        shelf.create_root(&Root::first(&*writer.clock, codec.extension())).await.unwrap();
    }
    let asked = crate::horizon::Moment::now(&*writer.clock);
    let seen = adopt_suffix(&shelf, &wire, codec.extension()).await.unwrap().unwrap();
    writer.documents.names = Names::of(shelf, seen, asked, &*writer.clock);
    probe.requests();
    writer
}

/// Opens a store whose suffix has changed this way; the last change is settled if that is said.
async fn opened(codecs: &[Codec], settled: bool) -> Vec<Writer> {
    let probe = Probe::default();
    let mut writers = Vec::new();
    for (seed, codec) in (1..).zip(codecs) {
        writers.push(open(&probe, seed, *codec).await);
    }
    if settled {
        let last = writers.last().unwrap();
        last.clock.advance(Duration::from_millis(SETTLED.unsigned_abs() + 1));
        last.documents.names.refresh(&*last.clock).await.unwrap();
        probe.requests();
    }
    writers
}

impl Writer {
    fn at(&self, id: &str, codec: Codec) -> String {
        self.documents.path_under(&key(id), codec.extension()).unwrap().to_string()
    }

    fn is_at(&self, id: &str, codec: Codec) -> bool {
        self.probe.names(self.documents.place.folder()).contains(&self.at(id, codec))
    }

    async fn got(&self, id: &str) -> truthound_stores_core::RecordMeta {
        self.documents.get(&key(id), false).await.unwrap().meta
    }

    async fn is_missing(&self, id: &str) -> bool {
        let error = self.documents.get(&key(id), false).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
        true
    }
}

#[tokio::test]
async fn a_store_with_one_suffix_asks_for_nothing_more() {
    let writer = &opened(&[JSON], false).await[0];
    writer.upsert("run_1").await;
    assert_eq!(writer.probe.requests(), [Create, PutRow]);
    writer.got("run_1").await;
    assert!(writer.is_missing("run_2").await);
    assert_eq!(writer.probe.requests(), [Get, Get]);
    assert!(writer.delete("run_1").await);
    assert_eq!(writer.probe.requests(), [Head, Replace, PutRow]);
    assert_eq!(writer.documents.names.detours(), 0);
}

#[tokio::test]
async fn who_has_not_read_the_root_for_long_reads_it_before_it_creates_or_misses_something() {
    let writer = &opened(&[JSON], false).await[0];
    writer.upsert("run_1").await;
    writer.clock.advance(crate::horizon::S + Duration::from_secs(1));
    writer.probe.requests();
    writer.got("run_1").await;
    assert_eq!(writer.probe.requests(), [Get]);
    writer.upsert("run_2").await;
    assert_eq!(writer.probe.requests(), [Get, Create, PutRow]);
    writer.upsert("run_3").await;
    assert_eq!(writer.probe.requests(), [Create, PutRow]);
    writer.clock.advance(crate::horizon::S + Duration::from_secs(1));
    assert!(writer.is_missing("run_4").await);
    assert!(writer.is_missing("run_4").await);
    assert_eq!(writer.probe.requests(), [Get, Get, Get]);
}

#[tokio::test]
async fn requests_while_a_change_is_young() {
    let writers = opened(&[JSON, GZIP], false).await;
    let (older, writer) = (&writers[0], &writers[1]);
    older.upsert("old").await;
    assert_eq!(writer.probe.requests(), [Create, PutRow]);
    writer.upsert("new").await;
    assert_eq!(writer.probe.requests(), [Create, Create, PutRow]);
    assert!(writer.is_at("new", GZIP));
    for (id, gets) in [("new", 1), ("old", 2), ("none", 2)] {
        assert_eq!(writer.documents.get(&key(id), false).await.is_ok(), id != "none");
        assert_eq!(writer.probe.requests(), vec![Get; gets], "{id}");
    }
    writer.upsert("old").await;
    assert_eq!(writer.probe.requests(), [Create, Get, Get, Replace, PutRow]);
    writer.documents.save(record("old"), PutMode::Upsert, true).await.unwrap();
    assert_eq!(writer.probe.requests(), [Get, Get, Replace, PutRow]);
    writer.documents.save(record("new"), PutMode::Upsert, true).await.unwrap();
    assert_eq!(writer.probe.requests(), [Get, Replace, PutRow]);
    assert!(writer.delete("old").await);
    assert_eq!(writer.probe.requests(), [Get, Get, Replace, PutRow]);
    assert!(writer.delete("new").await);
    assert_eq!(writer.probe.requests(), [Get, Replace, PutRow]);
    assert!(!writer.delete("none").await);
    assert_eq!(writer.probe.requests(), [Get, Get]);
    assert!(writer.documents.names.detours() > 0);
}

#[tokio::test]
async fn requests_when_a_change_is_settled() {
    let writers = opened(&[JSON, GZIP], false).await;
    writers[0].upsert("old").await;
    let writer = &writers[1];
    writer.clock.advance(Duration::from_millis(SETTLED.unsigned_abs() + 1));
    writer.documents.names.refresh(&*writer.clock).await.unwrap();
    writer.probe.requests();
    writer.upsert("new").await;
    assert_eq!(writer.probe.requests(), [Get, Create, PutRow]);
    assert!(writer.is_at("new", GZIP) && !writer.is_at("new", JSON));
    writer.upsert("old").await;
    assert_eq!(writer.probe.requests(), [Get, Get, Replace, PutRow]);
    assert!(writer.is_at("old", JSON) && !writer.is_at("old", GZIP));
    writer.upsert("new").await;
    assert_eq!(writer.probe.requests(), [Get, Create, Head, Replace, PutRow]);
    for (id, gets) in [("new", 1), ("old", 2), ("none", 2)] {
        assert_eq!(writer.documents.get(&key(id), false).await.is_ok(), id != "none");
        assert_eq!(writer.probe.requests(), vec![Get; gets], "{id}");
    }
    writer.documents.get_under(&key("old"), Some(".json"), false).await.unwrap();
    assert_eq!(writer.probe.requests(), [Get]);
    assert!(writer.delete("old").await);
    assert_eq!(writer.probe.requests(), [Get, Get, Replace, PutRow]);
    assert!(writer.is_missing("old").await);
}

#[tokio::test]
async fn requests_with_three_suffixes() {
    let writers = opened(&[JSON, GZIP, YAML], false).await;
    let writer = &writers[2];
    writers[0].upsert("oldest").await;
    writer.probe.requests();
    writer.upsert("young").await;
    assert_eq!(writer.probe.requests(), [Create, Create, Create, PutRow]);
    writer.clock.advance(Duration::from_millis(SETTLED.unsigned_abs() + 1));
    writer.documents.names.refresh(&*writer.clock).await.unwrap();
    writer.probe.requests();
    writer.upsert("new").await;
    assert_eq!(writer.probe.requests(), [Get, Get, Create, PutRow]);
    writer.got("oldest").await;
    assert_eq!(writer.probe.requests(), [Get, Get, Get]);
    assert!(writer.delete("oldest").await);
    assert_eq!(writer.probe.requests(), [Get, Get, Get, Replace, PutRow]);
    assert!(writer.is_at("new", YAML) && writer.is_at("young", YAML) && writer.is_at("oldest", JSON));
}

#[tokio::test]
async fn an_old_document_keeps_name_and_format_and_its_row_says_so() {
    let writers = opened(&[JSON, GZIP], false).await;
    let first = writers[0].upsert("run_1").await;
    let second = writers[1].upsert("run_1").await;
    assert_eq!(second.replaced, Some(first.meta.revision));
    let bytes = writers[1].probe.bytes(&writers[1].at("run_1", JSON)).await;
    assert!(bytes.starts_with(b"{"));
    for row in writers[1].rows().await {
        let Change::Put(facts) = row.change else { panic!("a deletion") };
        assert_eq!(facts.suffix, ".json");
    }
    for writer in &writers {
        assert_eq!(writer.got("run_1").await, second.meta);
    }
}

#[tokio::test]
async fn who_knows_less_gets_what_was_created_under_the_newer_name() {
    let writers = opened(&[JSON, GZIP], false).await;
    let written = writers[1].upsert("run_1").await;
    writers[1].probe.requests();
    assert_eq!(writers[0].got("run_1").await, written.meta);
    // The closed name, the root, the newer name.
    assert_eq!(writers[0].probe.requests(), [Get, Get, Get]);
    assert_eq!(writers[0].got("run_1").await, written.meta);
    assert_eq!(writers[0].probe.requests(), [Get]);
}

#[tokio::test]
async fn who_knows_less_writes_over_what_was_created_under_the_newer_name() {
    for mode in [PutMode::Upsert, PutMode::Create] {
        let writers = opened(&[JSON, GZIP], false).await;
        let written = writers[1].upsert("run_1").await;
        let saved = writers[0].save("run_1", mode.clone()).await;
        if mode == PutMode::Create {
            assert_eq!(saved.unwrap_err().kind(), ErrorKind::Conflict);
        } else {
            assert_eq!(saved.unwrap().replaced, Some(written.meta.revision));
        }
        assert!(writers[0].is_at("run_1", GZIP) && writers[0].listed("run_1").await);
        // What it has learnt it knows: new documents have the new suffix.
        writers[0].upsert("run_2").await;
        assert!(writers[0].is_at("run_2", GZIP));
    }
}

#[tokio::test]
async fn who_knows_less_deletes_and_misses_nothing() {
    let writers = opened(&[JSON, GZIP], false).await;
    writers[1].upsert("run_1").await;
    assert!(writers[0].delete("run_1").await);
    assert!(writers[0].is_missing("run_1").await && writers[1].is_missing("run_1").await);
    assert!(!writers[1].listed("run_1").await);
}

#[tokio::test]
async fn a_create_on_its_way_under_the_old_name_has_one_winner() {
    for lost in [false, true] {
        let writers = opened(&[JSON, GZIP], false).await;
        let gate = truthound_stores_testkit::Gate::new("before the put");
        let fault = if lost { Fault::LostAfter(gate.clone()) } else { Fault::Before(gate.clone()) };
        writers[0].probe.fail(Create, fault);
        let older = writers[0].save("run_1", PutMode::Create);
        let newer = async {
            gate.reached().await;
            let saved = writers[1].save("run_1", PutMode::Create).await;
            gate.open();
            saved
        };
        let (older, newer) = futures_util::join!(older, newer);
        assert_eq!((older.is_ok(), newer.is_ok()), (lost, !lost));
        let winner = if lost { older } else { newer }.unwrap();
        for writer in &writers {
            assert_eq!(writer.got("run_1").await, winner.meta);
        }
        let codec = if lost { JSON } else { GZIP };
        assert!(writers[1].is_at("run_1", codec));
    }
}

#[tokio::test]
async fn a_mark_is_written_over_under_its_own_name_in_its_incarnation() {
    let writers = opened(&[JSON, GZIP], false).await;
    writers[0].upsert("run_1").await;
    assert!(writers[0].delete("run_1").await);
    let written = writers[1].save("run_1", PutMode::Create).await.unwrap();
    assert!(written.is_new() && writers[1].is_at("run_1", JSON) && !writers[1].is_at("run_1", GZIP));
    let rows = writers[1].rows().await;
    assert!(rows.iter().all(|row| row.state.incarnation == rows[0].state.incarnation));
    assert_eq!(writers[1].got("run_1").await, written.meta);
}

#[tokio::test]
async fn a_suffix_that_comes_back_goes_over_closings() {
    let writers = opened(&[JSON, GZIP], false).await;
    // Closed, and not yet created.
    writers[1].probe.fail(Create, Fault::None);
    writers[1]
        .probe
        .fail(Create, Fault::Says("Server returned non-2xx status code: 403 Forbidden: ".to_owned()));
    assert_eq!(writers[1].save("run_1", PutMode::Upsert).await.unwrap_err().kind(), ErrorKind::Denied);
    assert!(writers[1].is_at("run_1", JSON));
    let back = open(&writers[0].probe, 3, JSON).await;
    let written = back.upsert("run_1").await;
    assert!(written.is_new());
    for writer in writers.iter().chain([&back]) {
        assert_eq!(writer.got("run_1").await, written.meta);
    }
    let again = writers[1].upsert("run_1").await;
    assert_eq!(again.replaced, Some(written.meta.revision));
    assert!(back.probe.bytes(&back.at("run_1", JSON)).await.starts_with(b"{"));
}

#[tokio::test]
async fn a_closing_without_an_answer_is_read() {
    for fault in [Fault::LostAnswer, Fault::Broken] {
        let writers = opened(&[JSON, GZIP], false).await;
        writers[1].probe.fail(Create, fault);
        let written = writers[1].upsert("run_1").await;
        assert_eq!(writers[0].got("run_1").await, written.meta);
        assert!(writers[1].is_at("run_1", GZIP));
    }
}

#[tokio::test]
async fn folds_see_documents_and_marks_under_every_name_and_closings_under_none() {
    let writers = opened(&[JSON, GZIP], false).await;
    writers[0].upsert("old").await;
    writers[1].upsert("new").await;
    writers[1].probe.put_foreign(&writers[1].at("foreign", JSON), text("foreign").as_bytes()).await;
    for writer in &writers {
        for id in ["old", "new"] {
            let revision = writer.got(id).await.revision;
            let Under::Live(state) = writer.documents.head_of(&key(id)).await.unwrap() else {
                panic!("{id}")
            };
            assert_eq!(state.revision(), revision);
        }
        let foreign = writer.documents.head_of(&key("foreign")).await.unwrap();
        assert!(matches!(foreign, Under::Foreign(_)), "{foreign:?}");
        assert_eq!(writer.documents.head_of(&key("none")).await.unwrap(), Under::Absent);
    }
    assert!(writers[1].delete("old").await && writers[1].delete("new").await);
    for id in ["old", "new"] {
        assert!(matches!(writers[0].documents.head_of(&key(id)).await.unwrap(), Under::Mark(..)));
    }
}

/// Another program writes beside a document of ours: readers and writers go by the same one.
#[tokio::test]
async fn of_two_documents_the_one_of_the_newer_suffix_counts() {
    let writer = &opened(&[JSON, GZIP], true).await[1];
    writer.upsert("run_1").await;
    writer.probe.put_foreign(&writer.at("run_1", JSON), text("run_1").as_bytes()).await;
    let written = writer.upsert("run_1").await;
    assert_eq!(writer.got("run_1").await, written.meta);
}

#[tokio::test]
async fn the_last_who_opens_decides_and_opening_the_same_is_no_commit() {
    let probe = Probe::default();
    let first = open(&probe, 1, JSON).await;
    let (shelf, wire) = shelf(&first);
    for (codec, generation, turn) in [(JSON, 0, 0), (GZIP, 1, 1), (GZIP, 1, 1), (JSON, 2, 2)] {
        let seen = adopt_suffix(&shelf, &wire, codec.extension()).await.unwrap().unwrap();
        assert_eq!((seen.root.generation, seen.root.turn), (generation, turn));
        assert_eq!(seen.root.suffixes[0], codec.extension());
    }
    assert_eq!(shelf.root(None).await.unwrap().unwrap().root.suffixes, [".json", ".json.gz"]);
    // Its acknowledgement is lost.
    probe.fail(Replace, Fault::LostAnswer);
    let seen = adopt_suffix(&shelf, &wire, ".yaml").await.unwrap().unwrap();
    assert_eq!((seen.root.generation, seen.root.turn), (3, 3));
    // The time of a change is written down by the commit after it.
    assert_eq!(seen.root.turned, 0);
    let next = crate::fold::follow(&seen, &*first.clock, "x");
    assert_eq!(next.turned, seen.modified);
}
