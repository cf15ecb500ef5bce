//! `maintain`: tidies a store up.

use clap::Args;
use truthound_stores::Report;

use super::findings;
use crate::context::Context;
use crate::exit::{Code, Failure};
use crate::progress::{Bar, MANY};
use crate::stderr;

/// Find documents that other programs added, finish what is unfinished, and give space back.
///
/// May run at any time, also while others use the store; one that meets another at work leaves it to it. What is found is printed as
/// `verify` prints it. A store that keeps nothing but documents says so, and all is done.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  truthound-stores maintain             nightly, from cron")]
pub(crate) struct Maintain {}

pub(crate) async fn run(context: &mut Context) -> Result<Code, Failure> {
    let format = context.format_without_ids("findings are")?;
    let store = context.open_to_read().await?;
    let code = if let Some(upkeep) = store.upkeep() {
        let bar = Bar::new(MANY);
        let outcome = upkeep.maintain(&bar).await;
        bar.finish();
        findings::report(context, format, "maintained", &outcome?)?
    } else {
        stderr::note(&format!("{store} keeps nothing but documents: there is nothing to clean up"));
        findings::print(context, format, &Report::new().findings)?;
        Code::Done
    };
    store.close().await?;
    Ok(code)
}
