//! Queries as SQL: which rows, in which order, from where on.

use truthound_stores_core::{Body, Error, Part};
use truthound_stores_core::{
    GetOptions, Key, OrderBy, OrderValue, Page, PageToken, Pattern, Position, Query, RecordMeta, Result,
    Stored, page_len,
};

use crate::conn::Row;
use crate::dialect::{Dialect, Tables};
use crate::error::Failed;
use crate::escape::escape;
use crate::pool::Lease;
use crate::row::{self, Damaged, META, Reader, Spot};
use crate::sql::{Sql, Value};

/// Where a store's documents are: its tables, and its part of them.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) tables: Tables,
    pub(crate) space: String,
}

/// The columns of a description, of the table that is called `r`.
fn columns() -> String {
    META.split(", ").map(|column| format!("r.{column}")).collect::<Vec<_>>().join(", ")
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

/// Tells whether SQL decides on the asset completely. It does not on `?`: what one character is, the databases see differently.
pub(crate) fn is_exact(query: &Query) -> bool {
    query
        .data_asset
        .as_ref()
        .is_none_or(|pattern| pattern.as_literal().is_some() || !pattern.parts().contains(&Part::AnyOne))
}

/// Writes a pattern in the database's own language. What it matches includes all that the pattern matches.
fn like(dialect: Dialect, pattern: &Pattern) -> String {
    let (any, special): (&str, fn(char) -> bool) = match dialect {
        Dialect::Sqlite => ("*", |char| matches!(char, '*' | '?' | '[')),
        Dialect::Postgres | Dialect::MySql => ("%", |char| matches!(char, '%' | '_' | '!')),
    };
    let glob = any == "*";
    let mut text = String::new();
    for part in pattern.parts() {
        match part {
            Part::AnyText => text.push_str(any),
            // At least one of whatever the database counts.
            Part::AnyOne => text.extend([if glob { "?" } else { "_" }, any]),
            Part::Literal(char) => {
                for char in escape(char.encode_utf8(&mut [0; 4])).chars() {
                    match char {
                        char if special(char) && glob => {
                            text.extend(["[", char.encode_utf8(&mut [0; 4]), "]"]);
                        }
                        char if special(char) => text.extend(['!', char]),
                        char => text.push(char),
                    }
                }
            }
        }
    }
    text
}

/// How many tags of a query are joined; each table more is more to plan with, and databases have a limit of 61 or 64.
const JOINED: usize = 8;
/// How many tags one condition looks for.
const SOUGHT: usize = 250;

/// Adds that the document has all of these tags: an entry of the index is there once, so it has as many of them as there are.
fn has_tags(sql: &mut Sql<'_>, table: &str, tags: &[(&String, &String)]) {
    for tags in tags.chunks(SOUGHT) {
        sql.push(&format!(
            " AND (SELECT count(*) FROM {table} t WHERE t.space = t0.space AND t.collection = t0.collection AND \
             t.run_time = t0.run_time AND t.id = t0.id AND t.tag IN ("
        ));
        sql.list(tags.iter().map(|(name, value)| Value::Tag(row::tag_key(name, value))));
        sql.push(&format!(")) = {}", tags.len()));
    }
}

/// Adds the tables and the conditions of a query, without order. Answers the table whose times and ids may be used for order.
pub(crate) fn conditions<'v>(sql: &mut Sql<'v>, place: &'v Place, query: &'v Query) -> &'static str {
    let dialect = sql.dialect();
    let Place { tables, space } = place;
    let first = if query.tags.is_empty() { "r" } else { "t0" };
    sql.push(" FROM ");
    for (index, (name, value)) in query.tags.iter().take(JOINED).enumerate() {
        let alias = format!("t{index}");
        if index == 0 {
            sql.push(&format!("{} {alias}", tables.tags));
        } else {
            sql.push(&format!(
                " JOIN {} {alias} ON {alias}.space = t0.space AND {alias}.collection = t0.collection AND \
                 {alias}.run_time = t0.run_time AND {alias}.id = t0.id AND {alias}.tag = ",
                tables.tags
            ));
            sql.bind(Value::Tag(row::tag_key(name, value)));
        }
    }
    if query.tags.is_empty() {
        sql.push(&format!("{} r", tables.records));
    } else {
        // By the id alone, which is all it takes: databases take each further condition for one that leaves fewer rows, and plan for next to none.
        sql.push(&format!(
            " JOIN {} r ON r.space = t0.space AND r.collection = t0.collection AND r.id = t0.id",
            tables.records
        ));
    }
    sql.push(&format!(" WHERE {first}.space = ")).name(space);
    sql.push(&format!(" AND {first}.collection = ")).name(query.collection.as_str());
    if let Some((name, value)) = query.tags.first_key_value() {
        sql.push(" AND t0.tag = ").bind(Value::Tag(row::tag_key(name, value)));
        has_tags(sql, &tables.tags, &query.tags.iter().skip(JOINED).collect::<Vec<_>>());
    }
    // Without statistics, SQLite takes conditions like these for better than they are: the sign keeps them from choosing the index.
    let weak = match dialect {
        Dialect::Sqlite => "+",
        Dialect::Postgres | Dialect::MySql => "",
    };
    if let Some(pattern) = &query.data_asset {
        if let Some(name) = pattern.as_literal() {
            sql.push(" AND r.data_asset = ").bind(Value::Name(escape(name).into_owned().into()));
        } else {
            let prefix = escape(&pattern.prefix()).into_owned();
            if let Some(end) = after_prefix(&prefix) {
                sql.push(&format!(" AND {weak}r.data_asset >= ")).bind(Value::Name(prefix.into()));
                sql.push(&format!(" AND {weak}r.data_asset < ")).bind(Value::Name(end.into()));
            }
            let text = Value::Name(like(dialect, pattern).into());
            match dialect {
                Dialect::Sqlite => sql.push(" AND r.data_asset GLOB ").bind(text),
                Dialect::Postgres | Dialect::MySql => {
                    sql.push(" AND r.data_asset LIKE ").bind(text).push(" ESCAPE '!'")
                }
            };
        }
    }
    if let Some(start) = query.start_time {
        sql.push(&format!(" AND {first}.run_time >= ")).int(start.as_micros());
    }
    if let Some(end) = query.end_time {
        sql.push(&format!(" AND {first}.run_time <= ")).int(end.as_micros());
    }
    let name = |status: &'v truthound_stores_core::Status| Value::Name(escape(status.as_str()));
    match query.status.as_slice() {
        [] => {}
        [one] => {
            let has_asset = query.data_asset.as_ref().is_some_and(|pattern| pattern.as_literal().is_some());
            let sign = if has_asset { weak } else { "" };
            sql.push(&format!(" AND {sign}r.status = ")).bind(name(one));
        }
        several => {
            sql.push(&format!(" AND {weak}r.status IN (")).list(several.iter().map(name)).push(")");
        }
    }
    first
}

