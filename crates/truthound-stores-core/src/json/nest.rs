//! Which containers are open, innermost last.

use super::MAX_DEPTH;

/// A stack of open containers: a bit for each, set for an object.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Nest {
    objects: u128,
    depth: usize,
}

const _: () = assert!(MAX_DEPTH <= u128::BITS as usize, "a nest has one bit for each level");

impl Nest {
    /// Opens a container; tells whether the depth allows it.
    pub(super) fn open(&mut self, object: bool) -> bool {
        if self.depth == MAX_DEPTH {
            return false;
        }
        self.objects = self.objects << 1 | u128::from(object);
        self.depth += 1;
        true
    }

    /// Closes the innermost container.
    pub(super) fn close(&mut self) {
        self.objects >>= 1;
        self.depth = self.depth.saturating_sub(1);
    }

    /// Tells whether the innermost container is an object.
    pub(super) fn in_object(&self) -> bool {
        self.objects & 1 == 1
    }

    /// Tells whether the innermost container is an array.
    pub(super) fn in_array(&self) -> bool {
        !self.in_object() && !self.is_closed()
    }

    /// Tells whether no container is open.
    pub(super) fn is_closed(&self) -> bool {
        self.depth == 0
    }
}
