//! The index's write-ahead log as a file: whether all of it can be read, and a copy of one that cannot, made readable.
//!
//! SQLite reads the log up to the first frame whose checksum is wrong and takes that for the end, as it must after a power cut: a bit that
//! flips on the disk cuts off every commit after it, and nothing says so. What lies behind the end tells the two apart
//! (<https://sqlite.org/fileformat2.html#the_write_ahead_log>).

use std::io::{self, ErrorKind, Read, Write};

/// How long a log's header is.
pub(super) const HEADER: usize = 32;
const FRAME_HEADER: usize = 24;
/// The magic number; its last bit tells in which order of bytes sums are made.
const MAGIC: u32 = 0x377f_0682;
pub(super) const VERSION: u32 = 3_007_000;
/// The size of our pages, if a log does not say.
const PAGE: u32 = 4096;

/// What a log looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Log {
    /// Nothing lies behind its end but what an earlier use of the file left.
    Whole,
    /// Its last write did not get to the disk whole. None that was acknowledged looks so after a crash.
    Torn {
        /// Whether a later crash could make that write look like one that was acknowledged.
        is_rest_misleading: bool,
        /// The first frame that cannot be read, and how many there are, if frames up to a commit lie on both sides of the break: a power cut
        /// may leave a write so, before it is acknowledged; the end of one process does not.
        only_by_power_cut: Option<(u32, u32)>,
    },
    /// Commits lie behind a place that cannot be read.
    Damaged {
        /// The first frame that cannot be read, counted from 1; 0 is the header.
        frame: u32,
        /// How many whole frames there are.
        frames: u32,
        /// Whether it may be the last write alone, and nobody may have been told of that.
        is_last: bool,
    },
}

pub(super) type Sum = (u32, u32);

/// The header, as far as it is needed.
#[derive(Clone, Copy, Debug)]
struct Header {
    is_big: bool,
    page: u32,
    salts: [u8; 8],
    sum: Sum,
    is_good: bool,
}

/// One frame: its header, and a page.
#[derive(Clone, Copy)]
struct Frame<'b> {
    head: &'b [u8],
    page: &'b [u8],
}

fn word(bytes: &[u8], at: usize) -> u32 {
    let word = bytes.get(at..).and_then(|rest| rest.first_chunk::<4>());
    word.map_or(0, |word| u32::from_be_bytes(*word))
}

pub(super) fn salts(bytes: &[u8], at: usize) -> [u8; 8] {
    bytes.get(at..).and_then(|rest| rest.first_chunk::<8>()).copied().unwrap_or_default()
}

/// Goes on with the sum of a log over some bytes, whose number is divisible by 8.
pub(super) fn add_up((mut one, mut two): Sum, bytes: &[u8], is_big: bool) -> Sum {
    let read = |bytes: [u8; 4]| if is_big { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) };
    for pair in bytes.chunks_exact(8) {
        if let [a, b, c, d, e, f, g, h] = *pair {
            one = one.wrapping_add(read([a, b, c, d])).wrapping_add(two);
            two = two.wrapping_add(read([e, f, g, h])).wrapping_add(one);
        }
    }
    (one, two)
}

impl Header {
    fn parse(bytes: &[u8; HEADER]) -> Self {
        let magic = word(bytes, 0);
        let is_known = magic & !1 == MAGIC;
        let is_big = if is_known { magic & 1 == 1 } else { cfg!(target_endian = "big") };
        let page = word(bytes, 8);
        let is_page = page.is_power_of_two() && (512..=65_536).contains(&page);
        let sum = add_up((0, 0), bytes.split_at(24).0, is_big);
        let is_good =
            is_known && is_page && word(bytes, 4) == VERSION && sum == (word(bytes, 24), word(bytes, 28));
        Self { is_big, page: if is_page { page } else { PAGE }, salts: salts(bytes, 16), sum, is_good }
    }

    fn to_bytes(self) -> [u8; HEADER] {
        let mut bytes = [0; HEADER];
        put(&mut bytes, 0, &(MAGIC | u32::from(self.is_big)).to_be_bytes());
        put(&mut bytes, 4, &VERSION.to_be_bytes());
        put(&mut bytes, 8, &self.page.to_be_bytes());
        put(&mut bytes, 16, &self.salts);
        let (one, two) = add_up((0, 0), bytes.split_at(24).0, self.is_big);
        put(&mut bytes, 24, &one.to_be_bytes());
        put(&mut bytes, 28, &two.to_be_bytes());
        bytes
    }
}

