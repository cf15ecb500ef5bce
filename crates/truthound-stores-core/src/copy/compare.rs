//! Compares both stores at the end, by their listings.

use super::join::{Join, Listed};
use super::plan::{Step, There, decide};
use super::work::Work;
use super::{CopyComparison, CopyIssue, CopyProblem, OnConflict};
use crate::{Error, ErrorKind, RecordMeta, Result, StoreExt};

/// What the comparison of one document says.
enum Verdict {
    Equal,
    /// It was deleted from the source meanwhile.
    Gone,
    Differs(&'static str),
    Absent,
}

impl Work<'_> {
    /// Makes the target durable, and looks whether each document of the source is in it.
    pub(super) async fn compare(&mut self) -> Result<()> {
        let hands = self.hands;
        hands.target.flush().await?;
        let mut found = CopyComparison::default();
        let mut join = Join::new(hands.source, hands.target, hands.query, &hands.options.leave_out);
        while let Some(listed) = join.next().await? {
            // What cannot be listed was reported by the copy, or is when somebody copies again.
            let Listed::Document { source, target } = listed else { continue };
            found.documents += 1;
            match self.verdict(&source, target).await? {
                Verdict::Equal => found.equal += 1,
                Verdict::Gone => found.documents -= 1,
                Verdict::Differs(_) if hands.keeps() => found.explained += 1,
                Verdict::Absent | Verdict::Differs(_) if self.was_reported(&source) => found.explained += 1,
                Verdict::Absent => {
                    self.differs(&mut found, &source, "the target does not have it at the end");
                }
                Verdict::Differs(how) => self.differs(&mut found, &source, how),
            }
            self.advance("comparing", found.documents);
        }
        self.report.compared = Some(found);
        Ok(())
    }

    async fn verdict(&self, listed: &RecordMeta, target: Option<Box<RecordMeta>>) -> Result<Verdict> {
        let compared = |source: &RecordMeta, there: &There| match decide(
            &source.checksum,
            &source.attributes,
            there,
            OnConflict::Refuse,
        ) {
            Step::Equal => Verdict::Equal,
            Step::Create => Verdict::Absent,
            _ if *there == There::Damaged => Verdict::Differs("the target's is damaged at the end"),
            _ => Verdict::Differs("the target has another text or other attributes at the end"),
        };
        if let Some(target) = target
            && let Verdict::Equal = compared(listed, &There::Document(target))
        {
            return Ok(Verdict::Equal);
        }
        // Listings are of different moments, and the target may list it elsewhere: what differs is looked at by itself.
        let source = match self.hands.source.head(&listed.key).await {
            Ok(source) => source,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Verdict::Gone),
            // As it was listed: whether it can be read now is another question.
            Err(error) if error.kind() == ErrorKind::Corrupt => listed.clone(),
            Err(error) => return Err(error),
        };
        Ok(compared(&source, &self.hands.there(&listed.key).await?))
    }

    fn was_reported(&self, source: &RecordMeta) -> bool {
        self.reported.contains(&source.key) || !self.remembers_all()
    }

    fn differs(&mut self, found: &mut CopyComparison, source: &RecordMeta, how: &str) {
        found.unexplained += 1;
        let says = format!("{how}: it was changed while it was copied, or lost; copy again to find out");
        let error = Error::corrupt(says).during("copy").at(&source.key);
        self.tell(CopyIssue::new(CopyProblem::Differs, error));
    }
}
