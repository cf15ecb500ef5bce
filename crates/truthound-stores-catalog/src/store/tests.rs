//! The whole store in a simulation: processes that know nothing of each other, on a bucket that loses, repeats and delays.

mod ask;
mod book;
mod deed;
mod flaws;
mod follower;
mod past;
mod process;
mod requests;
mod rest;
mod storm;
mod tend;
mod thrift;
mod world;