fn put(bytes: &mut [u8], at: usize, what: &[u8]) {
    bytes.iter_mut().skip(at).zip(what).for_each(|(to, from)| *to = *from);
}

impl Frame<'_> {
    /// How many pages the file has after the commit that this frame ends; 0 if it ends none.
    fn size(&self) -> u32 {
        word(self.head, 4)
    }

    /// Tells whether the frame is one of the log's present use.
    fn is_of(&self, salts_now: [u8; 8]) -> bool {
        salts_now != [0; 8] && salts(self.head, 8) == salts_now
    }

    fn sum(&self) -> Sum {
        (word(self.head, 16), word(self.head, 20))
    }

    fn add_to(&self, sum: Sum, is_big: bool) -> Sum {
        add_up(add_up(sum, self.head.split_at(8.min(self.head.len())).0, is_big), self.page, is_big)
    }
}

/// Goes over the whole frames of a log; `None` for one that is too short to have a header.
fn each_frame(
    log: &mut impl Read,
    mut visit: impl FnMut(&Header, Frame<'_>) -> io::Result<()>,
) -> io::Result<Option<Header>> {
    let mut header = [0; HEADER];
    if !fill(log, &mut header)? {
        return Ok(None);
    }
    let mut header = Header::parse(&header);
    let mut buffer = vec![0; FRAME_HEADER + header.page as usize];
    if !header.is_good {
        header.salts = [0; 8];
    }
    while fill(log, &mut buffer)? {
        let (head, page) = buffer.split_at(FRAME_HEADER);
        if header.salts == [0; 8] {
            // What the header said may have changed: the first frame says it, too, or the first that is not blank.
            header.salts = salts(head, 8);
        }
        visit(&header, Frame { head, page })?;
    }
    Ok(Some(header))
}

/// Fills a buffer; answers whether there was enough for that.
fn fill(log: &mut impl Read, buffer: &mut [u8]) -> io::Result<bool> {
    match log.read_exact(buffer) {
        Ok(()) => Ok(true),
        Err(cause) if cause.kind() == ErrorKind::UnexpectedEof => Ok(false),
        Err(cause) => Err(cause),
    }
}

/// Looks through a log.
///
/// Commits behind the end are no proof of damage: a process that was killed while it committed may leave its last one where others, who
/// share the log by memory, do not see it, and write over its beginning. What proves damage is that more than one commit follows, each frame
/// fitting the one before it, since nobody begins a second one before the first is known to all; or that a small change makes the frame at
/// the break fit.
pub(crate) fn examine(log: &mut impl Read) -> io::Result<Log> {
    let (mut frames, mut broken) = (0_u32, None);
    // The sum up to the frame before: as it was made, and behind the break as that frame says.
    let mut sum: Option<Sum> = None;
    let (mut commits, mut run, mut longest) = (0_u32, 0_u32, 0_u32);
    let (mut is_changed, mut is_open, mut is_there) = (false, false, false);
    // Commits behind the break that fit what is before them: the frame at the break may have been torn itself.
    let mut behind = 0_u32;
    let mut strangers = 0_u32;
    let mut known = None;
    let looked = each_frame(log, |header, frame| {
        known = Some(*header);
        frames = frames.saturating_add(1);
        let is_now = frame.is_of(header.salts);
        let next = frame.add_to(sum.unwrap_or(header.sum), header.is_big);
        let fits = next == frame.sum();
        if broken.is_none() {
            if header.is_good && is_now && fits {
                sum = Some(next);
                is_open = frame.size() == 0;
                return Ok(());
            }
            broken = Some(if header.is_good { frames } else { 0 });
            is_there = is_now;
            // The sum is not made over the salts.
            is_changed = header.is_good && if is_now { is_near(next, frame.sum()) } else { fits };
        } else if !fits {
            run = 0;
        } else if is_now && frame.size() != 0 {
            behind = behind.saturating_add(1);
        }
        // Behind so many frames of an earlier use of the file there is nothing of the present one.
        strangers = if is_now { 0 } else { strangers.saturating_add(1) };
        if strangers > STRANGERS {
            return Err(ErrorKind::Interrupted.into());
        }
        sum = Some(frame.sum());
        let ends_one = u32::from(is_now && frame.size() != 0);
        (commits, run) = (commits.saturating_add(ends_one), run.saturating_add(ends_one));
        longest = longest.max(run);
        Ok(())
    });
    let header = match looked {
        Err(cause) if cause.kind() == ErrorKind::Interrupted && strangers > STRANGERS => known,
        looked => looked?,
    };
    let Some(header) = header else { return Ok(Log::Whole) };
    Ok(match broken {
        Some(frame) if is_changed || longest > 1 || (commits > 0 && !header.is_good) => {
            Log::Damaged { frame, frames, is_last: header.is_good && longest <= 1 }
        }
        // Behind the end, as a rule, lies what an earlier use of the file left.
        _ if is_open || is_there || commits > 0 || !header.is_good => {
            let both_sides = is_open && behind > 0;
            let only_by_power_cut = broken.filter(|_| both_sides).map(|frame| (frame, frames));
            Log::Torn { is_rest_misleading: commits > 0, only_by_power_cut }
        }
        _ => Log::Whole,
    })
}

/// Reads the salts of a log's present use; `None` if its header is damaged.
pub(super) fn salts_of(log: &[u8; HEADER]) -> Option<[u8; 8]> {
    let header = Header::parse(log);
    header.is_good.then_some(header.salts)
}

/// So many frames in a row that are of an earlier use of the file end the look at it.
const STRANGERS: u32 = 256;

/// Tells whether sums differ as if a few bits next to each other had changed: in one of them, or in one word of what they were made over.
fn is_near(made: Sum, said: Sum) -> bool {
    let bits = (made.0 ^ said.0).count_ones() + (made.1 ^ said.1).count_ones();
    if bits <= 8 {
        return true;
    }
    // A change of a word changes both sums alike if it is the first of two, else the second sum alone; then each step adds them up. The
    // steps are gone back until it looks like that.
    let (mut one, mut two) = (made.0.wrapping_sub(said.0), made.1.wrapping_sub(said.1));
    for _ in 0..=MOST_STEPS {
        if one == two || one == 0 {
            return true;
        }
        let before = two.wrapping_sub(one);
        (one, two) = (one.wrapping_sub(before), before);
    }
    false
}

/// In so many steps the sum of a frame is made.
const MOST_STEPS: u32 = PAGE / 8 + 1;

/// What of a damaged log is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// All of it: what a frame holds that is damaged must not be believed without a look.
    All,
    /// The frames that are whole: where one is damaged its page is what it was before.
    Sound,
    /// What lies before the damage, as SQLite reads it.
    Start,
}

