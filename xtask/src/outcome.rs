//! How a chore ends.

/// What a chore returns.
pub(crate) type Outcome<T = ()> = Result<T, Failure>;

/// Why a chore did not end well.
#[derive(Debug)]
pub(crate) enum Failure {
    /// It was called wrongly: exit code 2, with the list of chores.
    Usage(String),
    /// It found something wrong or could not do its work: exit code 1, with this message.
    Failed(String),
    /// As `Failed`, but everything was said already and the last line printed must stay the last.
    Reported,
}

/// A plain sentence is a failure of the chore, not of its caller.
impl From<String> for Failure {
    fn from(message: String) -> Self {
        Self::Failed(message)
    }
}

impl Failure {
    /// Gives what is left to be said, if anything.
    pub(crate) fn message(&self) -> Option<&str> {
        match self {
            Self::Usage(message) | Self::Failed(message) => Some(message),
            Self::Reported => None,
        }
    }
}
