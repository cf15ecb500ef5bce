//! The change feed's rows: whether they are what was written.

use truthound_stores_core::{Finding, Level, Progress, Report, Result};

use crate::feed;
use crate::store::{DatabaseStore, call};

impl DatabaseStore {
    /// Looks at all changes; removes those that are damaged if `mend`, and has readers compare listings.
    pub(super) async fn check_feed(
        &self,
        mend: bool,
        progress: &dyn Progress,
        report: &mut Report,
    ) -> Result<()> {
        let (place, clock) = (self.place(), self.clock());
        if mend {
            // Readers go by places: with them, those are told who have not come so far, and no others.
            call!(self, write, "verify", lease => feed::give_places(lease, place, clock))?;
        }
        progress.advance("reading the change feed", 0, None);
        let mut look = feed::Look::default();
        while call!(self, call, "verify", lease => feed::look(lease, place, &mut look))? {}
        if look.damaged.is_empty() {
            return Ok(());
        }
        if mend {
            call!(self, write, "verify", lease => feed::mend(lease, place, clock, &look))?;
        }
        for damage in look.damaged.values() {
            let finding = Finding::new(Level::Damage, "feed", damage.error.report()).with_remedy(
                "verify with repair, which removes the change: readers of the feed then compare listings",
            );
            let finding = finding.with_repaired(mend);
            report.add(match damage.error.key() {
                Some(key) => finding.at(key.clone()),
                None => finding,
            });
        }
        Ok(())
    }
}
