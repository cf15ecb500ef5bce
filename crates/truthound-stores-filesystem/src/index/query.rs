//! Queries in SQL: the conditions, the order, and pages by key.
//!
//! What SQL cannot say exactly (wildcards in the middle of a pattern) is asked of [`Query::matches`] row by row. Each row that an index
//! leads to is held against the query, so that an index that contradicts its table is found out instead of believed.

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};
use truthound_stores_core::{
    OrderBy, OrderValue, Page, PageToken, Position, Query, RecordMeta, Result, page_len,
};

use super::columns::{Columns, Memory};
use super::row::COLUMNS;

/// Conditions and their values, in order.
#[derive(Debug, Default)]
pub(super) struct Where {
    conditions: Vec<String>,
    values: Vec<Value>,
}

impl Where {
    fn and(&mut self, condition: &str, values: impl IntoIterator<Item = Value>) {
        self.conditions.push(condition.to_owned());
        self.values.extend(values);
    }

    /// Tags are kept as `{"name":"value",…}`. Behind a brace at the very start, or a comma, a pair is found nowhere but where it is one.
    fn tag(&mut self, name: &str, value: &str) {
        if matches!((name, value), (":", ",") | (",", ":")) {
            // But for these: they read the same from the quote that ends one text to the quote that begins another.
            let each = "EXISTS (SELECT 1 FROM json_each(tags) WHERE key = ? AND value = ?)";
            return self.and(each, [name.to_owned().into(), value.to_owned().into()]);
        }
        let pair = format!("{}:{}", serde_json::Value::from(name), serde_json::Value::from(value));
        let either = "(instr(tags, ?) = 1 OR instr(tags, ?) > 0)";
        self.and(either, [format!("{{{pair}").into(), format!(",{pair}").into()]);
    }

    fn text(&self) -> String {
        if self.conditions.is_empty() {
            String::new()
        } else {
            format!(" WHERE {}", self.conditions.join(" AND "))
        }
    }

    /// Says what SQL can say of the query. (A plus sign keeps a condition from choosing the index that is walked.)
    pub(super) fn of(query: &Query) -> Self {
        let mut all = Self::default();
        let mut has_asset = false;
        if let Some(pattern) = &query.data_asset {
            if let Some(name) = pattern.as_literal() {
                has_asset = true;
                all.and("data_asset = ?", [name.to_owned().into()]);
            } else {
                let prefix = pattern.prefix();
                if let Some(end) = after_prefix(&prefix) {
                    all.and("+data_asset >= ? AND +data_asset < ?", [prefix.into(), end.into()]);
                }
            }
        }
        if let Some(start) = query.start_time {
            all.and("run_time >= ?", [start.as_micros().into()]);
        }
        if let Some(end) = query.end_time {
            all.and("run_time <= ?", [end.as_micros().into()]);
        }
        match query.status.as_slice() {
            [] => {}
            [one] if !has_asset => all.and("status = ?", [one.as_str().to_owned().into()]),
            several => {
                let places = vec!["?"; several.len()].join(", ");
                let values = several.iter().map(|status| status.as_str().to_owned().into());
                all.and(&format!("+status IN ({places})"), values);
            }
        }
        for (name, value) in &query.tags {
            all.tag(name, value);
        }
        all
    }
}

/// Returns the smallest text after all that begin with `prefix`; `None` if there is none, or no prefix.
fn after_prefix(prefix: &str) -> Option<String> {
    let mut chars: Vec<char> = prefix.chars().collect();
    while let Some(last) = chars.pop() {
        // The code point after U+D7FF is U+E000: in between lie surrogates.
        let next = if last == '\u{d7ff}' { Some('\u{e000}') } else { char::from_u32(u32::from(last) + 1) };
        if let Some(next) = next {
            chars.push(next);
            return Some(chars.into_iter().collect());
        }
    }
    None
}

/// Tells whether SQL has decided on the asset completely.
pub(super) fn is_exact(query: &Query) -> bool {
    query.data_asset.as_ref().is_none_or(|pattern| pattern.as_literal().is_some())
}

/// The error of an index that led to a row that does not belong to its answer.
pub(super) fn contradiction() -> rusqlite::Error {
    because("an index leads to rows that do not belong there".into())
}

