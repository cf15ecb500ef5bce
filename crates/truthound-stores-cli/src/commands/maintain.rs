//! `maintain`: tidies a store up.

use std::time::Duration;

use clap::Args;
use truthound_stores::{Error, MaintainOptions, Report};

use super::findings;
use crate::args;
use crate::context::Context;
use crate::exit::{Code, Failure};
use crate::progress::{Bar, MANY};
use crate::stderr;

/// Find documents that other programs added, finish what is unfinished, and give space back.
///
/// May run at any time, also while others use the store; one that meets another at work leaves it to it. What is found is printed as
/// `verify` prints it. A store that keeps nothing but documents says so, and all is done.
///
/// In buckets, what the index no longer needs is removed at once, and with it the earlier states that queries could be asked as of. Readers
/// that are in the middle of a listing then begin it again; --grace spares them that, and keeps those states.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  truthound-stores maintain             nightly, from cron
  truthound-stores maintain --grace 7d  earlier states of the last week stay")]
pub(crate) struct Maintain {
    /// Keep earlier states of the index that were current less than this ago: 90s, 30m, 12h, 7d, 2w [default: none]
    #[arg(long, value_name = "DURATION", value_parser = args::duration)]
    grace: Option<Duration>,
}

pub(crate) async fn run(options: &Maintain, context: &mut Context) -> Result<Code, Failure> {
    let format = context.format_without_ids("findings are")?;
    let store = context.open_to_read().await?;
    let code = if let Some(upkeep) = store.upkeep() {
        let bar = Bar::new(MANY);
        let options = MaintainOptions::default().with_grace(options.grace.unwrap_or_default());
        let outcome = upkeep.maintain(options, &bar).await;
        bar.finish();
        findings::report(context, format, "maintained", &outcome?)?
    } else if options.grace.is_some() {
        return Err(Error::unsupported("this store keeps no earlier states: leave --grace out")
            .during("maintain")
            .with("store", store.to_string())
            .into());
    } else {
        stderr::note(&format!("{store} keeps nothing but documents: there is nothing to clean up"));
        findings::print(context, format, &Report::new().findings)?;
        Code::Done
    };
    store.close().await?;
    Ok(code)
}
