//! Answers are those of the reference, whatever lies where.

mod agree;
mod folder;
mod hub;
