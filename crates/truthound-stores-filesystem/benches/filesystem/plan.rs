//! How much is measured: in full, or quickly.

use std::time::Duration;

/// Rows that are measured together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Group {
    /// Sustained durable saves.
    Save,
    /// One save per process.
    Process,
    /// Reads of single documents.
    Get,
    /// Truthound itself.
    Truthound,
    /// Saves into a large store beside saves into a small one.
    Growth,
    /// Listings of a large store.
    List,
    /// Sums over a large store, and rebuilding its index.
    Stats,
}

impl Group {
    /// Every group, with the name that the command line uses.
    pub(crate) const ALL: [(&'static str, Self); 7] = [
        ("save", Self::Save),
        ("process", Self::Process),
        ("get", Self::Get),
        ("truthound", Self::Truthound),
        ("growth", Self::Growth),
        ("list", Self::List),
        ("stats", Self::Stats),
    ];
}

/// Sizes and times of a run.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// Whether this is the quick run, whose figures are no more than a hint.
    pub(crate) quick: bool,
    /// How many documents the large store holds.
    pub(crate) large: u64,
    /// How many the small one beside it holds.
    pub(crate) small: u64,
    /// How often two sides of sustained saves take turns.
    pub(crate) save_turns: usize,
    /// How long a turn of sustained saves is.
    pub(crate) save_slice: Duration,
    /// How often two sides of reads and listings take turns.
    pub(crate) turns: usize,
    /// How many calls are in a turn.
    pub(crate) calls: usize,
    /// How many processes are started of each kind.
    pub(crate) processes: usize,
    /// How many documents single reads choose from.
    pub(crate) readable: u64,
    /// How many documents Truthound is compared at.
    pub(crate) truthound: Vec<u64>,
}

impl Plan {
    /// Measures as `docs/performance.md` says: each sustained save for 60 s, a million documents.
    pub(crate) fn full() -> Self {
        Self {
            quick: false,
            large: 1_000_000,
            small: 1_000,
            save_turns: 12,
            save_slice: Duration::from_secs(5),
            turns: 30,
            calls: 100,
            processes: 40,
            readable: 10_000,
            truthound: vec![10_000, 100_000],
        }
    }

    /// Measures the same in a few minutes, on a tenth of the documents.
    pub(crate) fn quick() -> Self {
        Self {
            quick: true,
            large: 100_000,
            save_turns: 6,
            save_slice: Duration::from_millis(1500),
            turns: 10,
            processes: 15,
            readable: 2_000,
            truthound: vec![10_000],
            ..Self::full()
        }
    }

    /// Sets how many documents the large store holds.
    #[must_use]
    pub(crate) fn with_documents(mut self, documents: u64) -> Self {
        self.large = documents;
        self.truthound.retain(|&size| size <= documents);
        self
    }
}
