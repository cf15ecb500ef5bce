//! States as text, for traces.

use crate::state::{NONE, REVISIONS, Set, State, closed, each};

fn set(set: Set) -> String {
    let members: Vec<String> = each(set).map(|number| number.to_string()).collect();
    format!("{{{}}}", members.join(","))
}

fn show(held: u8) -> String {
    match closed(held) {
        Some(turn) => format!("closed@{turn}"),
        None if held == NONE => "-".to_owned(),
        None => held.to_string(),
    }
}

impl State {
    /// Shows documents, tail and root; a revision reads `number:document/incarnation@hlc`.
    pub(crate) fn show(&self) -> String {
        let revision = |number: u8| {
            let it = self.revision(number);
            let kind = if it.deleted { "x" } else { "" };
            format!("{number}{kind}:{}/{}@{}", it.doc, it.incarnation, it.hlc)
        };
        let used = (0_u8..).zip(&self.revisions).take(REVISIONS).filter(|(_, it)| it.used);
        let revisions: Vec<String> = used.map(|(number, _)| revision(number)).collect();
        let docs: Vec<String> = self.docs.iter().map(|&held| show(held)).collect();
        let turns = if self.turns > 0 {
            format!(" turn {} settled {}", self.turn, self.settled)
        } else {
            String::new()
        };
        let root = self.root();
        let segments: Vec<String> = root
            .segments
            .iter()
            .filter(|segment| segment.segment != NONE)
            .map(|segment| {
                let rows = self.segments[usize::from(segment.segment)].rows;
                format!("s{}{}-{}", segment.segment, set(rows), set(segment.kills))
            })
            .collect();
        format!(
            "[{}] docs {} tail {} root {} {} pending {} mark {} files {}{turns}",
            revisions.join(" "),
            docs.join(","),
            set(self.tail),
            self.generation,
            segments.join(" "),
            set(root.pending),
            root.watermark,
            set(self.segment_files),
        )
    }
}
