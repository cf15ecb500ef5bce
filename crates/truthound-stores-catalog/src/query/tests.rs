//! Answers are those of the reference, whatever lies where.

mod agree;
mod cost;
mod folder;
mod hub;
mod scan;
mod storm;
mod view;

pub(crate) use agree::run;
pub(crate) use folder::Folder;
pub(crate) use hub::Hub;
