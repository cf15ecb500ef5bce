//! The progress bar of long saves.

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressStyle};

use crate::input::Source;

/// Below this many bytes a save is over before a bar could be read.
const LONG: u64 = 4 << 20;

/// Shows how much of the input was saved: on a terminal that the ids do not go to, and only if there is much to do.
#[derive(Debug)]
pub(super) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    pub(super) fn new(sources: &[Source], ids_on_terminal: bool) -> Self {
        let size: Option<u64> = sources.iter().map(Source::size).sum();
        let is_wanted =
            std::io::stderr().is_terminal() && !ids_on_terminal && size.is_none_or(|size| size >= LONG);
        if !is_wanted {
            return Self { bar: ProgressBar::hidden() };
        }
        let (bar, template) = match size {
            Some(size) => (ProgressBar::new(size), "{wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta}"),
            None => (ProgressBar::new_spinner(), "{spinner} {bytes} {bytes_per_sec}"),
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        Self { bar }
    }

    /// Moves to `bytes` of the input.
    pub(super) fn at(&self, bytes: u64) {
        self.bar.set_position(bytes);
    }

    /// Says something else on stderr without mixing it up with the bar.
    pub(super) fn aside(&self, say: impl FnOnce()) {
        self.bar.suspend(say);
    }

    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
