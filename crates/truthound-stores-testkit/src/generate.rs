//! Realistic results, as a data platform saves them over a few months, and odd ones, as some save them, too.

use truthound_stores_core::json::{Json, Layout, Object};
use truthound_stores_core::{Collection, Reading, Record, Timestamp};

use crate::SeededRandom;

mod odd;
mod time;
mod validators;

pub use odd::odd_records;

/// Writes results as Truthound does: key order, number forms, times without an offset.
///
/// They are like those of a data platform: a dozen assets, three environments, mostly successes, 5 to 50 validators with
/// their details, 1 to 50 KB of text, run times over 90 days in 2026, with and without an offset, with microseconds or
/// none, and names outside ASCII now and then. One seed always gives the same documents.
///
/// # Examples
/// ```
/// use truthound_stores_testkit::Generator;
///
/// let records = Generator::new(7).records(3);
/// assert_eq!(records.len(), 3);
/// assert_eq!(records, Generator::new(7).records(3));
/// assert!(records[0].attributes.tags.contains_key("environment"));
/// ```
#[derive(Clone, Debug)]
pub struct Generator {
    random: SeededRandom,
}

const ASSETS: [&str; 12] = [
    "warehouse.sales.orders",
    "warehouse.sales.order_lines",
    "warehouse.sales.customers",
    "warehouse.finance.invoices",
    "warehouse.finance.ledger",
    "warehouse.hr.people",
    "lake/events/clickstream.parquet",
    "lake/events/sessions.parquet",
    "s3://landing/partners/acme/2026/products.csv",
    "mart.kpi_daily",
    "lager.kunden_größe",
    "倉庫.注文",
];
const TEAMS: [&str; 5] = ["sales", "finance", "platform", "people", "größe & co"];
const PIPELINES: [&str; 4] = ["nightly", "hourly", "backfill", "on_demand"];
const SUITES: [&str; 3] = ["orders_contract", "finance_monthly", "smoke"];

impl Generator {
    /// Starts a sequence of documents.
    pub fn new(seed: u64) -> Self {
        Self { random: SeededRandom::new(seed) }
    }

    /// Writes the next document's text, laid out as Truthound lays it out.
    pub fn document_text(&mut self) -> String {
        String::from_utf8(self.document().to_vec(Layout::Pretty)).unwrap()
    }

    /// Makes the next record.
    pub fn record(&mut self) -> Record {
        let text = self.document().to_vec(Layout::Compact);
        Record::parse(Collection::RESULTS, &text, &Reading::default())
            .unwrap_or_else(|error| panic!("the generator wrote no result: {error}"))
    }

    /// Makes the next `n` records.
    pub fn records(&mut self, n: usize) -> Vec<Record> {
        (0..n).map(|_| self.record()).collect()
    }

    fn document(&mut self) -> Json {
        let run_time = time::draw(&mut self.random);
        let status = self.status();
        let (results, statistics) = validators::draw(&mut self.random, status);
        let suite = self.random.chance(40).then(|| *self.random.pick(&SUITES));
        object([
            ("run_id", self.run_id(run_time.instant).into()),
            ("run_time", run_time.text.into()),
            ("data_asset", (*self.random.pick(&ASSETS)).into()),
            ("status", status.into()),
            ("results", results),
            ("statistics", statistics),
            ("tags", self.tags()),
            ("metadata", self.metadata()),
            ("suite_name", suite.into()),
            ("runtime_environment", self.environment()),
        ])
    }

    fn run_id(&mut self, at: Timestamp) -> String {
        let digits: String = at.to_string().chars().filter(char::is_ascii_digit).take(14).collect();
        let (date, time) = digits.split_at(8);
        format!("run_{date}_{time}_{:08x}", self.random.next_u64() >> 32)
    }

    fn status(&mut self) -> &'static str {
        match self.random.below(100) {
            0..78 => "success",
            78..92 => "failure",
            92..97 => "warning",
            _ => "error",
        }
    }

    fn tags(&mut self) -> Json {
        if self.random.chance(5) {
            return Json::Object(Object::new());
        }
        let environment = match self.random.below(10) {
            0..6 => "production",
            6..8 => "staging",
            _ => "development",
        };
        object([
            ("environment", environment.into()),
            ("team", (*self.random.pick(&TEAMS)).into()),
            ("pipeline", (*self.random.pick(&PIPELINES)).into()),
        ])
    }

    fn metadata(&mut self) -> Json {
        object([
            ("triggered_by", (*self.random.pick(&["scheduler", "Zoë", "api"])).into()),
            ("attempt", self.random.between(1, 3).into()),
            ("_execution_mode", "sequential".into()),
        ])
    }

    fn environment(&mut self) -> Json {
        object([
            ("python_version", "3.12.4".into()),
            ("truthound_version", "3.2.0".into()),
            ("host", format!("worker-{:02}", self.random.below(20)).into()),
        ])
    }
}

/// Makes an object of members in order.
fn object<const N: usize>(members: [(&str, Json); N]) -> Json {
    Json::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

#[cfg(test)]
mod tests;
