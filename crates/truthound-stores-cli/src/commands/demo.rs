//! `demo`: the main job in one go.

mod versions;

use std::sync::Arc;

use clap::Args;
use truthound_stores::{
    Collection, CountBasedPolicy, ErrorKind, Grouping, Key, Pattern, PutOptions, Query, Retention,
    RetentionAction, RetentionConfig, RetentionTargets, Status, StatusBasedPolicy, Store, StoreExt,
    SystemClock,
};

use super::retention::{report, rows};
use super::{found, stats, summed, trend};
use crate::context::Context;
use crate::exit::{Code, Failure};
use crate::output::{Format, print_table};
use crate::{demo, diff, stderr};

/// Try the program: save sample results, find them again, sum them up, compare two of them, keep versions of one, and plan which may go.
///
/// The samples are real output of Truthound, carried in the program. They go to .truthound/store in the current folder unless
/// --store says otherwise. The demo overwrites nothing and may be run again.
#[derive(Debug, Args)]
pub(crate) struct Demo {}

pub(crate) async fn run(context: &mut Context) -> Result<Code, Failure> {
    if context.asked_format().is_some_and(|format| format != Format::Table) {
        return Err(Failure::Usage("the demo is text for people: leave --format out".to_owned()));
    }
    if context.collection != Collection::RESULTS {
        return Err(Failure::Usage("the demo works on results: leave --collection out".to_owned()));
    }
    let store = context.open().await?;
    let mut tour = Tour { context, store: &store, code: Code::Done, step: 0 };
    tour.save().await?;
    tour.latest_runs().await?;
    tour.overview().await?;
    tour.trend().await?;
    tour.history().await?;
    tour.what_changed().await?;
    tour.one_document().await?;
    tour.versions().await?;
    tour.what_may_go().await?;
    tour.what_next()?;
    let code = tour.code;
    store.close().await?;
    Ok(code)
}

struct Tour<'a> {
    context: &'a mut Context,
    store: &'a Arc<dyn Store>,
    code: Code,
    step: u32,
}

