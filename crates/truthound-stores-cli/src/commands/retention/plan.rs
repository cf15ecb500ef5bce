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
///
/// With --totals, json and jsonl end with one more object, {"totals":{…}}: scanned and damaged records; what would go by action (delete, archive and quarantine,
/// each with its bytes); and those that stay though a policy wants them gone (held, in_grace, latest), or that no policy looks at (excluded).
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
  truthound-stores retention plan --policy policies.yaml --format ids
  truthound-stores retention plan --policy policies.toml --totals --format jsonl | tail -1 | jq .totals")]
pub(super) struct Plan {
    /// End json and jsonl with the totals, for programs
    #[arg(long)]
    totals: bool,
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
    if options.totals && !matches!(format, Format::Json | Format::Jsonl) {
        return Err(Failure::Usage(
            "--totals is for json and jsonl: the other formats have a row for each record, and the totals on stderr"
                .to_owned(),
        ));
    }
    let retention = options.policies.open(context).await?;
    let store = context.open_to_read().await?;
    let collection = context.collection.clone();
    let mut printer = Printer { out: &mut context.out, format, kept: Vec::new(), failed: Ok(()) };
    let planned = retention.plan_into(&*store, &collection, &mut printer).await;
    let Printer { kept, failed, .. } = printer;
    failed?;
    if let Ok((totals, _)) = &planned {
        let end = options.totals.then(|| rows::totals_object(totals));
        match format {
            Format::Json => print(&mut context.out, &kept, end)?,
            Format::Jsonl => end.map_or(Ok(()), |end| context.out.line(end))?,
            Format::Ids => {}
            Format::Table | Format::Csv => {
                print_objects(&mut context.out, format, &kept, |out| rows::removals(out, &kept))?;
            }
        }
    }
    context.out.flush()?;
    let (totals, damaged) = planned?;
    stderr::note(&rows::totals(&totals));
    let code = report(&damaged, totals.damaged);
    store.close().await?;
    retention.close_targets().await?;
    Ok(code)
}

/// Prints one array of all rows, and of what ends them.
fn print(out: &mut Out, kept: &[Removal], end: Option<String>) -> io::Result<()> {
    let objects: Vec<String> = kept.iter().map(rows::object).chain(end).collect();
    if objects.is_empty() {
        return out.line("[]");
    }
    out.data(format!("[\n{}\n]", objects.join(",\n")))
}