/// Adds where a listing goes on.
fn go_on<'v>(sql: &mut Sql<'v>, query: &Query, position: &'v Position, first: &str) {
    let than = if query.ascending { ">" } else { "<" };
    let (column, value) = match (&position.order, query.order_by) {
        (OrderValue::Time(micros), _) => (format!("{first}.run_time"), Value::Int(*micros)),
        (OrderValue::Text(text), OrderBy::Status) => ("r.status".to_owned(), Value::Name(escape(text))),
        (OrderValue::Text(text), _) => ("r.data_asset".to_owned(), Value::Name(escape(text))),
    };
    // The first part bounds the walk over the index, the second starts it exactly.
    sql.push(&format!(" AND {column} {than}= ")).bind(value.clone());
    sql.push(&format!(" AND ({column} {than} ")).bind(value);
    sql.push(&format!(" OR {first}.id {than} ")).name(&position.id).push(")");
}

/// Adds the order of a query.
pub(crate) fn order(sql: &mut Sql<'_>, query: &Query, first: &str) {
    let direction = if query.ascending { "ASC" } else { "DESC" };
    let column = match query.order_by {
        OrderBy::RunTime => format!("{first}.run_time"),
        OrderBy::DataAsset => "r.data_asset".to_owned(),
        OrderBy::Status => "r.status".to_owned(),
    };
    sql.push(&format!(" ORDER BY {column} {direction}, {first}.id {direction}"));
}

