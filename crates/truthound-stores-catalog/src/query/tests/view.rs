//! Views: taken anew, used again, and begun again.

use std::time::Duration;

use object_store::path::Path;
use object_store::{ObjectStoreExt, UpdateVersion};
use truthound_stores_core::{ErrorKind, Query, Result};

use super::agree::{lends, run};
use super::hub::{FOLDER, Hub};
use crate::beside::{Beside, Head};
use crate::query::{At, Consistency, Index};
use crate::state::State;
use crate::tail::Name;

async fn listed(index: &Index) -> usize {
    index.list_page(At::Now, &Query::new(), None, None).await.unwrap().metas.len()
}

async fn save(hub: &mut Hub, id: &str) {
    let facts = hub.facts();
    let row = hub.change(id, Some(facts)).unwrap();
    hub.put_tail(&Name::of_row(&row, 1, 60, true), &[row]).await;
}

#[test]
fn a_store_without_a_root_has_what_its_tail_says() {
    run(async {
        let mut hub = Hub::new(1);
        let index = hub.index();
        assert_eq!(listed(&index).await, 0);
        save(&mut hub, "a").await;
        assert_eq!(listed(&index).await, 1);
        assert!(index.generations().await.unwrap().is_empty());
        let error = index.list_page(At::Generation(7), &Query::new(), None, None).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid);
    });
}

#[test]
fn a_bounded_query_uses_a_view_again_for_so_long_and_no_longer() {
    run(async {
        let mut hub = Hub::new(1);
        save(&mut hub, "a").await;
        let index = hub.index_with(Consistency::Bounded(Duration::from_secs(1)));
        assert_eq!(listed(&index).await, 1);
        save(&mut hub, "b").await;
        hub.store.reset_requests();
        assert_eq!(listed(&index).await, 1);
        assert_eq!(hub.store.requests().to_string(), "none");
        hub.clock.advance(Duration::from_millis(1_001));
        assert_eq!(listed(&index).await, 2);
        save(&mut hub, "c").await;
        index.forget();
        assert_eq!(listed(&index).await, 3);
    });
}

#[test]
fn bodies_are_read_once() {
    run(async {
        let mut hub = Hub::new(1);
        for id in ["a", "b", "c"] {
            let facts = hub.facts();
            let row = hub.change(id, Some(facts)).unwrap();
            hub.put_tail(&Name::of_row(&row, 1, 60, false), &[row]).await;
        }
        let index = hub.index();
        assert_eq!(listed(&index).await, 3);
        assert_eq!(hub.store.reset_requests().to_string(), "1 list, 4 get");
        assert_eq!(listed(&index).await, 3);
        assert_eq!(hub.store.reset_requests().to_string(), "1 list, 1 get");
    });
}

/// Clean-up takes what an older root names. What the current root names is never gone; if it is, that is an outage, not an absence.
#[test]
fn a_query_begins_again_three_times_where_a_segment_is_gone() {
    run(async {
        let mut hub = Hub::new(1);
        save(&mut hub, "a").await;
        hub.folder.fold(|_| true, false).await.unwrap();
        let name = hub.store.names().into_iter().find(|name| name.ends_with(".parquet")).unwrap();
        hub.store.backdoor().delete(&Path::parse(&name).unwrap()).await.unwrap();
        let index = hub.index();
        let error = index.list_page(At::Now, &Query::new(), None, None).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        let requests = hub.store.reset_requests();
        let lists = requests.log().filter(|request| request.names == [format!("{FOLDER}/tail/")]).count();
        assert_eq!(
            lists.max(requests.log().filter(|request| request.detail.contains("page")).count()),
            4,
            "{requests}"
        );
    });
}

/// What a document's object says.
struct Says(Option<State>);

#[async_trait::async_trait]
impl Beside for Says {
    async fn head(&self, _id: &str) -> Result<Head> {
        Ok(self.0.map_or(Head::Absent, Head::Live))
    }

    fn can_remove_marks(&self) -> bool {
        false
    }

    async fn remove_mark(&self, _id: &str, _seen: UpdateVersion) -> Result<bool> {
        Ok(false)
    }
}

#[test]
fn two_rows_of_one_document_are_one_and_reported() {
    run(async {
        let mut hub = Hub::new(1);
        save(&mut hub, "a").await;
        let first = hub.truth["a"].state;
        hub.truth.clear();
        save(&mut hub, "a").await;
        let second = hub.truth["a"].state;
        save(&mut hub, "b").await;
        let index = hub.index();
        for (says, shown) in [(Some(first), Some(first)), (Some(second), Some(second)), (None, None)] {
            let page = index.list_page(At::Now, &Query::new(), None, Some(&Says(says))).await.unwrap();
            let of_a = page.metas.iter().find(|meta| meta.key.id() == "a");
            assert_eq!(of_a.map(|meta| meta.revision.clone()), shown.map(State::revision));
            assert_eq!(page.metas.len(), 1 + usize::from(shown.is_some()));
            assert_eq!(page.damaged.len(), 1);
            assert_eq!(page.damaged[0].key().unwrap().id(), "a");
            let scanned = index.scan_page(At::Now, &Query::new(), None, Some(&Says(says))).await.unwrap();
            lends(&scanned, &page.metas);
            assert_eq!(scanned.damaged.len(), 1);
            assert_eq!(scanned.damaged[0].key().unwrap().id(), "a");
        }
    });
}
