//! The errors that others shipped are found when they are put back.
