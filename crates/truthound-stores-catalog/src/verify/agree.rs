//! Whether rows and documents say the same.

use std::collections::BTreeSet;

use crate::name;
use crate::reindex::Rows;
use crate::reindex::judge::agree;
use crate::row::Row;

/// Compares what was read of all documents with the rows of a catalog.
#[derive(Debug)]
pub(crate) struct Agreement<'r> {
    rows: &'r Rows,
    folds_case: bool,
    agreed: Vec<bool>,
    /// The stems of the documents that do not agree.
    asked: BTreeSet<String>,
}

impl<'r> Agreement<'r> {
    pub(crate) fn new(rows: &'r Rows, folds_case: bool) -> Self {
        Self { rows, folds_case, agreed: vec![false; rows.all().len()], asked: BTreeSet::new() }
    }

    /// Takes a row of the catalog that counts.
    pub(crate) fn take(&mut self, row: &Row) {
        let is_put = matches!(row.change, crate::row::Change::Put(_));
        let found = self.rows.of(&row.id).find(|(_, held)| held.state == row.state);
        let same = found.is_some_and(|(_, held)| held.row().is_ok_and(|held| agree(&held, row)));
        if let Some((at, _)) = found.filter(|_| same)
            && let Some(agreed) = self.agreed.get_mut(at)
        {
            *agreed = true;
        } else if is_put {
            self.asked.insert(name::stem(&row.id, self.folds_case));
        }
    }

    /// Lists the stems of all documents in question.
    pub(crate) fn finish(mut self) -> BTreeSet<String> {
        for (held, _) in self.rows.all().iter().zip(&self.agreed).filter(|(_, agreed)| !**agreed) {
            self.asked.insert(name::stem(held.id(), self.folds_case));
        }
        self.asked
    }
}
