//! The progress bar of work on the whole store.

use std::io::IsTerminal;
use std::sync::{Mutex, PoisonError};

use indicatif::{ProgressBar, ProgressStyle};
use truthound_stores::Progress;

/// How many documents are worth a bar.
pub(crate) const MANY: u64 = 1000;

/// Shows how far work is, on stderr if that is a terminal.
#[derive(Debug)]
pub(crate) struct Bar {
    shown: ProgressBar,
    /// Below this many things to do, the work is over before a bar could be read.
    long: u64,
    /// The stage that is shown, and its total.
    stage: Mutex<Option<(&'static str, Option<u64>)>>,
}

impl Bar {
    /// Makes a bar that is seen if somebody can see it and there are `long` things to do or more.
    pub(crate) fn new(long: u64) -> Self {
        let shown =
            if std::io::stderr().is_terminal() { ProgressBar::no_length() } else { ProgressBar::hidden() };
        Self { shown, long, stage: Mutex::new(None) }
    }

    /// Tells whether somebody watches.
    pub(crate) fn is_watched(&self) -> bool {
        !self.shown.is_hidden()
    }

    /// Says something else on stderr without mixing it up with the bar.
    pub(crate) fn aside(&self, say: impl FnOnce()) {
        self.shown.suspend(say);
    }

    /// Takes the bar away.
    pub(crate) fn finish(&self) {
        self.shown.finish_and_clear();
    }
}

impl Progress for Bar {
    fn advance(&self, doing: &'static str, done: u64, total: Option<u64>) {
        if self.shown.is_hidden() || total.unwrap_or(done) < self.long {
            return;
        }
        let mut stage = self.stage.lock().unwrap_or_else(PoisonError::into_inner);
        if *stage != Some((doing, total)) {
            *stage = Some((doing, total));
            let template =
                if total.is_some() { "{msg} {wide_bar} {pos}/{len} {eta}" } else { "{spinner} {msg} {pos}" };
            if let Ok(style) = ProgressStyle::with_template(template) {
                self.shown.set_style(style);
            }
            self.shown.set_message(doing);
            if let Some(total) = total {
                self.shown.set_length(total);
            }
        }
        self.shown.set_position(done);
    }
}
