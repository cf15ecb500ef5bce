//! Each trouble happens as it is named, looks as the real clients show it, and can be forced one at a time.

use object_store::{Error, ObjectStoreExt};
use truthound_stores_testkit::Gate;
use truthound_stores_testkit::object::{
    ObjectFault, Rates, RequestKind, SimulatedStore, Simulation, StoreOptions, Trouble,
};

use super::visit::{block_on, create, delete_all, names, overwrite, plain, read, update, variant};

/// Makes a store whose next request meets the trouble.
fn troubled(trouble: Trouble) -> SimulatedStore {
    let store = plain(StoreOptions::s3());
    store.faults().force(ObjectFault::new(trouble));
    store
}

fn text<T: std::fmt::Debug>(result: object_store::Result<T>) -> String {
    let error = result.unwrap_err();
    match &error {
        // The status of a wrapped error is in its source.
        Error::AlreadyExists { source, .. } | Error::Precondition { source, .. } => source.to_string(),
        error => error.to_string(),
    }
}

#[test]
fn a_request_that_fails_before_it_lands_changes_nothing() {
    block_on(async {
        for (trouble, kind, says) in [
            (Trouble::Unavailable, "Generic", "503"),
            (Trouble::Throttled, "Generic", "429"),
            (Trouble::TimedOut, "Generic", "timed out"),
            (Trouble::Reset, "Generic", "reset"),
            (Trouble::Denied, "PermissionDenied", "403"),
            (Trouble::Conflict, "AlreadyExists", "409"),
            (Trouble::Refused, "AlreadyExists", "412"),
        ] {
            let store = troubled(trouble);
            let answer = create(&store, "root", "one").await;
            assert_eq!(variant(&answer), kind, "{trouble}");
            assert!(text(answer).contains(says), "{trouble}");
            assert!(store.names().is_empty(), "{trouble}");
            create(&store, "root", "one").await.unwrap();
            assert_eq!(store.requests().to_string(), "2 put");
            assert_eq!(store.late(), 0, "{trouble}");
        }
    });
}

/// The clients report 409 in one way whatever the mode.
#[test]
fn a_conflict_of_an_update_looks_as_if_it_existed() {
    block_on(async {
        let store = plain(StoreOptions::s3());
        let first = create(&store, "root", "one").await.unwrap();
        store.faults().force(ObjectFault::new(Trouble::Conflict).named("root"));
        store.faults().force(ObjectFault::new(Trouble::Refused).named("root").nth(2));
        assert_eq!(variant(&update(&store, "root", "two", first.clone()).await), "AlreadyExists");
        assert_eq!(variant(&update(&store, "root", "two", first.clone()).await), "Precondition");
        update(&store, "root", "two", first).await.unwrap();
    });
}

#[test]
fn a_lost_reply_leaves_the_effect() {
    block_on(async {
        let store = troubled(Trouble::LostReply);
        assert_eq!(variant(&create(&store, "root", "one").await), "Generic");
        assert_eq!(read(&store, "root").await.unwrap().0, "one");
    });
}

#[test]
fn a_clients_second_try_meets_its_own_first() {
    block_on(async {
        let store = troubled(Trouble::OwnConflict);
        assert_eq!(variant(&create(&store, "root", "one").await), "AlreadyExists");
        let (text, seen) = read(&store, "root").await.unwrap();
        assert_eq!(text, "one");
        store.faults().force(ObjectFault::new(Trouble::OwnConflict));
        let mode = object_store::PutMode::Update(seen);
        let answer =
            object_store::ObjectStore::put_opts(&store, &"root".into(), "two".into(), mode.into()).await;
        assert_eq!(variant(&answer), "Precondition");
        assert_eq!(read(&store, "root").await.unwrap().0, "two");
    });
}

