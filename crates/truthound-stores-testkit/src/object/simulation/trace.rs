//! What happened: the last lines to read, and a fingerprint of all of them to compare.

use std::collections::VecDeque;
use std::fmt;
use std::time::Duration;

/// How many lines are kept.
const KEPT: usize = 200;

#[derive(Debug)]
pub(super) struct Trace {
    lines: VecDeque<String>,
    noted: u64,
    fingerprint: u64,
}

impl Default for Trace {
    fn default() -> Self {
        // FNV-1a's offset (<http://www.isthe.com/chongo/tech/comp/fnv/>).
        Self { lines: VecDeque::new(), noted: 0, fingerprint: 0xcbf2_9ce4_8422_2325 }
    }
}

impl Trace {
    pub(super) fn note(&mut self, now: Duration, text: &dyn fmt::Display) {
        let line = format!("{:>5} {:>12.3}s  {text}", self.noted, now.as_secs_f64());
        self.noted += 1;
        for byte in line.bytes() {
            self.fingerprint = (self.fingerprint ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        if self.lines.len() == KEPT {
            self.lines.pop_front();
        }
        self.lines.push_back(line);
    }

    pub(super) fn fingerprint(&self) -> u64 {
        self.fingerprint
    }
}

impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lines.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}
