//! The whole store in a simulation: processes that know nothing of each other, on a bucket that loses, repeats and delays.

mod book;
mod deed;
mod follower;
mod process;
mod rest;
mod storm;
mod world;
