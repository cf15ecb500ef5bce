//! `bench`: measures a store.

mod aside;
mod load;
mod measure;
mod rows;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use clap::Args;
use truthound_stores::{Collection, DeleteOptions, Progress, Store};

use crate::context::Context;
use crate::exit::{Code, Failure};
use crate::output::{Format, print_objects};
use crate::progress::Bar;
use crate::stderr;
use crate::stop::Stop;
use load::{BATCH, Load};
use measure::{Bounds, Measured, measure};

/// Measure this store: how many documents a second it saves, reads, lists and counts, and how long each call takes.
///
/// It saves documents of its own, aside from yours, and deletes them when it ends, also after an error or Ctrl-C: a store of files gets
/// a namespace for it, bench- and a number, of which nothing stays. (If the program is killed, that folder is left: delete it.) Your
/// documents are neither read nor changed, and the change feed tells nothing. Each measurement ends after --records calls or --seconds, whichever comes first.
///
/// As json, jsonl and csv, each measurement is a row of operation, calls, documents, seconds, calls_per_second,
/// documents_per_second, p50_ms, p99_ms and longest_ms.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  truthound-stores bench
  truthound-stores bench --records 100000 --concurrency 64 --seconds 30
  truthound-stores --store memory: bench --size 20000 --format json")]
pub(crate) struct Bench {
    /// How many documents to save, and calls to make: 1 to 1000000
    #[arg(long, value_name = "N", default_value = "1000", value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    records: u64,
    /// How many calls run at once: 1 to 1024
    #[arg(long, value_name = "C", default_value = "8", value_parser = clap::value_parser!(u64).range(1..=1024))]
    concurrency: u64,
    /// How long each measurement may take: 1 to 3600 seconds
    #[arg(long, value_name = "S", default_value = "5", value_parser = clap::value_parser!(u64).range(1..=3600))]
    seconds: u64,
    /// How large a document is, about: 400 to 1000000 bytes
    #[arg(long, value_name = "BYTES", default_value = "4000", value_parser = clap::value_parser!(u64).range(400..=1_000_000))]
    size: u64,
}

pub(crate) async fn run(options: &Bench, context: &mut Context) -> Result<Code, Failure> {
    let format = context.format_without_ids("measurements are")?;
    if context.asked_collection.is_some() {
        return Err(Failure::Usage(
            "bench works aside from all collections: leave --collection out".to_owned(),
        ));
    }
    let (store, aside) = aside::open(context).await?;
    let load = Arc::new(Load::new(&*store, Collection::new("bench")?, options.size, context.now));
    let bounds = Bounds {
        calls: options.records,
        time: Duration::from_secs(options.seconds),
        concurrency: usize::try_from(options.concurrency).unwrap_or(1),
    };
    let mut stop =
        Stop::new().map_err(|error| Failure::Other(format!("cannot listen to Ctrl-C: {error}")))?;
    if format == Format::Table {
        // From here on an interrupted measurement cleans up.
        stderr::note(&format!("measuring {store} with up to {} documents of its own", options.records));
    }
    let bench = Running { store: Arc::clone(&store), load, bounds, begun: Arc::default(), bar: Bar::new(0) };
    let outcome = stop.or(bench.measure_all()).await;
    bench.bar.finish();
    let is_interrupted = outcome.is_none();
    let is_over = outcome.as_ref().is_some_and(Result::is_ok);
    let cleaned = if aside.is_some() { Ok(()) } else { bench.clean_up(is_over).await };
    // What is removed is written by nobody any more.
    let closed = store.close().await;
    let removed = aside.map_or(Ok(()), aside::Aside::remove);
    if let Some(measured) = outcome {
        let measured = measured?;
        print_objects(&mut context.out, format, &measured, |out| rows::table(out, &measured))?;
    }
    cleaned?;
    removed?;
    closed?;
    if is_interrupted {
        return Err(Failure::Other("interrupted; the documents of this measurement were deleted".to_owned()));
    }
    Ok(Code::Done)
}

struct Running {
    store: Arc<dyn Store>,
    load: Arc<Load>,
    bounds: Bounds,
    /// How many documents were begun to be saved.
    begun: Arc<AtomicU64>,
    bar: Bar,
}

impl Running {
    /// Measures one operation after the other; the last one deletes what the first one saved.
    async fn measure_all(&self) -> Result<Vec<Measured>, Failure> {
        let mut all = Vec::new();
        all.push(self.save().await?);
        let saved = self.begun.load(Ordering::Relaxed);
        let batches = saved.div_ceil(BATCH);
        let with = |calls| Bounds { calls, ..self.bounds };
        for (at, (name, bounds)) in [
            ("save_many", with(batches)),
            ("get", self.bounds),
            ("list", self.bounds),
            ("query", self.bounds),
            ("count", self.bounds),
            ("stats", self.bounds),
            // Whatever the time: it is all to go.
            ("delete_many", Bounds { time: Duration::MAX, ..with(batches) }),
        ]
        .into_iter()
        .enumerate()
        {
            self.bar.advance(name, at as u64 + 1, Some(8));
            let (store, load) = (Arc::clone(&self.store), Arc::clone(&self.load));
            let call = move |n| {
                let (store, load) = (Arc::clone(&store), Arc::clone(&load));
                async move { load.call(&*store, name, n, saved).await }
            };
            all.push(measure(name, bounds, Arc::default(), call).await?);
        }
        Ok(all)
    }

    async fn save(&self) -> Result<Measured, Failure> {
        self.bar.advance("save", 0, Some(8));
        let (store, load) = (Arc::clone(&self.store), Arc::clone(&self.load));
        let call = move |n| {
            let (store, load) = (Arc::clone(&store), Arc::clone(&load));
            async move { load.save(&*store, n).await }
        };
        Ok(measure("save", self.bounds, Arc::clone(&self.begun), call).await?)
    }

    /// Deletes what is left of a measurement; of one that is over, nothing should be.
    async fn clean_up(&self, is_over: bool) -> Result<(), Failure> {
        // A save that was cut off may still be carried out: it cannot be seen yet, but a deletion comes after it.
        if is_over && self.store.count(&self.load.everything()).await.is_ok_and(|left| left == 0) {
            return Ok(());
        }
        let begun = self.begun.load(Ordering::Relaxed);
        for batch in 0..begun.div_ceil(BATCH) {
            let keys = self.load.keys(batch, begun)?;
            for outcome in self.store.delete_many(keys, DeleteOptions::default()).await {
                outcome.map_err(|error| {
                    Failure::Other(format!(
                        "documents of this measurement are left in the collection bench: {}; delete them with `delete \
                         --collection bench`",
                        error.report()
                    ))
                })?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
