//! SQLite, in a file and in memory.

mod busy;
mod conformance;
mod dropped;
mod echo;
mod joined;
mod large;
mod unreadable;