/// The statement of a listing.
pub(crate) fn listing<'v>(
    dialect: Dialect,
    place: &'v Place,
    query: &'v Query,
    position: Option<&'v Position>,
    limit: u64,
    offset: u64,
) -> Sql<'v> {
    let mut sql = Sql::new(dialect);
    sql.push("SELECT ").push(&columns());
    let first = conditions(&mut sql, place, query);
    if let Some(position) = position {
        go_on(&mut sql, query, position, first);
    }
    order(&mut sql, query, first);
    let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    sql.push(" LIMIT ").int(number(limit));
    if offset > 0 {
        sql.push(" OFFSET ").int(number(offset));
    }
    sql
}

/// What a row of a listing turned out to be.
type Line = std::result::Result<RecordMeta, Box<Damaged>>;

/// Tells whether a listing can go on from a line.
fn is_placed(line: &Line, order: OrderBy) -> bool {
    match line {
        Ok(_) => true,
        Err(damaged) => damaged.at.as_ref().is_some_and(|spot| spot.is_known(order)),
    }
}

/// The document whose place in the order a listing goes on from.
fn place_of(line: &Line, order: OrderBy) -> Option<RecordMeta> {
    match line {
        Ok(meta) => Some(meta.clone()),
        Err(damaged) => damaged.at.as_ref()?.meta(order),
    }
}

/// Takes the lines at the end away that do not say where they are; answers how many. Whoever goes on from the line before meets them again.
fn drop_unplaced(lines: &mut Vec<Line>, order: OrderBy) -> usize {
    let placed = lines.iter().rposition(|line| is_placed(line, order)).map_or(0, |last| last + 1);
    let unplaced = lines.len() - placed;
    lines.truncate(placed);
    unplaced
}

/// Answers what [`Page::evaluate`] answers.
///
/// # Cancel safety
/// Nothing is changed.
pub(crate) async fn page(
    connection: &mut Lease,
    place: &Place,
    query: &Query,
    after: Option<&PageToken>,
) -> Result<Page, Failed> {
    query.validate()?;
    let mut position = after.map(|token| token.decode(query)).transpose()?;
    let taken = position.as_ref().map_or(0, |position| position.taken);
    let size = page_len(query, taken);
    if size == 0 {
        return Ok(Page::default());
    }
    let exact = is_exact(query);
    let mut skip = if position.is_some() { 0 } else { query.offset };
    let (mut reader, mut lines): (Reader, Vec<Line>) = (Reader::new(), Vec::new());
    let order = query.order_by;
    let mut full = 0;
    let mut more = false;
    // Rows that do not say where they are: nothing goes on from them, and they count for nothing.
    let mut unplaced = 0;
    'pages: loop {
        let most = if exact { size - full + 1 } else { 1_001 };
        let (limit, offset) = ((most + unplaced) as u64, if exact { skip } else { 0 });
        let sql = listing(connection.dialect(), place, query, position.as_ref(), limit, offset);
        let read = connection.fetch_with(sql, |row| reader.read(row, &query.collection)).await?;
        let is_last = (read.len() as u64) < limit;
        // The last row, where it is not one of the lines.
        let mut passed: Option<RecordMeta> = None;
        for line in read {
            let line = match line {
                Ok(meta) if !query.matches(&meta) => {
                    if !exact {
                        passed = Some(meta);
                        continue;
                    }
                    let error = Error::corrupt("an index leads to the document, which does not belong there")
                        .with("remedy", "rebuild the indexes with reindex")
                        .at(&meta.key);
                    Err(Box::new(Damaged { at: Some(Spot::of(&meta)), error }))
                }
                line => line,
            };
            if !is_placed(&line, order) {
                lines.push(line);
                continue;
            }
            if !exact && skip > 0 {
                skip -= 1;
                passed = place_of(&line, order);
                continue;
            }
            if full == size {
                more = true;
                drop_unplaced(&mut lines, order);
                break 'pages;
            }
            full += 1;
            passed = None;
            lines.push(line);
        }
        if is_last {
            break;
        }
        unplaced = match passed {
            // Whatever does not say where it is lies before.
            Some(_) => 0,
            None => drop_unplaced(&mut lines, order),
        };
        let last = passed.or_else(|| lines.last().and_then(|line| place_of(line, order)));
        if let Some(last) = last {
            position = PageToken::after(query, &last, 0).map(|token| token.decode(query)).transpose()?;
            skip = if exact { 0 } else { skip };
        }
    }
    let taken = taken.saturating_add(full as u64);
    let next = lines.last().filter(|_| more).and_then(|line| place_of(line, order));
    let next = next.and_then(|last| PageToken::after(query, &last, taken));
    let (mut metas, mut damaged) = (Vec::with_capacity(lines.len()), Vec::new());
    for line in lines {
        match line {
            Ok(meta) => metas.push(meta),
            Err(line) => damaged.push(line.error),
        }
    }
    Ok(Page::new(metas, next).with_damaged(damaged))
}

