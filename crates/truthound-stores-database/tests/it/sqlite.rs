//! SQLite, in a file and in memory.

mod conformance;
