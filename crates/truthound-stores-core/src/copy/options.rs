//! The choices of a copy.

use std::collections::HashSet;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::{Error, Key, Result};

/// Says what becomes of a document whose id the target has already, with another text or other attributes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OnConflict {
    /// It is not copied, and reported.
    #[default]
    Refuse,
    /// It is not copied: the target's stays, and that is well.
    Keep,
    /// It is written over the target's.
    Overwrite,
}

impl OnConflict {
    /// Lists all, in the order of the names.
    pub const ALL: [Self; 3] = [Self::Refuse, Self::Keep, Self::Overwrite];

    /// Returns the name that configuration and command line use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Refuse => "refuse",
            Self::Keep => "keep",
            Self::Overwrite => "overwrite",
        }
    }
}

impl fmt::Display for OnConflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for OnConflict {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|choice| choice.as_str() == text).ok_or_else(|| {
            Error::invalid(format!("on_conflict is {text:?}: it must be refuse, keep or overwrite"))
        })
    }
}

/// Holds the choices of [`copy`](crate::copy()).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CopyOptions {
    /// What becomes of a document whose id the target has with another content. Default: refuse.
    pub on_conflict: OnConflict,
    /// Say what would be done, and write nothing. Default: false.
    pub dry_run: bool,
    /// Compare both stores at the end. Default: true.
    pub compare: bool,
    /// How many documents are read at once, and overwritten at once, 1 to 1,024. Default: 16.
    pub concurrency: usize,
    /// How many documents are written as one batch at the most, 1 to 10,000. Default: 256.
    pub batch_documents: usize,
    /// How many bytes of text end a batch; a document that is larger goes alone. Default: 8 MiB.
    pub batch_bytes: usize,
    /// Documents of the source that are left out, in the comparison, too. Default: none.
    pub leave_out: Arc<HashSet<Key>>,
}

impl Default for CopyOptions {
    fn default() -> Self {
        Self {
            on_conflict: OnConflict::Refuse,
            dry_run: false,
            compare: true,
            concurrency: 16,
            batch_documents: 256,
            batch_bytes: 8 << 20,
            leave_out: Arc::default(),
        }
    }
}

impl CopyOptions {
    /// Begins with the defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets what becomes of a document whose id the target has with another content.
    #[must_use]
    pub fn with_on_conflict(mut self, on_conflict: OnConflict) -> Self {
        self.on_conflict = on_conflict;
        self
    }

    /// Sets whether to say what would be done, and to write nothing.
    #[must_use]
    pub fn with_dry_run(mut self, dry_run: bool) -> Self {
        self.dry_run = dry_run;
        self
    }

    /// Sets whether to compare both stores at the end.
    #[must_use]
    pub fn with_compare(mut self, compare: bool) -> Self {
        self.compare = compare;
        self
    }

    /// Sets how many documents are read at once.
    #[must_use]
    pub fn with_concurrency(mut self, concurrency: usize) -> Self {
        self.concurrency = concurrency;
        self
    }

    /// Sets how many documents are written as one batch at the most.
    #[must_use]
    pub fn with_batch_documents(mut self, batch_documents: usize) -> Self {
        self.batch_documents = batch_documents;
        self
    }

    /// Sets how many bytes of text end a batch.
    #[must_use]
    pub fn with_batch_bytes(mut self, batch_bytes: usize) -> Self {
        self.batch_bytes = batch_bytes;
        self
    }

    /// Sets which documents of the source are left out.
    #[must_use]
    pub fn with_leave_out(mut self, leave_out: impl Into<Arc<HashSet<Key>>>) -> Self {
        self.leave_out = leave_out.into();
        self
    }

    /// Checks what types cannot.
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid), naming the option, if a number is out of its bounds.
    pub fn validate(&self) -> Result<()> {
        let bounded =
            [("concurrency", self.concurrency, 1024), ("batch_documents", self.batch_documents, 10_000)];
        for (name, value, most) in bounded {
            if !(1..=most).contains(&value) {
                return Err(Error::invalid(format!("{name} is {value}: it must be 1 to {most}")));
            }
        }
        if self.batch_bytes == 0 {
            return Err(Error::invalid("batch_bytes is 0: it must be 1 at least"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
