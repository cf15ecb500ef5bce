//! What goes to a store and what comes back, as values: so that a request can wait, get lost and arrive twice.

use std::fmt;
use std::ops::Range;

use bytes::Bytes;
use object_store::path::Path;
use object_store::{Attributes, GetOptions, ObjectMeta, PutMode, Result, UpdateVersion};

/// Names the kinds of requests that are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RequestKind {
    /// One page of a listing.
    List,
    /// A body with its metadata, or a range of it.
    Get,
    /// The metadata alone.
    Head,
    /// A put of any mode.
    Put,
    /// A delete of one name, conditional or not.
    Delete,
    /// A delete of several names.
    BatchDelete,
    /// A copy inside the store.
    Copy,
    /// A step of a multipart upload: its start, a part, its end or its abortion.
    Upload,
}

impl RequestKind {
    /// Returns the name as traces show it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Get => "get",
            Self::Head => "head",
            Self::Put => "put",
            Self::Delete => "delete",
            Self::BatchDelete => "batch delete",
            Self::Copy => "copy",
            Self::Upload => "upload",
        }
    }
}

impl fmt::Display for RequestKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One request.
#[derive(Clone, Debug)]
pub(super) enum Command {
    List(ListPage),
    Get { location: Path, options: GetOptions },
    Put { location: Path, body: Bytes, mode: PutMode, attributes: Attributes },
    Delete { location: Path },
    DeleteIf { location: Path, version: UpdateVersion },
    DeleteBatch { locations: Vec<Path> },
    Copy { from: Path, to: Path, create: bool },
    StartUpload { location: Path },
    UploadPart { location: Path },
    FinishUpload { location: Path, body: Bytes, attributes: Attributes },
    AbortUpload { location: Path },
}

/// A request for one page of a listing.
#[derive(Clone, Debug, Default)]
pub(super) struct ListPage {
    /// The start of the names, to the letter.
    pub(super) prefix: String,
    /// Names up to this one, itself included, are left out.
    pub(super) offset: Option<String>,
    /// The last entry of the page before.
    pub(super) after: Option<String>,
    pub(super) delimiter: bool,
    pub(super) max: usize,
}

/// What comes back from a request that succeeded.
#[derive(Debug)]
pub(super) enum Reply {
    Page(Page),
    Got(Got),
    Written { e_tag: String, version: Option<String> },
    Batch(Vec<Result<Path>>),
    Done,
}

#[derive(Debug, Default)]
pub(super) struct Page {
    pub(super) objects: Vec<ObjectMeta>,
    pub(super) common_prefixes: Vec<Path>,
    pub(super) next: Option<String>,
}

#[derive(Debug)]
pub(super) struct Got {
    pub(super) meta: ObjectMeta,
    pub(super) attributes: Attributes,
    pub(super) range: Range<u64>,
    pub(super) body: Bytes,
    /// Where the connection breaks, and whether the client notices.
    pub(super) cut: Option<(usize, bool)>,
}

impl Command {
    pub(super) fn kind(&self) -> RequestKind {
        match self {
            Self::List(_) => RequestKind::List,
            Self::Get { options, .. } if options.head => RequestKind::Head,
            Self::Get { .. } => RequestKind::Get,
            Self::Put { .. } => RequestKind::Put,
            Self::Delete { .. } | Self::DeleteIf { .. } => RequestKind::Delete,
            Self::DeleteBatch { .. } => RequestKind::BatchDelete,
            Self::Copy { .. } => RequestKind::Copy,
            Self::StartUpload { .. }
            | Self::UploadPart { .. }
            | Self::FinishUpload { .. }
            | Self::AbortUpload { .. } => RequestKind::Upload,
        }
    }

    /// Returns the names that it is about; of a listing, the prefix.
    pub(super) fn names(&self) -> Vec<String> {
        match self {
            Self::List(page) => vec![page.prefix.clone()],
            Self::DeleteBatch { locations } => locations.iter().map(ToString::to_string).collect(),
            Self::Copy { from, to, .. } => vec![from.to_string(), to.to_string()],
            Self::Get { location, .. }
            | Self::Put { location, .. }
            | Self::Delete { location }
            | Self::DeleteIf { location, .. }
            | Self::StartUpload { location }
            | Self::UploadPart { location }
            | Self::FinishUpload { location, .. }
            | Self::AbortUpload { location } => vec![location.to_string()],
        }
    }

    /// Says what the kind and the names do not.
    pub(super) fn detail(&self) -> String {
        match self {
            Self::List(page) => page.after.as_ref().map(|after| format!("after {after}")).unwrap_or_default(),
            Self::Get { options, .. } => options.range.as_ref().map(ToString::to_string).unwrap_or_default(),
            Self::Put { mode: PutMode::Create, .. } | Self::Copy { create: true, .. } => "create".into(),
            Self::Put { mode: PutMode::Overwrite, .. } => "overwrite".into(),
            Self::Put { mode: PutMode::Update(version), .. } | Self::DeleteIf { version, .. } => {
                let seen = version.version.as_ref().or(version.e_tag.as_ref());
                format!("if {}", seen.map_or("?", String::as_str))
            }
            Self::StartUpload { .. } => "start".into(),
            Self::UploadPart { .. } => "part".into(),
            Self::FinishUpload { .. } => "finish".into(),
            Self::AbortUpload { .. } => "abort".into(),
            Self::Delete { .. } | Self::DeleteBatch { .. } | Self::Copy { .. } => String::new(),
        }
    }

    /// Tells whether it can change what is stored.
    pub(super) fn writes(&self) -> bool {
        !matches!(
            self,
            Self::List(_)
                | Self::Get { .. }
                | Self::StartUpload { .. }
                | Self::UploadPart { .. }
                | Self::AbortUpload { .. }
        )
    }

    /// Tells whether it is a put or delete that carries a condition.
    pub(super) fn is_conditional(&self) -> bool {
        match self {
            Self::Put { mode, .. } => *mode != PutMode::Overwrite,
            Self::DeleteIf { .. } => true,
            Self::Copy { create, .. } => *create,
            _ => false,
        }
    }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind(), self.names().join(", "))?;
        let detail = self.detail();
        if detail.is_empty() { Ok(()) } else { write!(f, " ({detail})") }
    }
}