#[test]
fn a_late_arrival_lands_after_the_caller_gave_up() {
    block_on(async {
        let store = troubled(Trouble::LateArrival);
        assert_eq!(variant(&create(&store, "root", "one").await), "Generic");
        assert_eq!(variant(&read(&store, "root").await), "NotFound");
        assert_eq!((store.late(), store.land_late()), (1, 1));
        assert_eq!(read(&store, "root").await.unwrap().0, "one");
        assert_eq!((store.requests().of(RequestKind::Put), store.requests().late()), (1, 1));
    });
}

/// A copy keeps its condition: it can bring back what was deleted, but not overwrite what came since.
#[test]
fn a_late_copy_of_each_kind_of_put_is_carried_out_as_it_was_sent() {
    block_on(async {
        let store = troubled(Trouble::Duplicate);
        create(&store, "root", "one").await.unwrap();
        store.delete(&"root".into()).await.unwrap();
        store.land_late();
        assert_eq!(read(&store, "root").await.unwrap().0, "one", "a create brings back what was deleted");

        let store = troubled(Trouble::Duplicate);
        create(&store, "root", "one").await.unwrap();
        overwrite(&store, "root", "two").await.unwrap();
        store.land_late();
        assert_eq!(read(&store, "root").await.unwrap().0, "two", "a create spares what is there");

        let store = troubled(Trouble::Duplicate);
        overwrite(&store, "root", "one").await.unwrap();
        overwrite(&store, "root", "two").await.unwrap();
        store.land_late();
        assert_eq!(read(&store, "root").await.unwrap().0, "one", "an overwrite wins, however late");

        let store = plain(StoreOptions::s3());
        let first = overwrite(&store, "root", "one").await.unwrap();
        store.faults().force(ObjectFault::new(Trouble::Duplicate));
        update(&store, "root", "two", first).await.unwrap();
        overwrite(&store, "root", "three").await.unwrap();
        overwrite(&store, "root", "one").await.unwrap();
        store.land_late();
        assert_eq!(read(&store, "root").await.unwrap().0, "two", "an update lands once its tag is back");
    });
}

#[test]
fn bodies_stop_in_the_middle_with_and_without_a_word() {
    block_on(async {
        let store = plain(StoreOptions::s3());
        overwrite(&store, "doc", "a body of some length").await.unwrap();
        store.faults().force(ObjectFault::new(Trouble::TornBody));
        assert_eq!(variant(&read(&store, "doc").await), "Generic");
        store.faults().force(ObjectFault::new(Trouble::ShortBody));
        let (short, _) = read(&store, "doc").await.unwrap();
        assert!(short.len() < 21 && "a body of some length".starts_with(&short));
        assert_eq!(read(&store, "doc").await.unwrap().0.len(), 21);
    });
}

#[test]
fn a_listing_stops_between_pages() {
    block_on(async {
        let store = plain(StoreOptions::s3().with_page_size(2));
        for name in ["t/a", "t/b", "t/c"] {
            overwrite(&store, name, "").await.unwrap();
        }
        store.faults().force(ObjectFault::new(Trouble::CutListing).named("t/"));
        store.reset_requests();
        assert_eq!(variant(&names(&store, "t").await), "Generic");
        assert_eq!(store.requests().to_string(), "2 list");
        assert_eq!(names(&store, "t").await.unwrap().len(), 3);
    });
}

#[test]
fn some_of_a_batch_fail() {
    block_on(async {
        let store = plain(StoreOptions::s3());
        let all = ["a", "b", "c", "d", "e", "f", "g", "h"];
        for name in all {
            overwrite(&store, name, "").await.unwrap();
        }
        store.faults().force(ObjectFault::new(Trouble::PartialBatch));
        let outcomes = delete_all(&store, &all).await;
        let failed: Vec<&str> = all
            .into_iter()
            .zip(&outcomes)
            .filter(|(_, outcome)| outcome.is_err())
            .map(|(name, _)| name)
            .collect();
        assert_eq!(store.names(), failed);
        assert!(!failed.is_empty() && failed.len() < all.len());
    });
}

