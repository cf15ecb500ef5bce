//! Statements and their values: the only place where the two meet.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::sync::Arc;

use crate::dialect::Dialect;

/// A value of a statement, borrowed from whatever it says something of. Values are always bound, never written into the text.
#[derive(Clone, Debug)]
pub(crate) enum Value<'v> {
    Int(i64),
    Double(f64),
    /// Text that is compared byte by byte: names, and whatever stands in an index.
    Name(Cow<'v, str>),
    /// Text that is only kept.
    Text(Cow<'v, str>),
    MaybeText(Option<&'v str>),
    Bytes(&'v [u8]),
    /// What names a tag in its index.
    Tag([u8; 16]),
    /// A column of many rows.
    Ints(Vec<i64>),
    Doubles(Vec<f64>),
    Texts(Vec<Option<Cow<'v, str>>>),
    Blobs(Vec<&'v [u8]>),
}

impl<'v> Value<'v> {
    /// A name that is there already.
    pub(crate) fn name(name: &'v str) -> Self {
        Self::Name(Cow::Borrowed(name))
    }

    /// A column of names.
    pub(crate) fn names(names: impl Iterator<Item = &'v str>) -> Self {
        Self::Texts(names.map(|name| Some(Cow::Borrowed(name))).collect())
    }
}

/// The text of a statement.
#[derive(Clone, Debug)]
pub(crate) enum Text {
    Built(String),
    /// One that was built before.
    Kept(Arc<str>),
}

/// A statement under construction.
#[derive(Clone, Debug)]
pub(crate) struct Sql<'v> {
    dialect: Dialect,
    text: String,
    /// The text, where it was built before.
    kept: Option<Arc<str>>,
    values: Vec<Value<'v>>,
    /// Keep the prepared statement: its text comes again.
    persistent: bool,
}

impl<'v> Sql<'v> {
    pub(crate) fn new(dialect: Dialect) -> Self {
        Self { dialect, text: String::with_capacity(256), kept: None, values: Vec::new(), persistent: true }
    }

    /// A statement whose text was built before, with the values for its places, in order.
    pub(crate) fn kept(dialect: Dialect, text: Arc<str>, values: Vec<Value<'v>>) -> Self {
        Self { dialect, text: String::new(), kept: Some(text), values, persistent: true }
    }

    /// Begins with text.
    pub(crate) fn text(dialect: Dialect, text: &str) -> Self {
        let mut sql = Self::new(dialect);
        sql.push(text);
        sql
    }

    /// Adds text of the program's own.
    pub(crate) fn push(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// Adds a value's place, and the value.
    pub(crate) fn bind(&mut self, value: Value<'v>) -> &mut Self {
        self.values.push(value);
        match self.dialect {
            Dialect::Postgres => {
                // Writing into a text cannot fail.
                let _written = write!(self.text, "${}", self.values.len());
            }
            Dialect::MySql | Dialect::Sqlite => self.text.push('?'),
        }
        self
    }

    /// Adds a name's place, and the name.
    pub(crate) fn name(&mut self, name: &'v str) -> &mut Self {
        self.bind(Value::name(name))
    }

    /// Adds a number's place, and the number.
    pub(crate) fn int(&mut self, number: i64) -> &mut Self {
        self.bind(Value::Int(number))
    }

    /// Adds places and values, separated by commas.
    pub(crate) fn list(&mut self, values: impl IntoIterator<Item = Value<'v>>) -> &mut Self {
        for (index, value) in values.into_iter().enumerate() {
            if index > 0 {
                self.push(", ");
            }
            self.bind(value);
        }
        self
    }

    /// Adds `(…), (…)`, the rows of an insert.
    pub(crate) fn rows<R: IntoIterator<Item = Value<'v>>>(
        &mut self,
        rows: impl IntoIterator<Item = R>,
    ) -> &mut Self {
        for (index, row) in rows.into_iter().enumerate() {
            self.push(if index == 0 { "(" } else { ", (" }).list(row).push(")");
        }
        self
    }

    /// Adds a statement that is carried out after this one, and its values. A database whose places are numbered takes no two at once.
    pub(crate) fn then(&mut self, other: Self) -> &mut Self {
        self.text.push_str("; ");
        self.text.push_str(other.as_text());
        self.values.extend(other.values);
        self
    }

    /// Says that the text does not come again soon: nobody keeps it prepared.
    pub(crate) fn once(mut self) -> Self {
        self.persistent = false;
        self
    }

    pub(crate) fn dialect(&self) -> Dialect {
        self.dialect
    }

    pub(crate) fn into_parts(self) -> (Text, Vec<Value<'v>>, bool) {
        let text = self.kept.map_or(Text::Built(self.text), Text::Kept);
        (text, self.values, self.persistent)
    }

    /// The text, for `EXPLAIN` and for those who are told statements.
    pub(crate) fn as_text(&self) -> &str {
        self.kept.as_deref().unwrap_or(&self.text)
    }

    /// Asks how the database would carry the statement out.
    #[cfg(test)]
    pub(crate) fn explained(mut self) -> Self {
        let ask = if self.dialect == Dialect::Sqlite { "EXPLAIN QUERY PLAN " } else { "EXPLAIN " };
        self.text = format!("{ask}{}", self.as_text());
        self.kept = None;
        self.once()
    }
}

/// The sizes of blocks beyond [`FEW`].
const SIZES: [usize; 4] = [1_000, 250, 50, 10];
/// Blocks of so many or fewer may have any size: as many as the tags of a document, as a rule.
pub(crate) const FEW: usize = 8;

/// Splits the rows of a statement into blocks of few sizes, none larger than `most`: so its texts are few, and stay prepared.
///
/// A text for an odd number of rows is prepared for this once. The database may take as long for that as for running it, and to let go of it costs
/// MySQL's driver more than either: it tells the server without waiting for an answer, and over TCP the next request then waits for an acknowledgement
/// that the server puts off for 40 ms.
pub(crate) fn blocks<T>(mut rows: &[T], most: usize) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        let fitting = rows.len().min(most);
        let size = SIZES.into_iter().find(|size| *size <= fitting).unwrap_or(fitting.min(FEW));
        let (block, rest) = rows.split_at_checked(size)?;
        rows = rest;
        Some(block).filter(|block| !block.is_empty())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sizes(rows: usize, most: usize) -> Vec<usize> {
        blocks(&vec![(); rows], most).map(<[()]>::len).collect()
    }

    /// A document with two tags had the statement for its tags prepared and let go of at each save, which took 45 ms on MariaDB; so did each batch.
    #[test]
    fn rows_come_in_blocks_of_few_sizes() {
        assert_eq!(sizes(0, 250), [0_usize; 0]);
        assert!((1..=8).all(|few| sizes(few, 250) == [few]));
        assert_eq!(sizes(9, 250), [8, 1]);
        assert_eq!(sizes(1_000, 250), [250; 4]);
        assert_eq!(sizes(1_000, 1_000), [1_000]);
        assert_eq!(sizes(347, 250), [250, 50, 10, 10, 10, 10, 7]);
        for rows in 0..1_500 {
            assert_eq!(sizes(rows, 250).iter().sum::<usize>(), rows);
        }
    }
}
