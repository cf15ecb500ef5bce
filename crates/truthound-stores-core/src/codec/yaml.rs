//! YAML as a format for JSON's data: one document, read by the core schema of YAML 1.2.2 (§10.3).
//!
//! What is written reads alike with readers of YAML 1.1, such as Python's `PyYAML`.

mod input;
mod read;
mod scalar;
mod write;

pub(super) use read::read;
pub(super) use write::write;

#[cfg(test)]
mod tests;
