//! The operations of a store, by name.

use std::fmt;

/// Names a method of [`Store`](truthound_stores_core::Store) that may fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Operation {
    /// `put_opts`.
    Put,
    /// `put_many`.
    PutMany,
    /// `get_opts`.
    Get,
    /// `delete_opts`.
    Delete,
    /// `delete_many`.
    DeleteMany,
    /// `list_page`.
    List,
    /// `count`.
    Count,
    /// `summarize`.
    Summarize,
    /// `changes`.
    Changes,
    /// `check`.
    Check,
    /// `flush`.
    Flush,
    /// `close`.
    Close,
}

impl Operation {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Put,
        Self::PutMany,
        Self::Get,
        Self::Delete,
        Self::DeleteMany,
        Self::List,
        Self::Count,
        Self::Summarize,
        Self::Changes,
        Self::Check,
        Self::Flush,
        Self::Close,
    ];

    /// Returns the name as errors show it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Put => "put",
            Self::PutMany => "put_many",
            Self::Get => "get",
            Self::Delete => "delete",
            Self::DeleteMany => "delete_many",
            Self::List => "list_page",
            Self::Count => "count",
            Self::Summarize => "summarize",
            Self::Changes => "changes",
            Self::Check => "check",
            Self::Flush => "flush",
            Self::Close => "close",
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