fn because(why: Box<dyn std::error::Error + Send + Sync>) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Null, why)
}

/// What a page needs from the index: answered as [`Page::evaluate`] does.
///
/// The outer error is the query's, the inner one that of the index.
pub(crate) fn page(
    index: &Connection,
    query: &Query,
    after: Option<&PageToken>,
) -> Result<rusqlite::Result<Page>> {
    let position = after.map(|token| token.decode(query)).transpose()?;
    let taken = position.as_ref().map_or(0, |position| position.taken);
    let size = page_len(query, taken);
    if size == 0 {
        return Ok(Ok(Page::default()));
    }
    let skip = if position.is_some() { 0 } else { query.offset };
    let mut metas = match rows(index, query, position.as_ref(), skip, size + 1) {
        Ok(metas) => metas,
        Err(error) => return Ok(Err(error)),
    };
    let more = metas.len() > size;
    metas.truncate(size);
    let taken = taken.saturating_add(metas.len() as u64);
    let next = metas.last().filter(|_| more).and_then(|last| PageToken::after(query, last, taken));
    Ok(Ok(Page::new(metas, next)))
}

/// Lists descriptions in the query's order, at most `limit` after `skip`.
fn rows(
    index: &Connection,
    query: &Query,
    position: Option<&Position>,
    skip: u64,
    limit: usize,
) -> rusqlite::Result<Vec<RecordMeta>> {
    match query.order_by {
        OrderBy::RunTime => {
            let (conditions, order) = by_time(query, position);
            select(index, query, &conditions, &order, skip, limit)
        }
        OrderBy::DataAsset => grouped(index, query, "data_asset", position, skip, limit),
        OrderBy::Status => grouped(index, query, "status", position, skip, limit),
    }
}

/// Says which documents come after a position in the order of time, and that order.
pub(super) fn by_time(query: &Query, position: Option<&Position>) -> (Where, String) {
    let mut conditions = Where::of(query);
    if let Some(Position { order: OrderValue::Time(micros), id, .. }) = position {
        let than = if query.ascending { ">" } else { "<" };
        // The first part bounds the walk over the index, the second starts it exactly.
        conditions.and(&format!("run_time {than}= ?"), [(*micros).into()]);
        let exactly = format!("(run_time {than} ? OR id {than} ?)");
        conditions.and(&exactly, [(*micros).into(), id.clone().into()]);
    }
    let direction = if query.ascending { "ASC" } else { "DESC" };
    (conditions, format!("run_time {direction}, id {direction}"))
}

/// Returns the text of a listing.
pub(super) fn listing(conditions: &Where, order: &str) -> String {
    format!("SELECT {COLUMNS} FROM record{} ORDER BY {order} LIMIT ? OFFSET ?", conditions.text())
}

/// Lists in the order of a column whose values are few: one value after the other, each by id.
fn grouped(
    index: &Connection,
    query: &Query,
    column: &'static str,
    position: Option<&Position>,
    skip: u64,
    limit: usize,
) -> rusqlite::Result<Vec<RecordMeta>> {
    let (than, direction) = if query.ascending { (">", "ASC") } else { ("<", "DESC") };
    let mut found: Vec<RecordMeta> = Vec::new();
    let mut skip = skip;
    let mut group = match position {
        Some(Position { order: OrderValue::Text(value), .. }) => Some(value.clone()),
        _ => next_value(index, column, None, query.ascending)?,
    };
    let mut start = position.map(|position| position.id.clone());
    while let Some(value) = group {
        let mut conditions = Where::of(query);
        conditions.and(&format!("{column} = ?"), [value.clone().into()]);
        if let Some(id) = start.take() {
            conditions.and(&format!("id {than} ?"), [id.into()]);
        }
        // Nothing is left of a group that the offset skips; how much that was is counted.
        if skip > 0 && is_exact(query) {
            let here = count_where(index, &conditions)?;
            if here <= skip {
                skip -= here;
                group = next_value(index, column, Some(&value), query.ascending)?;
                continue;
            }
        }
        let wanted = limit - found.len();
        let order = format!("id {direction}");
        let metas = select(
            index,
            query,
            &conditions,
            &order,
            0,
            wanted.saturating_add(usize::try_from(skip).unwrap_or(usize::MAX)),
        )?;
        let skipped = skip.min(metas.len() as u64);
        skip -= skipped;
        found.extend(metas.into_iter().skip(usize::try_from(skipped).unwrap_or(usize::MAX)));
        if found.len() >= limit {
            break;
        }
        group = next_value(index, column, Some(&value), query.ascending)?;
    }
    Ok(found)
}