#[test]
fn a_slow_request_lets_others_go_first() {
    let mut simulation = Simulation::new(7);
    let store = simulation.store(StoreOptions::s3());
    store.faults().force(ObjectFault::new(Trouble::Slow).named("slow"));
    let client = store.clone();
    simulation.block_on("client", async move { overwrite(&client, "slow", "").await.unwrap() });
    assert!(simulation.now().as_millis() >= 1_000, "{:?}", simulation.now());
}

#[test]
fn a_fault_strikes_the_chosen_request_and_no_other() {
    block_on(async {
        let store = plain(StoreOptions::s3());
        store
            .faults()
            .force(ObjectFault::new(Trouble::Unavailable).on(RequestKind::Put).named("root").nth(3).times(2));
        let mut outcomes = Vec::new();
        for round in 0..6 {
            overwrite(&store, "other", "").await.unwrap();
            read(&store, "root").await.ok();
            outcomes.push(overwrite(&store, "root", &round.to_string()).await.is_ok());
        }
        assert_eq!(outcomes, [true, true, false, false, true, true]);
        store.faults().force(ObjectFault::new(Trouble::Throttled).forever());
        assert_eq!(variant(&overwrite(&store, "x", "").await), "Generic");
        overwrite(&store.backdoor(), "x", "").await.unwrap();
        store.faults().heal();
        overwrite(&store, "x", "").await.unwrap();
    });
}

#[test]
fn a_gate_holds_a_request_before_it_is_carried_out() {
    block_on(async {
        let store = plain(StoreOptions::s3());
        let gate = Gate::new("before the put");
        store.faults().force(ObjectFault::hold(&gate).on(RequestKind::Put));
        let put = overwrite(&store, "root", "late");
        let meanwhile = async {
            gate.reached().await;
            overwrite(&store, "root", "early").await.unwrap();
            gate.open();
        };
        let (put, ()) = futures_util::future::join(put, meanwhile).await;
        put.unwrap();
        assert_eq!(read(&store, "root").await.unwrap().0, "late");
    });
}

#[test]
fn chance_brings_every_trouble_that_it_is_told_to() {
    block_on(async {
        let store = plain(StoreOptions::s3().with_page_size(1));
        store.faults().set_rates(Rates::stormy());
        let mut failed = 0;
        for round in 0..500 {
            failed += u32::from(create(&store, &format!("t/{}", round % 20), "text").await.is_err());
            read(&store, "t/1").await.ok();
            delete_all(&store, &["t/2", "t/3"]).await;
        }
        assert!(failed > 0);
        let storms: Vec<String> =
            store.requests().log().filter_map(|request| request.outcome.clone()).collect();
        for trouble in [Trouble::Unavailable, Trouble::LostReply, Trouble::TornBody, Trouble::PartialBatch] {
            assert!(storms.iter().any(|story| story.contains(&trouble.to_string())), "{trouble}");
        }
        assert!(store.late() > 0);
    });
}

#[test]
fn requests_are_counted_whatever_becomes_of_them_and_named_in_the_log() {
    block_on(async {
        let store = plain(StoreOptions::s3());
        overwrite(&store, "a", "").await.unwrap();
        store.faults().force(ObjectFault::new(Trouble::TimedOut));
        store.head(&"a".into()).await.unwrap_err();
        let requests = store.requests();
        assert_eq!(
            (requests.total(), requests.of(RequestKind::Head), requests.of(RequestKind::Get)),
            (2, 1, 0)
        );
        let log: Vec<(RequestKind, &str)> =
            requests.log().map(|request| (request.kind, request.names[0].as_str())).collect();
        assert_eq!(log, [(RequestKind::Put, "a"), (RequestKind::Head, "a")]);
        assert_eq!(store.reset_requests(), requests);
        assert_eq!(store.requests().to_string(), "none");
    });
}