impl Tour<'_> {
    /// Begins a step, and shows the command that does the same.
    fn step(&mut self, title: &str, command: &str) -> Result<(), Failure> {
        self.step += 1;
        let out = &mut self.context.out;
        if self.step > 1 {
            out.line("")?;
        }
        let title = format!("{}. {title}", self.step);
        out.line(if out.is_colored() { format!("\u{1b}[1m{title}\u{1b}[0m") } else { title })?;
        if !command.is_empty() {
            let options = self.context.place.as_options();
            self.context.out.line(format!("   $ truthound-stores {options}{command}"))?;
        }
        self.context.out.line("")?;
        Ok(())
    }

    fn note(&mut self, code: Code) {
        if code != Code::Done {
            self.code = code;
        }
    }

    async fn save(&mut self) -> Result<(), Failure> {
        self.step("Save validation results", "")?;
        let mut records = demo::records()?;
        self.sign(&mut records)?;
        let total = records.len();
        let mut present = 0;
        // Nothing of the user's is ever overwritten.
        for outcome in self.store.put_many(records, PutOptions::create()).await {
            match outcome {
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::Conflict => present += 1,
                Err(error) => return Err(error.into()),
            }
        }
        let saved = total - present;
        self.context.out.line(match (saved, present) {
            (saved, 0) => format!("   Saved {saved} results of Truthound 3.2.0."),
            (0, present) => format!("   The {present} results of an earlier demo are still there."),
            (saved, present) => {
                format!("   Saved {saved} results of Truthound 3.2.0; {present} were there already.")
            }
        })?;
        let info = self.store.info();
        self.context.out.line(format!("   They are in {} ({}).", info.location, info.backend))?;
        Ok(())
    }

    async fn print_list(&mut self, query: &Query) -> Result<(), Failure> {
        let code = found::print_metas(&mut self.context.out, Format::Table, &**self.store, query).await?;
        self.note(code);
        Ok(())
    }

    async fn latest_runs(&mut self) -> Result<(), Failure> {
        self.step("List the latest runs", "list --limit 5")?;
        self.print_list(&Query::new().with_limit(5)).await
    }

    /// Sums up by day, from what is known of each document: no document is read.
    async fn overview(&mut self) -> Result<(), Failure> {
        self.step("Count how runs ended", "stats --by day")?;
        let grouping = Grouping::new().with_day(true);
        let (sums, damage) = summed::summarize(&**self.store, &Query::new(), grouping).await?;
        stats::print(&mut self.context.out, Format::Table, &sums)?;
        self.note(damage.code());
        Ok(())
    }

    /// Charts the same sums.
    async fn trend(&mut self) -> Result<(), Failure> {
        self.step("See the trend, day by day", "trend")?;
        let grouping = Grouping::new().with_day(true);
        let (sums, damage) = summed::summarize(&**self.store, &Query::new(), grouping).await?;
        trend::chart(&mut self.context.out, &sums)?;
        self.note(damage.code());
        Ok(())
    }

    async fn history(&mut self) -> Result<(), Failure> {
        self.step("Follow one asset", &format!("history {}", demo::ASSET))?;
        self.print_list(&Query::new().with_data_asset(Pattern::exact(demo::ASSET))).await
    }

    async fn what_changed(&mut self) -> Result<(), Failure> {
        self.step("See what an import broke", &format!("diff {} {}", demo::SOUND, demo::BROKEN))?;
        let (before, after) = (Key::result(demo::SOUND)?, Key::result(demo::BROKEN)?);
        let before = self.store.read(&before).await?.into_body()?.to_json()?;
        let after = self.store.read(&after).await?.into_body()?.to_json()?;
        let difference = diff::Difference { values: Vec::new(), ..diff::compare(&before, &after) };
        diff::print(&mut self.context.out, Format::Table, false, (&before, &after), &difference)
    }

    /// Shows the issues of one result, read back from the store.
    async fn one_document(&mut self) -> Result<(), Failure> {
        self.step("Read one result", &format!("get {}", demo::BROKEN))?;
        let result: truthound_stores::ValidationResult = self.store.get(demo::BROKEN).await?;
        for entry in result.results.iter().filter(|entry| !entry.success) {
            let column = entry.column.as_deref().unwrap_or("all columns");
            let message = entry.message.as_deref().unwrap_or_default();
            let text = format!("   {column}: {message}");
            self.context.out.line(stderr::printable(&text))?;
        }
        Ok(())
    }

    /// Plans by policies of the demo's own. Nothing goes.
    async fn what_may_go(&mut self) -> Result<(), Failure> {
        self.step("Plan which results may go, and why", "")?;
        let config = RetentionConfig::new()
            .with_policy(CountBasedPolicy::per_asset(2, RetentionAction::Delete))
            .with_policy(StatusBasedPolicy::new(Status::FAILURE, 365.0, RetentionAction::Delete))
            .with_preserve_latest(true)
            // What the demo saved just now would be kept for a week.
            .with_grace_days(0.0);
        for policy in &config.policies {
            self.context.out.line(format!("   {policy}"))?;
        }
        self.context.out.line("")?;
        let clock = Arc::new(SystemClock::new());
        let retention = Retention::new(&config, RetentionTargets::none(), clock)?;
        let plan = retention.plan(&**self.store, &Collection::RESULTS).await?;
        let table = rows::removals(&self.context.out, &plan.removals);
        print_table(&mut self.context.out, &table)?;
        self.context.out.line("")?;
        self.context.out.line(format!("   {}. Nothing was changed.", rows::totals(&plan.totals)))?;
        let code = report(&plan.damaged, plan.totals.damaged);
        self.note(code);
        Ok(())
    }

    fn what_next(&mut self) -> Result<(), Failure> {
        self.step("Go on", "")?;
        if !self.store.info().capabilities.durable {
            let text = "   This store ends with the program. Without --store, the demo keeps its results.";
            return Ok(self.context.out.line(text)?);
        }
        let options = self.context.place.as_options();
        for (command, does) in [
            ("query --status failure --limit 1", "whole documents, one a line when piped"),
            ("failures --since 2026-11-01", "what failed since then"),
            ("list --asset 'warehouse.*' --tag environment=production", "narrowed by name and tag"),
            ("stats --by asset --since 2026-11-01", "sums by asset, from what is known of each document"),
            ("verify", "whether all that is stored is sound"),
            (
                "retention plan --policy policies.toml",
                "which results would go, by a file of policies (retention plan --help shows one)",
            ),
            ("doctor", "what this store can and cannot promise here"),
            ("watch", "every save and delete from now on, a line each"),
            ("save results.json", "your own results: a file, many, or - for stdin"),
            (
                "--layer versioning save --message 'late rows' results.json",
                "as new versions, for versions list, get, diff and rollback",
            ),
        ] {
            self.context.out.line(format!("   truthound-stores {options}{command}\n       {does}"))?;
        }
        Ok(())
    }
}
