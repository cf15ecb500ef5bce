//! What is wrong in a document, and where.

use crate::Error;
use crate::json::Json;

/// Names a place in a document and what is wrong with the value there.
///
/// The place grows from the inside out, as the error goes up.
#[derive(Debug)]
pub(super) struct Misfit {
    path: String,
    problem: String,
    cause: Option<Error>,
}

impl Misfit {
    pub(super) fn new(problem: impl Into<String>) -> Self {
        Self { path: String::new(), problem: problem.into(), cause: None }
    }

    pub(super) fn missing(name: &str) -> Self {
        Self::new("is missing").within(name)
    }

    pub(super) fn not(wanted: &str, found: &Json) -> Self {
        Self::new(format!("is {}: it must be {wanted}", article(found)))
    }

    pub(super) fn caused_by(mut self, cause: Error) -> Self {
        self.cause = Some(cause);
        self
    }

    /// Says that the place lies within `outer`: the name of a member.
    pub(super) fn within(mut self, outer: &str) -> Self {
        let dot = if self.path.is_empty() || self.path.starts_with('[') { "" } else { "." };
        self.path = format!("{outer}{dot}{}", self.path);
        self
    }

    /// Says that the place lies within the item `at` of an array.
    pub(super) fn within_item(self, at: usize) -> Self {
        self.within(&format!("[{at}]"))
    }
}

impl From<Misfit> for Error {
    fn from(misfit: Misfit) -> Self {
        let place =
            if misfit.path.is_empty() { "the document".to_owned() } else { format!("{:?}", misfit.path) };
        let error = Self::invalid(format!("{place} {}", misfit.problem));
        match misfit.cause {
            Some(cause) => error.caused_by(cause),
            None => error,
        }
    }
}

fn article(json: &Json) -> &'static str {
    match json {
        Json::Null => "null",
        Json::Bool(_) => "true or false",
        Json::Number(_) => "a number",
        Json::String(_) => "a string",
        Json::Array(_) => "an array",
        Json::Object(_) => "an object",
    }
}
