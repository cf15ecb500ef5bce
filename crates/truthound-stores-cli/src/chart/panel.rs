//! Bars over one scale.

use super::axis::Axis;
use super::{Point, Slot};

/// A bar's upper end, in eighths of a line.
const EIGHTHS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// How one figure is drawn.
pub(super) struct Panel<'a, F> {
    /// The height of a full bar.
    pub(super) lines: u64,
    /// What stands beside the top, the middle and the bottom of the scale.
    pub(super) labels: [&'a str; 3],
    /// Returns the height of a bar on a scale whose end is given.
    pub(super) level: F,
}

impl<F: Fn(&Point, u64) -> u64> Panel<'_, F> {
    /// Draws bars over a line that ends them, behind a gutter of `gutter` characters.
    pub(super) fn draw(&self, axis: &Axis, gutter: usize) -> Vec<String> {
        let [top, middle, bottom] = self.labels;
        let full = self.lines * 8;
        let mut lines = Vec::new();
        for line in (0..self.lines).rev() {
            let label = match line {
                _ if line + 1 == self.lines => top,
                _ if line + 1 == self.lines / 2 => middle,
                _ => "",
            };
            let tick = if label.is_empty() { '│' } else { '┤' };
            let mut text = format!("{label:>width$} {tick}", width = gutter - 1);
            for slot in &axis.slots {
                let char = match slot {
                    Slot::Runs(point) => {
                        let eighths = (self.level)(point, full).saturating_sub(line * 8).min(8);
                        usize::try_from(eighths).ok().and_then(|at| EIGHTHS.get(at)).copied().unwrap_or(' ')
                    }
                    Slot::Gap | Slot::Cut => ' ',
                };
                text.extend(column(axis, char, char));
            }
            lines.push(text.trim_end().to_owned());
        }
        let mut text = format!("{bottom:>width$} ┼", width = gutter - 1);
        for slot in &axis.slots {
            text.extend(match slot {
                Slot::Runs(_) => column(axis, '─', '─'),
                Slot::Gap => column(axis, '·', '·'),
                Slot::Cut => column(axis, '⋯', ' '),
            });
        }
        lines.push(text.trim_end().to_owned());
        lines
    }
}

/// Fills a column: `char` in the middle of its bar, `beside` on both sides, and a space behind if it has room for one.
fn column(axis: &Axis, char: char, beside: char) -> impl Iterator<Item = char> {
    let bar = axis.bar();
    let middle = bar.saturating_sub(1) / 2;
    let bar = (0..bar).map(move |at| if at == middle { char } else { beside });
    bar.chain(std::iter::repeat_n(' ', axis.width.saturating_sub(axis.bar())))
}
