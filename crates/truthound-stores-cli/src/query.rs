//! The options that say which documents, and what they ask of the store.

use clap::Args;
use truthound_stores::{Collection, OrderBy, Pattern, Query, Status, Timestamp};

use crate::args::{self, Tag};
use crate::exit::Failure;
use crate::time::When;

/// Which documents, in which order, and how many.
#[derive(Debug, Args)]
pub(crate) struct Filter {
    /// Only this asset; * stands for any text, ? for one character, \ takes the next one literally
    #[arg(long, value_name = "PATTERN")]
    asset: Option<String>,
    /// Only this status: success, failure, error, warning, …; may be repeated: any of them
    #[arg(long, value_name = "S", value_parser = args::status)]
    status: Vec<Status>,
    #[command(flatten)]
    window: Window,
    /// Leave out the first N documents
    #[arg(long, value_name = "N", default_value = "0", value_parser = args::parse_count, allow_negative_numbers = true)]
    offset: u64,
    /// What to order by: run_time, data_asset or status; ties go by id
    #[arg(long, value_name = "FIELD", default_value = "run_time", value_parser = args::order_by)]
    order_by: OrderBy,
    /// Smallest or earliest first [default: largest or latest first]
    #[arg(long)]
    asc: bool,
}

/// When, with which tags, and how many: what every listing can be narrowed by.
#[derive(Debug, Args)]
pub(crate) struct Window {
    /// Only runs at or after this time: 2026-01-31, 2026-01-31T12:00:00Z, or an age such as 90s, 30m, 12h, 7d, 2w.
    /// A time without an offset is UTC, a date is its first instant
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    since: Option<When>,
    /// Only runs at or before this time
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    until: Option<When>,
    /// Only documents with this tag; may be repeated: all of them
    #[arg(long = "tag", value_name = "NAME=VALUE", value_parser = args::tag)]
    tags: Vec<Tag>,
    /// At most N documents [default: all]
    #[arg(long, value_name = "N", value_parser = args::parse_count, allow_negative_numbers = true)]
    limit: Option<u64>,
}

impl Filter {
    /// Tells whether anything is left out.
    pub(crate) fn narrows(&self) -> bool {
        let window = &self.window;
        self.asset.is_some()
            || !self.status.is_empty()
            || self.offset > 0
            || window.since.is_some()
            || window.until.is_some()
            || !window.tags.is_empty()
            || window.limit.is_some()
    }

    /// Asks for what the options say.
    pub(crate) fn query(&self, collection: &Collection, now: Timestamp) -> Result<Query, Failure> {
        let mut query = self.window.query(collection, now)?;
        query.data_asset = self.asset.as_deref().map(Pattern::new);
        query.status.clone_from(&self.status);
        Ok(query.with_offset(self.offset).with_order_by(self.order_by).with_ascending(self.asc))
    }
}

impl Window {
    /// Asks for what the options say, newest first.
    pub(crate) fn query(&self, collection: &Collection, now: Timestamp) -> Result<Query, Failure> {
        let mut query = Query::new().with_collection(collection.clone());
        query.start_time = self.since.map(|when| when.resolve(now));
        query.end_time = self.until.map(|when| when.resolve(now));
        if let (Some(start), Some(end)) = (query.start_time, query.end_time)
            && start > end
        {
            return Err(Failure::Usage(format!(
                "--since {start} is after --until {end}: no time is between them"
            )));
        }
        query.limit = self.limit;
        for Tag { name, value } in &self.tags {
            let other = query.tags.insert(name.clone(), value.clone());
            if other.is_some_and(|other| other != *value) {
                return Err(Failure::Usage(format!(
                    "--tag {name:?} is given twice, with different values: no document carries both"
                )));
            }
        }
        Ok(query)
    }
}