/// Returns the next value of an indexed column, by a search and not by a walk.
fn next_value(
    index: &Connection,
    column: &'static str,
    after: Option<&str>,
    ascending: bool,
) -> rusqlite::Result<Option<String>> {
    let (function, than) = if ascending { ("min", ">") } else { ("max", "<") };
    match after {
        None => {
            let sql = format!("SELECT {function}({column}) FROM record");
            index.prepare_cached(&sql)?.query_row([], |row| row.get(0))
        }
        Some(value) => {
            let sql = format!("SELECT {function}({column}) FROM record WHERE {column} {than} ?1");
            index.prepare_cached(&sql)?.query_row([value], |row| row.get(0))
        }
    }
}

fn select(
    index: &Connection,
    query: &Query,
    conditions: &Where,
    order: &str,
    skip: u64,
    limit: usize,
) -> rusqlite::Result<Vec<RecordMeta>> {
    let exact = is_exact(query);
    // Where SQL decides everything, it also skips and stops.
    let (sql_skip, sql_limit) = if exact {
        (i64::try_from(skip).unwrap_or(i64::MAX), i64::try_from(limit).unwrap_or(i64::MAX))
    } else {
        (0, -1)
    };
    let mut left_to_skip = if exact { 0 } else { skip };
    let mut statement = index.prepare_cached(&listing(conditions, order))?;
    let values = conditions.values.iter().cloned().chain([sql_limit.into(), sql_skip.into()]);
    let mut rows = statement.query(params_from_iter(values))?;
    // A description takes half a kilobyte: room for a page of them, not for as many as anybody may ask for.
    let mut found = Vec::with_capacity(limit.min(1024));
    let mut memory = Memory::default();
    while let Some(row) = rows.next()? {
        let meta = Columns::read(row, 0, &mut memory)?.into_meta(&query.collection, &mut memory)?;
        if !query.matches(&meta) {
            if exact {
                return Err(contradiction());
            }
            continue;
        }
        if left_to_skip > 0 {
            left_to_skip -= 1;
            continue;
        }
        found.push(meta);
        if found.len() == limit {
            break;
        }
    }
    Ok(found)
}

/// Counts what a query lists, `offset` and `limit` included.
pub(crate) fn count(index: &Connection, query: &Query) -> rusqlite::Result<u64> {
    let conditions = Where::of(query);
    let matching = match &query.data_asset {
        Some(pattern) if !is_exact(query) => {
            // One line for each asset, and the pattern decides which count.
            let sql =
                format!("SELECT data_asset, count(*) FROM record{} GROUP BY data_asset", conditions.text());
            let mut statement = index.prepare_cached(&sql)?;
            let mut rows = statement.query(params_from_iter(conditions.values.iter()))?;
            let mut sum = 0;
            while let Some(row) = rows.next()? {
                if pattern.matches(row.get_ref(0)?.as_str()?) {
                    sum += row.get::<_, i64>(1)?.cast_unsigned();
                }
            }
            sum
        }
        _ => count_where(index, &conditions)?,
    };
    let past_offset = matching.saturating_sub(query.offset);
    Ok(query.limit.map_or(past_offset, |limit| limit.min(past_offset)))
}

fn count_where(index: &Connection, conditions: &Where) -> rusqlite::Result<u64> {
    let sql = format!("SELECT count(*) FROM record{}", conditions.text());
    let mut statement = index.prepare_cached(&sql)?;
    statement
        .query_row(params_from_iter(conditions.values.iter()), |row| row.get::<_, i64>(0))
        .map(i64::cast_unsigned)
}

/// The parts of a query that sums need.
pub(super) fn parts(query: &Query) -> (String, Vec<Value>) {
    let conditions = Where::of(query);
    (conditions.text(), conditions.values)
}
