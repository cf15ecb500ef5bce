//! The simulated store and `object_store`'s own `InMemory` answer the same to the same operations, but for what tags look like.

use futures_util::TryStreamExt;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{
    Attribute, Attributes, GetOptions, ObjectStore, ObjectStoreExt, PutMode, PutOptions, Result,
    UpdateVersion,
};
use proptest::prelude::*;
use truthound_stores_testkit::object::{ETags, StoreOptions};

use super::visit::{block_on, plain, variant};

#[derive(Clone, Debug)]
enum Op {
    Overwrite(usize, String),
    Create(usize, String),
    /// Updates what was seen at the last write, or before it.
    Update(usize, bool, String),
    Get(usize, Option<std::ops::Range<u64>>),
    Head(usize),
    GetIfChanged(usize, bool),
    Delete(usize),
    Copy(usize, usize, bool),
    List(usize),
    ListFrom(usize, usize),
    Folder(usize),
}

const NAMES: [&str; 7] = ["a", "a/b", "a/b/c", "a/b0", "a/d", "ab/c", "b"];

fn op() -> impl Strategy<Value = Op> {
    let name = || 0..NAMES.len();
    let text = || "[a-c]{0,4}";
    prop_oneof![
        3 => (name(), text()).prop_map(|(name, text)| Op::Overwrite(name, text)),
        3 => (name(), text()).prop_map(|(name, text)| Op::Create(name, text)),
        3 => (name(), any::<bool>(), text()).prop_map(|(name, fresh, text)| Op::Update(name, fresh, text)),
        2 => (name(), proptest::option::of((0_u64..5, 1_u64..5)))
            .prop_map(|(name, range)| Op::Get(name, range.map(|(start, more)| start..start + more))),
        1 => name().prop_map(Op::Head),
        1 => (name(), any::<bool>()).prop_map(|(name, fresh)| Op::GetIfChanged(name, fresh)),
        2 => name().prop_map(Op::Delete),
        1 => (name(), name(), any::<bool>()).prop_map(|(from, to, create)| Op::Copy(from, to, create)),
        1 => name().prop_map(Op::List),
        1 => (name(), name()).prop_map(|(prefix, offset)| Op::ListFrom(prefix, offset)),
        1 => name().prop_map(Op::Folder),
    ]
}

/// A store, and the versions that a client of it has seen.
struct Client {
    store: Box<dyn ObjectStore>,
    seen: Vec<[Option<UpdateVersion>; 2]>,
}

impl Client {
    fn new(store: impl ObjectStore) -> Self {
        Self { store: Box::new(store), seen: vec![[None, None]; NAMES.len()] }
    }

    fn seen(&self, name: usize, fresh: bool) -> UpdateVersion {
        let never = UpdateVersion { e_tag: Some("\"never\"".into()), version: None };
        self.seen[name][usize::from(!fresh)].clone().unwrap_or(never)
    }

    async fn put(&mut self, name: usize, text: &str, mode: PutMode) -> String {
        let attributes = Attributes::from_iter([(Attribute::Metadata("of".into()), text.to_owned())]);
        let options = PutOptions { mode, attributes, ..PutOptions::default() };
        let written = self.store.put_opts(&NAMES[name].into(), text.to_owned().into(), options).await;
        let told = variant(&written).to_owned();
        if let Ok(written) = written {
            self.seen[name] = [Some(written.into()), self.seen[name][0].take()];
        }
        told
    }

    async fn get(&self, name: usize, options: GetOptions) -> String {
        let head = options.head;
        match self.store.get_opts(&NAMES[name].into(), options).await {
            Ok(got) => {
                let (range, size, attributes) = (got.range.clone(), got.meta.size, got.attributes.clone());
                let body = if head { Vec::new() } else { got.bytes().await.unwrap().to_vec() };
                format!("{range:?} of {size}: {body:?} {attributes:?}")
            }
            error => variant(&error).into(),
        }
    }

    async fn apply(&mut self, op: &Op) -> String {
        match op {
            Op::Overwrite(name, text) => self.put(*name, text, PutMode::Overwrite).await,
            Op::Create(name, text) => self.put(*name, text, PutMode::Create).await,
            Op::Update(name, fresh, text) => {
                let mode = PutMode::Update(self.seen(*name, *fresh));
                self.put(*name, text, mode).await
            }
            Op::Get(name, range) => self.get(*name, GetOptions::new().with_range(range.clone())).await,
            Op::Head(name) => self.get(*name, GetOptions::new().with_head(true)).await,
            Op::GetIfChanged(name, fresh) => {
                let seen = self.seen(*name, *fresh);
                self.get(*name, GetOptions::new().with_if_none_match(seen.e_tag)).await
            }
            Op::Delete(name) => variant(&self.store.delete(&NAMES[*name].into()).await).into(),
            Op::Copy(from, to, create) => {
                let (from, to) = (NAMES[*from].into(), NAMES[*to].into());
                let copied = if *create {
                    self.store.copy_if_not_exists(&from, &to).await
                } else {
                    self.store.copy(&from, &to).await
                };
                variant(&copied).into()
            }
            Op::List(prefix) => listed(self.store.list(Some(&NAMES[*prefix].into())).try_collect().await),
            Op::ListFrom(prefix, offset) => {
                let (prefix, offset) = (NAMES[*prefix].into(), NAMES[*offset].into());
                listed(self.store.list_with_offset(Some(&prefix), &offset).try_collect().await)
            }
            Op::Folder(prefix) => {
                let folder = self.store.list_with_delimiter(Some(&NAMES[*prefix].into())).await.unwrap();
                format!("{:?} {}", folder.common_prefixes, listed(Ok(folder.objects)))
            }
        }
    }
}

fn listed(metas: Result<Vec<object_store::ObjectMeta>>) -> String {
    let mut metas: Vec<(Path, u64)> =
        metas.unwrap().into_iter().map(|meta| (meta.location, meta.size)).collect();
    metas.sort();
    format!("{metas:?}")
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn answers_as_the_stores_of_object_store_do(
        ops in proptest::collection::vec(op(), 1..60),
        page_size in 1_usize..5,
        sorted in any::<bool>(),
    ) {
        let options = if sorted { StoreOptions::s3() } else { StoreOptions::unsorted() };
        // In memory every write has its own tag.
        let simulated = plain(options.with_e_tags(ETags::Opaque).with_page_size(page_size));
        block_on(async {
            let (mut ours, mut theirs) = (Client::new(simulated), Client::new(InMemory::new()));
            for op in &ops {
                let (our_answer, their_answer) = (ours.apply(op).await, theirs.apply(op).await);
                prop_assert_eq!(our_answer, their_answer, "{:?}", op);
            }
            Ok(())
        })?;
    }
}