/// What a log that was written anew holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Resealed {
    /// How many pages the file has after the last commit; 0 if there is none.
    pub(crate) pages: u32,
    /// Whether the log has each of them.
    pub(crate) has_all: bool,
}

/// Writes a log anew so that SQLite reads `part` of it.
pub(crate) fn reseal(log: &mut impl Read, part: Part, to: &mut impl Write) -> io::Result<Resealed> {
    let (mut sum, mut size) = (None, 0);
    let mut seen = std::collections::BTreeSet::new();
    // The sum that the frame before it says, how many there were, and where the first one was that did not fit.
    let (mut said, mut frames, mut broken): (Option<Sum>, u32, Option<u32>) = (None, 0, None);
    let mut is_over = false;
    each_frame(log, |header, frame| {
        frames = frames.saturating_add(1);
        let fits = frame.add_to(said.unwrap_or(header.sum), header.is_big) == frame.sum();
        said = Some(frame.sum());
        if !fits {
            // Around the damage nothing need fit; later it is the log's end, and what follows is not to be believed.
            let first = *broken.get_or_insert(frames);
            is_over |= part == Part::Start || frames > first.saturating_add(AROUND);
        }
        // What is not of this use of the file was there before it, or nobody wrote it.
        let is_wanted = fits || part == Part::All && frame.is_of(header.salts);
        if is_over || !is_wanted {
            return Ok(());
        }
        let before = if let Some(sum) = sum {
            sum
        } else {
            let bytes = header.to_bytes();
            to.write_all(&bytes)?;
            (word(&bytes, 24), word(&bytes, 28))
        };
        let next = frame.add_to(before, header.is_big);
        to.write_all(frame.head.split_at(8.min(frame.head.len())).0)?;
        to.write_all(&header.salts)?;
        to.write_all(&next.0.to_be_bytes())?;
        to.write_all(&next.1.to_be_bytes())?;
        to.write_all(frame.page)?;
        if frame.size() != 0 {
            size = frame.size();
        }
        seen.insert(word(frame.head, 0));
        sum = Some(next);
        Ok(())
    })?;
    let has_all = size > 0 && seen.range(1..=size).count() == size as usize;
    Ok(Resealed { pages: size, has_all })
}

/// So many frames behind the first that is damaged may be damaged by the same.
const AROUND: u32 = 2;

#[cfg(test)]
mod tests;