/// Counts what a query lists, `offset` and `limit` included.
pub(crate) async fn count(connection: &mut Lease, place: &Place, query: &Query) -> Result<u64, Failed> {
    query.validate()?;
    let mut sql = Sql::new(connection.dialect());
    let matching = if is_exact(query) {
        sql.push("SELECT count(*)");
        conditions(&mut sql, place, query);
        let mut rows = connection.fetch(sql).await?;
        rows.first_mut().map_or(Ok(0), Row::int)?.cast_unsigned()
    } else {
        // One line for each asset, and the pattern decides which count.
        sql.push("SELECT r.data_asset, count(*)");
        conditions(&mut sql, place, query);
        sql.push(" GROUP BY r.data_asset");
        let mut sum = 0;
        for mut row in connection.fetch(sql).await? {
            let asset = row.escaped()?;
            if query.data_asset.as_ref().is_none_or(|pattern| pattern.matches(&asset)) {
                sum += row.int()?.cast_unsigned();
            }
        }
        sum
    };
    let past_offset = matching.saturating_sub(query.offset);
    Ok(query.limit.map_or(past_offset, |limit| limit.min(past_offset)))
}

/// Reads a document.
pub(crate) async fn get(
    connection: &mut Lease,
    place: &Place,
    key: &Key,
    opts: &GetOptions,
) -> Result<Stored, Failed> {
    let mut sql = Sql::new(connection.dialect());
    let body = if opts.meta_only { "" } else { ", r.body" };
    sql.push(&format!("SELECT {}{body} FROM {} r WHERE r.space = ", columns(), place.tables.records));
    sql.name(&place.space).push(" AND r.collection = ").name(key.collection().as_str());
    sql.push(" AND r.id = ").name(key.id());
    let mut rows = connection.fetch(sql).await?;
    let Some(row) = rows.first_mut() else { return Err(Error::not_found(key).into()) };
    let meta = Reader::new().read(row, key.collection()).map_err(|damaged| damaged.error.at(key))?;
    if opts.meta_only {
        return Ok(Stored::new(meta, None));
    }
    let body = checked_body(row, &meta)?;
    Ok(Stored::new(meta, Some(body)))
}

/// Reads the text that stands in a row's next column.
///
/// # Errors
/// `Corrupt`, naming the document, if it is not what was written.
pub(crate) fn checked_body(row: &mut Row<'_>, meta: &RecordMeta) -> Result<Body> {
    let corrupt = |error: Error| error.with_kind(truthound_stores_core::ErrorKind::Corrupt).at(&meta.key);
    let text = row.text().map_err(corrupt)?;
    let body = Body::from_canonical(text.into_bytes());
    if body.checksum() == meta.checksum {
        return Ok(body);
    }
    Err(Error::corrupt("the document's text does not have the checksum that it was saved with").at(&meta.key))
}

#[cfg(test)]
mod tests;
