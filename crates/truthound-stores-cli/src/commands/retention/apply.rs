//! `retention apply`: what a plan says is done.

use clap::Args;

use super::{Policies, report, rows};
use crate::context::Context;
use crate::exit::{Code, Failure};
use crate::output::print_objects;
use crate::stderr;

/// Plan, and move or delete what the plan names.
///
/// Each record goes only in the state that was planned; one that is moved is copied, read back and compared first. What is deleted can be brought back for the
/// grace period (`retention restore`), and is removed for good by the first apply after that. It may be called again at any time, also after it was
/// interrupted.
///
/// One row of numbers is printed: deleted, archived, quarantined and purged, each with its bytes, changed, gone and failed, and planned, an object of what the
/// plan came to, as `retention plan --totals` prints it. What failed is named on stderr,
/// and the exit code says what the matter was. Where nothing goes and policies want records gone that were saved lately, stderr
/// says so.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  truthound-stores retention apply --policy policies.toml
  truthound-stores --config prod.toml retention apply --format json")]
pub(super) struct Apply {
    #[command(flatten)]
    policies: Policies,
}

pub(super) async fn run(options: &Apply, context: &mut Context) -> Result<Code, Failure> {
    let format = context.format_without_ids("numbers are")?;
    let retention = options.policies.open(context).await?;
    let store = context.open_to_read().await?;
    let applied = retention.run(&*store, &context.collection).await?;
    print_objects(&mut context.out, format, &[rows::Done(&applied)], |out| rows::done(out, &applied))?;
    context.out.flush()?;
    if let Some(why) = rows::idle(&applied) {
        stderr::note(&why);
    }
    let code = report(&applied.errors, applied.failed);
    store.close().await?;
    retention.close_targets().await?;
    Ok(code)
}
