//! What can go wrong between a client and its store, and how often it does.

use std::fmt;

use super::command::Command;

/// Names what can go wrong with one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Trouble {
    /// 503 before it takes effect: `Generic`.
    Unavailable,
    /// 429 before it takes effect: `Generic`.
    Throttled,
    /// No answer in time, and no effect, ever: `Generic`.
    TimedOut,
    /// The connection is reset before it takes effect: `Generic`.
    Reset,
    /// 403 before it takes effect: `PermissionDenied`.
    Denied,
    /// 409 although nothing landed, of a put, a copy or a conditional delete: the clients say `AlreadyExists`.
    Conflict,
    /// 412 although nothing landed and the condition holds: `AlreadyExists` of a create, else `Precondition`.
    Refused,
    /// It takes effect, and its answer is lost: `Generic`, a timeout or a reset connection.
    LostReply,
    /// It takes effect, its answer is lost, and the client's own second try is refused because of the first: 412.
    OwnConflict,
    /// The caller hears of a timeout; the request itself arrives later, arbitrarily late.
    LateArrival,
    /// All is well, and a copy of the request arrives later, arbitrarily late.
    Duplicate,
    /// Some names of a batch of deletes fail, the others are deleted.
    PartialBatch,
    /// The body stops in the middle, with an error: `Generic`.
    TornBody,
    /// The body stops in the middle, and nothing says so.
    ShortBody,
    /// A page after the first cannot be read: `Generic` in the middle of a listing.
    CutListing,
    /// It takes long to arrive, or its answer does. In a simulation only.
    Slow,
}

impl Trouble {
    /// All of them.
    pub const ALL: [Self; 16] = [
        Self::Unavailable,
        Self::Throttled,
        Self::TimedOut,
        Self::Reset,
        Self::Denied,
        Self::Conflict,
        Self::Refused,
        Self::LostReply,
        Self::OwnConflict,
        Self::LateArrival,
        Self::Duplicate,
        Self::PartialBatch,
        Self::TornBody,
        Self::ShortBody,
        Self::CutListing,
        Self::Slow,
    ];

    /// Tells whether it can strike such a request.
    pub(super) fn can_strike(self, command: &Command) -> bool {
        match self {
            Self::Unavailable
            | Self::Throttled
            | Self::TimedOut
            | Self::Reset
            | Self::Denied
            | Self::Slow => true,
            Self::LostReply | Self::LateArrival | Self::Duplicate => command.writes(),
            Self::Conflict => {
                matches!(command, Command::Put { .. } | Command::Copy { .. } | Command::DeleteIf { .. })
            }
            Self::Refused | Self::OwnConflict => command.is_conditional(),
            Self::PartialBatch => matches!(command, Command::DeleteBatch { .. }),
            Self::TornBody | Self::ShortBody => {
                matches!(command, Command::Get { options, .. } if !options.head)
            }
            Self::CutListing => matches!(command, Command::List(page) if page.after.is_some()),
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// Says how often each trouble strikes, in a thousand of those requests that it can strike.
///
/// # Examples
/// ```
/// use truthound_stores_testkit::object::{Rates, Trouble};
///
/// let rates = Rates::stormy().with(Trouble::LostReply, 100).with(Trouble::Throttled, 0);
/// # let _ = rates;
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct Rates([u16; Trouble::ALL.len()]);

impl Rates {
    /// Lets nothing go wrong.
    pub fn none() -> Self {
        Self::default()
    }

    /// Lets everything go wrong that a sound store and its network do, two times in a hundred each; not
    /// [`Denied`](Trouble::Denied) and not what a sound store does not do: [`Refused`](Trouble::Refused) and
    /// [`ShortBody`](Trouble::ShortBody).
    pub fn stormy() -> Self {
        let mut rates = Self([20; Trouble::ALL.len()]);
        for kept_out in [Trouble::Denied, Trouble::Refused, Trouble::ShortBody] {
            rates = rates.with(kept_out, 0);
        }
        rates
    }

    /// Sets how often one trouble strikes, in a thousand.
    pub fn with(mut self, trouble: Trouble, per_mille: u16) -> Self {
        self.0[trouble as usize] = per_mille;
        self
    }

    pub(super) fn of(&self, trouble: Trouble) -> u64 {
        self.0[trouble as usize].into()
    }
}
