//! Time, medians and turns.

use std::time::Duration;

use truthound_stores_core::{Clock as _, SystemClock};

use super::Outcome;

/// Runs from when it is made.
#[derive(Clone, Copy, Debug)]
pub struct Watch(SystemClock);

impl Watch {
    /// Starts.
    pub fn start() -> Self {
        Self(SystemClock::new())
    }

    /// Says how much time has passed.
    pub fn passed(&self) -> Duration {
        self.0.monotonic()
    }
}

/// What two sides took, turn by turn.
#[derive(Debug, Default)]
pub struct Turns {
    /// What is measured.
    pub ours: Vec<f64>,
    /// What it stands beside.
    pub beside: Vec<f64>,
}

impl Turns {
    /// Adds a turn of each side.
    pub fn add(&mut self, ours: f64, beside: f64) {
        self.ours.push(ours);
        self.beside.push(beside);
    }

    /// Gives the smallest and the largest ratio of two turns next to each other.
    pub fn spread(&self) -> Option<(f64, f64)> {
        let ratios = self.ours.iter().zip(&self.beside).map(|(ours, beside)| ours / beside);
        ratios.fold(None, |spread, ratio| {
            let (low, high) = spread.unwrap_or((ratio, ratio));
            Some((ratio.min(low), ratio.max(high)))
        })
    }
}

/// Gives the middle of some figures; of an even number of them the mean of the two in the middle.
///
/// # Errors
/// There are none.
pub fn median(figures: &[f64]) -> Outcome<f64> {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    let upper = *sorted.get(middle).ok_or("nothing was measured")?;
    if sorted.len() % 2 == 1 {
        return Ok(upper);
    }
    Ok(f64::midpoint(upper, *sorted.get(middle.saturating_sub(1)).unwrap_or(&upper)))
}

/// Gives microseconds.
pub fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

/// Gives milliseconds.
pub fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// Gives how many of `count` there were in a second.
#[allow(clippy::cast_precision_loss, reason = "nobody saves 2^52 documents here")]
pub fn per_second(count: u64, time: Duration) -> f64 {
    count as f64 / time.as_secs_f64()
}

/// Spreads the numbers from 0 to `turns` over `0..of`, in an order that is far from that of the files.
pub fn scattered(turn: u64, of: u64) -> u64 {
    // An odd multiplier near the golden ratio: neighbours end up far apart, and repeats are rare.
    turn.wrapping_mul(0x9e37_79b9_7f4a_7c15) % of.max(1)
}
