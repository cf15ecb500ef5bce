//! What a file may cost its reader.

/// Bounds what reading one file may cost, whatever its bytes claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Limits {
    /// Most bytes of a document, both as it was written (without compression) and as canonical
    /// JSON. Default: 67,108,864 (64 MiB).
    pub max_document_bytes: usize,
    /// Most keys and values of a YAML or pickle document; what is referred to several times counts
    /// each time. Default: 1,000,000.
    pub max_values: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_document_bytes: 64 << 20, max_values: 1_000_000 }
    }
}

impl Limits {
    /// Sets the most bytes of a document.
    #[must_use]
    pub const fn with_max_document_bytes(mut self, bytes: usize) -> Self {
        self.max_document_bytes = bytes;
        self
    }

    /// Sets the most keys and values of a YAML or pickle document.
    #[must_use]
    pub const fn with_max_values(mut self, values: usize) -> Self {
        self.max_values = values;
        self
    }
}
