//! Statements and their values: the only place where the two meet.

use crate::dialect::Dialect;

/// A value of a statement. Values are always bound, never written into the text.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Int(i64),
    Double(f64),
    /// Text that is compared byte by byte: names, and whatever stands in an index.
    Name(String),
    /// Text that is only kept.
    Text(String),
    MaybeText(Option<String>),
    Bytes(Vec<u8>),
    /// A column of many rows.
    Ints(Vec<i64>),
    Doubles(Vec<f64>),
    Texts(Vec<Option<String>>),
    Blobs(Vec<Vec<u8>>),
}

/// For so many rows texts are kept prepared: as many as the tags of a document, as a rule.
const FEW: usize = 8;

/// A statement under construction.
#[derive(Clone, Debug)]
pub(crate) struct Sql {
    dialect: Dialect,
    text: String,
    values: Vec<Value>,
    /// Keep the prepared statement: its text comes again.
    persistent: bool,
}

impl Sql {
    pub(crate) fn new(dialect: Dialect) -> Self {
        Self { dialect, text: String::with_capacity(256), values: Vec::new(), persistent: true }
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
    pub(crate) fn bind(&mut self, value: Value) -> &mut Self {
        self.values.push(value);
        match self.dialect {
            Dialect::Postgres => {
                self.text.push('$');
                self.text.push_str(&self.values.len().to_string());
            }
            Dialect::MySql | Dialect::Sqlite => self.text.push('?'),
        }
        self
    }

    /// Adds a name's place, and the name.
    pub(crate) fn name(&mut self, name: &str) -> &mut Self {
        self.bind(Value::Name(name.to_owned()))
    }

    /// Adds a number's place, and the number.
    pub(crate) fn int(&mut self, number: i64) -> &mut Self {
        self.bind(Value::Int(number))
    }

    /// Adds places and values, separated by commas.
    pub(crate) fn list(&mut self, values: impl IntoIterator<Item = Value>) -> &mut Self {
        for (index, value) in values.into_iter().enumerate() {
            if index > 0 {
                self.push(", ");
            }
            self.bind(value);
        }
        self
    }

    /// Says that the text does not come again soon: nobody keeps it prepared.
    pub(crate) fn once(mut self) -> Self {
        self.persistent = false;
        self
    }

    /// Says for how many rows the text is: one for a few comes again, and is kept prepared; one for some other number does not.
    ///
    /// To let go of a statement costs MySQL's driver more than to run it: it tells the server without waiting for an answer, and over TCP
    /// the next request then waits for an acknowledgement that the server puts off for 40 ms.
    pub(crate) fn kept_for(self, rows: usize) -> Self {
        if rows <= FEW { self } else { self.once() }
    }

    pub(crate) fn dialect(&self) -> Dialect {
        self.dialect
    }

    pub(crate) fn into_parts(self) -> (String, Vec<Value>, bool) {
        (self.text, self.values, self.persistent)
    }

    /// The text, for `EXPLAIN` and for those who are told statements.
    pub(crate) fn as_text(&self) -> &str {
        &self.text
    }

    /// Asks how the database would carry the statement out.
    #[cfg(test)]
    pub(crate) fn explained(mut self) -> Self {
        let ask = if self.dialect == Dialect::Sqlite { "EXPLAIN QUERY PLAN " } else { "EXPLAIN " };
        self.text.insert_str(0, ask);
        self.once()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A document with two tags had the statement for its tags prepared and let go of at each save, which took 45 ms on MariaDB.
    #[test]
    fn statements_for_a_few_rows_are_kept_prepared_and_those_for_odd_numbers_are_not() {
        let is_kept = |rows| Sql::text(Dialect::Sqlite, "SELECT 1").kept_for(rows).into_parts().2;
        assert!((1..=8).all(is_kept));
        assert!(!is_kept(9) && !is_kept(1_000));
    }
}
