//! The progress bar of work on the whole store.

use std::io::IsTerminal;
use std::sync::{Mutex, PoisonError};

use indicatif::{ProgressBar, ProgressStyle};
use truthound_stores::Progress;

/// Shows how far work is, on stderr if that is a terminal.
#[derive(Debug)]
pub(crate) struct Bar {
    bar: ProgressBar,
    /// The stage that is shown, and its total.
    stage: Mutex<Option<(&'static str, Option<u64>)>>,
}

impl Bar {
    /// Makes a bar that nobody sees if nobody can.
    pub(crate) fn new() -> Self {
        let bar =
            if std::io::stderr().is_terminal() { ProgressBar::no_length() } else { ProgressBar::hidden() };
        Self { bar, stage: Mutex::new(None) }
    }

    /// Tells whether somebody watches.
    pub(crate) fn is_watched(&self) -> bool {
        !self.bar.is_hidden()
    }

    /// Takes the bar away.
    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

impl Progress for Bar {
    fn advance(&self, doing: &'static str, done: u64, total: Option<u64>) {
        if self.bar.is_hidden() {
            return;
        }
        let mut stage = self.stage.lock().unwrap_or_else(PoisonError::into_inner);
        if *stage != Some((doing, total)) {
            *stage = Some((doing, total));
            let template =
                if total.is_some() { "{msg} {wide_bar} {pos}/{len} {eta}" } else { "{spinner} {msg} {pos}" };
            if let Ok(style) = ProgressStyle::with_template(template) {
                self.bar.set_style(style);
            }
            self.bar.set_message(doing);
            if let Some(total) = total {
                self.bar.set_length(total);
            }
        }
        self.bar.set_position(done);
    }
}
