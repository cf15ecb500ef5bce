//! SQLite, in a file and in memory.

mod busy;
mod conformance;
mod dropped;
mod large;
mod unreadable;
