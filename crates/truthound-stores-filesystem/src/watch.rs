//! Who else changes a folder while we do: where the system tells (`inotify(7)`), no file that another program puts there between two
//! of ours is missed.

use std::path::Path;

/// Watches the names of a folder.
#[derive(Debug)]
pub(crate) struct Watch {
    #[cfg(target_os = "linux")]
    events: Option<rustix::fd::OwnedFd>,
}

impl Watch {
    /// Begins to watch. Where that is not possible, nothing is seen.
    #[cfg(target_os = "linux")]
    pub(crate) fn new(folder: &Path) -> Self {
        use rustix::fs::inotify::{CreateFlags, WatchFlags, add_watch, init};

        let events = init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC).and_then(|events| {
            let names =
                WatchFlags::CREATE | WatchFlags::DELETE | WatchFlags::MOVED_FROM | WatchFlags::MOVED_TO;
            add_watch(&events, folder, names | WatchFlags::ONLYDIR).map(|_| events)
        });
        Self { events: events.ok() }
    }

    /// Elsewhere nobody tells.
    #[cfg(not(target_os = "linux"))]
    pub(crate) fn new(_: &Path) -> Self {
        Self {}
    }

    /// Tells whether all names that changed since are among those that `is_ours` accepts.
    pub(crate) fn all(&self, mut is_ours: impl FnMut(&str) -> bool) -> bool {
        let mut all = true;
        self.each(|name| all &= name.is_some_and(&mut is_ours));
        all
    }

    /// Visits the names that changed; `None` where some were lost, or are no text.
    #[cfg(target_os = "linux")]
    fn each(&self, mut visit: impl FnMut(Option<&str>)) {
        use rustix::fs::inotify::{ReadFlags, Reader};

        let Some(events) = &self.events else { return };
        let mut room = [std::mem::MaybeUninit::uninit(); 16 << 10];
        let mut reader = Reader::new(events, &mut room);
        while let Ok(event) = reader.next() {
            if event.events().contains(ReadFlags::QUEUE_OVERFLOW) {
                visit(None);
                continue;
            }
            // Without a name it is about the folder itself.
            if let Some(name) = event.file_name() {
                visit(name.to_str().ok());
            }
        }
    }

    #[cfg(not(target_os = "linux"))]
    fn each(&self, _: impl FnMut(Option<&str>)) {}
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn what_others_put_there_is_told_from_what_is_ours() {
        let dir = tempfile::tempdir().unwrap();
        let watch = Watch::new(dir.path());
        std::fs::write(dir.path().join("before"), "").unwrap();
        assert!(!watch.all(|_| false));
        std::fs::write(dir.path().join("ours"), "").unwrap();
        assert!(watch.all(|name| name == "ours"));
        std::fs::write(dir.path().join("theirs"), "").unwrap();
        std::fs::remove_file(dir.path().join("ours")).unwrap();
        assert!(!watch.all(|name| name == "ours"));
        assert!(watch.all(|_| false), "nothing has changed since");
    }
}
