//! `retention plan`: what would be done.

use std::io;

use clap::Args;
use truthound_stores::{PlanSink, Removal};

use super::{Policies, report, rows};
use crate::context::Context;
use crate::exit::{Code, Failure};
use crate::output::{Format, Out, print_objects};
use crate::stderr;

/// Say which records would go, and why; nothing is changed, and no document is read.
///
/// A row has id, action (delete, archive or quarantine), reasons (of all policies that want the record gone, each with its own action: the mildest is carried out)
/// and size. Totals are printed on stderr. A record that cannot be read is named there and kept, and the exit code is 5.
#[derive(Debug, Args)]
#[command(after_help = "\
A file of policies:
  grace_days = 7                  # kept so long after they were saved; deletions can be undone so long
  archive = \"file:/backup/results\"
  policies = [
    { type = \"time\", max_age_days = 90, action = \"delete\" },
    { type = \"status\", status = \"failed\", max_age_days = 7, action = \"delete\" },
    { type = \"count\", max_count = 100, per_asset = true, action = \"archive\" },
  ]

Examples:
  truthound-stores retention plan --policy policies.toml
  truthound-stores retention plan --policy policies.yaml --format ids")]
pub(super) struct Plan {
    #[command(flatten)]
    policies: Policies,
}

/// Prints records as they are planned.
struct Printer<'o> {
    out: &'o mut Out,
    format: Format,
    /// Those that are printed together at the end.
    kept: Vec<Removal>,
    failed: io::Result<()>,
}

impl PlanSink for Printer<'_> {
    fn remove(&mut self, removal: Removal) {
        if self.failed.is_err() {
            return;
        }
        self.failed = match self.format {
            Format::Ids => self.out.line(removal.key.id()),
            Format::Jsonl => self.out.data(rows::object(&removal)),
            Format::Table | Format::Json | Format::Csv => {
                self.kept.push(removal);
                Ok(())
            }
        };
    }
}

pub(super) async fn run(options: &Plan, context: &mut Context) -> Result<Code, Failure> {
    let format = context.format();
    let retention = options.policies.open(context).await?;
    let store = context.open_to_read().await?;
    let collection = context.collection.clone();
    let mut printer = Printer { out: &mut context.out, format, kept: Vec::new(), failed: Ok(()) };
    let planned = retention.plan_into(&*store, &collection, &mut printer).await;
    let Printer { kept, failed, .. } = printer;
    failed?;
    if !matches!(format, Format::Ids | Format::Jsonl) && planned.is_ok() {
        print_objects(&mut context.out, format, &kept, |out| rows::removals(out, &kept))?;
    }
    context.out.flush()?;
    let (totals, damaged) = planned?;
    stderr::note(&rows::totals(&totals));
    let code = report(&damaged, totals.damaged);
    store.close().await?;
    retention.close_targets().await?;
    Ok(code)
}
