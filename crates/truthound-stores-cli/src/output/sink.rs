//! Where output goes: stdout, or a buffer that tests look at.

use std::io::{self, Stdout, Write};

#[derive(Debug)]
pub(super) enum Sink {
    Stdout(Stdout),
    #[cfg(test)]
    Kept(Kept),
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Stdout(stdout) => stdout.write(bytes),
            #[cfg(test)]
            Self::Kept(kept) => {
                kept.0.lock().unwrap().extend_from_slice(bytes);
                Ok(bytes.len())
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Stdout(stdout) => stdout.flush(),
            #[cfg(test)]
            Self::Kept(_) => Ok(()),
        }
    }
}

/// What was printed and handed over.
#[cfg(test)]
#[derive(Clone, Debug, Default)]
pub(crate) struct Kept(std::sync::Arc<std::sync::Mutex<Vec<u8>>>);

#[cfg(test)]
impl Kept {
    /// Takes the lines that came since the last time.
    pub(crate) fn take_lines(&self) -> Vec<String> {
        let bytes = std::mem::take(&mut *self.0.lock().unwrap());
        String::from_utf8(bytes).unwrap().lines().map(str::to_owned).collect()
    }
}
