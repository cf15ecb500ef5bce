//! Python's pickle as a plain data format: written and read without ever running anything.
//!
//! The opcodes are those of `pickletools` (protocols 0 to 5).

mod emit;
mod input;
mod machine;
mod number;
mod opcode;
mod text;
mod write;

pub(super) use write::write;

use super::Limits;
use crate::Result;

/// Reads a pickle of plain data and returns it as canonical JSON.
pub(super) fn read(bytes: &[u8], limits: &Limits) -> Result<Vec<u8>> {
    let (arena, top) = machine::Machine::new(bytes, limits).run()?;
    emit::emit(&arena, top, limits)
}

#[cfg(test)]
mod tests;
